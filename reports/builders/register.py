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
from audit.context import SYSTEM
from audit.models import Event
from decisions.models import Approval
from findings.models import Finding, RiskAcceptance
from reports.builders import entries, exposure, history, listed, until, watched
from reports.builders.entries import AcceptanceEntry, Count, Head
from reports.builders.exposure import ExposureRow, TierRules
from reports.builders.history import History
from reports.builders.listed import Row, ServerRow
from reports.builders.until import UntilEntry
from reports.builders.watched import Watched
from reports.models import Report
from scoring.scales import Severity
from vendors import belonging
from vendors.models import Server
from work import overview, tiles, trail

FORMAT = "mcp-risk-register/register-report/1"
PERIOD = timedelta(days=90)
EVENTS = 200
OF_NO_UNIT = "None (about a vendor)"


@dataclass(frozen=True, slots=True)
class UnitCount:
    """The findings that belong to one unit; one about a vendor counts in each unit that it belongs to."""

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
    """Everything that the report prints; `not_listed` counts what was settled before the period.

    `figures` are those of the dashboard, `counted` says in words what belongs to a unit.
    """

    format: str
    head: Head
    since: str
    units: tuple[str, ...]
    counted: str
    figures: tuple[Count, ...]
    servers: int
    servers_assessed: int
    approvals_expired: int
    server_rows: tuple[ServerRow, ...]
    tier_rules: TierRules
    exposure_rows: tuple[ExposureRow, ...]
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
    until: tuple[UntilEntry, ...]
    owners: tuple[OwnerLoad, ...]
    changes: tuple[Count, ...]
    history: History
    watched: Watched


def build(report: Report, *, now: datetime) -> RegisterReport:
    """Return what the register of `report.unit` (none: of all units) prints at `now`."""
    since, today, unit = _since(report, now=now), timezone.localdate(now), report.unit
    everything = overview.findings_of(SYSTEM, unit=unit)
    shown = everything.filter(~Q(status__in=Finding.SETTLED) | Q(closed_at__gte=since) | Q(dismissed_at__gte=since))
    findings = listed.findings(shown, now=now)
    servers = _servers(unit)
    total = everything.count()
    return RegisterReport(
        format=FORMAT,
        head=entries.head_of(report, now=now, is_example=_only_examples(servers)),
        since=entries.moment(since),
        units=(unit.name,) if unit else tuple(Unit.objects.order_by("name").values_list("name", flat=True)),
        counted=belonging.WORDS,
        figures=_figures(unit, today=today),
        servers=servers.count(),
        servers_assessed=servers.filter(assessments__status=Assessment.Status.FINAL).distinct().count(),
        approvals_expired=servers.filter(_expired(today)).count(),
        server_rows=listed.servers(servers, today=today),
        tier_rules=exposure.table(),
        exposure_rows=_exposure(servers),
        matrix=_matrix(servers),
        total=total,
        listed=len(findings),
        not_listed=total - len(findings),
        examples=everything.filter(is_demo=True).count(),
        by_status=_by_status(everything),
        by_severity=_by_severity(everything),
        by_unit=_by_unit(unit, today=today),
        findings=findings,
        acceptances=entries.acceptances(_acceptances(unit), now=now),
        until=until.counting(unit, today=today),
        owners=_owners(findings),
        changes=_changes(_events(unit, since=since)),
        history=history.of(
            _events(unit, since=since).filter(verb__startswith="finding."),
            about="findings, in the period",
            newest=EVENTS,
        ),
        watched=watched.watched(unit, now=now, today=today),
    )


def _since(report: Report, *, now: datetime) -> datetime:
    """Return when the period begins: with a day in the organisation's zone, or so many days ago."""
    if report.since is None:
        return now - PERIOD
    return timezone.make_aware(datetime.combine(report.since, time.min))


def _figures(unit: Unit | None, *, today: date) -> tuple[Count, ...]:
    """Return the figures with which the dashboard begins, for the unit or for everything."""
    counted = tiles.figures(SYSTEM, unit=unit, today=today)
    return tuple(Count(one.label, one.value) for one in tiles.tiles(counted, SYSTEM, unit=unit, today=today))


