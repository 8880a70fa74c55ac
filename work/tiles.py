"""The figures that lead the dashboard, declared once: what each counts, its word, and the list of exactly these rows.

The page, the API and the report on a register read them here; `vendors.belonging` says what is counted for a unit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accounts.models import Unit
from accounts.units import belonging
from decisions.models import Review, ServerRating
from findings.models import RiskAcceptance
from scoring.deadlines import written
from work import counting, overview, sums
from work.counting import ByUnit
from work.overview import DimensionFigures, FindingFigures, Occasions, ServerFigures, VulnerabilityFigures
from work.sums import LevelsCell, Sums


@dataclass(frozen=True, slots=True)
class Figures:
    """What the tiles are read from, the five dimensions, and servers by how they stand in the supply chain."""

    servers: ServerFigures
    findings: FindingFigures
    occasions: Occasions
    dimensions: list[DimensionFigures]
    vulnerabilities: VulnerabilityFigures
    levels: Mapping[LevelsCell, int]


@dataclass(frozen=True, slots=True)
class Tile:
    """One number: its key and word, how many, and the filters by which the list of `noun` shows exactly these.

    `of` is how many there could be. `alarm` is the tone of a number above none ("": no tone); `note` says more.
    """

    key: str
    label: str
    value: int
    noun: str
    filters: Mapping[str, str]
    of: int | None = None
    alarm: str = ""
    note: str = ""

    @property
    def tone(self) -> str:
        """Return how it looks: alarming above none, at ease at none where the number should be none."""
        if self.alarm == "critical":
            return self.alarm if self.value else "positive"
        return self.alarm if self.value else ""


@dataclass(frozen=True, slots=True)
class _Declared:
    key: str
    label: str
    value: Callable[[Figures], int]
    noun: str
    filters: Mapping[str, str]
    alarm: str = ""
    of: Callable[[Figures], int | None] = field(default=lambda figures: None)
    note: Callable[[date], str] = field(default=lambda today: "")


# The servers that are counted (overview.servers_counted), in the words of their list.
COUNTED: Mapping[str, str] = {"status": "current"}
_IN_USE = {"is_in_use": "true", **COUNTED}
_TO_DO = {"status": "fixing"}

_TILES = (
    _Declared(
        "servers_in_use", "Servers in use", lambda figures: figures.servers.in_use, "server", _IN_USE,
        of=lambda figures: figures.servers.total,
    ),
    _Declared(
        "servers_unapproved", "In use without approval in date", lambda figures: figures.servers.unapproved, "server",
        {**_IN_USE, "approval": "missing"}, alarm="critical",
    ),
    _Declared(
        "servers_unassessed", "In use, not assessed", lambda figures: figures.servers.unassessed, "server",
        {**_IN_USE, "residual": "not_assessed"}, alarm="critical",
    ),
    _Declared(
        "servers_got_worse", "Approved, but got worse", lambda figures: figures.servers.got_worse, "server",
        {**COUNTED, "got_worse": "true"}, alarm="critical",
    ),
    _Declared("findings_to_do", "Findings to do", lambda figures: figures.findings.total, "finding", _TO_DO),
    _Declared(
        "findings_overdue", "Findings overdue", lambda figures: figures.findings.overdue, "finding",
        {**_TO_DO, "is_overdue": "true"}, alarm="critical",
    ),
    _Declared(
        "reviews_overdue", "Reviews overdue", lambda figures: figures.occasions.reviews_overdue, "review",
        {"state": "overdue"}, alarm="critical",
    ),
    _Declared(
        "acceptances_expiring", "Acceptances ending soon", lambda figures: figures.occasions.acceptances_expiring,
        "acceptance", {"state": "expiring"}, alarm="medium",
        note=lambda today: f"until {written(today + counting.EXPIRING_WITHIN)}",
    ),
)  # fmt: skip


def figures(user: Any, *, unit: Unit | None, today: date) -> Figures:
    """Return what somebody sees, or one unit of it, counted now from its rows (see `work.kept` for what pages show)."""
    found, servers = ByUnit(), overview.servers_counted(user, unit=unit)
    reviews, accepted = Review.objects.visible_to(user), RiskAcceptance.objects.visible_to(user)
    counting.servers(servers, found, today=today)
    counting.levels(servers, found)
    counting.scores(ServerRating.objects.filter(server__in=servers), found)
    counting.findings(overview.findings_of(user, unit=unit), found, today=today)
    counting.vulnerabilities(overview.findings_of(user, unit=unit), found, today=today)
    counting.reviews(reviews.filter(unit=unit) if unit else reviews, found, today=today)
    counting.acceptances(accepted.of_units(belonging.units_counted(user, unit=unit)), found, today=today)
    return figures_of(sums.total(found.values()), today=today)


def figures_of(counted: Sums, *, today: date) -> Figures:
    """Return the same from sums."""
    return Figures(
        servers=overview.server_figures(counted),
        findings=overview.finding_figures(counted),
        occasions=overview.occasion_figures(counted, today=today),
        dimensions=overview.dimension_figures(counted),
        vulnerabilities=overview.vulnerability_figures(counted),
        levels=counted.levels,
    )


def tiles(counted: Figures, user: Any, *, unit: Unit | None, today: date) -> list[Tile]:
    """Return the tiles of figures that were counted, each with the filters of its list."""
    of_unit = in_words(user, unit=unit)
    return [
        Tile(
            key=one.key,
            label=one.label,
            value=one.value(counted),
            noun=one.noun,
            filters={**one.filters, **of_unit},
            of=one.of(counted),
            alarm=one.alarm,
            note=one.note(today),
        )
        for one in _TILES
    ]


def in_words(user: Any, *, unit: Unit | None) -> dict[str, str]:
    """Return the filter of lists that leaves what is counted: a unit, all of theirs, or none for everything."""
    word = belonging.word_for(user, unit=unit)
    return {"unit": word} if word else {}
