"""What reports print of the contracts with a vendor, of what these lack, and of its certificates."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from contracts.agreements import lifecycle
from contracts.agreements.clauses import Reading
from contracts.coverage import clause_list
from reports.builders import agreements, certified
from reports.builders.agreements import Agreements
from tests import cast
from tests.assurance import made
from tests.cast import NOON, TODAY, Cast
from tests.vendor_contracts import scene
from vendors.models import Vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast.assemble()


def printed(template: str, **values: Any) -> str:
    return " ".join(render_to_string(f"reports/{template}.html", values).split())


def agreed(vendor: Vendor) -> Agreements:
    return agreements.with_vendor(vendor, today=TODAY)


def test_each_clause_that_is_demanded_is_printed_with_what_there_is_and_why(people):
    vendor, _server = scene.supplied(people)
    contract = scene.in_force(people, vendor, owner=people.alice)
    scene.read(
        people, contract,
        Reading("audit_right", "no", page=7), Reading("incident_notice", "yes", value=Decimal(72), unit="hours"),
    )  # fmt: skip
    found = agreed(vendor)
    clauses = {one.title: one for one in found.clauses}
    assert (found.tier, found.in_force, found.enough) == (2, ("CO-1",), 0)
    assert clauses["Right of access, inspection and audit"].stands == "Missing"
    assert clauses["Notice of an incident to us"].wanted == "At most 48 hours"
    assert clauses["Service levels"].stands == "Not known"
    assert len(found.clauses) + found.not_demanded == len(clause_list.load().clauses)
    text = printed("agreements", agreed=found)
    for words in ("Too weak", "CO-1, page 7: no.", "Your policy for tier 2: at most 48 hours.", "It has no end"):
        assert words in text
    assert "no legal advice" in text


def test_what_has_ended_is_counted_and_what_is_drafted_gives_nothing(people):
    vendor, _server = scene.supplied(people)
    scene.drafted(people, vendor)
    over = scene.in_force(people, vendor)
    lifecycle.end(over, ended_on=TODAY, reason="We moved.", by=people.alice, now=NOON)
    found = agreed(vendor)
    assert ([one.ref for one in found.contracts], found.ended, found.contracts[0].holds) == (["CO-1"], 1, False)
    text = printed("agreements", agreed=found)
    for words in ("No contract is in force.", "One is demanded: Your policy for tier 2.", "1 more has ended."):
        assert words in text
    assert "Gives nothing on this day" in text


def test_of_a_vendor_of_which_nobody_knows_whether_it_is_a_business_it_is_said(people):
    vendor, _server = scene.supplied(people)
    Vendor.objects.filter(pk=vendor.pk).update(is_commercial=None)
    vendor.refresh_from_db()
    assert "Whether one is demanded is not known" in printed("agreements", agreed=agreed(vendor))


def test_certificates_say_until_when_they_count_and_whose_they_are(people):
    vendor = cast.a_vendor(people, legal_entity="Example Ltd")
    assert "That is no statement that there are none." in printed("certified", every=(), vendor="V-1")
    made.a_certificate(people, vendor, made.SOC2, legal_entity="Other GmbH", exceptions=2)
    made.a_certificate(people, vendor, made.ISO, issued_on=date(2023, 1, 1), ends_on=date(2025, 12, 31))
    first, second = certified.of(vendor, today=TODAY)
    assert (first.is_of_another, first.counts_until, first.conditions_met) == (True, "2026-12-31", None)
    assert (second.is_of_another, second.state) == (False, "Ended")
    text = printed("certified", every=(first, second), vendor="V-1")
    for words in ("another legal entity than the vendor’s", "1 Jan 2025 to 31 Dec 2025", "2 exceptions", "Not judged"):
        assert words in text
    judged = replace(first, conditions_met=0)
    assert "0 of 8" in printed("certified", every=(judged,), vendor="V-1")


def test_more_contracts_cost_no_more_statements(people):
    vendor, _server = scene.supplied(people)

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            agreed(vendor)
        return len(asked)

    master = scene.in_force(people, vendor, owner=people.alice)
    before = statements()
    for number in range(5):
        scene.in_force(people, vendor, f"Order {number}", kind="order", parent=master, owner=people.alice)
    assert statements() == before