def _servers(unit: Unit | None) -> QuerySet[Server]:
    rows = Server.objects.exclude(status__in=Server.OUT_OF_USE)
    return rows.filter(unit=unit) if unit else rows


def _expired(today: date) -> Q:
    """Return the condition that a server is approved by an approval that has run out."""
    ended = Approval.objects.filter(Approval.in_states([Approval.EXPIRED], today=today), server=OuterRef("pk"))
    return Q(Exists(ended), status=Server.Status.APPROVED)


def _only_examples(servers: QuerySet[Server]) -> bool:
    return servers.exists() and not servers.filter(is_demo=False).exists()


def _exposure(servers: QuerySet[Server]) -> tuple[ExposureRow, ...]:
    loaded = servers.prefetch_related("deployments").order_by("inherent_tier", "number")
    return tuple(row for server in loaded for row in exposure.rows(server))


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


def _by_unit(unit: Unit | None, *, today: date) -> tuple[UnitCount, ...]:
    """Return the findings of each unit; of all units those that belong to none behind them."""
    units = [unit] if unit else list(Unit.objects.order_by("name"))
    counts = [_count_of(one.name, Finding.objects.of_units([one.pk]), today=today) for one in units]
    if unit is None:
        nobodys = Finding.objects.exclude(Finding.belonging_to([one.pk for one in units]))
        counts.append(_count_of(OF_NO_UNIT, nobodys, today=today))
    return tuple(one for one in counts if one.total)


def _count_of(name: str, rows: QuerySet[Finding], *, today: date) -> UnitCount:
    unsettled, overdue = Q(status__in=Finding.UNSETTLED), Finding.overdue_on(today)
    counted = rows.order_by().aggregate(
        total=CountOf("pk"), unsettled=CountOf("pk", filter=unsettled), overdue=CountOf("pk", filter=overdue)
    )
    return UnitCount(name, **counted)


def _acceptances(unit: Unit | None) -> QuerySet[RiskAcceptance]:
    rows = RiskAcceptance.objects.exclude(status=RiskAcceptance.Status.REFUSED)
    return rows.filter(RiskAcceptance.belonging_to([unit.pk])) if unit else rows


def _owners(findings: Iterable[Row]) -> tuple[OwnerLoad, ...]:
    by_owner: dict[str, list[Row]] = {}
    for row in findings:
        if row.overdue_days:
            by_owner.setdefault(row.owner, []).append(row)
    loads = [
        OwnerLoad(
            owner=owner or "Nobody",
            overdue=len(rows),
            severe=sum(Severity.of(row.severity).is_severe for row in rows),
            longest_days=max(row.overdue_days for row in rows),
            findings=tuple(row.ref for row in rows[:20]),
        )
        for owner, rows in by_owner.items()
    ]
    return tuple(sorted(loads, key=lambda load: (-load.overdue, load.owner)))


def _events(unit: Unit | None, *, since: datetime) -> QuerySet[Event]:
    """Return what happened since in a unit, to vendors behind its servers, and to what is about them."""
    rows = Event.objects.filter(at__gte=since).exclude(scope=Event.Scope.ADMINISTRATION)
    return rows.filter(trail.of_units([unit.pk])) if unit else rows


# Of what the report counts the changes.
CHANGING = (
    *("finding.", "assessment.", "approval.", "condition.", "acceptance.", "tier_acceptance.", "suppression."),
    *("override.", "rating."),
)


def _changes(events: QuerySet[Event]) -> tuple[Count, ...]:
    """Return how often each thing happened to findings, to what was decided, and to ratings."""
    nouns = Q()
    for noun in CHANGING:
        nouns |= Q(verb__startswith=noun)
    counts = Counter(dict(events.filter(nouns).order_by().values_list("verb").annotate(n=CountOf("pk"))))
    return tuple(Count(verb, counts[verb]) for verb in sorted(counts))
