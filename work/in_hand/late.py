"""What others have late in the units that somebody manages: assessments past their day, and decisions that wait."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, cast
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from accounts import access
from accounts.access import Capability
from accounts.models import User
from assessments.models import Assessment
from audit import events
from controls.models import TierAcceptance
from decisions.models import RatingOverride
from findings import acceptance
from findings.models import Finding, FixClaim, RiskAcceptance
from riskregister import nouns
from work.in_hand import waiting

# Two weeks are enough to read an assessment; what waits longer is late.
DECIDED_WITHIN = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class LateDecision:
    """Something that waits for an approver for too long: the row, since when, and who asked for it."""

    row: Model
    since: datetime
    asked_by: User | None
    # Who has a hand in it, and does not decide it.
    barred: Callable[[], Collection[UUID]]


def assessments(user: User, *, today: date) -> QuerySet[Assessment]:
    """Return other people's drafts that are past their day, the longest late first."""
    managed = Assessment.objects.visible_to(user).filter(waiting.may(user, Capability.MANAGE))
    late = managed.filter(Assessment.overdue_on(today), status=Assessment.Status.DRAFT).exclude(assignee=user)
    return late.select_related("server", "vendor", "release", "assignee").order_by("due_on", "number")


def decisions(user: User, *, today: date, limit: int) -> tuple[list[LateDecision], int]:
    """Return what has waited for an approver for more than 14 days, the longest first up to a limit, and its number."""
    midnight = datetime.combine(today - DECIDED_WITHIN, time(), tzinfo=timezone.get_default_timezone())
    found: list[LateDecision] = []
    total = 0
    for rows, since, late in _late(waiting.may(user, Capability.MANAGE), user):
        before = rows.filter(**{f"{since}__lt": midnight}).order_by(since)
        first = list(before[: limit + 1])
        total += len(first) if len(first) <= limit else before.count()
        found += [late(row) for row in first[:limit]]
    return sorted(found, key=lambda one: one.since)[:limit], total


def with_approvers(found: Iterable[LateDecision]) -> Iterator[tuple[LateDecision, list[User]]]:
    """Yield each with those who may decide it, by name; the approvers of a unit are asked for once."""
    of_units: dict[UUID | None, list[User]] = {}
    for one in found:
        unit = nouns.unit_of(one.row)
        if unit not in of_units:
            of_units[unit] = list(access.people_who_can(Capability.DECIDE, unit_id=unit).only("name"))
        barred = frozenset(one.barred())
        yield one, [person for person in of_units[unit] if person.pk not in barred]


def _late(managed: Q, user: User) -> Iterator[tuple[QuerySet[Any], str, Callable[[Any], LateDecision]]]:
    """Yield what waits for an approver: the rows, the field that says since when, and what is said of one."""
    submitted = Assessment.objects.visible_to(user).filter(waiting.undecided(), managed)
    yield submitted.select_related("server", "vendor", "release", "submitted_by"), "submitted_at", _submitted
    fixed = Finding.objects.visible_to(user).filter(managed, status=Finding.Status.AWAITING_VERIFICATION)
    claimed = FixClaim.objects.filter(verdict="", finding__in=fixed)
    yield claimed.select_related("finding", "claimed_by"), "claimed_at", _claimed
    accepted = RiskAcceptance.objects.visible_to(user).filter(managed, status=RiskAcceptance.Status.REQUESTED)
    accepted = accepted.filter(acceptance.fit())
    yield accepted.select_related("finding", "server", "requested_by"), "requested_at", _accepted
    overridden = RatingOverride.objects.visible_to(user).filter(managed, status=RatingOverride.Status.REQUESTED)
    yield overridden.select_related("server", "requested_by"), "requested_at", _overridden
    lowered = TierAcceptance.objects.visible_to(user).filter(managed, waiting.lower_tier_waits())
    yield lowered.select_related("deployment", "requested_by"), "requested_at", _lowered


def _submitted(one: Assessment) -> LateDecision:
    return LateDecision(one, cast(datetime, one.submitted_at), one.submitted_by, _barred("assessment.submitted", one))


def _claimed(claim: FixClaim) -> LateDecision:
    barred = _barred("finding.fix_claimed", claim.finding)
    return LateDecision(claim.finding, claim.claimed_at, claim.claimed_by, barred)


def _accepted(risk: RiskAcceptance) -> LateDecision:
    found = risk.finding
    barred = _barred("finding.acceptance_requested", found) if found else _barred("acceptance.requested", risk)
    return LateDecision(risk, risk.requested_at, risk.requested_by, barred)


def _overridden(override: RatingOverride) -> LateDecision:
    barred = _barred("override.requested", override)
    return LateDecision(override, override.requested_at, override.requested_by, barred)


def _lowered(lower: TierAcceptance) -> LateDecision:
    barred = _barred("tier_acceptance.requested", lower)
    return LateDecision(lower, lower.requested_at, lower.requested_by, barred)


def _barred(verb: str, row: Model) -> Callable[[], Collection[UUID]]:
    """Return how to ask who may not decide: those whom the event that it waits passes over."""
    tell = events.of(verb).tell
    return partial(tell.barred, row) if tell else frozenset
