"""What both kinds of report print: the head, findings and risk acceptances, as frozen plain values.

Moments are ISO 8601 in UTC, days are ISO dates, an absent value is an empty text.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from catalogue.models import Dimension
from findings.models import Finding, FixClaim, RemediationPlan, RiskAcceptance
from reports.models import Report
from riskregister import looks
from scoring.scales import Severity

CLASSIFICATION = "Confidential"


@dataclass(frozen=True, slots=True)
class Head:
    """What identifies a report."""

    ref: str
    kind: str
    title: str
    organisation: str
    unit: str
    classification: str
    software: str
    as_of: str
    time_zone: str
    requested_by: str
    requested_at: str
    is_example: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of something."""

    label: str
    count: int


@dataclass(frozen=True, slots=True)
class MilestoneEntry:
    """A dated step of a plan."""

    title: str
    due_on: str
    done_on: str
    done_by: str


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """The current remediation plan of a finding."""

    description: str
    target_on: str
    planned_by: str
    milestones: tuple[MilestoneEntry, ...]


@dataclass(frozen=True, slots=True)
class FixEntry:
    """A claimed fix and the verdict on it."""

    note: str
    claimed_by: str
    claimed_at: str
    verdict: str
    verdict_note: str
    verified_by: str
    verified_at: str


@dataclass(frozen=True, slots=True)
class FindingEntry:
    """A finding in full; `age_days` counts from when it was first seen to its closing, or to the report."""

    ref: str
    title: str
    subject: str
    severity: str
    status: str
    dimension: str
    source: str
    is_information_gap: bool
    is_observed: bool
    raised_in: str
    question: str
    answer: str
    description: str
    recommendation: str
    opened_at: str
    age_days: int
    owner: str
    due_on: str
    overdue_days: int
    accepted_until: str
    closed_at: str
    close_reason: str
    plan: PlanEntry | None
    fixes: tuple[FixEntry, ...]


@dataclass(frozen=True, slots=True)
class AcceptanceEntry:
    """A decision to live with a risk, asked for by one person and decided by another."""

    ref: str
    subject: str
    status: str
    is_in_force: bool
    reason: str
    compensating_control: str
    residual: str
    expires_on: str
    requested_by: str
    requested_at: str
    decided_by: str
    decided_at: str
    decision_note: str
    revoked_by: str
    revoked_at: str


def head_of(report: Report, *, now: datetime, is_example: bool) -> Head:
    """Return what identifies a report that is read at `now`."""
    return Head(
        ref=report.ref,
        kind=report.kind,
        title=report.title,
        organisation=settings.ORGANISATION,
        unit=report.covers,
        classification=CLASSIFICATION,
        software=f"MCP vendor risk register {settings.VERSION}",
        as_of=moment(now),
        time_zone=settings.TIME_ZONE,
        requested_by=str(report.requested_by),
        requested_at=moment(report.requested_at),
        is_example=is_example,
    )


def findings(rows: QuerySet[Finding], *, unit_id: UUID | None, now: datetime) -> tuple[FindingEntry, ...]:
    """Return findings in full, the unsettled first and the worst of them first, for readers of a unit (None: of
    all, about a vendor).
    """
    loaded = rows.select_related("server", "vendor", "owner", "assessment").prefetch_related(
        "plans__milestones__done_by", "plans__planned_by", "fix_claims__claimed_by", "fix_claims__verified_by"
    )
    until = accepted_until(rows, today=timezone.localdate(now))
    ordered = loaded.order_by("severity", "number")
    entries = [_finding(row, unit_id=unit_id, accepted=until.get(row.pk, ""), now=now) for row in ordered]
    return tuple(sorted(entries, key=lambda entry: entry.status in _SETTLED))


_SETTLED = {status.label for status in Finding.SETTLED}


def accepted_until(rows: QuerySet[Finding], *, today: date) -> dict[object, str]:
    """Return by finding the last day of its acceptance in force."""
    granted = RiskAcceptance.objects.in_force(today=today).filter(finding__in=rows.order_by().values("pk"))
    return {row[0]: row[1].isoformat() for row in granted.order_by("expires_on").values_list("finding", "expires_on")}


