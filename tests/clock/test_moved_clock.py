"""Day by day, with the worker's own sweeps: everything that has a day is told, once, at each of its moments.

Three months on both engines; to June 2027 on SQLite where campaigns go to their end.
"""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from alerts.models import Alert
from audit.models import Event
from decisions.approvals import server_states
from decisions.models import Approval, Review
from escalations.models import Escalation
from scoring.scales import Severity
from tests.cast import NOON
from tests.clock import sweeping, year
from tests.clock.year import DAY, DAYS, LADDER, Year
from tests.environment import LONG

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
# In which each kind of day comes at least once.
THREE_MONTHS = 92
LIVED = DAYS if LONG else THREE_MONTHS
LAST = NOON + (LIVED - 1) * DAY
# Of what is told by the clock; reviews and escalations follow from it and are counted by themselves.
DATED = (
    *("finding.due_soon", "finding.overdue", "approval.ending", "approval.expired", "condition.due_soon"),
    *("condition.missed", "acceptance.ending", "acceptance.expired", "evidence.expiring", "evidence.expired"),
    *("token.expiring", "token.expired", "role.ending", "role.ended", "exit_plan.failed"),
)


# Of 59 findings and 6 whose acceptance ran out, 11 approvals, 4 conditions, 6 documents, tokens and roles each, as far
# as their days lie before the last one.
COUNTED = {
    "finding.due_soon": 104, "finding.overdue": 59, "approval.ending": 33, "approval.expired": 11,
    "condition.due_soon": 8, "condition.missed": 4, "acceptance.ending": 18, "acceptance.expired": 6,
    "evidence.expiring": 18, "evidence.expired": 6, "token.expiring": 12, "token.expired": 6, "role.ending": 12,
    "role.ended": 6, "exit_plan.failed": 1,
}  # fmt: skip

# Told to the managers, and to the head.
RUNGS = ("escalation.to_managers", "escalation.to_head")
CLIMBED = {"escalation.to_managers": 68, "escalation.to_head": 66}


def _live(time_machine: Any, *, days: int) -> Year:
    time_machine.move_to(NOON, tick=False)
    begun = year.begin(days=days)
    for day in range(days):
        now = NOON + day * DAY
        time_machine.move_to(now, tick=False)
        begun.live(day)
        sweeping.sweep(now)
    return begun


def told(verbs: tuple[str, ...]) -> Counter[tuple[str, Any, date]]:
    """Return which events were recorded of what on which day."""
    rows = Event.objects.filter(verb__in=verbs).values_list("verb", "object_id", "at")
    return Counter((verb, key, timezone.localdate(at)) for verb, key, at in rows)


@pytest.mark.engine
def test_everything_that_has_a_day_is_told_once_at_each_of_its_moments(time_machine: Any) -> None:
    lived = _live(time_machine, days=LIVED)
    _everything_is_told_on_its_day(lived)
    _nobody_is_left_untold()
    _no_approval_ends_in_silence(lived)
    _every_review_is_told()
    _what_nobody_acknowledged_climbed_on_its_days()


def _everything_is_told_on_its_day(lived: Year) -> None:
    mine = _on_its_days(lived)
    table = Counter(verb for verb, _key, _day in mine.elements())
    print(*(f"{verb:24}{table[verb]:5}" for verb in DATED), f"{'in all':24}{table.total():5}", sep="\n")
    assert table.keys() == set(DATED)
    assert dict(table) == COUNTED or not LONG


def _on_its_days(lived: Year) -> Counter[tuple[str, Any, date]]:
    """Return what was told of what was made to be told of; each was once, and on the days that it must be."""
    found = told(DATED)
    # What became of missed conditions and ended acceptances is a finding with a day of its own.
    followed = {key for (verb, key, _day) in found if verb.startswith("finding")} - {
        key for (verb, key, _day) in lived.expected if verb.startswith("finding")
    }
    mine = Counter({row: count for row, count in found.items() if row[1] not in followed})
    assert {row: count for row, count in found.items() if count != 1} == {}
    assert mine - lived.expected == Counter(), "told too often, or on another day"
    assert lived.expected - mine == Counter(), "not told"
    return mine


def _nobody_is_left_untold() -> None:
    silent = [event for event in Event.objects.filter(verb__in=DATED) if not event.alerts.exists()]
    assert [f"{event.verb} of {event.object_label} on {event.at:%d %b %Y}" for event in silent] == []


def _no_approval_ends_in_silence(lived: Year) -> None:
    today = LAST.date()
    ended = Approval.objects.filter(valid_until__lt=today).select_related("server__rating")
    assert ended.count() == sum(verb == "approval.expired" for verb, _key, _day in lived.expected) > 1
    silent = []
    for approval in ended:
        events = Event.objects.filter(object_id=approval.pk, verb="approval.expired")
        people = Alert.objects.filter(event__in=events).values_list("recipient__name", flat=True)
        states = (approval.state(today=today), server_states.state(approval.server, today=today))
        if states != ("expired", "approval_expired") or not {"Alice", "Bob", "Mia"} <= set(people):
            silent.append((str(approval), states, sorted(people)))
    print(f"{LIVED} days, {ended.count()} approvals ended, {len(silent)} silent ends")
    assert silent == []


def _every_review_is_told() -> None:
    reviews = Review.objects.exclude(opened_at=None)
    assert reviews.exists()
    for review in reviews:
        events = Event.objects.filter(object_id=review.pk).values_list("verb", "at")
        days = Counter((verb, timezone.localdate(at)) for verb, at in events)
        assert max(days.values()) == 1, review
        assert ("review.opened", timezone.localdate(review.opened_at)) in days
        if review.due_on < LAST.date():
            assert ("review.overdue", review.due_on + DAY) in days, review


def _what_nobody_acknowledged_climbed_on_its_days() -> None:
    assert Escalation.objects.filter(ladder="finding_overdue").count() > 1
    climbed: Counter[str] = Counter()
    for escalation in Escalation.objects.all():
        rows = Event.objects.filter(object_id=escalation.pk).order_by("pk").values_list("verb", "at")
        verbs = [verb for verb, _at in rows]
        assert len(verbs) == len(set(verbs)), (str(escalation), verbs)
        found = {verb: timezone.localdate(at) for verb, at in rows if verb in RUNGS}
        assert found == _due(escalation), str(escalation)
        climbed.update(found.keys())
    assert climbed.keys() == set(RUNGS)
    assert climbed == CLIMBED or not LONG


def _due(escalation: Escalation) -> dict[str, date]:
    """Return the rungs that it reaches, with their days; on the day on which it is over it climbs no more."""
    days = zip(RUNGS, LADDER[Severity(escalation.severity).word], strict=True)
    due = {verb: _first_noon_after(escalation, after) for verb, after in days}
    end = timezone.localdate(escalation.over_at) if escalation.over_at else LAST.date() + DAY
    return {verb: day for verb, day in due.items() if day < end}


def _first_noon_after(escalation: Escalation, days: int) -> date:
    moment = escalation.began_at + timedelta(days=days)
    at_noon = moment.replace(hour=12, minute=0, second=0)
    return (at_noon if moment <= at_noon else at_noon + DAY).date()
