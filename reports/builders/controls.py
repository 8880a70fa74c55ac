"""What was found about each control, what is stated of it for the server, and on what that rests."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Q

from assessments.models import Assessment
from catalogue import bearing
from catalogue.models import Control
from controls.in_place import reading
from controls.in_place.effective import UNKNOWN, Effective
from controls.models import ControlStatus, Place
from findings.models import Finding
from riskregister import looks
from vendors.models import Server


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
    stands: str
    whence: str
    evidence: str


def of(
    assessment: Assessment, snapshot: dict[str, Any], findings: Iterable[Finding], *, today: date
) -> tuple[ControlEntry, ...]:
    """Return the controls of the current frameworks that questions bear on, or of which something is stated for the
    server, each with what the frozen answers, the findings and the statuses of the day say of it.
    """
    bearing_on = bearing.of_set(assessment.question_set_id)
    questions: dict[int, list[str]] = {}
    for key, controls in bearing_on.items():
        for control in controls:
            questions.setdefault(control, []).append(key)
    lines = {line["question"]: line for line in snapshot["sheet"]["lines"]}
    raised: dict[str, list[str]] = {}
    for finding in findings:
        raised.setdefault(finding.question_key, []).append(finding.ref)
    server = assessment.server_id
    statuses = reading.load_servers(Server.objects.filter(pk__in=[server] if server else []), today=today)
    effective = statuses.words(server) if server else {}
    rows = Control.objects.filter(_shown(questions, effective), framework__status="current").select_related("framework")
    evidence = _evidence(server) if server else {}
    # Statuses are of servers: of a vendor nobody states any.
    otherwise = UNKNOWN if server else None
    return tuple(
        _entry(
            row,
            tuple(questions.get(row.pk, ())),
            lines,
            raised,
            effective.get(row.pk, otherwise),
            evidence,
        )
        for row in rows.order_by("framework__title", "status", "position", "ref")
    )


def _shown(questions: Collection[int], effective: Mapping[int, Effective]) -> Q:
    """Return which controls are printed: those asked for or stated, and a withdrawn one with a note."""
    stated = [key for key, holds in effective.items() if holds.basis and holds.basis.is_by_person]
    return Q(pk__in=[*questions, *stated]) | Q(status="withdrawn") & ~Q(note="")


def _evidence(server: UUID) -> dict[str, str]:
    """Return by its number what each status rests on that is stated of the server or of the whole organisation."""
    rows = ControlStatus.objects.stated().filter(Q(place=Place.ORGANISATION) | Q(place=Place.SERVER, server=server))
    return {row.ref: row.evidence.ref for row in rows.select_related("evidence") if row.evidence}


def _whence(holds: Effective) -> str:
    if holds.basis is None:
        return "ran out" if holds.lapsed else ""
    against = ", ".join(one.origin for one in holds.contradicted_by)
    return f"{holds.basis.origin}, against {against}" if against else holds.basis.origin


def _entry(
    row: Control,
    questions: tuple[str, ...],
    lines: dict[str, dict[str, Any]],
    raised: dict[str, list[str]],
    holds: Effective | None,
    evidence: Mapping[str, str],
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
        stands=looks.word("control status", holds.status) if holds else "",
        whence=_whence(holds) if holds else "",
        evidence=evidence.get(holds.basis.origin, "") if holds and holds.basis else "",
    )
