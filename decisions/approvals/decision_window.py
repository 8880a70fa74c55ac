"""What was decided on an assessment before, and whether somebody may still decide on it."""

from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts import access
from accounts.models import User
from assessments.answers import second_person
from assessments.models import Assessment
from decisions.models import Approval
from findings.models import Leniency
from riskregister.refusals import Conflict, Refused
from scoring.deadlines import is_past, next_review_on, written
from scoring.methodology import Methodology
from vendors.models import Easing

# An approval outlives its review by a little at most: the longest cadence is a year, and reviews may run late.
LONGEST = timedelta(days=550)


class DecidedAlready(Conflict):
    """A decision on this assessment stands that the caller has not seen, or says they replace another one."""


class AssessAgain(Refused):
    """What was decided on this assessment is final: only another assessment leads to another decision."""


class OwnLeniency(access.NotPermitted):
    """Whoever made less of a critical or high finding does not approve the server over it."""


def latest(assessment: Assessment) -> Approval | None:
    """Return the newest decision on the assessment, or None."""
    return assessment.approvals.select_related("decided_by").order_by("-number").first()


def require_open(assessment: Assessment, *, replaces: Approval | None) -> None:
    """Raise unless a decision on the assessment makes sense, and is made by somebody who knows the one that stands.

    An approval in force can be replaced by whoever names it, so that of two who decide at once, or of one who sends the
    page twice, only the first decides. After a rejection or a withdrawal the server is assessed again.
    """
    former = latest(assessment)
    if former is None:
        if replaces is not None:
            raise DecidedAlready(f"{replaces.ref} is no decision on {assessment.ref}.")
        return
    if closed := _why_closed(former):
        raise AssessAgain(closed)
    if replaces is None or replaces.pk != former.pk:
        raise DecidedAlready(
            f"{former.decided_by} has decided on it: {former.ref}, {former.outcome}. "
            "Look at that decision first, then say that yours replaces it."
        )


def require_fresh(assessment: Assessment, *, today: date, method: Methodology) -> None:
    """Raise AssessAgain for an assessment whose answers are older than the cadence of the server's tier."""
    if assessment.submitted_at is None:
        return
    judged_on = timezone.localdate(assessment.submitted_at)
    tier = assessment.judged_server.inherent_tier
    if is_past(count_until(assessment.submitted_at, tier=tier, method=method), today=today):
        raise AssessAgain(
            f"Its answers are of {written(judged_on)}, and for tier {tier} they count for "
            f"{method.reviews.months[tier]} months. Assess the server again."
        )


def count_until(submitted_at: datetime, *, tier: int, method: Methodology) -> date:
    """Return the last day on which the answers that were submitted then count for a server of this tier."""
    return next_review_on(tier, timezone.localdate(submitted_at), method)


def require_no_leniency(assessment: Assessment, by: User) -> None:
    """Raise OwnLeniency for whoever made less of a critical or high finding, or the server's tier milder, since the
    assessment was submitted.
    """
    about = Q(finding__server=assessment.server_id)
    if assessment.vendor_id:
        about |= Q(finding__vendor=assessment.vendor_id)
    since = assessment.submitted_at or assessment.created_at
    if Easing.objects.filter(server=assessment.server_id, person=by, at__gte=since).exists():
        raise OwnLeniency(
            "You made its exposure milder since this assessment was submitted. Somebody else approves it."
        )
    found = Leniency.objects.filter(about, person=by, at__gte=since).select_related("finding").order_by("at").first()
    if found is not None:
        raise OwnLeniency(
            f"You {found.what} {found.finding.ref} since this assessment was submitted. Somebody else approves it."
        )


def why_not(assessment: Assessment, *, by: User) -> str:
    """Return why the person cannot decide on the assessment, or an empty text."""
    try:
        access.require(by, access.Capability.DECIDE, unit_id=assessment.unit_id)
    except access.NotPermitted as refusal:
        return str(refusal)
    if barred := second_person.with_a_hand(assessment, by):
        return str(barred)
    former = latest(assessment)
    return _why_closed(former) if former else ""


def last_day(judged_on: date) -> date:
    """Return the last day that an approval can hold until: deciding again makes what was judged no younger."""
    return judged_on + LONGEST


def _why_closed(former: Approval) -> str:
    if former.decision == Approval.Decision.REJECT:
        on = written(timezone.localdate(former.decided_at))
        return f"{former.ref} rejected it on {on}. Assess the server again to decide anew."
    if former.status == Approval.Status.GRANTED:
        return ""
    return f"{former.ref} was {former.get_status_display().lower()}. Assess the server again to decide anew."
