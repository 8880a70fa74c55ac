"""The register in numbers, for managers: counted in SQL, in few statements, and only over what a person may see.

Counted is what belongs to one unit, or to all in which somebody has a role; `vendors.belonging` says what does. Each
number says in its docstring which rows it counts, so that a door can lead to the list of exactly these rows.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Avg, Case, Count, IntegerField, Min, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts import belonging
from accounts.models import Unit, User
from catalogue.models import Dimension
from decisions.models import Approval, Review, ServerRating
from findings.models import Finding, RiskAcceptance
from findings.models.finding import FindingQuerySet
from scoring import deadlines
from scoring.scales import Residual, Severity
from vendors.models import Server
from work.lists import with_findings

# The upper ends, in days, of the age groups of findings; the last group has none.
AGE_GROUPS = (30, 60, 90)
EXPIRING_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ServerFigures:
    """Servers that are neither retired nor rejected, by tier and residual risk, and those in use that lack something.

    `in_use` counts servers with a deployment in use; `unapproved` those of them without an approval in date,
    `unassessed` those of them without a final assessment that rates them, `got_worse` those that are worse than
    approved.
    """

    matrix: Mapping[tuple[int, Residual], int]
    in_use: int
    unapproved: int
    unassessed: int
    got_worse: int

    @property
    def total(self) -> int:
        """Return how many servers there are."""
        return sum(self.matrix.values())


@dataclass(frozen=True, slots=True)
class OwnerLoad:
    """What one owner (None: nobody) has overdue: how many findings, how many of them critical or high."""

    owner_id: UUID | None
    name: str
    overdue: int
    severe: int


@dataclass(frozen=True, slots=True)
class FindingFigures:
    """Findings being fixed (open, remediating or awaiting verification).

    `by_age` has a count by severity for each age group: first seen up to 30, 60, 90 days ago, and before.
    """

    by_severity: Mapping[Severity, int]
    by_age: Sequence[Mapping[Severity, int]]
    overdue: int
    owners: Sequence[OwnerLoad]

    @property
    def total(self) -> int:
        """Return how many findings are being fixed."""
        return sum(self.by_severity.values())


@dataclass(frozen=True, slots=True)
class DimensionFigures:
    """One dimension over all rated servers: their mean score (None: no server is rated), and the weakest server."""

    key: str
    name: str
    mean: Fraction | None
    rated: int
    weakest: Server | None
    lowest: Decimal | None


@dataclass(frozen=True, slots=True)
class Occasions:
    """What a date makes urgent, and the findings opened and closed in each of the last months, oldest first."""

    reviews_overdue: int
    acceptances_expiring: int
    months: Sequence[date]
    opened: Sequence[int]
    closed: Sequence[int]


def seen_servers(user: Any, *, unit: Unit | None) -> QuerySet[Server]:
    """Return the servers that the person sees, of the unit if one is given."""
    rows = Server.objects.visible_to(user).order_by()
    return rows.filter(unit=unit) if unit else rows


def servers_counted(user: Any, *, unit: Unit | None) -> QuerySet[Server]:
    """Return the servers that the dashboard counts: visible, of the unit if one is given, not retired or rejected."""
    return seen_servers(user, unit=unit).exclude(status__in=Server.OUT_OF_USE)


def servers(user: Any, *, unit: Unit | None, today: date) -> ServerFigures:
    """Return the servers in numbers; one statement."""
    approved = Approval.objects.in_force(today=today).values("server")
    rows = (
        servers_counted(user, unit=unit)
        .order_by()
        .values_list("inherent_tier", Coalesce("rating__residual", Value(Residual.NOT_ASSESSED.value)), "is_in_use")
        .annotate(
            n=Count("pk"),
            approved=Count("pk", filter=Q(pk__in=approved)),
            worse=Count("pk", filter=Q(rating__worse_since__isnull=False)),
        )
    )
    matrix: Counter[tuple[int, Residual]] = Counter()
    in_use = unapproved = unassessed = got_worse = 0
    for tier, residual, used, count, with_approval, worse in rows:
        matrix[tier, Residual(residual)] += count
        if used:
            in_use += count
            unapproved += count - with_approval
            unassessed += count if residual == Residual.NOT_ASSESSED else 0
        got_worse += worse
    return ServerFigures(matrix, in_use, unapproved, unassessed, got_worse)


def most_at_risk(user: Any, *, unit: Unit | None, limit: int = 8) -> list[Server]:
    """Return the rated servers with the worst residual risk, then tier, then score; each with `rating` loaded,
    and what `with_findings` says of it.

    Servers that are not assessed have no place in this order; `ServerFigures` counts them.
    """
    rated = servers_counted(user, unit=unit).filter(rating__residual_rank__gt=0)
    worst = with_findings(rated.select_related("rating", "unit", "owner"), user)
    return list(worst.order_by("rating__residual_rank", "inherent_tier", "rating__score_percent", "number")[:limit])


def findings_of(user: Any, *, unit: Unit | None) -> FindingQuerySet:
    """Return the findings that belong to the unit, or to those of the person."""
    seen: FindingQuerySet = Finding.objects.visible_to(user)
    return seen.of_units(belonging.units_counted(user, unit=unit))


def findings_counted(user: Any, *, unit: Unit | None) -> QuerySet[Finding]:
    """Return those of them that the dashboard counts as being fixed."""
    return findings_of(user, unit=unit).filter(status__in=Finding.BEING_FIXED)


def findings(user: Any, *, unit: Unit | None, today: date, owners: int = 6) -> FindingFigures:
    """Return the findings being fixed in numbers, with the `owners` who have most overdue; two statements."""
    rows = (
        findings_counted(user, unit=unit)
        .order_by()
        .annotate(
            late=Case(When(due_on__lt=today, then=Value(1)), default=Value(0), output_field=IntegerField()),
            age=_age_group(today),
        )
        .values_list("owner_id", "severity", "late", "age")
        .annotate(n=Count("*"))
    )
    by_severity: Counter[Severity] = Counter(dict.fromkeys(Severity, 0))
    by_age: list[Counter[Severity]] = [Counter() for _ in range(len(AGE_GROUPS) + 1)]
    late: Counter[UUID | None] = Counter()
    severe: Counter[UUID | None] = Counter()
    for owner, severity, is_late, age, count in rows:
        found = Severity(severity)
        by_severity[found] += count
        by_age[age][found] += count
        if is_late:
            late[owner] += count
            severe[owner] += count if severity <= Severity.HIGH else 0
    # Named afterwards: joining people to every finding cost as much as counting them.
    names = dict(User.objects.filter(pk__in=[pk for pk in late if pk]).values_list("pk", "name"))
    loads = [OwnerLoad(pk, names[pk] if pk else "Nobody", count, severe[pk]) for pk, count in late.items()]
    loads.sort(key=lambda load: (-load.overdue, load.name))
    return FindingFigures(by_severity, by_age, late.total(), loads[:owners])


def dimensions(user: Any, *, unit: Unit | None) -> list[DimensionFigures]:
    """Return the five dimensions over the rated servers; two statements."""
    rated = ServerRating.objects.filter(server__in=servers_counted(user, unit=unit))
    parts: dict[str, Any] = {}
    for key in Dimension.values:
        field = f"{key}_percent"
        parts |= {f"{key}_mean": Avg(field), f"{key}_low": Min(field), f"{key}_n": Count(field)}
    found = rated.aggregate(**parts)
    weakest = _weakest(rated, {key: found[f"{key}_low"] for key in Dimension.values})
    return [
        DimensionFigures(
            key=dimension.value,
            name=str(dimension.label),
            mean=None if found[f"{dimension.value}_mean"] is None else Fraction(str(found[f"{dimension.value}_mean"])),
            rated=found[f"{dimension.value}_n"],
            weakest=weakest.get(dimension.value),
            lowest=found[f"{dimension.value}_low"],
        )
        for dimension in Dimension
    ]


def occasions(user: Any, *, unit: Unit | None, today: date, months: int = 12) -> Occasions:
    """Return what is overdue or expires within 30 days, and the trend of findings; four statements.

    Opened counts findings by the day of their (last) opening, closed those that are closed now by that day, both in
    months of the organisation's zone.
    """
    scoped = findings_of(user, unit=unit)
    reviews = Review.objects.visible_to(user).overdue(today=today)
    accepted = RiskAcceptance.objects.visible_to(user).of_units(belonging.units_counted(user, unit=unit))
    expiring = accepted.in_force(today=today).filter(expires_on__lte=today + EXPIRING_WITHIN)
    starts = _months(today, months)
    return Occasions(
        reviews_overdue=(reviews.filter(unit=unit) if unit else reviews).count(),
        acceptances_expiring=expiring.count(),
        months=starts,
        opened=_by_month(scoped, "opened_at", starts),
        closed=_by_month(scoped, "closed_at", starts),
    )


def _age_group(today: date) -> Case:
    begins = [
        When(created_at__gte=_midnight(today - timedelta(days=days)), then=Value(i))
        for i, days in enumerate(AGE_GROUPS)
    ]
    return Case(*begins, default=Value(len(AGE_GROUPS)), output_field=IntegerField())


def _weakest(rated: QuerySet[ServerRating], lowest: Mapping[str, Decimal | None]) -> dict[str, Server]:
    at_the_low = Q(pk__in=[])
    for key, low in lowest.items():
        if low is not None:
            at_the_low |= Q(**{f"{key}_percent": low})
    found: dict[str, Server] = {}
    percents = [f"{key}_percent" for key in lowest]
    rows = rated.filter(at_the_low).select_related("server").only("server__number", "server__title", *percents)
    for row in rows.order_by("server__number")[:50]:
        for key, low in lowest.items():
            if low is not None and getattr(row, f"{key}_percent") == low:
                found.setdefault(key, row.server)
    return found


def _by_month(rows: QuerySet[Finding], field: str, starts: Sequence[date]) -> list[int]:
    """Return how many rows have the moment in each month, the months given by their first days."""
    ends = _midnight(deadlines.add_months(starts[-1], 1))
    # Compared with the bounds rather than truncated: PostgreSQL takes four times as long to find the month of a moment.
    begins = [When(**{f"{field}__gte": _midnight(starts[i])}, then=Value(i)) for i in reversed(range(len(starts)))]
    within = rows.filter(**{f"{field}__gte": _midnight(starts[0]), f"{field}__lt": ends}).order_by()
    month = Case(*begins, output_field=IntegerField())
    counts = dict(within.annotate(month=month).values_list("month").annotate(n=Count("*")))
    return [counts.get(i, 0) for i in range(len(starts))]


def _months(today: date, count: int) -> list[date]:
    first = today.replace(day=1)
    return [deadlines.add_months(first, -back) for back in range(count - 1, -1, -1)]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())
