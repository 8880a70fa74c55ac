"""Who has a hand in an assessment, and therefore cannot be the second person who decides on it."""

from uuid import UUID

from django.db.models import QuerySet

from accounts import access
from accounts.models import User
from assessments.models import Answer, Assessment, Editor
from evidence.models import Verification


class FourEyes(access.NotPermitted):
    """Who wrote, checked or submitted what an assessment says cannot decide on it."""


def require(assessment: Assessment, *, by: User) -> None:
    """Raise NotPermitted without the right to decide, FourEyes when `by` has a hand in the assessment."""
    access.require(by, access.Capability.DECIDE, unit_id=assessment.unit_id)
    if assessment.submitted_by_id == by.pk or Editor.objects.filter(assessment=assessment, user=by).exists():
        raise FourEyes("You edited or submitted this assessment. Somebody else decides on it.")
    if Answer.objects.filter(assessment=assessment, edited_by=by).exists():
        raise FourEyes("An answer that was taken over here is yours. Somebody else decides on it.")
    if _checked_since(assessment).filter(verified_by=by).exists():
        raise FourEyes(
            "You checked a document here after it was submitted. Somebody else decides on it, or give it back: "
            "whoever submits it again then stands for your check."
        )


def hands(assessment: Assessment) -> frozenset[UUID]:
    """Return the people who have a hand in the assessment as it is."""
    rows = (
        Editor.objects.filter(assessment=assessment).values_list("user_id", flat=True),
        Answer.objects.filter(assessment=assessment, edited_by__isnull=False).values_list("edited_by_id", flat=True),
        _checked_since(assessment).values_list("verified_by_id", flat=True),
    )
    known = {assessment.submitted_by_id}.union(*rows)
    return frozenset(hand for hand in known if hand is not None)


def _checked_since(assessment: Assessment) -> QuerySet[Verification]:
    """Return the checks that lift evidence after the submission: who submitted it has not seen them."""
    since = assessment.submitted_at
    if since is None:
        return Verification.objects.none()
    return Verification.objects.filter(evidence__answers__assessment=assessment, verified_at__gt=since)
