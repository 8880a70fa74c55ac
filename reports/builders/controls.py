"""What was found about each control: of the questions that bear on it, how many were answered and the worst answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db.models import Q

from assessments.models import Assessment
from catalogue.models import Control, Question
from findings.models import Finding


@dataclass(frozen=True, slots=True)
class ControlEntry:
    """A control and the questions that bear on it.

    `asked` of them apply here and `answered` have an observed fact; `lowest` is the least of the values, empty where
    nothing was answered. `open_findings` are those unsettled ones that the questions raised.
    """

    framework: str
    revision: str
    ref: str
    title: str
    status: str
    note: str
    superseded_by: str
    questions: tuple[str, ...]
    asked: int
    answered: int
    lowest: str
    open_findings: tuple[str, ...]


def of(assessment: Assessment, snapshot: dict[str, Any], findings: Iterable[Finding]) -> tuple[ControlEntry, ...]:
    """Return the controls of the current frameworks, each with what the frozen answers and the findings say of it."""
    questions = Question.objects.filter(question_set=assessment.question_set_id).order_by("position")
    bearing: dict[int, list[str]] = {}
    for key, control in questions.values_list("key", "controls"):
        bearing.setdefault(control, []).append(key)
    lines = {line["question"]: line for line in snapshot["sheet"]["lines"]}
    raised: dict[str, list[str]] = {}
    for finding in findings:
        raised.setdefault(finding.question_key, []).append(finding.ref)
    # What no question of this set bears on belongs to another set; a withdrawn one says where it has gone.
    shown = Q(pk__in=bearing) | Q(status="withdrawn")
    rows = Control.objects.filter(shown, framework__status="current").select_related("framework")
    return tuple(
        _entry(row, tuple(bearing.get(row.pk, ())), lines, raised)
        for row in rows.order_by("framework__title", "status", "ref")
    )


def _entry(
    row: Control, questions: tuple[str, ...], lines: dict[str, dict[str, Any]], raised: dict[str, list[str]]
) -> ControlEntry:
    applying = [lines[key] for key in questions if key in lines and lines[key]["applies"]]
    answered = [line for line in applying if line["state"] == "option"]
    return ControlEntry(
        framework=row.framework.title,
        revision=row.framework.revision,
        ref=row.ref,
        title=row.title,
        status=row.get_status_display(),
        note=row.note,
        superseded_by=row.superseded_by,
        questions=questions,
        asked=len(applying),
        answered=len(answered),
        lowest=str(min(Fraction(line["value"]) for line in answered)) if answered else "",
        open_findings=tuple(ref for key in questions for ref in raised.get(key, ())),
    )
