"""The card of the checks of the trail."""

from typing import Any

from django.db.models import QuerySet

from accounts import access
from riskregister import nouns
from riskregister.nouns import Noun, Page
from seal.models import TrailCheck


def visible_checks(user: Any) -> "QuerySet[TrailCheck]":
    """Return the checks for those who read administrative events."""
    rows = TrailCheck.objects.all()
    return rows if access.of(user).reads_administration else rows.none()


nouns.register(
    Noun(
        TrailCheck,
        word="check of the trail",
        plural="checks of the trail",
        verbs=("trail",),
        unit=None,
        is_administrative=True,
        moving=(),
        visible=visible_checks,
        pages=(Page("seal", key=""),),
        field_history=None,
    ),
)
