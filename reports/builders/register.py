"""What the report on the risk register of a unit, or of all units, prints."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count as CountOf
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Unit
from assessments.models import Assessment
from audit.models import Event
from decisions.models import Approval
from findings.models import Finding, RiskAcceptance
from reports.builders import entries, history, listed
from reports.builders.entries import AcceptanceEntry, Count, Head
from reports.builders.history import History
from reports.builders.listed import Row, ServerRow
from reports.models import Report
from scoring.scales import Severity
from vendors.models import Server, ServerSupplier

FORMAT = "mcp-risk-register/register-report/1"
PERIOD = timedelta(days=90)
EVENTS = 200
VENDOR_WIDE = "All units (about a vendor)"


@dataclass(frozen=True, slots=True)
class UnitCount:
    """The findings of one unit."""

    unit: str
    total: int
    unsettled: int
    overdue: int


@dataclass(frozen=True, slots=True)
class OwnerLoad:
    """What one owner has overdue."""

    owner: str
    overdue: int
    severe: int
    longest_days: int
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """How many servers of an inherent tier have a residual risk."""

    tier: int
    residual: str
    count: int


@dataclass(frozen=True, slots=True)
class RegisterReport:
    """Everything that the report prints; `not_listed` counts what was settled before the period."""

    format: str
    head: Head
    since: str
    units: tuple[str, ...]
    servers: int
    servers_assessed: int
    approvals_expired: int
    server_rows: tuple[ServerRow, ...]
    matrix: tuple[MatrixCell, ...]
    total: int
    listed: int
    not_listed: int
    examples: int
    by_status: tuple[Count, ...]
    by_severity: tuple[Count, ...]
    by_unit: tuple[UnitCount, ...]
    findings: tuple[Row, ...]
    acceptances: tuple[AcceptanceEntry, ...]
    owners: tuple[OwnerLoad, ...]
    changes: tuple[Count, ...]
    history: History


def build(report: Report, *, now: datetime) -> RegisterReport:
    """Return what the register of `report.unit` (none: of all units) prints at `now`."""
    since, today, unit = _since(report, now=now), timezone.localdate(now), report.unit
    everything = _findings(unit)
    shown = everything.filter(~Q(status__in=Finding.SETTLED) | Q(closed_at__gte=since) | Q(dismissed_at__gte=since))
    findings = listed.findings(shown, now=now)
    servers = _servers(unit)
    total = everything.count()
    return RegisterReport(
        format=FORMAT,
        head=entries.head_of(report, now=now, is_example=_only_examples(servers)),
        since=entries.moment(since),
        units=(unit.name,) if unit else tuple(Unit.objects.order_by("name").values_list("name", flat=True)),
        servers=servers.count(),
        servers_assessed=servers.filter(assessments__status=Assessment.Status.FINAL).distinct().count(),
        approvals_expired=servers.filter(_expired(today)).count(),
        server_rows=listed.servers(servers, today=today),
        matrix=_matrix(servers),
        total=total,
        listed=len(findings),
        not_listed=total - len(findings),
        examples=everything.filter(is_demo=True).count(),
        by_status=_by_status(everything),
        by_severity=_by_severity(everything),
        by_unit=_by_unit(everything, today=today),
        findings=findings,
        acceptances=entries.acceptances(_acceptances(unit, everything), now=now),
        owners=_owners(findings),
        changes=_changes(_events(unit, everything, since=since)),
        history=history.of(
            _events(unit, everything, since=since).filter(verb__startswith="finding."),
            about="findings, in the period",
            newest=EVENTS,
        ),
    )


def _since(report: Report, *, now: datetime) -> datetime:
    """Return when the period begins: with a day in the organisation's zone, or so many days ago."""
    if report.since is None:
        return now - PERIOD
    return timezone.make_aware(datetime.combine(report.since, time.min))


def _findings(unit: Unit | None) -> QuerySet[Finding]:
    """Return the findings of a unit, those about vendors behind its servers included; without a unit all."""
    if unit is None:
        return Finding.objects.all()
    behind = ServerSupplier.objects.filter(server__unit=unit).values("vendor")
    return Finding.objects.filter(Q(unit=unit) | Q(vendor__in=behind))


def _servers(unit: Unit | None) -> QuerySet[Server]:
    rows = Server.objects.exclude(status__in=Server.OUT_OF_USE)
    return rows.filter(unit=unit) if unit else rows


