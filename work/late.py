"""What others have late in the units that somebody manages: assessments past their day, and decisions that wait."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import cast

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.access import Capability
from accounts.models import User
from assessments.models import Assessment
from decisions.models import Approval, RatingOverride
from findings.models import Finding, FixClaim, RiskAcceptance
from work import waiting

# Two weeks are enough to read an assessment; what waits longer is late.
DECIDED_WITHIN = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class LateDecision:
    """Something that waits for an approver for too long: the row, since when, and who asked for it."""

    row: Model
    since: datetime
    asked_by: User | None


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
    undecided = Q(status=Assessment.Status.SUBMITTED) | Q(
        ~Exists(Approval.objects.filter(assessment=OuterRef("pk"))), status=Assessment.Status.FINAL
    )
    submitted = Assessment.objects.visible_to(user).filter(managed, undecided, submitted_at__lt=before)
    for one in submitted.select_related("server", "release", "submitted_by"):
        yield LateDecision(one, cast(datetime, one.submitted_at), one.submitted_by)
    claimed = FixClaim.objects.filter(
        verdict="",
        claimed_at__lt=before,
        finding__in=Finding.objects.visible_to(user).filter(managed, status=Finding.Status.AWAITING_VERIFICATION),
    )
    for claim in claimed.select_related("finding", "claimed_by"):
        yield LateDecision(claim.finding, claim.claimed_at, claim.claimed_by)
    accepted = RiskAcceptance.objects.visible_to(user).filter(managed, status=RiskAcceptance.Status.REQUESTED)
    overridden = RatingOverride.objects.visible_to(user).filter(managed, status=RatingOverride.Status.REQUESTED)
    for asked in (
        *accepted.filter(requested_at__lt=before).select_related("finding", "server", "requested_by"),
        *overridden.filter(requested_at__lt=before).select_related("server", "requested_by"),
    ):
        yield LateDecision(asked, asked.requested_at, asked.requested_by)
