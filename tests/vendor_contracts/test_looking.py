"""What is missing of a vendor's contracts is a finding about it, for as long as it is missing."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contracts import agreeing, legal_profiles, lifecycle, looking
from contracts.clauses import Reading
from contracts.models import ClauseLook, Contract
from findings.models import Finding
from tests import cast
from tests.cast import NOON, TODAY, Cast
from tests.vendor_contracts import scene
from vendors.models import Server, Vendor

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def people() -> Cast:
    return cast.assemble()


def by(people: Cast) -> dict[str, Any]:
    return {"by": people.alice, "now": NOON}


def status(what: str) -> str:
    return Finding.objects.values_list("status", flat=True).get(stable_key=f"contract:{what}")


def open_keys() -> set[str]:
    return set(Finding.objects.filter(status="open").values_list("stable_key", flat=True))


def test_without_a_contract_there_is_one_finding_and_one_that_holds_closes_it(people):
    vendor, _server = scene.supplied(people)
    looking.look(vendor, now=NOON)
    assert open_keys() == {"contract:none"}
    finding = Finding.objects.get()
    assert (finding.vendor, finding.source, finding.severity) == (vendor, "governance", 2)
    scene.drafted(people, vendor)
    finding.refresh_from_db()
    assert finding.status == "open"
    scene.in_force(people, vendor, "In force")
    assert (status("none"), status("unread")) == ("closed", "open")


def test_a_contract_without_audit_right_is_a_finding_until_an_amendment_gives_one(people):
    vendor, _server = scene.supplied(people)
    master = scene.in_force(people, vendor)
    scene.read(people, master, Reading("audit_right", "no"))
    assert status("clause:audit_right") == "open"
    amendment = scene.in_force(people, vendor, "First amendment", kind="amendment", parent=master)
    scene.read(people, amendment, Reading("audit_right", "yes", value=Decimal(1), page=2))
    assert status("clause:audit_right") == "closed"
    lifecycle.end(amendment, ended_on=TODAY, reason="Withdrawn.", **by(people))
    assert status("clause:audit_right") == "open"
    assert Finding.objects.filter(stable_key="contract:clause:audit_right").count() == 1


def test_a_worse_tier_is_seen_by_the_sweep(people):
    vendor, server = scene.supplied(people)
    contract = scene.in_force(people, vendor)
    scene.read(people, contract, Reading("incident_notice", "yes", value=Decimal(48), unit="hours"))
    assert "contract:clause:incident_notice" not in open_keys()
    assert looking.sweep(now=NOON) == 0
    Server.objects.filter(pk=server.pk).update(inherent_tier=1)
    assert looking.sweep(now=NOON) == 1
    assert status("clause:incident_notice") == "open"
    assert looking.sweep(now=NOON) == 0


def test_what_makes_a_look_due(people):
    vendor, server = scene.supplied(people)
    assert list(looking.due(today=TODAY)) == [vendor]
    scene.in_force(people, vendor, ends_on=TODAY + 2 * A_DAY)

    def is_due(today: date = TODAY) -> bool:
        return looking.due(today=today).exists()

    assert not is_due()
    assert not is_due(TODAY + 2 * A_DAY)
    assert is_due(TODAY + 3 * A_DAY)
    assert is_due(TODAY + looking.AT_LEAST_EVERY)
    ClauseLook.objects.update(basis="clauses 0")
    assert is_due()
    looking.look(vendor, now=NOON)
    Server.objects.filter(pk=server.pk).update(status="retired", is_in_use=False)
    assert is_due()
    looking.look(vendor, now=NOON)
    assert not is_due()


def test_a_contract_that_is_to_begin_gives_from_its_first_day(people):
    vendor, _server = scene.supplied(people)
    scene.in_force(people, vendor, starts_on=TODAY + A_DAY)
    assert open_keys() == {"contract:none"}
    assert not looking.due(today=TODAY).exists()
    assert looking.sweep(now=NOON + A_DAY) == 1
    assert "contract:none" not in open_keys()


def test_the_law_of_a_unit_reaches_the_vendors_of_its_servers(people):
    vendor, _server = scene.supplied(people)
    contract = scene.in_force(people, vendor, critical_function=True)
    scene.read(people, contract, Reading("penetration_testing", "no"))
    key = "contract:clause:penetration_testing"
    assert key not in open_keys()
    profile = legal_profiles.write(unit=people.payments, financial="credit_institution", **by(people))
    assert looking.sweep(now=NOON) == 1
    assert key in open_keys()
    legal_profiles.rewrite(profile, changes={"financial": "none"}, **by(people))
    assert looking.sweep(now=NOON) == 1
    assert key not in open_keys()


def test_a_vendor_that_was_left_owes_nothing(people):
    vendor, _server = scene.supplied(people)
    looking.look(vendor, now=NOON)
    Vendor.objects.filter(pk=vendor.pk).update(status="offboarded")
    vendor.refresh_from_db()
    looking.look(vendor, now=NOON)
    assert status("none") == "closed"


def test_another_legal_entity_is_told_and_another_way_to_write_it_is_not(people):
    vendor, _server = scene.supplied(people, legal_entity="Example Limited")
    contract = scene.in_force(people, vendor, their_entity="EXAMPLE Ltd.")
    key = f"contract:{contract.ref}:entity"
    assert key not in open_keys()
    agreeing.edit(contract, changes={"their_entity": "Example Holding GmbH"}, **by(people))
    assert key in open_keys()


def test_the_view_takes_the_same_statements_for_one_contract_and_for_many(people):
    vendor, _server = scene.supplied(people)
    contract = scene.in_force(people, vendor)
    scene.read(people, contract, Reading("audit_right", "yes", value=Decimal(1)))

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            looking.view(vendor, today=TODAY)
        return len(asked)

    assert statements() == 5
    for number in range(20):
        row = Contract.objects.get(pk=contract.pk)
        row.pk, row.number, row.title, row.parent = None, 0, f"Order {number}", contract
        row._state.adding, row.id = True, Contract().id
        row.save()
    assert statements() == 5