def age_days(row: Finding, *, now: datetime) -> int:
    """Return how many days ago a finding was first seen, or for how long until it was closed."""
    return max(row.age_in_days(today=timezone.localdate(now)), 0)


def overdue_days(row: Finding, *, today: date) -> int:
    """Return how many days ago a finding being fixed was due; 0 when it is in time."""
    return (today - row.due_on).days if row.due_on and row.is_overdue(today=today) else 0


def dimension_word(key: str) -> str:
    """Return the dimension's title, or an empty text for a finding that belongs to none."""
    return str(Dimension(key).label) if key else ""


def _raised_in(row: Finding, unit_id: UUID | None) -> str:
    """Return where it was raised: a vendor's finding in an assessment whose number is another unit's."""
    if row.assessment is None:
        return ""
    return row.assessment.ref if row.assessment.unit_id == unit_id else "an assessment of another unit"


def _finding(row: Finding, *, unit_id: UUID | None, accepted: str, now: datetime) -> FindingEntry:
    return FindingEntry(
        ref=row.ref,
        title=row.title,
        subject=str(row.subject),
        severity=Severity(row.severity).word,
        status=row.get_status_display(),
        dimension=dimension_word(row.dimension),
        source=row.get_source_display(),
        is_information_gap=row.is_information_gap,
        is_observed=row.is_observed,
        raised_in=_raised_in(row, unit_id),
        question=row.question_key,
        answer=row.answer_text,
        description=row.description,
        recommendation=row.recommendation,
        opened_at=moment(row.opened_at or row.created_at),
        age_days=age_days(row, now=now),
        owner=name(row.owner),
        due_on=day(row.due_on),
        overdue_days=overdue_days(row, today=timezone.localdate(now)),
        accepted_until=accepted,
        closed_at=moment(row.closed_at),
        close_reason=row.close_reason,
        plan=next((_plan(plan) for plan in row.plans.all() if plan.is_current), None),
        fixes=tuple(_fix(claim) for claim in row.fix_claims.all()),
    )


def _plan(plan: RemediationPlan) -> PlanEntry:
    milestones = tuple(
        MilestoneEntry(row.title, day(row.due_on), moment(row.done_at), name(row.done_by))
        for row in plan.milestones.all()
    )
    return PlanEntry(plan.description, day(plan.target_on), name(plan.planned_by), milestones)


def _fix(claim: FixClaim) -> FixEntry:
    return FixEntry(
        note=claim.note,
        claimed_by=name(claim.claimed_by),
        claimed_at=moment(claim.claimed_at),
        verdict=claim.verdict,
        verdict_note=claim.verdict_note,
        verified_by=name(claim.verified_by),
        verified_at=moment(claim.verified_at),
    )


def acceptances(rows: QuerySet[RiskAcceptance], *, now: datetime) -> tuple[AcceptanceEntry, ...]:
    """Return risk acceptances by number, with whether they count at `now`."""
    loaded = rows.select_related("finding", "server", "requested_by", "decided_by", "revoked_by").order_by("number")
    return tuple(_acceptance(row, today=timezone.localdate(now)) for row in loaded)


def _acceptance(row: RiskAcceptance, *, today: date) -> AcceptanceEntry:
    about = row.finding or row.server
    return AcceptanceEntry(
        ref=row.ref,
        subject=f"{about.ref} {about.title}" if about else "",
        status=looks.word("acceptance", row.state(today=today)),
        is_in_force=row.is_in_force(today=today),
        reason=row.reason,
        compensating_control=row.compensating_control,
        residual=row.residual_at_request,
        expires_on=day(row.expires_on),
        requested_by=name(row.requested_by),
        requested_at=moment(row.requested_at),
        decided_by=name(row.decided_by),
        decided_at=moment(row.decided_at),
        decision_note=row.decision_note,
        revoked_by=name(row.revoked_by),
        revoked_at=moment(row.revoked_at),
    )


def moment(value: datetime | None) -> str:
    """Return a moment as ISO text in UTC to the second, or an empty text."""
    return value.astimezone(UTC).replace(microsecond=0).isoformat() if value else ""


def day(value: date | None) -> str:
    """Return a day as ISO text, or an empty text."""
    return value.isoformat() if value else ""


def name(person: object) -> str:
    """Return a person's name, or an empty text for nobody."""
    return str(person) if person else ""
