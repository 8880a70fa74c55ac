"""Who has a hand in an assessment, and therefore cannot be the second person who decides on it."""

from typing import Any
from uuid import UUID

from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, Value

from accounts import access
from accounts.models import User
from accounts.principals import Principal
from assessments.models import Answer, Assessment, Editor, Verification


class FourEyes(access.NotPermitted):
    """Who wrote, checked or submitted what an assessment says cannot decide on it."""


def with_a_hand(assessment: Assessment, by: Principal) -> FourEyes | None:
    """Return the refusal for whoever has a hand in the assessment, for others None."""
    person = by.person
    if person is None:
        return None
    edited, wrote, checked = Assessment.objects.filter(pk=assessment.pk).values_list(*_hands_of(person)).get()
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
    """Return the people who have a hand in the assessment as it is. One statement."""
    rows = _traces(assessment.pk, Value(assessment.submitted_at, DateTimeField()))
    first, *rest = (found.order_by().values_list(whose, flat=True) for found, whose in rows)
    known = {assessment.submitted_by_id, *first.union(*rest)}
    return frozenset(hand for hand in known if hand is not None)


def without_a_hand(person: User) -> Q:
    """Return the condition that the person has no hand in an assessment."""
    edited, wrote, checked = _hands_of(person)
    return ~edited & ~wrote & ~checked & ~Q(submitted_by=person)


def _hands_of(person: User) -> tuple[Exists, Exists, Exists]:
    """Return whether the person edited the assessment, wrote what was taken over in it, and checked it since."""
    edits, answers, checks = (
        Exists(found.filter(**{whose: person.pk})) for found, whose in _traces(OuterRef("pk"), OuterRef("submitted_at"))
    )
    return edits, answers, checks


def _traces(assessment: Any, submitted_at: Any) -> tuple[tuple[QuerySet[Any], str], ...]:
    """Return what people leave in an assessment, each with whose it is.

    Of the checks of its evidence those since the submission: who submitted it has not seen them.
    """
    checks = Verification.objects.filter(answer__assessment=assessment, verified_at__gt=submitted_at)
    return (
        (Editor.objects.filter(assessment=assessment), "user_id"),
        (Answer.objects.filter(assessment=assessment), "edited_by_id"),
        (checks, "verified_by_id"),
    )
