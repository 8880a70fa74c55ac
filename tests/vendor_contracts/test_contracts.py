"""Contracts: drafted, signed, changed, decided on, and what is refused with what to do."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.access import NotPermitted
from audit.models import Event
from contracts.agreements import agreeing, lifecycle
from contracts.agreements.agreeing import ContractInvalid, CycleFound
from contracts.models import Contract
from evidence import records
from riskregister.refusals import Conflict, Refused
from riskregister.transitions import IllegalTransition
from tests import cast
from tests.cast import NOON, TODAY, Cast
from tests.tables import for_each
from tests.vendor_contracts import scene
from vendors.models import Vendor

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)
ROLLING: dict[str, Any] = {
    "starts_on": date(2025, 1, 1), "ends_on": date(2026, 12, 31), "renewal": "automatic", "renewal_months": 12,
    "notice_days": 90,
}  # fmt: skip


@pytest.fixture
def people() -> Cast:
    return cast.assemble()


@pytest.fixture
def vendor(people: Cast) -> Vendor:
    return cast.a_vendor(people)


def by(people: Cast) -> dict[str, Any]:
    return {"by": people.alice, "now": NOON}


def verbs(contract: Contract) -> list[str]:
    return list(Event.objects.filter(object_id=contract.pk).order_by("id").values_list("verb", flat=True))


def test_a_contract_goes_from_drafting_to_its_end(people, vendor):
    contract = scene.drafted(people, vendor, reference="4711", their_entity="Example Limited")
    assert (contract.ref, contract.status, contract.owner) == ("CO-1", "drafting", None)
    lifecycle.send_for_signing(contract, **by(people))
    lifecycle.return_to_drafting(contract, reason="A wrong name.", **by(people))
    lifecycle.send_for_signing(contract, **by(people))
    lifecycle.sign(contract, signed_on=TODAY, starts_on=TODAY, **by(people))
    lifecycle.start_review(contract, **by(people))
    lifecycle.finish_review(contract, note="All well.", review_on=TODAY + 30 * A_DAY, **by(people))
    lifecycle.end(contract, ended_on=TODAY, reason="We moved.", **by(people))
    kept = Contract.objects.get()
    assert (kept.status, kept.signed_on, kept.ended_on, kept.end_reason) == ("ended", TODAY, TODAY, "We moved.")
    assert kept.review_on == TODAY + 30 * A_DAY
    assert verbs(contract) == [
        "contract.drafted", "contract.sent_for_signing", "contract.returned", "contract.sent_for_signing",
        "contract.signed", "contract.review_started", "contract.reviewed", "contract.ended",
    ]  # fmt: skip


def test_whoever_reads_alone_drafts_nothing(people, vendor):
    with pytest.raises(NotPermitted):
        agreeing.draft(vendor, title="Services", by=people.carol, now=NOON)
    assert not Contract.objects.exists()


def test_everybody_with_a_role_sees_contracts_as_they_see_vendors(people, vendor):
    scene.drafted(people, vendor)
    assert Contract.objects.visible_to(people.eve).count() == 1
    nobody = cast.person("nora", role="analyst", unit=people.payments)
    nobody.memberships.all().delete()
    assert Contract.objects.visible_to(type(nobody).objects.get(pk=nobody.pk)).count() == 0


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"title": " "}, "title", "Fill this in."),
    ({"starts_on": TODAY, "ends_on": TODAY - A_DAY}, "ends_on", "It ends before it starts, on 2 March 2026."),
    ({"kind": "amendment"}, "parent", "Choose the contract that this amendment stands under."),
    ({"kind": "order"}, "parent", "Choose the contract that this order stands under."),
    ({"kind": "handshake"}, "kind", "Choose one of: master, "),
    ({"yearly_value": Decimal(12000)}, "currency", "Say in which currency"),
    ({"yearly_value": Decimal("0.001"), "currency": "EUR"}, "yearly_value", "to the hundredth"),
    ({"yearly_value": Decimal(-1), "currency": "EUR"}, "yearly_value", "Give a sum"),
    ({"currency": "EURO"}, "currency", "three letters"),
    ({"governing_law": "Germany"}, "governing_law", "two letters"),
    ({"their_lei": "5299000J2N45DDNE4Y29"}, "their_lei", "This is no LEI"),
    ({"starts_on": date(26, 1, 1)}, "starts_on", "between 1970 and 2199"),
    ({"renewal": "automatic", "renewal_months": 12}, "ends_on", "Give the end of the term"),
    ({"renewal": "automatic", "ends_on": TODAY}, "renewal_months", "Say for how many months"),
    ({"renewal_months": 0}, "renewal_months", "from 1 to 120"),
    ({"notice_days": 2160}, "notice_days", "from 0 to 1,095"),
    (
        ROLLING | {"starts_on": date(2026, 6, 1), "notice_days": 720},
        "notice_days",
        "With 720 days, notice is due before it starts. Are these days, not hours?",
    ),
    ({"critical_function": "maybe"}, "critical_function", "Answer yes, no, or leave it open."),
    ({"colour": "red"}, "colour", "colour cannot be set here."),
]


@for_each("facts, field, message", BAD, ids=lambda row: f"{row[1]}: {row[0]}")
def test_what_does_not_fit_is_refused_with_what_to_do(people, facts, field, message):
    vendor = Vendor.objects.first() or cast.a_vendor(people)
    with pytest.raises(Refused, match=message.replace("(", r"\(")) as refused, transaction.atomic():
        agreeing.draft(vendor, **{"title": "Services"} | facts, by=people.alice, now=NOON)
    assert refused.value.field == field
    assert not Contract.objects.exists()


def test_a_lei_is_kept_where_its_check_digits_fit(people, vendor):
    contract = scene.drafted(people, vendor, their_lei="5299 000J 2N45 DDNE 4Y28")
    assert contract.their_lei == "5299000J2N45DDNE4Y28"


def test_a_contract_stands_under_one_of_the_same_vendor(people, vendor):
    other = scene.drafted(people, cast.a_vendor(people, "Other Ltd"))
    with pytest.raises(ContractInvalid, match="with the same vendor"):
        scene.drafted(people, vendor, kind="amendment", parent=other)


def test_a_cycle_of_parents_is_refused_whatever_its_length(people, vendor):
    first = scene.drafted(people, vendor)
    second = scene.drafted(people, vendor, kind="order", parent=first)
    third = scene.drafted(people, vendor, kind="amendment", parent=second)
    for parent in (third, second, first):
        with pytest.raises(CycleFound, match="Choose another"):
            agreeing.edit(first, changes={"parent": parent}, **by(people))
    assert Contract.objects.get(pk=first.pk).parent is None


def test_the_database_refuses_what_ends_before_it_starts(people, vendor):
    contract = scene.drafted(people, vendor)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contract.objects.filter(pk=contract.pk).update(starts_on=TODAY, ends_on=TODAY - A_DAY)


def test_a_change_is_recorded_once_and_the_same_again_not(people, vendor):
    contract = scene.drafted(people, vendor)
    for _ in range(2):
        agreeing.edit(contract, changes={"reference": "4711", "title": "Services"}, **by(people))
    assert verbs(contract) == ["contract.drafted", "contract.edited"]
    assert Event.objects.get(verb="contract.edited").data["fields"] == ["reference"]


def test_an_ended_contract_stays_as_it_was(people, vendor):
    contract = scene.drafted(people, vendor)
    lifecycle.end(contract, ended_on=TODAY, reason="Never signed.", **by(people))
    for step in (
        lambda: agreeing.edit(contract, changes={"reference": "1"}, **by(people)),
        lambda: agreeing.cover(contract, service="Hosting", **by(people)),
        lambda: lifecycle.send_for_signing(contract, **by(people)),
    ):
        with pytest.raises(IllegalTransition):
            step()


def test_what_is_in_force_cannot_lose_its_days(people, vendor):
    contract = scene.in_force(people, vendor)
    with pytest.raises(ContractInvalid, match="say when it was signed"):
        agreeing.edit(contract, changes={"signed_on": None}, **by(people))


def test_evidence_of_one_unit_is_not_put_where_everybody_reads(people, vendor):
    how: dict[str, Any] = {"by": people.alice, "now": NOON}
    own = records.add(records.prepare_note("It is so.", title="Scan", unit=people.payments, **how), **how)
    shared = records.add(records.prepare_note("It is so.", title="Scan of all", unit=None, **how), **how)
    contract = scene.drafted(people, vendor, evidence=shared)
    with pytest.raises(ContractInvalid, match="belongs to one unit"):
        agreeing.edit(contract, changes={"evidence": own}, **by(people))
    assert Contract.objects.get().evidence == shared


def test_it_covers_servers_and_services_each_once(people):
    vendor, server = scene.supplied(people)
    contract = scene.drafted(people, vendor)
    agreeing.cover(contract, server=server, **by(people))
    row = agreeing.cover(contract, service="Hosting", **by(people))
    repeated: list[dict[str, Any]] = [{"server": server}, {"service": "hosting"}]
    for again in repeated:
        with pytest.raises(Conflict, match="already"):
            agreeing.cover(contract, **again, **by(people))
    unclear: list[dict[str, Any]] = [{}, {"server": server, "service": "Both"}]
    for neither in unclear:
        with pytest.raises(ContractInvalid, match="Choose a server, or say in words"):
            agreeing.cover(contract, **neither, **by(people))
    stranger = cast.a_vendor(people, "Stranger Ltd")
    with pytest.raises(ContractInvalid, match="Stranger Ltd does not stand behind"):
        agreeing.cover(scene.drafted(people, stranger), server=server, **by(people))
    agreeing.uncover(row, **by(people))
    assert [str(one) for one in contract.services.all()] == [str(server)]


def test_the_days_that_follow_from_its_term(people, vendor):
    contract = scene.in_force(people, vendor, **ROLLING)
    assert contract.notice_by == date(2026, 10, 2)
    assert contract.term_end(today=date(2027, 1, 1)) == date(2027, 12, 31)
    assert contract.notice_day(today=date(2027, 1, 1)) == date(2027, 10, 2)
    agreeing.edit(contract, changes={"notice_days": 30}, **by(people))
    assert Contract.objects.get().notice_by == date(2026, 12, 1)


@for_each(
    "facts, status, today, expected",
    [
        ({}, "active", TODAY, True),
        ({}, "under_review", TODAY, True),
        ({}, "signing", TODAY, False),
        ({}, "active", scene.LAST_YEAR - A_DAY, False),
        ({"ends_on": TODAY}, "active", TODAY, True),
        ({"ends_on": TODAY}, "active", TODAY + A_DAY, False),
        ({"ends_on": TODAY, "renewal": "agreement"}, "active", TODAY + A_DAY, False),
        ({"ends_on": TODAY, "renewal": "automatic", "renewal_months": 1}, "active", TODAY + 400 * A_DAY, True),
        (
            {"ends_on": TODAY, "renewal": "automatic", "renewal_months": 1, "notice_given_on": TODAY},
            "active", TODAY + A_DAY, False,
        ),
    ],
    ids=lambda row: f"{row[1]} {row[0]} {row[2]}",
)  # fmt: skip
def test_when_it_holds(facts, status, today, expected):
    row = Contract(status=status, starts_on=scene.LAST_YEAR, **facts)
    assert row.holds(today=today) is expected


def test_what_has_ended_renews_no_more(people, vendor):
    contract = scene.in_force(people, vendor, **ROLLING)
    lifecycle.end(contract, ended_on=TODAY, reason="We moved.", **by(people))
    assert (contract.goes_on, contract.term_end(today=date(2029, 1, 1))) == (False, date(2026, 12, 31))
    assert Contract.objects.get().notice_by is None


def test_what_does_not_renew_by_itself_has_no_day_to_stop_it(people, vendor):
    contract = scene.in_force(people, vendor, **ROLLING | {"renewal": "agreement"})
    assert (contract.notice_by, contract.notice_day(today=TODAY)) == (None, None)
    agreeing.edit(contract, changes={"renewal": "automatic"}, **by(people))
    assert contract.notice_by == contract.notice_day(today=TODAY) == date(2026, 10, 2)


def test_notice_makes_the_term_the_last(people, vendor):
    contract = scene.in_force(people, vendor, **ROLLING)
    lifecycle.give_notice(contract, given_on=TODAY, note="By letter.", **by(people))
    assert (contract.goes_on, contract.ends_on, contract.notice_by) == (False, date(2026, 12, 31), None)
    assert not contract.holds(today=date(2027, 1, 1))


TOO_LATE: list[tuple[Callable[[Contract, dict[str, Any]], object], str]] = [
    (
        lambda row, how: lifecycle.give_notice(row, given_on=date(2026, 10, 3), **how),
        "The last day for it was 2 October",
    ),
    (lambda row, how: lifecycle.give_notice(row, given_on=date(2026, 11, 30), **how), "today at the latest"),
    (lambda row, how: lifecycle.end(row, ended_on=date(2026, 11, 30), reason="So.", **how), "today at the latest"),
    (lambda row, how: lifecycle.end(row, ended_on=date(2024, 1, 1), reason="So.", **how), "had not started"),
    (
        lambda row, how: lifecycle.give_notice(row, given_on=scene.LAST_YEAR - A_DAY, **how),
        "It had not been signed then",
    ),
]


@for_each("step, message", TOO_LATE, ids=lambda row: row[1])
def test_days_that_cannot_be_are_refused(people, step, message):
    vendor = Vendor.objects.first() or cast.a_vendor(people)
    contract = Contract.objects.first() or scene.in_force(people, vendor, **ROLLING)
    later = NOON.replace(month=11, day=29)
    with pytest.raises(ContractInvalid, match=message):
        step(contract, {"by": people.alice, "now": later})
    assert Contract.objects.get().status == "active"


def test_a_draft_ends_in_no_year_that_cannot_be_meant(people, vendor):
    contract = scene.drafted(people, vendor)
    with pytest.raises(Refused, match="between 1970 and 2199"):
        lifecycle.end(contract, ended_on=date(202, 6, 1), reason="Never signed.", **by(people))


def test_what_does_not_renew_by_itself_has_nothing_to_decide(people, vendor):
    contract = scene.in_force(people, vendor)
    for step in (
        lambda: lifecycle.keep(contract, reason="So.", **by(people)),
        lambda: lifecycle.give_notice(contract, given_on=TODAY, **by(people)),
    ):
        with pytest.raises(ContractInvalid, match="does not renew by itself"):
            step()
