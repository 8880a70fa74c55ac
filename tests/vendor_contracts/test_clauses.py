"""What a contract says under its clauses: recorded as it is, and asked back where it cannot be meant."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from audit.models import Event
from contracts.agreements import clauses
from contracts.agreements.clauses import ClauseInvalid, Reading
from contracts.models import Clause, Contract
from riskregister.refusals import Conflict
from tests import cast
from tests.cast import NOON, Cast
from tests.tables import for_each
from tests.vendor_contracts import scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast.assemble()


@pytest.fixture
def contract(people: Cast) -> Contract:
    return scene.drafted(people, cast.a_vendor(people))


def notice(value: str | None = "72", **more: Any) -> Reading:
    facts: dict[str, Any] = {
        "present": "yes",
        "unit": "hours",
        "value": None if value is None else Decimal(value),
    } | more
    return Reading("incident_notice", **facts)


def test_what_was_read_is_kept_with_its_place_and_who_read_it(people, contract):
    scene.read(people, contract, notice(quote="within 72 hours", page=12))
    row = Clause.objects.get()
    assert (row.present, row.value, row.unit) == ("yes", Decimal(72), "hours")
    assert (row.page, row.quote) == (12, "within 72 hours")
    assert (row.checked_by, row.checked_at) == (people.alice, NOON)
    assert Event.objects.get(verb="contract.clauses_read").data["clauses"] == ["incident_notice"]


def test_the_same_again_is_no_event_and_keeps_who_read_it(people, contract):
    scene.read(people, contract, notice())
    clauses.record(contract, readings=[notice("72.0")], by=people.bob, now=NOON)
    assert Event.objects.filter(verb="contract.clauses_read").count() == 1
    assert Clause.objects.get().checked_by == people.alice


def test_what_is_not_known_any_more_was_checked_by_nobody(people, contract):
    scene.read(people, contract, notice())
    scene.read(people, contract, Reading("incident_notice", present="unknown"))
    row = Clause.objects.get()
    assert (row.present, row.value, row.unit, row.checked_by, row.checked_at) == ("unknown", None, "", None, None)


ASKED_BACK = (
    "Notice of an incident to us: 72 days is outside of what is usual, 1 to 168 hours. Is 72 hours meant?"
    " If it is so, quote the words “72 days”."
)


@for_each(
    "reading, message",
    [
        (notice(unit="days"), ASKED_BACK),
        (notice(unit="days", quote="within 172 days of becoming aware"), ASKED_BACK),
        (notice("1728"), "1,728 hours is outside of what is usual, 1 to 168 hours"),
        (notice(unit=""), "say whether it is in hours or days"),
        (notice(unit="months"), "say whether it is in hours or days"),
        (notice(unit="money", currency="EUR"), "say whether it is in hours or days"),
        (notice("-1"), "not below 0"),
        (notice("NaN"), "give a number"),
        (notice("1.23456"), "four digits behind the point"),
        (notice(present="no"), "a value goes with yes or partly"),
        (notice(present="unknown"), "a value goes with yes or partly"),
        (notice(None, present="not_applicable"), "say why it does not apply"),
        (notice(None, present="perhaps"), "Choose one of: unknown, yes"),
        (notice(page=0), "from 1 to 5,000"),
        (notice(None, countries="DE"), "it has no countries"),
        (notice(quote="a\u202eb"), "cannot be seen"),
        (Reading("places", "yes", countries="DE XX"), "XX is no country"),
        (Reading("places", "yes", value=Decimal(1)), "it has no figure"),
        (Reading("written_contract", "yes", value=Decimal(1)), "it has no figure"),
        (Reading("liability", "yes", value=Decimal(1000), unit="money"), "in which currency"),
        (
            Reading("service_levels", "yes", value=Decimal("9.99"), unit="percent"),
            "what is usual, 50 to 100",
        ),
        (Reading("handshake", "yes"), "There is no such clause."),
    ],
    ids=lambda row: row[1],
)
def test_what_cannot_be_meant_is_asked_back_and_nothing_is_written(people, reading, message):
    contract = Contract.objects.first() or scene.drafted(people, cast.a_vendor(people))
    fine = Reading("audit_right", "yes")
    with pytest.raises(ClauseInvalid) as refused, transaction.atomic():
        scene.read(people, contract, fine, reading)
    assert message in refused.value.message
    assert refused.value.field == reading.key
    assert not Clause.objects.exists()


@for_each(
    "reading, kept",
    [
        # The contract's own words settle what is meant.
        (notice(unit="days", quote="The Provider shall, within\n72 days of becoming aware, tell"), (72, "days")),
        (notice("0.5", unit="days"), (Decimal("0.5"), "days")),
        (Reading("service_levels", "yes", value=Decimal("99.95")), (Decimal("99.95"), "percent")),
        (Reading("audit_right", "yes", value=Decimal(1)), (1, "per_year")),
    ],
)
def test_what_the_contract_says_is_kept_in_its_own_unit(people, reading, kept):
    contract = Contract.objects.first() or scene.drafted(people, cast.a_vendor(people))
    scene.read(people, contract, reading)
    row = Clause.objects.get(key=reading.key)
    assert (row.value, row.unit) == kept


def test_countries_are_kept_once_and_in_order(people, contract):
    scene.read(people, contract, Reading("places", "yes", countries="us, de;DE\nie"))
    assert Clause.objects.get().countries == "DE IE US"


def test_a_clause_given_twice_is_refused(people, contract):
    with pytest.raises(ClauseInvalid, match="given twice"):
        scene.read(people, contract, notice(), notice("24"))


def test_nobody_writes_over_what_another_read_meanwhile(people, contract):
    seen = clauses.version(None)
    scene.read(people, contract, notice("24"))
    with pytest.raises(Conflict, match="Somebody else has recorded Notice of an incident to us meanwhile"):
        scene.read(people, contract, notice("72", seen=seen))
    assert Clause.objects.get().value == 24
    scene.read(people, contract, notice("72", seen=clauses.version(Clause.objects.get())))
    assert Clause.objects.get().value == 72
