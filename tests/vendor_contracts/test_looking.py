"""What is missing of a vendor's contracts is a finding about it, for as long as it is missing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contracts import law
from contracts.agreements import agreeing, legal_profiles, lifecycle
from contracts.agreements.clauses import Reading
from contracts.coverage import looking
from contracts.models import ClauseLook, Contract
from findings.models import Finding
from landscape import processes, use_cases
from scoring.scales import Severity
from tests import cast
from tests.cast import NOON, TODAY, Cast
from tests.vendor_contracts import scene
from vendors.models import Server, Vendor
from vendors.registering import deployments

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


def test_an_amendment_gives_nothing_once_what_it_amends_is_over_and_an_order_goes_on(people):
    vendor, _server = scene.supplied(people)
    master = scene.in_force(people, vendor)
    amendment = scene.in_force(people, vendor, "First amendment", kind="amendment", parent=master)
    order = scene.in_force(people, vendor, "Order", kind="order", parent=master)
    scene.in_force(people, vendor, "Amended order", kind="amendment", parent=order)
    scene.read(people, amendment, Reading("audit_right", "yes", value=Decimal(1), page=2))
    lifecycle.end(master, ended_on=TODAY, reason="We moved.", **by(people))
    found = looking.view(vendor, today=TODAY)
    assert (found.situation.holds, found.situation.others) == (("CO-3", "CO-4"), ("CO-1", "CO-2"))
    assert [one.statement for one in found.judged if one.clause.key == "audit_right"] == [None]


def test_a_process_that_is_critical_makes_the_contract_critical_whatever_it_says_itself(people):
    vendor, server = scene.supplied(people)
    scene.in_force(people, vendor, critical_function=False)

    def critical() -> str:
        return looking.view(vendor, today=TODAY).scope.facts["critical_function"]

    assert critical() == "none"
    deployment = deployments.add_deployment(server, name="Bot", environment="production", agent="Bot", **by(people))
    use_case = use_cases.write(unit=people.payments, name="Bot", **by(people))
    use_cases.add_deployment(use_case, deployment, **by(people))
    process = processes.write(unit=people.payments, name="Refunds", **by(people))
    use_cases.add_process(use_case, process, **by(people))
    assert critical() == "unknown"
    processes.rewrite(process, changes={"is_critical": True}, **by(people))
    assert critical() == "yes"


def test_who_provides_a_model_that_a_use_case_runs_on_is_asked_what_the_law_demands(people):
    vendor = cast.a_vendor(people, "Model Works", kinds=["model_provider"], is_commercial=True)
    assert not looking.due(today=TODAY).exists()
    use_cases.write(unit=people.payments, name="Bot", model_vendor=vendor, **by(people))
    assert looking.sweep(now=NOON) == 1
    assert open_keys() == set()
    legal_profiles.write(unit=people.payments, financial="credit_institution", **by(people))
    assert looking.sweep(now=NOON) == 1
    assert open_keys() == {"contract:none"}
    assert Finding.objects.get().severity == Severity.HIGH


def test_a_look_goes_by_which_rules_are_in_force_and_not_by_how_many():
    one, other = law.load().rules["cra-14"], law.load().rules["cra-13"]
    swapped = {
        "a": replace(one, valid_from=date(2020, 1, 1), valid_to=TODAY),
        "b": replace(other, valid_from=TODAY + A_DAY, status="in force"),
    }
    code = replace(law.load(), rules=swapped)
    with patch.object(law, "load", return_value=code):
        assert looking.basis(TODAY) != looking.basis(TODAY + A_DAY)


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


def test_what_servers_are_used_for_makes_a_look_due(people):
    vendor, server = scene.supplied(people)
    deployment = deployments.add_deployment(server, name="Desk", environment="production", agent="Bot", **by(people))
    provider = cast.a_vendor(people, "Models Ltd", kinds=["model_provider"])
    stranger = cast.a_vendor(people, "Elsewhere Ltd")

    def due_after(step: Callable[[], Any]) -> tuple[Any, set[str]]:
        for one in (vendor, provider, stranger):
            looking.look(one, now=NOON)
        came = step()
        return came, set(ClauseLook.objects.filter(is_due=True).values_list("vendor__name", flat=True))

    both = {vendor.name, provider.name}
    use_case, due = due_after(
        lambda: use_cases.write(unit=people.payments, name="Bot", model_vendor=provider, **by(people))
    )
    assert due == both
    process, due = due_after(
        lambda: processes.write(unit=people.payments, name="Pay out", is_critical=True, **by(people))
    )
    assert due == both
    assert due_after(lambda: use_cases.add_deployment(use_case, deployment, **by(people)))[1] == both
    assert due_after(lambda: use_cases.add_process(use_case, process, **by(people)))[1] == both
    assert due_after(lambda: use_cases.end(use_case, reason="Over.", **by(people)))[1] == both


def test_a_use_case_that_moves_to_another_provider_makes_looks_at_both_due(people):
    former = cast.a_vendor(people, "Former Ltd", kinds=["model_provider"], is_commercial=True)
    latter = cast.a_vendor(people, "Latter Ltd", kinds=["model_provider"], is_commercial=True)
    legal_profiles.write(unit=people.payments, financial="credit_institution", **by(people))
    use_case = use_cases.write(unit=people.payments, name="Bot", model_vendor=former, **by(people))
    use_cases.write(unit=people.payments, name="Helper", model_vendor=former, **by(people))
    assert looking.sweep(now=NOON) == 1
    use_cases.rewrite(use_case, changes={"model_vendor": latter}, **by(people))
    assert set(looking.due(today=TODAY)) == {former, latter}
    assert looking.sweep(now=NOON) == 2
    assert not looking.due(today=TODAY).exists()


def test_a_vendor_of_which_nothing_is_used_any_more_owes_no_contract(people):
    former = cast.a_vendor(people, "Former Ltd", kinds=["model_provider"], is_commercial=True)
    legal_profiles.write(unit=people.payments, financial="credit_institution", **by(people))
    use_case = use_cases.write(unit=people.payments, name="Bot", model_vendor=former, **by(people))
    looking.sweep(now=NOON)
    assert status("none") == "open"
    use_cases.rewrite(use_case, changes={"model_vendor": None}, **by(people))
    assert looking.sweep(now=NOON) == 1
    assert status("none") == "closed"
    assert not looking.due(today=TODAY + looking.AT_LEAST_EVERY).exists()


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

    assert statements() == 7
    for number in range(20):
        row = Contract.objects.get(pk=contract.pk)
        row.pk, row.number, row.title, row.parent = None, 0, f"Order {number}", contract
        row._state.adding, row.id = True, Contract().id
        row.save()
    assert statements() == 7
