"""Who has a hand in an assessment, and therefore cannot be the second person who decides on it."""

from uuid import UUID

from django.db.models import Exists, QuerySet

from accounts import access
from accounts.principals import Principal
from assessments.models import Answer, Assessment, Editor
from evidence.models import Verification


class FourEyes(access.NotPermitted):
    """Who wrote, checked or submitted what an assessment says cannot decide on it."""


def with_a_hand(assessment: Assessment, by: Principal) -> FourEyes | None:
    """Return the refusal for whoever has a hand in the assessment, for others None."""
    person = by.person
    if person is None:
        return None
    edited, wrote, checked = (
        Assessment.objects.filter(pk=assessment.pk)
        .values_list(
            Exists(Editor.objects.filter(assessment=assessment, user=person)),
            Exists(Answer.objects.filter(assessment=assessment, edited_by=person)),
            Exists(_checked_since(assessment).filter(verified_by=person)),
        )
        .get()
    )
    if edited or assessment.submitted_by_id == person.pk:
        return FourEyes("You edited or submitted this assessment. Somebody else decides on it.")
    if wrote:
        return FourEyes("An answer that was taken over here is yours. Somebody else decides on it.")
    if checked:
        return FourEyes(
            "You checked a document here after it was submitted. Somebody else decides on it, or give it back: "
            "whoever submits it again then stands for your check."
        )
    return None


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
