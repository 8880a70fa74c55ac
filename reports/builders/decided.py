"""What was decided about an assessed server: approvals with conditions, overrides, and what was laid over answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from assessments.models import Assessment
from decisions.models import Approval, RatingOverride
from findings.models import Overlay
from reports.builders.entries import day, moment, name
from riskregister import looks
from vendors.models import Server

_OF_CONDITIONS = ("conditions__met_by", "conditions__finding", "conditions__carried_to__approval")


@dataclass(frozen=True, slots=True)
class ConditionEntry:
    """A dated condition of an approval."""

    text: str
    due_on: str
    met_at: str
    met_by: str
    met_note: str
    finding: str
    carried_to: str


@dataclass(frozen=True, slots=True)
class DecisionEntry:
    """A decision on the assessment."""

    ref: str
    decision: str
    status: str
    reason: str
    residual: str
    valid_until: str
    decided_by: str
    decided_at: str
    withdrawn_by: str
    withdrawn_reason: str
    conditions: tuple[ConditionEntry, ...]


@dataclass(frozen=True, slots=True)
class OverlayEntry:
    """What was laid over a frozen answer."""

    question: str
    kind: str
    option: str
    evidence: str
    finding: str
    reason: str
    author: str
    at: str


@dataclass(frozen=True, slots=True)
class OverrideEntry:
    """A residual risk set by hand."""

    residual: str
    computed: str
    reason: str
    status: str
    expires_on: str
    requested_by: str
    decided_by: str


def overrides(server: Server, *, now: datetime) -> tuple[OverrideEntry, ...]:
    """Return the overrides of the rating in force at `now`."""
    in_force = RatingOverride.objects.in_force(today=timezone.localdate(now)).filter(server=server)
    rows = in_force.select_related("requested_by", "decided_by")
    return tuple(
        OverrideEntry(
            residual=row.residual,
            computed=row.computed,
            reason=row.reason,
            status=row.get_status_display(),
            expires_on=day(row.expires_on),
            requested_by=name(row.requested_by),
            decided_by=name(row.decided_by),
        )
        for row in rows
    )


def decisions(assessment: Assessment, *, now: datetime) -> tuple[DecisionEntry, ...]:
    """Return the decisions on the assessment in the order of time, as they stand at `now`, with their conditions."""
    rows = Approval.objects.filter(assessment=assessment).select_related("decided_by", "withdrawn_by")
    return tuple(
        DecisionEntry(
            ref=row.ref,
            decision=row.get_decision_display(),
            status=looks.word("approval", row.state(today=timezone.localdate(now))),
            reason=row.reason,
            residual=row.residual,
            valid_until=day(row.valid_until),
            decided_by=name(row.decided_by),
            decided_at=moment(row.decided_at),
            withdrawn_by=name(row.withdrawn_by),
            withdrawn_reason=row.withdrawn_reason,
            conditions=tuple(_conditions(row)),
        )
        for row in rows.prefetch_related(*_OF_CONDITIONS).order_by("decided_at")
    )


def _conditions(approval: Approval) -> Iterable[ConditionEntry]:
    for row in approval.conditions.all():
        yield ConditionEntry(
            text=row.text,
            due_on=day(row.due_on),
            met_at=moment(row.met_at),
            met_by=name(row.met_by),
            met_note=row.met_note,
            finding=row.finding.ref if row.finding else "",
            carried_to=row.carried_to.approval.ref if hasattr(row, "carried_to") else "",
        )


def overlays(assessment: Assessment) -> tuple[OverlayEntry, ...]:
    """Return what was laid over the frozen answers since."""
    rows = Overlay.objects.filter(assessment=assessment).select_related("option", "evidence", "finding", "author")
    return tuple(
        OverlayEntry(
            question=row.question_key,
            kind=row.get_kind_display(),
            option=row.option.text if row.option else "",
            evidence=f"{row.evidence} (E{row.evidence_level})" if row.evidence else "",
            finding=row.finding.ref if row.finding else "",
            reason=row.reason,
            author=name(row.author) or "The register",
            at=moment(row.at),
        )
        for row in rows
    )
