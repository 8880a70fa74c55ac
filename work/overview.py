"""The register in numbers, for managers: counted in SQL, in few statements, and only over what a person may see.

Counted is what belongs to one unit, or to all in which somebody has a role; `vendors.belonging` says what does. Each
number says in its docstring which rows it counts, so that a door can lead to the list of exactly these rows.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Unit, User
from accounts.units import belonging
from catalogue.models import Dimension
from findings.models import Finding
from findings.models.finding import FindingQuerySet
from scoring.scales import Residual, Severity
from vendors.models import Server
from work import counting
from work.lists import with_findings
from work.sums import Sums

# So many owners are named.
OWNERS = 6


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
class VulnerabilityFigures:
    """Vulnerabilities in packages: those being fixed, found within a week, and how long mending took on the mean.

    `open` has how many by severity, where they stand against their due day (in_time, due_soon: within 14 days,
    overdue), and age group; `days` the mean from opening to closing by severity, of those closed within 90 days, and of
    how many that is told.
    """

    open: Mapping[tuple[Severity, str, int], int]
    found_lately: int
    days: Mapping[Severity, tuple[Fraction, int]]

    def count(self, *, severity: Severity | None = None, due: str = "") -> int:
        """Return how many are being fixed, of one severity and standing where these are given."""
        return sum(
            count for (one, stands, _age), count in self.open.items() if severity in (None, one) and due in ("", stands)
        )


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


def servers_counted(user: Any, *, unit: Unit | None) -> QuerySet[Server]:
    """Return the servers that the dashboard counts: visible, of the unit if one is given, not retired or rejected."""
    rows = Server.objects.visible_to(user).exclude(status__in=Server.OUT_OF_USE).order_by()
    return rows.filter(unit=unit) if unit else rows


def server_figures(counted: Sums) -> ServerFigures:
    """Return the servers in numbers."""
    matrix: Counter[tuple[int, Residual]] = Counter()
    in_use = unapproved = unassessed = got_worse = 0
    for (tier, residual, used), (count, approved, worse) in counted.servers.items():
        matrix[tier, Residual(residual)] += count
        if used:
            in_use += count
            unapproved += count - approved
            unassessed += count if residual == Residual.NOT_ASSESSED else 0
        got_worse += worse
    return ServerFigures(matrix, in_use, unapproved, unassessed, got_worse)


def vulnerability_figures(counted: Sums) -> VulnerabilityFigures:
    """Return the vulnerabilities in packages in numbers."""
    day = 24 * 60 * 60
    return VulnerabilityFigures(
        open={(Severity(severity), due, age): n for (severity, due, age), n in sorted(counted.vulnerabilities.items())},
        found_lately=counted.found_lately,
        days={
            Severity(severity): (Fraction(seconds, count * day), count)
            for severity, (count, seconds) in sorted(counted.mended.items())
        },
    )


def most_at_risk(user: Any, *, unit: Unit | None, limit: int = 8) -> list[Server]:
    """Return the rated servers with the worst residual risk, then score, as their list has them; each with `rating`
    loaded, and what `with_findings` says of it.

    Servers that are not assessed have no place in this order; `ServerFigures` counts them.
    """
    order = ("rating__residual_rank", "rating__score_percent", "rating__server")
    rated = servers_counted(user, unit=unit).filter(rating__residual_rank__gt=0).order_by(*order)
    # By keys first: an index has them in this order, and whole tables would be joined otherwise.
    shown = Server.objects.filter(pk__in=list(rated.values_list("pk", flat=True)[:limit]))
    near = shown.select_related("rating", "unit", "owner").prefetch_related("tags")
    return list(with_findings(near, user).order_by(*order))


def findings_of(user: Any, *, unit: Unit | None) -> FindingQuerySet:
    """Return the findings that belong to the unit, or to those of the person."""
    seen: FindingQuerySet = Finding.objects.visible_to(user)
    return seen.of_units(belonging.units_counted(user, unit=unit))


def finding_figures(counted: Sums) -> FindingFigures:
    """Return the findings being fixed in numbers, with the OWNERS who have most overdue; one statement, for names."""
    by_severity: Counter[Severity] = Counter(dict.fromkeys(Severity, 0))
    by_age: list[Counter[Severity]] = [Counter() for _ in range(len(counting.AGE_GROUPS) + 1)]
    late: Counter[UUID | None] = Counter()
    severe: Counter[UUID | None] = Counter()
    for (owner, severity, is_late, age), count in counted.findings.items():
        found = Severity(severity)
        by_severity[found] += count
        by_age[age][found] += count
        if is_late:
            late[owner] += count
            severe[owner] += count if Severity(severity).is_severe else 0
    # Named afterwards: joining people to every finding cost as much as counting them.
    names = dict(User.objects.filter(pk__in=[pk for pk in late if pk]).values_list("pk", "name"))
    loads = [OwnerLoad(pk, names[pk] if pk else "Nobody", count, severe[pk]) for pk, count in late.items()]
    loads.sort(key=lambda load: (-load.overdue, load.name))
    return FindingFigures(by_severity, by_age, late.total(), loads[:OWNERS])


def dimension_figures(counted: Sums) -> list[DimensionFigures]:
    """Return the five dimensions over the rated servers; one statement, for the weakest of them."""
    weakest = Server.objects.only("number", "title").in_bulk([one.server for one in counted.lowest.values()])
    found = []
    for dimension in Dimension:
        total, rated = counted.scores.get(dimension.value, (Decimal(0), 0))
        lowest = counted.lowest.get(dimension.value)
        found.append(
            DimensionFigures(
                key=dimension.value,
                name=str(dimension.label),
                mean=Fraction(total) / rated if rated else None,
                rated=rated,
                weakest=weakest.get(lowest.server) if lowest else None,
                lowest=lowest.percent if lowest else None,
            )
        )
    return found


def occasion_figures(counted: Sums, *, today: date) -> Occasions:
    """Return what is overdue or expires within 30 days, and the trend of findings.

    Opened counts findings by the day of their (last) opening, closed those that are closed now by that day, both in
    months of the organisation's zone.
    """
    months = counting.months(today)
    return Occasions(
        reviews_overdue=counted.reviews_overdue,
        acceptances_expiring=counted.acceptances_expiring,
        months=months,
        opened=[counted.opened[place] for place in range(len(months))],
        closed=[counted.closed[place] for place in range(len(months))],
    )
