"""One deployment beside one tier, control by control: what holds, on whose word, who has it in hand, and by when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q

from catalogue.models import Control
from controls.in_place import reading
from controls.in_place.effective import PLANNED, SPECIFICITY, Effective
from controls.in_place.reading import Statuses
from controls.models import ControlStatus, Place, TierMilestone, TierPlan
from controls.tiers import measuring, missing
from controls.tiers.measuring import Yardstick
from controls.tiers.tables import Demand, Tier
from vendors.models import Deployment


@dataclass(frozen=True, slots=True)
class Line:
    """A control that the tier asks for, and how it stands at the deployment.

    `status` is what a person states of it for the nearest place (of several services, the one that counts), `milestone`
    that of a plan under way. `effort` are the days of work that the nearest status with any says, which may be a more
    general one; else those of the table. What a service lacks is done once, at the service: its days are not these.
    """

    control: Control
    demand: Demand
    holds: Effective
    effort: int
    is_effort_stated: bool
    status: ControlStatus | None
    milestone: TierMilestone | None

    @property
    def is_met(self) -> bool:
        """Return whether it counts."""
        return self.holds.counts

    @property
    def words(self) -> str:
        """Return how it stands where it does not count, in words, with why."""
        lapsed = ", since what was stated ran out" if self.holds.lapsed else ""
        return f"{missing.words_of(self.holds)}{lapsed}"

    @property
    def due_on(self) -> date | None:
        """Return by when it is to be in place: by the plan, else as its status says."""
        if self.milestone:
            return self.milestone.due_on
        return self.status.due_on if self.status and self.status.state == PLANNED else None

    @property
    def owner(self) -> str:
        """Return who has it in hand: the owner of the status, or of the plan; empty: nobody."""
        if self.status and self.status.owner:
            return self.status.owner.name
        return self.milestone.plan.owner.name if self.milestone and self.milestone.plan.owner else ""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of MI-20 with those of its controls that the tier asks for."""

    key: str
    title: str
    lines: Sequence[Line]

    @property
    def missing(self) -> list[Line]:
        """Return those that do not count."""
        return [line for line in self.lines if not line.is_met]

    @property
    def met(self) -> list[Line]:
        """Return those that count."""
        return [line for line in self.lines if line.is_met]


def sections(row: Deployment, *, tier: int, today: date) -> list[Section]:
    """Return the controls that a tier of the deployment's revision asks for, by section. Six statements."""
    ruler = measuring.yardstick()
    held = ruler.of(row).tiers[tier]
    known = reading.load(Deployment.objects.filter(pk=row.pk), today=today)
    lines = list(_lines(row, held, ruler, known))
    found = (
        Section(key, title, [line for line in lines if line.demand.section == key])
        for key, title in ruler.table.sections.items()
    )
    return [section for section in found if section.lines]


def plan_of(row: Deployment) -> TierPlan | None:
    """Return the plan that is under way for a deployment: its own, or else that of its server."""
    under_way = TierPlan.objects.under_way().filter(Q(deployment=row) | Q(deployment=None, server=row.server_id))
    own_first = F("deployment_id").asc(nulls_last=True)
    return under_way.select_related("owner", "server", "deployment").order_by(own_first).first()


def _lines(row: Deployment, held: Tier, ruler: Yardstick, known: Statuses) -> Iterator[Line]:
    statuses, milestones = _stated(row), _milestones(row)
    stated = {one.ref: one for one in statuses}
    here = [one for one in statuses if one.place != Place.SERVICE]
    efforts = {one.control_id: one.effort_days for one in here if one.effort_days is not None}
    controls = ruler.controls()
    for demand in held.demands:
        control = controls.get(demand.ref)
        if control is None:
            continue
        holds = known.effective(row.server_id, control.pk, deployment=row.pk)
        by_person = holds.lapsed or holds.basis
        yield Line(
            control=control,
            demand=demand,
            holds=holds,
            effort=efforts.get(control.pk, ruler.effort[control.pk]),
            is_effort_stated=control.pk in efforts,
            status=stated.get(by_person.origin) if by_person else None,
            milestone=milestones.get(demand.ref),
        )


def _stated(row: Deployment) -> list[ControlStatus]:
    """Return what persons state for the deployment or more generally, the most specific last."""
    places = Q(place=Place.ORGANISATION) | Q(place=Place.SERVER, server=row.server_id) | Q(deployment=row)
    places |= Q(place=Place.SERVICE, service__in=row.behind.values("service"))
    rows = ControlStatus.objects.stated().filter(places).select_related("owner")
    return sorted(rows, key=lambda one: SPECIFICITY[one.place])


def _milestones(row: Deployment) -> dict[str, TierMilestone]:
    """Return the milestones of plans under way, by the reference of the control; its own plan before others."""
    plan = Q(plan__deployment=row) | Q(plan__deployment=None, plan__server=row.server_id)
    rows = TierMilestone.objects.filter(plan, plan__status=TierPlan.Status.UNDER_WAY)
    ordered = sorted(rows.select_related("plan__owner", "control"), key=lambda one: one.plan.deployment_id is not None)
    return {one.control.ref: one for one in ordered}
