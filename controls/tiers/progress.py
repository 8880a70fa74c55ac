"""How far tier plans are: what is still missing of what their tier asks for, for all plans at once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from catalogue.models import Control
from controls.in_place import summing
from controls.in_place.reading import Sets
from controls.in_place.summing import Summed
from controls.models import TierMilestone, TierPlan
from controls.tiers import measuring
from controls.tiers.measuring import Yardstick
from vendors.models import Deployment


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan: how many controls its tier asks for, the references of those missing, and of which milestone is done.

    A control counts when it is in place at every deployment of the plan. Where all of them have ended since, there is
    nothing left to be done: `needed` is 0.
    """

    plan: UUID
    needed: int
    missing: frozenset[str]
    done: frozenset[str]
    planned: frozenset[str]

    @property
    def met(self) -> int:
        """Return how many controls are in place."""
        return self.needed - len(self.missing)

    @property
    def percent(self) -> int:
        """Return the part of the controls that is in place, rounded down: 100 only when nothing is missing."""
        return 100 * self.met // self.needed if self.needed else 100

    @property
    def is_behind(self) -> bool:
        """Return whether the milestones, or the plan itself, say something else than what holds."""
        return not self.missing or self.planned - self.missing != self.done


def of_plans(plans: "QuerySet[TierPlan]", *, today: date) -> list[Standing]:
    """Return how far these plans are, in their order: seven statements, whatever their number."""
    rows = list(plans.only("pk", "server_id", "deployment_id", "revision", "to_tier"))
    deployments = _deployments(rows)
    places: dict[UUID, list[UUID]] = defaultdict(list)
    for key, server in deployments.values_list("pk", "server_id"):
        places[server].append(key)
    ruler = measuring.yardstick()
    sums = summing.load(deployments, today=today, controls=list(ruler.effort))
    milestones: dict[UUID, dict[str, bool]] = defaultdict(dict)
    found = TierMilestone.objects.filter(plan__in=rows).values_list("plan_id", "control__ref", "done_on")
    for plan, ref, done_on in found:
        milestones[plan][ref] = done_on is not None
    return [_standing(row, places[row.server_id], milestones[row.pk], ruler, sums) for row in rows]


def missing_of(rows: Sequence[Deployment], *, revision: str, tier: int, today: date) -> list[Control]:
    """Return the controls that are missing for a tier at any of the deployments, in the order of the table."""
    deployments = Deployment.objects.filter(pk__in=[row.pk for row in rows])
    ruler = measuring.yardstick()
    sums = summing.load(deployments, today=today, controls=list(ruler.effort))
    keys: set[int] = set()
    for row in rows:
        keys |= ruler.needs[revision, tier] - sums.counted(row.server_id, deployment=row.pk)
    controls = ruler.controls()
    return [controls[ref] for ref in ruler.table.effort if ref in controls and controls[ref].pk in keys]


def _deployments(plans: Sequence[TierPlan]) -> "QuerySet[Deployment]":
    whole = [plan.server_id for plan in plans if plan.deployment_id is None]
    single = [plan.deployment_id for plan in plans if plan.deployment_id is not None]
    return Deployment.objects.filter(Q(server__in=whole) | Q(pk__in=single), ended_on=None)


def _standing(
    plan: TierPlan, of_server: Sequence[UUID], milestones: dict[str, bool], ruler: Yardstick, sums: Sets[Summed]
) -> Standing:
    keys = [key for key in of_server if plan.deployment_id in (None, key)]
    needs = ruler.needs[plan.revision, plan.to_tier] if keys else frozenset()
    missing: frozenset[int] = frozenset()
    for key in keys:
        missing |= needs - sums.counted(plan.server_id, deployment=key)
    refs = frozenset(ref for ref, key in ruler.keys.items() if key in missing)
    done = frozenset(ref for ref, is_done in milestones.items() if is_done)
    return Standing(plan.pk, len(needs), refs, done, frozenset(milestones))
