"""Counts rows into sums by unit, in SQL: one statement for each kind of row, however many units there are."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.utils import timezone

from catalogue.models import Dimension
from composition import hits
from decisions.models import Approval, Review, ServerRating
from findings.models import Finding, RiskAcceptance
from findings.models.finding import FindingQuerySet
from findings.models.remediation import RiskAcceptanceQuerySet
from scoring import deadlines
from vendors.models import Server
from work.sums import LevelsCell, Lowest, Sums
from work.supply_chain.lists import counting_of

# The upper ends, in days, of the age groups of findings; the last group has none.
AGE_GROUPS = (30, 60, 90)
EXPIRING_WITHIN = timedelta(days=30)
MONTHS = 12
DUE_SOON = timedelta(days=14)
FOUND_WITHIN = timedelta(days=7)
MENDED_WITHIN = timedelta(days=90)
# SQLite refuses a condition of a thousand parts side by side.
UNITS_AT_ONCE = 200
_CENT = Decimal("0.01")


class ByUnit(defaultdict[UUID | None, Sums]):
    """Sums by the unit of the rows, None for those of no unit."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__(Sums)


def of_units(units: Collection[UUID], *, today: date) -> dict[UUID, Sums]:
    """Return the sums over what is of each unit by itself; not what is about vendors, which several can share."""
    found, of = ByUnit(), {"unit__in": units}
    servers(Server.objects.filter(**of).exclude(status__in=Server.OUT_OF_USE), found, today=today)
    levels(Server.objects.filter(**of), found)
    scores(ServerRating.objects.filter(server__unit__in=units).exclude(server__status__in=Server.OUT_OF_USE), found)
    findings(Finding.objects.filter(**of), found, today=today)
    vulnerabilities(Finding.objects.filter(**of), found, today=today)
    reviews(Review.objects.filter(**of), found, today=today)
    acceptances(RiskAcceptance.objects.filter(**of), found, today=today)
    return {unit: found[unit] for unit in units}


def about_vendors(units: Collection[UUID] | None, *, today: date) -> Sums:
    """Return the sums over what is about vendors and belongs to the units; None: all of it."""
    found, of_none = ByUnit(), {"unit__isnull": True}
    findings(Finding.objects.of_units(units).filter(**of_none), found, today=today)
    acceptances(RiskAcceptance.objects.of_units(units).filter(**of_none), found, today=today)
    return found[None]


def servers(rows: QuerySet[Server], found: ByUnit, *, today: date) -> None:
    """Count servers by tier, residual risk and use; one statement."""
    approved = Approval.objects.in_force(today=today).values("server")
    counted = (
        # A server is rated from its registration on; their list says the same.
        rows.filter(rating__isnull=False)
        .order_by()
        .values_list("unit_id", "inherent_tier", "rating__residual", "is_in_use")
        .annotate(
            n=Count("pk"),
            approved=Count("pk", filter=Q(pk__in=approved)),
            worse=Count("pk", filter=Q(rating__worse_since__isnull=False)),
        )
    )
    for unit, tier, residual, used, *counts in counted:
        found[unit].add_servers((tier, residual, used), (counts[0], counts[1], counts[2]))


def levels(rows: QuerySet[Server], found: ByUnit) -> None:
    """Count those that count by how they stand on the levels of the supply chain; one statement."""
    stand = counting_of(rows).order_by().annotate(
        has_exploited=Case(When(levels__exploited__gt=0, then=Value(1)), default=Value(0)),
        has_malicious=Case(When(levels__malicious__gt=0, then=Value(1)), default=Value(0)),
    )  # fmt: skip
    columns = ("levels__package", "levels__ecosystem", "levels__inspection", "has_exploited", "has_malicious")
    for unit, package, ecosystem, inspection, exploited, malicious, count in stand.values_list(
        "unit_id", *columns
    ).annotate(n=Count("pk")):
        cell = LevelsCell(package, ecosystem, inspection, bool(exploited), bool(malicious))
        found[unit].levels[cell] += count


def scores(rows: QuerySet[ServerRating], found: ByUnit) -> None:
    """Sum up the scores of each dimension, and find who has the lowest.

    Two statements, one where nobody has any score, and one more for each further UNITS_AT_ONCE units.
    """
    parts: dict[str, Any] = {}
    for key in Dimension.values:
        field = f"{key}_percent"
        parts |= {f"{key}_sum": Sum(field), f"{key}_low": Min(field), f"{key}_n": Count(field)}
    at_the_low: list[Q] = []
    summed: Iterable[Any] = rows.order_by().values("server__unit_id").annotate(**parts)
    for row in summed:
        unit, known = row["server__unit_id"], [key for key in Dimension.values if row[f"{key}_n"]]
        for key in known:
            found[unit].scores[key] = row[f"{key}_sum"].quantize(_CENT), row[f"{key}_n"]
        if known:
            lows = [(f"{key}_percent", row[f"{key}_low"]) for key in known]
            at_the_low.append(Q(*lows, _connector=Q.OR) & Q(server__unit_id=unit))
    for start in range(0, len(at_the_low), UNITS_AT_ONCE):
        some = at_the_low[start : start + UNITS_AT_ONCE]
        _see_lowest(rows.filter(Q(*some, _connector=Q.OR)), found)