def _expired(today: date) -> Q:
    """Return the condition that a server is approved by an approval that has run out."""
    ended = Approval.objects.filter(Approval.in_states([Approval.EXPIRED], today=today), server=OuterRef("pk"))
    return Q(Exists(ended), status=Server.Status.APPROVED)


def _only_examples(servers: QuerySet[Server]) -> bool:
    return servers.exists() and not servers.filter(is_demo=False).exists()


def _matrix(servers: QuerySet[Server]) -> tuple[MatrixCell, ...]:
    rows = (
        servers.order_by()
        .values_list("inherent_tier", Coalesce("rating__residual", Value("not_assessed")))
        .annotate(n=CountOf("pk"))
    )
    return tuple(MatrixCell(tier, residual, n) for tier, residual, n in sorted(rows))


def _by_status(rows: QuerySet[Finding]) -> tuple[Count, ...]:
    counts = dict(rows.order_by().values_list("status").annotate(n=CountOf("pk")))
    return tuple(Count(status.label, counts.get(status.value, 0)) for status in Finding.Status)


def _by_severity(rows: QuerySet[Finding]) -> tuple[Count, ...]:
    counts = dict(
        rows.filter(status__in=Finding.UNSETTLED).order_by().values_list("severity").annotate(n=CountOf("pk"))
    )
    return tuple(Count(severity.word, counts.get(severity.value, 0)) for severity in Severity)


def _by_unit(rows: QuerySet[Finding], *, today: date) -> tuple[UnitCount, ...]:
    open_ones, overdue = Q(status__in=Finding.UNSETTLED), Finding.overdue_on(today)
    counted = (
        rows.order_by()
        .values_list(Coalesce("unit__name", Value(VENDOR_WIDE)))
        .annotate(n=CountOf("pk"), unsettled=CountOf("pk", filter=open_ones), overdue=CountOf("pk", filter=overdue))
    )
    return tuple(UnitCount(*row) for row in sorted(counted))


def _acceptances(unit: Unit | None, findings: QuerySet[Finding]) -> QuerySet[RiskAcceptance]:
    rows = RiskAcceptance.objects.exclude(status=RiskAcceptance.Status.REFUSED)
    if unit is None:
        return rows
    return rows.filter(Q(server__unit=unit) | Q(finding__in=findings.order_by().values("pk")))


def _owners(findings: Iterable[Row]) -> tuple[OwnerLoad, ...]:
    by_owner: dict[str, list[Row]] = {}
    for row in findings:
        if row.overdue_days:
            by_owner.setdefault(row.owner, []).append(row)
    loads = [
        OwnerLoad(
            owner=owner or "Nobody",
            overdue=len(rows),
            severe=sum(row.severity in ("critical", "high") for row in rows),
            longest_days=max(row.overdue_days for row in rows),
            findings=tuple(row.ref for row in rows[:20]),
        )
        for owner, rows in by_owner.items()
    ]
    return tuple(sorted(loads, key=lambda load: (-load.overdue, load.owner)))


def _events(unit: Unit | None, findings: QuerySet[Finding], *, since: datetime) -> QuerySet[Event]:
    """Return what happened in a unit since; to what its findings about vendors are, and their acceptances, too."""
    rows = Event.objects.filter(at__gte=since).exclude(scope=Event.Scope.ADMINISTRATION)
    if unit is None:
        return rows
    about_vendors = findings.filter(vendor__isnull=False).order_by()
    accepted = RiskAcceptance.objects.filter(finding__in=about_vendors.values("pk")).order_by()
    theirs = Q(object_id__in=about_vendors.values("pk")) | Q(object_id__in=accepted.values("pk"))
    return rows.filter(Q(unit_id=unit.pk) | theirs)


def _changes(events: QuerySet[Event]) -> tuple[Count, ...]:
    """Return how often each thing happened to findings, approvals, acceptances and ratings."""
    nouns = Q()
    for noun in ("finding.", "approval.", "acceptance.", "rating.", "override.", "assessment."):
        nouns |= Q(verb__startswith=noun)
    counts = Counter(dict(events.filter(nouns).order_by().values_list("verb").annotate(n=CountOf("pk"))))
    return tuple(Count(verb, counts[verb]) for verb in sorted(counts))
