"""The week of whoever manages: what nobody has, what got worse, became overdue, ends soon and was decided."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts import access
from accounts.access import Capability
from accounts.letters import Section
from accounts.models import User
from controls.models import TierAcceptance
from decisions.models import Approval, RatingOverride, Review
from findings.models import Finding, RiskAcceptance
from scoring.deadlines import written
from work import tiles
from work.in_hand import ending, waiting

WEEK = timedelta(days=7)


def sections(user: User, today: date, most: int = 10) -> list[Section]:
    """Return the parts that have something to say, the most pressing first; each with the lines of the first rows."""
    mine = tiles.in_words(user, unit=None)
    found = (
        _section("not acknowledged", waiting.escalations(user), str, most, "escalation", **mine),
        _section(
            "worse than approved", waiting.servers_got_worse(user), _worse, most, "server", got_worse="true", **mine
        ),
        _section(
            "became overdue", _became_overdue(user, today=today), _overdue, most, "finding", is_overdue="true",
            status="fixing", **mine,
        ),
        _section("reviews became overdue", _reviews(user, today=today), str, most, "review", state="overdue", **mine),
        _section("end within 30 days", ending.soon(user, today=today), _ends, most),
        _section("decided", _decided(user, today=today), _decision, most),
    )  # fmt: skip
    return [one for one in found if one.total]


def _section(
    words: str, rows: Iterable[Any], line: Callable[[Any], str], most: int, noun: str = "", **filters: str
) -> Section:
    found = list(rows)
    return Section(words, [line(row) for row in found[:most]], len(found), noun, tuple(filters.items()))


def _became_overdue(user: User, *, today: date) -> Iterable[Finding]:
    managed = access.of(user).units_for(Capability.MANAGE)
    late = Finding.objects.visible_to(user).of_units(managed).overdue(today=today).filter(due_on__gte=today - WEEK)
    return late.select_related("owner").order_by("severity", "due_on")


def _reviews(user: User, *, today: date) -> Iterable[Review]:
    managed = Review.objects.visible_to(user).filter(waiting.may(user, Capability.MANAGE))
    late = managed.overdue(today=today)
    return late.filter(due_on__gte=today - WEEK).select_related("server").order_by("due_on")


Decision = Approval | RiskAcceptance | RatingOverride | TierAcceptance


def _decided(user: User, *, today: date) -> Sequence[Decision]:
    since = datetime.combine(today - WEEK, time(), tzinfo=timezone.get_default_timezone())
    managed = waiting.may(user, Capability.MANAGE)
    decided = Approval.objects.visible_to(user).filter(managed, decided_at__gte=since)
    accepted = RiskAcceptance.objects.visible_to(user).filter(managed, decided_at__gte=since)
    overridden = RatingOverride.objects.visible_to(user).filter(managed, decided_at__gte=since)
    lowered = TierAcceptance.objects.visible_to(user).filter(managed, decided_at__gte=since)
    return [
        *decided.select_related("server", "decided_by").order_by("decided_at"),
        *accepted.select_related("finding", "server", "decided_by").order_by("decided_at"),
        *overridden.select_related("server", "decided_by").order_by("decided_at"),
        *lowered.select_related("deployment", "decided_by").order_by("decided_at"),
    ]


def _worse(server: Any) -> str:
    return f"{server}: {server.rating.residual.replace('_', ' ')} residual risk"


def _overdue(finding: Finding) -> str:
    due = written(finding.due_on) if finding.due_on else ""
    return f"{finding}: due {due}, {finding.owner or 'nobody'} owns it"


def _ends(one: ending.Ending) -> str:
    return f"{one.what}: {one.name}, until {written(one.last_day)}"


def _decision(row: Decision) -> str:
    if isinstance(row, Approval):
        return f"{row}, by {row.decided_by}"
    name = f"{row.ref} {row.finding or row.server}" if isinstance(row, RiskAcceptance) else str(row)
    return f"{name}: {row.get_status_display().lower()}, by {row.decided_by}"
