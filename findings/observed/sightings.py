"""When a finding was observed, as somebody may read it.

A finding about a vendor is everybody's; the assessment that raised it, and what its analyst wrote beside the answer, is
its unit's. Others read that it was observed, when, and the answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from assessments.models import Assessment
from findings.models import Finding


@dataclass(frozen=True, slots=True)
class Sighting:
    """One time that a finding was observed; `is_withheld`: in an assessment that the reader may not see."""

    id: UUID
    observed_at: datetime
    assessment: Assessment | None
    answer_text: str
    note: str
    is_withheld: bool


def of(finding: Finding, user: Any) -> list[Sighting]:
    """Return when it was observed, the latest first, as the person may read it. Reads `occurrences`."""
    rows = list(finding.occurrences.all())
    seen = _visible(finding, (row.assessment_id for row in rows), user)
    return [
        Sighting(
            id=row.pk,
            observed_at=row.observed_at,
            assessment=None if is_foreign else row.assessment,
            answer_text=row.answer_text,
            note="" if is_foreign else row.note,
            is_withheld=is_foreign,
        )
        for row in rows
        for is_foreign in [row.assessment_id is not None and row.assessment_id not in seen]
    ]


def raised_in(finding: Finding, user: Any) -> Assessment | None:
    """Return the assessment that raised it, None for one that the person may not see."""
    return finding.assessment if _visible(finding, [finding.assessment_id], user) else None


def _visible(finding: Finding, keys: Iterable[UUID | None], user: Any) -> set[UUID]:
    named = [key for key in keys if key is not None]
    if finding.vendor_id is None:
        # What is about a server was observed in its own unit.
        return set(named)
    return (
        set(Assessment.objects.visible_to(user).filter(pk__in=named).values_list("pk", flat=True)) if named else set()
    )
