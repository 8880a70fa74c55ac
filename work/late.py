"""What others have late in the units that somebody manages: assessments past their day, and decisions that wait."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import cast
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from accounts import access
from accounts.access import Capability
from accounts.models import User
from assessments.models import Assessment
from audit import events
from decisions.models import RatingOverride
from findings.models import Finding, FixClaim, RiskAcceptance
from riskregister import nouns
from work import waiting

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

    def approvers(self) -> QuerySet[User]:
        """Return who may decide it, by name."""
        people = access.people_who_can(Capability.DECIDE, unit_id=nouns.unit_of(self.row))
        return people.exclude(pk__in=self.barred())


def assessments(user: User, *, today: date) -> QuerySet[Assessment]:
    """Return other people's drafts that are past their day, the longest late first."""
    managed = Assessment.objects.visible_to(user).filter(waiting.may(user, Capability.MANAGE))
    late = managed.filter(status=Assessment.Status.DRAFT, due_on__lt=today).exclude(assignee=user)
    return late.select_related("server", "release", "assignee").order_by("due_on", "number")


def decisions(user: User, *, today: date) -> list[LateDecision]:
    """Return what has waited for an approver for more than 14 days, the longest first."""
    midnight = datetime.combine(today - DECIDED_WITHIN, time(), tzinfo=timezone.get_default_timezone())
    return sorted(_late(waiting.may(user, Capability.MANAGE), user, midnight), key=lambda one: one.since)


def _late(managed: Q, user: User, before: datetime) -> Iterator[LateDecision]:
    submitted = Assessment.objects.visible_to(user).filter(waiting.undecided(), managed, submitted_at__lt=before)
    for one in submitted.select_related("server", "release", "submitted_by"):
        barred = _barred("assessment.submitted", one)
        yield LateDecision(one, cast(datetime, one.submitted_at), one.submitted_by, barred)
    claimed = FixClaim.objects.filter(
        verdict="",
        claimed_at__lt=before,
        finding__in=Finding.objects.visible_to(user).filter(managed, status=Finding.Status.AWAITING_VERIFICATION),
    )
    for claim in claimed.select_related("finding", "claimed_by"):
        barred = _barred("finding.fix_claimed", claim.finding)
        yield LateDecision(claim.finding, claim.claimed_at, claim.claimed_by, barred)
    accepted = RiskAcceptance.objects.visible_to(user).filter(managed, status=RiskAcceptance.Status.REQUESTED)
    overridden = RatingOverride.objects.visible_to(user).filter(managed, status=RatingOverride.Status.REQUESTED)
    for risk in accepted.filter(requested_at__lt=before).select_related("finding", "server", "requested_by"):
        found = risk.finding
        barred = _barred("finding.acceptance_requested", found) if found else _barred("acceptance.requested", risk)
        yield LateDecision(risk, risk.requested_at, risk.requested_by, barred)
    for override in overridden.filter(requested_at__lt=before).select_related("server", "requested_by"):
        barred = _barred("override.requested", override)
        yield LateDecision(override, override.requested_at, override.requested_by, barred)


def _barred(verb: str, row: Model) -> Callable[[], Collection[UUID]]:
    """Return how to ask who may not decide: those whom the event that it waits passes over."""
    tell = events.of(verb).tell
    return partial(tell.barred, row) if tell else frozenset
