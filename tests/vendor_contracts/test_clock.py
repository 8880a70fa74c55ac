"""Days of contracts are told ahead and once they have passed; what renews by itself is recorded."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Unit
from accounts.units import units
from alerts import relay
from alerts.models import Alert
from audit.models import Event
from contracts.agreements import agreeing, legal_profiles, lifecycle
from contracts.models import Contract
from contracts.models.legal_profile import FACTS
from jobs import dated
from tests import cast
from tests.api.caller import frozen
from tests.cast import NOON, Cast
from tests.tables import for_each
from tests.vendor_contracts import scene

pytestmark = pytest.mark.django_db
ENDS = date(2026, 12, 31)
ROLLING: dict[str, Any] = {"ends_on": ENDS, "renewal": "automatic", "renewal_months": 12, "notice_days": 90}


@pytest.fixture
def people() -> Cast:
    return cast.assemble()


def at(day: date) -> datetime:
    return NOON.replace(year=day.year, month=day.month, day=day.day)


def sweep(day: date) -> None:
    """Tell of the days of contracts and record what renewed, as the jobs do."""
    for one in dated.every():
        if one.word.startswith("contract "):
            dated.tell(one, now=at(day))
    lifecycle.record_renewed(now=at(day))


def told() -> list[tuple[str, str]]:
    rows = Event.objects.filter(actor_kind="system", verb__startswith="contract.").order_by("id")
    return [(row.verb, str(row.data.get("step") or row.data["until"])) for row in rows]


def test_notice_and_renewal_of_what_nobody_decides(people):
    scene.in_force(people, cast.a_vendor(people), **ROLLING)
    # Notice can be given until 2 October.
    days = [
        date(2026, 7, 3),
        date(2026, 7, 4),
        date(2026, 9, 3),
        date(2026, 9, 25),
        date(2026, 10, 2),
        date(2026, 10, 3),
    ]
    for day in [*days, date(2026, 12, 1), date(2026, 12, 24), ENDS, date(2027, 1, 1), date(2027, 1, 1)]:
        sweep(day)
    assert told() == [
        ("contract.notice_due", "90"),
        *[("contract.notice_due", step) for step in ("30", "7", "0")],
        ("contract.renewing", "90"),
        ("contract.notice_missed", "passed"),
        *[("contract.renewing", step) for step in ("30", "7", "0")],
        ("contract.renewed", "2027-12-31"),
    ]
    kept = Contract.objects.get()
    assert (kept.ends_on, kept.notice_by) == (date(2027, 12, 31), date(2027, 10, 2))
    assert Event.objects.get(verb="contract.renewed").data["was_decided"] is False


def test_after_a_long_sleep_it_renewed_to_the_term_that_runs(people):
    scene.in_force(people, cast.a_vendor(people), **ROLLING)
    sweep(date(2029, 5, 1))
    assert Contract.objects.get().ends_on == date(2029, 12, 31)
    assert [verb for verb, _ in told()].count("contract.renewed") == 1


def test_what_was_decided_is_not_asked_again_in_this_term(people):
    contract = scene.in_force(people, cast.a_vendor(people), **ROLLING)
    lifecycle.keep(contract, reason="We need it.", by=people.alice, now=NOON)
    sweep(date(2026, 10, 2))
    sweep(date(2026, 12, 31))
    assert told() == []
    sweep(date(2027, 1, 1))
    assert told() == [("contract.renewed", "2027-12-31")]
    assert Event.objects.get(verb="contract.renewed").data["was_decided"] is True
    sweep(date(2027, 10, 1))
    assert told()[1:] == [("contract.notice_due", "7")]


@for_each(
    "name, facts",
    [
        ("ends", {"ends_on": ENDS}),
        ("renews if both agree", {"ends_on": ENDS, "renewal": "agreement", "renewal_months": 12}),
    ],
    ids=lambda row: row[0],
)
def test_an_end_is_told_and_does_not_move(people, name, facts):
    before = Event.objects.count()
    contract = scene.in_force(people, cast.a_vendor(people, name), **facts)
    for day in (date(2026, 10, 2), ENDS, date(2027, 1, 1)):
        sweep(day)
    rows = Event.objects.filter(object_id=contract.pk, actor_kind="system").order_by("id")
    assert [(row.verb, row.data["step"]) for row in rows] == [
        ("contract.ending", "90"), ("contract.ending", "0"), ("contract.end_passed", "passed"),
    ]  # fmt: skip
    assert Contract.objects.get(pk=contract.pk).ends_on == ENDS
    assert before < Event.objects.count()


def test_notice_that_was_given_tells_the_end_and_no_renewal(people):
    contract = scene.in_force(people, cast.a_vendor(people), **ROLLING)
    lifecycle.give_notice(contract, given_on=NOON.date(), by=people.alice, now=NOON)
    sweep(ENDS)
    sweep(ENDS + timedelta(days=1))
    assert told() == [("contract.ending", "0"), ("contract.end_passed", "passed")]


def test_a_review_is_told_ahead_and_when_it_was_missed(people):
    day = date(2026, 6, 1)
    scene.in_force(people, cast.a_vendor(people), review_on=day)
    for near in (date(2026, 5, 2), day, day + timedelta(days=1)):
        sweep(near)
    assert told() == [
        ("contract.review_due", "30"), ("contract.review_due", "0"), ("contract.review_missed", "passed"),
    ]  # fmt: skip


def test_what_is_no_contract_yet_or_any_more_has_no_days(people):
    vendor = cast.a_vendor(people)
    scene.drafted(people, vendor, **ROLLING | {"review_on": ENDS})
    ended = scene.in_force(people, vendor, "Ended", **ROLLING)
    lifecycle.end(ended, ended_on=NOON.date(), reason="So.", by=people.alice, now=NOON)
    sweep(ENDS)
    assert told() == []


def test_managers_learn_before_the_day_of_rules_that_apply_to_their_unit_or_may(people):
    def told_of(unit: Unit) -> list[tuple[str, str]]:
        rows = Event.objects.filter(verb="legal_profile.law_near", unit_id=unit.pk).order_by("id")
        return [(row.data["day"], row.data["step"]) for row in rows]

    third = units.open_unit(name="Third", code="third", by=people.ada, now=NOON)
    tim = cast.person("tim", role="analyst", unit=third)
    none = dict.fromkeys(FACTS, "none")
    # Products with digital elements: the CRA, from 11 December 2027. Nobody has said whether Research makes any.
    for unit, by, says in (
        (people.payments, people.alice, "yes"),
        (people.research, people.eve, "unknown"),
        (third, tim, "none"),
    ):
        legal_profiles.write(unit=unit, **none | {"digital_products": says}, by=by, now=NOON)
    [law_days] = [one for one in dated.every() if one.word == "law to come"]
    # The day before it is told, the days of the notices, the same day again, and the day after.
    for day in (date(2027, 9, 11), date(2027, 9, 12), date(2027, 11, 11), date(2027, 12, 4), date(2027, 12, 11)):
        for _twice in range(2):
            with frozen(at(day)):
                dated.tell(law_days, now=at(day))
    with frozen(at(date(2027, 12, 12))):
        assert dated.tell(law_days, now=at(date(2027, 12, 12))) == 0
    assert told_of(people.payments) == [("2027-12-11", step) for step in ("90", "30", "7", "0")]
    assert told_of(people.research) == told_of(people.payments)
    assert told_of(third) == []
    relay.relay(now=NOON)
    rows = Event.objects.filter(verb="legal_profile.law_near", unit_id=people.payments.pk)
    [week] = [row for row in rows if row.data["step"] == "7"]
    mias = Alert.objects.get(event=week, recipient=people.mia)
    assert mias.title == "Legal profile of Payments: rules that apply to the unit, or may, are in force in 7 days"


MOVED: dict[str, tuple[dict[str, Any], date, dict[str, Any]]] = {
    "the end later": ({"ends_on": ENDS}, ENDS, {"ends_on": date(2027, 12, 31)}),
    "no end any more": ({"ends_on": ENDS}, ENDS, {"ends_on": None}),
    "the end that is no end, since it renews": (
        {"ends_on": ENDS}, ENDS, {"renewal": "automatic", "renewal_months": 12, "notice_days": 90}
    ),
    "notice until later": (ROLLING, date(2026, 10, 2), {"notice_days": 30}),
    "the review later": ({"review_on": ENDS}, ENDS, {"review_on": date(2027, 12, 31)}),
    "the review that was missed later": ({"review_on": ENDS}, date(2027, 1, 1), {"review_on": date(2027, 12, 31)}),
}  # fmt: skip


@for_each("what", MOVED)
def test_what_was_told_of_a_day_waits_for_nobody_when_the_day_moves_away(people, what):
    facts, day, moved = MOVED[what]
    contract = scene.in_force(people, cast.a_vendor(people, what.title()), owner=people.alice, **facts)
    sweep(day)
    relay.relay(now=at(day))
    waiting = Alert.objects.filter(event__object_id=contract.pk, is_action=True, settled_at=None)
    # That it renews at the end of its term is so all the same.
    waiting = waiting.exclude(event__verb="contract.renewing")
    assert waiting.exists()

    agreeing.edit(contract, changes={"notes": "Another word."}, by=people.alice, now=at(day))
    relay.relay(now=at(day))
    assert waiting.exists()

    agreeing.edit(contract, changes=moved, by=people.alice, now=at(day))
    relay.relay(now=at(day))
    assert not waiting.exists()
