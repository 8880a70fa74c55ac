"""What is missing for each governance tier, of thousands of deployments at once: a few statements, then sets.

What is missing for a tier are the controls that it asks for and that do not count as fulfilled there (see
`controls.in_place.reading`): missing, partly, planned, not known, or stated and contradicted. What does not apply
counts, since somebody gave the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from catalogue.models import Control
from controls.in_place import summing
from controls.in_place.reading import Sets
from controls.in_place.summing import Summed
from controls.tiers import proposing, tables
from controls.tiers.proposing import Proposal
from controls.tiers.tables import Revision, Table
from vendors.models import Deployment, Server

COLUMNS = (
    "pk", "server_id", "server__unit_id", "inherent_tier", "tier_at_best", "autonomy", "data_reached",
    "governance_tier", "governance_revision",
)  # fmt: skip
# The same of one that is loaded.
_ATTRIBUTES = tuple(name.replace("__", ".") for name in COLUMNS)


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


Shortfalls = tuple[Shortfall, Shortfall, Shortfall]


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
    shortfalls: Shortfalls

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
    effort: dict[int, int]

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
    rows = Control.objects.filter(framework__key=table.framework).by_revision()
    keys = {ref: key for ref, key in rows.values_list("ref", "pk") if ref in table.effort}
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
    """Return what is missing for each tier of each of these deployments: five statements, whatever their number, one
    less for whoever has the yardstick already.
    """
    ruler = ruler or yardstick()
    measured = _Measuring(ruler, summing.load(deployments, today=today, controls=ruler.effort))
    return [measured(*row) for row in deployments.order_by("number").values_list(*COLUMNS)]


def by_deployment(rows: Sequence[Deployment], *, today: date) -> dict[UUID, Measured]:
    """Return the same of deployments that are loaded with their servers, by their keys. Four statements."""
    ruler, columns = yardstick(), attrgetter(*_ATTRIBUTES)
    # By their servers, whose few other deployments are read too: asked for both, each key is said in each statement
    # twice, which takes a page of them longer than the statements do.
    servers = Server.objects.filter(pk__in={row.server_id for row in rows})
    measured = _Measuring(ruler, summing.load_servers(servers, today=today, controls=ruler.effort))
    return {row.pk: measured(*columns(row)) for row in rows}


class _Measuring:
    """Measures deployments; what is missing is worked out once for all of one revision of which the same is said."""

    def __init__(self, ruler: Yardstick, sums: Sets[Summed]) -> None:
        self._ruler, self._sums = ruler, sums
        self._known: dict[tuple[str, tuple[Any, ...]], tuple[str, Shortfalls]] = {}

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
        case = (revision, self._sums.alike(server, deployment=key))
        if case not in self._known:
            held = revision_of(self._ruler.table, revision).key
            self._known[case] = held, self._shortfalls(held, server, key)
        held, shortfalls = self._known[case]
        proposal = _propose(self._ruler.table, inherent, at_best, autonomy, data_reached)
        return Measured(key, server, unit, tier, held, proposal, shortfalls)

    def _shortfalls(self, revision: str, server: UUID, deployment: UUID) -> Shortfalls:
        counted = self._sums.counted(server, deployment=deployment)
        # Where a status says so for the place or more generally; else as the table has it.
        effort = self._sums.effort(server, deployment=deployment)
        days = self._ruler.effort | effort if effort else self._ruler.effort
        needs = [self._ruler.needs[revision, number] for number in tables.TIERS]
        first, second, third = (
            Shortfall(number, len(refs), refs - counted, days) for number, refs in zip(tables.TIERS, needs, strict=True)
        )
        return first, second, third


_proposals: dict[tuple[int, int, str, str], Proposal] = {}


def _propose(table: Table, inherent: int, at_best: int, autonomy: str, data_reached: str) -> Proposal:
    # 4 × 4 × 5 × 5 cases at most.
    case = (inherent, at_best, autonomy, data_reached)
    if case not in _proposals:
        _proposals[case] = proposing.propose(
            inherent, autonomy=autonomy, data_reached=data_reached, table=table, tier_at_best=at_best
        )
    return _proposals[case]
