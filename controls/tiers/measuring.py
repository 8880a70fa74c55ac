"""What is missing for each governance tier, of thousands of deployments at once: a few statements, then sets.

What is missing for a tier are the controls that it asks for and that do not count as fulfilled there (see
`controls.reading`): missing, partly, planned, not known, or stated and contradicted. What does not apply counts, since
somebody gave the reason.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property, partial
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from catalogue.models import Control
from controls import reading, summing
from controls.models import ControlStatus, Place
from controls.models.status import TO_DO
from controls.reading import Sets
from controls.summing import Summed
from controls.tiers import proposing, tables
from controls.tiers.proposing import Proposal
from controls.tiers.tables import Revision, Table
from vendors.models import Deployment

_COLUMNS = (
    "pk", "server_id", "server__unit_id", "inherent_tier", "tier_at_best", "autonomy", "data_reached",
    "governance_tier", "governance_revision",
)  # fmt: skip


@dataclass(frozen=True)
class Shortfall:
    """What is missing for one tier: the keys of the controls, of how many, and the days of work that each control is
    away from being in place there. It is one for all deployments of which the same is so.
    """

    tier: int
    needed: int
    missing: frozenset[int]
    days: Mapping[int, int] = field(repr=False)

    @property
    def met(self) -> int:
        """Return how many of those that it asks for are in place."""
        return self.needed - len(self.missing)

    @cached_property
    def effort(self) -> int:
        """Return the days of work for all that is missing."""
        return sum(map(self.days.__getitem__, self.missing))


class Measured(NamedTuple):
    """A deployment beside the tiers of its revision (of the latest one where none is set): shortfalls of 1, 2 and 3.

    A plain tuple: thousands are made at once.
    """

    deployment: UUID
    server: UUID
    unit: UUID
    tier: int | None
    revision: str
    proposal: Proposal
    shortfalls: tuple[Shortfall, Shortfall, Shortfall]

    @property
    def aim(self) -> int:
        """Return the tier that it is held against: the one it runs at, or, while none is set, the proposed one."""
        return self.tier or self.proposal.tier

    @property
    def at(self) -> Shortfall:
        """Return what is missing for that tier."""
        return self.shortfalls[self.aim - 1]

    @property
    def is_below(self) -> bool:
        """Return whether it runs at a lower tier than the one proposed."""
        return self.tier is not None and self.tier < self.proposal.tier


@dataclass(slots=True)
class Yardstick:
    """The tiers as keys of controls: what each asks for by revision, the control of each reference, days of work."""

    table: Table
    keys: Mapping[str, int]
    needs: Mapping[tuple[str, int], frozenset[int]]
    effort: Mapping[int, int]

    def of(self, row: Deployment) -> Revision:
        """Return the revision that a deployment is held against."""
        return revision_of(self.table, row.governance_revision)

    def controls(self) -> dict[str, Control]:
        """Return the controls themselves by their references, to be shown. One statement."""
        rows = Control.objects.filter(pk__in=self.effort).select_related("framework")
        found = {row.pk: row for row in rows}
        return {ref: found[key] for ref, key in self.keys.items()}


def yardstick() -> Yardstick:
    """Return the newest table with the controls of the register. One statement.

    Of a control that only a former revision has, what was stated then is shown as it is: orphaned.
    """
    table = tables.load()
    # The current revision last, so that its controls take the places of former ones.
    order = Control.objects.filter(framework__key=table.framework, ref__in=table.effort).order_by("-framework__status")
    keys = dict(order.values_list("ref", "pk"))
    needs = {
        (revision.key, number): frozenset(keys[ref] for ref in tier.refs if ref in keys)
        for revision in table.revisions.values()
        for number, tier in revision.tiers.items()
    }
    return Yardstick(table, keys, needs, {key: table.effort[ref] for ref, key in keys.items()})


def revision_of(table: Table, key: str) -> Revision:
    """Return the revision of this key, the latest one where none is named."""
    return table.revisions.get(key, table.latest)


def proposal_for(row: Deployment) -> Proposal:
    """Return the governance tier that is proposed for a deployment."""
    return _propose(tables.load(), row.inherent_tier, row.tier_at_best, row.autonomy, row.data_reached)


def measure(deployments: "QuerySet[Deployment]", *, today: date, ruler: Yardstick | None = None) -> list[Measured]:
    """Return what is missing for each tier of each of these deployments: six statements, whatever their number, one
    less for whoever has the yardstick already.
    """
    ruler = ruler or yardstick()
    said = summing.load(deployments, today=today, controls=list(ruler.effort))
    measured = _Measuring(ruler, said, DaysOfWork(ruler, deployments))
    return [measured(*row) for row in deployments.order_by("number").values_list(*_COLUMNS)]


def by_deployment(rows: Sequence[Deployment], *, today: date) -> dict[UUID, Measured]:
    """Return the same of deployments that are loaded, by their keys."""
    keys = [row.pk for row in rows]
    return {one.deployment: one for one in measure(Deployment.objects.filter(pk__in=keys), today=today)}


class DaysOfWork:
    """Days of work by control, where a status says so for the place or more generally; else as the table has it."""

    def __init__(self, ruler: Yardstick, deployments: "QuerySet[Deployment]") -> None:
        """Read what statuses say of all the places in one statement."""
        self._said: dict[UUID | None, list[tuple[int, int]]] = defaultdict(list)
        for control, server, deployment, days in _stated_efforts(deployments, list(ruler.effort)):
            self._said[deployment or server].append((control, days))
        self._together = cache(partial(_together, {**ruler.effort, **dict(self._said.pop(None, ()))}))

    def at(self, server: UUID, deployment: UUID) -> Mapping[int, int]:
        """Return those of all controls in a place; it is the same object where the same is said."""
        return self._together(tuple(self._said.get(server, ())), tuple(self._said.get(deployment, ())))


def _together(general: Mapping[int, int], *said: tuple[tuple[int, int], ...]) -> Mapping[int, int]:
    return {**general, **dict(chain.from_iterable(said))}


def _stated_efforts(deployments: "QuerySet[Deployment]", controls: Sequence[int]) -> "QuerySet[Any]":
    places = (
        Q(place=Place.ORGANISATION),
        Q(place=Place.SERVER, server__in=deployments.order_by().values("server")),
        Q(place=Place.DEPLOYMENT, deployment__in=deployments.order_by().values("pk")),
    )
    rows = ControlStatus.objects.filter(state__in=TO_DO, effort_days__isnull=False, control__in=controls)
    return reading.any_of(rows, places, "control_id", "server_id", "deployment_id", "effort_days")


class _Measuring:
    """Measures deployments; what is missing where the same counts, of the same revision, is worked out once."""

    def __init__(self, ruler: Yardstick, said: Sets[Summed], days: DaysOfWork) -> None:
        self._ruler, self._said, self._days = ruler, said, days
        self._revision = cache(partial(revision_of, ruler.table))
        self._known: dict[tuple[str, frozenset[int], int], tuple[Shortfall, Shortfall, Shortfall]] = {}

    def __call__(
        self,
        key: UUID,
        server: UUID,
        unit: UUID,
        inherent: int,
        at_best: int,
        autonomy: str,
        data_reached: str,
        tier: int | None,
        revision: str,
    ) -> Measured:
        held = self._revision(revision).key
        counted, days = self._said.counted(server, deployment=key), self._days.at(server, key)
        proposal = _propose(self._ruler.table, inherent, at_best, autonomy, data_reached)
        # Days that are said alike are one object, which is kept as long as this.
        case = (held, counted, id(days))
        if case not in self._known:
            first, second, third = (self._shortfall(held, number, counted, days) for number in tables.TIERS)
            self._known[case] = (first, second, third)
        return Measured(key, server, unit, tier, held, proposal, self._known[case])

    def _shortfall(self, revision: str, tier: int, counted: frozenset[int], days: Mapping[int, int]) -> Shortfall:
        needs = self._ruler.needs[revision, tier]
        return Shortfall(tier, len(needs), needs - counted, days)


_proposals: dict[tuple[int, int, str, str], Proposal] = {}


def _propose(table: Table, inherent: int, at_best: int, autonomy: str, data_reached: str) -> Proposal:
    # 4 × 4 × 5 × 5 cases at most.
    case = (inherent, at_best, autonomy, data_reached)
    if case not in _proposals:
        _proposals[case] = proposing.propose(
            inherent, autonomy=autonomy, data_reached=data_reached, table=table, tier_at_best=at_best
        )
    return _proposals[case]