def _see_lowest(rows: QuerySet[ServerRating], found: ByUnit) -> None:
    fields = [f"{key}_percent" for key in Dimension.values]
    for unit, server, number, *percents in rows.order_by().values_list(
        "server__unit_id", "server_id", "server__number", *fields
    ):
        for key, percent in zip(Dimension.values, percents, strict=True):
            if percent is not None:
                found[unit].see(key, Lowest(percent, number, server))


def findings(rows: FindingQuerySet, found: ByUnit, *, today: date) -> None:
    """Count those being fixed, and all by the months of opening and closing; three statements."""
    late = Case(When(Finding.overdue_on(today), then=Value(1)), default=Value(0), output_field=IntegerField())
    fixed = rows.being_fixed().order_by().annotate(late=late, age=_age_group(today))
    columns = ("unit_id", "owner_id", "severity", "late", "age")
    for unit, owner, severity, is_late, age, count in fixed.values_list(*columns).annotate(n=Count("*")):
        found[unit].findings[owner, severity, bool(is_late), age] += count
    starts = months(today)
    for unit, month, count in _by_month(rows, "opened_at", starts):
        found[unit].opened[month] += count
    for unit, month, count in _by_month(rows, "closed_at", starts):
        found[unit].closed[month] += count


def vulnerabilities(rows: FindingQuerySet, found: ByUnit, *, today: date) -> None:
    """Count those in packages: being fixed, found within a week, and closed within 90 days; one statement."""
    fixed = Q(status__in=Finding.BEING_FIXED)
    lately = Q(created_at__gte=midnight(today - FOUND_WITHIN))
    mended = Q(status=Finding.Status.CLOSED, closed_at__gte=midnight(today - MENDED_WITHIN), opened_at__isnull=False)
    took = ExpressionWrapper(F("closed_at") - F("opened_at"), output_field=DurationField())
    told = (
        hits.findings_of(rows)
        .filter(fixed | lately | mended)
        .order_by()
        .annotate(due=_due(today), age=_age_group(today))
    )
    counts = {"n": fixed, "new": lately, "done": mended}
    counted = told.values_list("unit_id", "severity", "due", "age").annotate(
        **{name: Count("pk", filter=which) for name, which in counts.items()}, total=Sum(took, filter=mended)
    )
    for unit, severity, due, age, count, new, done, total in counted:
        of = found[unit]
        of.found_lately += new
        if count:
            of.vulnerabilities[severity, due, age] += count
        if done:
            of.add_mended(severity, done, int(total.total_seconds()))


def reviews(rows: "QuerySet[Review]", found: ByUnit, *, today: date) -> None:
    """Count those overdue; one statement."""
    overdue = rows.filter(Review.overdue_on(today))
    for unit, count in overdue.order_by().values_list("unit_id").annotate(n=Count("*")):
        found[unit].reviews_overdue += count


def acceptances(rows: RiskAcceptanceQuerySet, found: ByUnit, *, today: date) -> None:
    """Count those in force that end within 30 days; one statement."""
    expiring = rows.in_force(today=today).filter(expires_on__lte=today + EXPIRING_WITHIN)
    for unit, count in expiring.order_by().values_list("unit_id").annotate(n=Count("*")):
        found[unit].acceptances_expiring += count


def months(today: date) -> list[date]:
    """Return the first days of the months that are counted, the oldest first."""
    first = today.replace(day=1)
    return [deadlines.add_months(first, -back) for back in range(MONTHS - 1, -1, -1)]


def _due(today: date) -> Case:
    soon = When(due_on__lte=today + DUE_SOON, then=Value("due_soon"))
    return Case(When(Finding.overdue_on(today), then=Value("overdue")), soon, default=Value("in_time"))


def _age_group(today: date) -> Case:
    begins = [
        When(created_at__gte=midnight(today - timedelta(days=days)), then=Value(i)) for i, days in enumerate(AGE_GROUPS)
    ]
    return Case(*begins, default=Value(len(AGE_GROUPS)), output_field=IntegerField())


def _by_month(rows: QuerySet[Finding], field: str, starts: Sequence[date]) -> QuerySet[Finding, Any]:
    """Return unit, place of the month and count of the rows that have the moment in a month."""
    ends = midnight(deadlines.add_months(starts[-1], 1))
    # Compared with the bounds rather than truncated: PostgreSQL takes four times as long to find the month of a moment.
    begins = [When(**{f"{field}__gte": midnight(starts[i])}, then=Value(i)) for i in reversed(range(len(starts)))]
    within = rows.filter(**{f"{field}__gte": midnight(starts[0]), f"{field}__lt": ends}).order_by()
    month = Case(*begins, output_field=IntegerField())
    return within.annotate(month=month).values_list("unit_id", "month").annotate(n=Count("*"))


def midnight(day: date) -> datetime:
    """Return the moment with which a day begins."""
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())
