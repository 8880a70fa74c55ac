"""When somebody leaves: what they have in hand, and its way to others in the step that bars them from signing in, or
takes the role from them with which they worked on it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import models, transaction
from django.db.models import Q, QuerySet

from accounts import access, people
from accounts.access import Capability
from accounts.models import Membership, Role, Unit, User
from assessments.models import Assessment
from audit import trail
from audit.context import SYSTEM
from decisions import reviewers
from decisions.models import Review
from findings import assignment
from findings.models import Finding
from riskregister.refusals import Refused
from riskregister.transitions import change_if
from vendors.models import Deployment, Server, Vendor

WORKERS = (Role.ANALYST, Role.APPROVER)
M = TypeVar("M", bound=models.Model)


class CannotTakeOver(Refused):
    """The person cannot do all of the work that is handed over."""


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What somebody has in hand: assessments that are not decided, findings that are not settled, reviews ahead.

    And what they answer for as owner: servers, their deployments, and vendors.
    """

    person: User
    assessments: "QuerySet[Assessment]"
    findings: "QuerySet[Finding]"
    reviews: "QuerySet[Review]"
    servers: "QuerySet[Server]"
    deployments: "QuerySet[Deployment]"
    vendors: "QuerySet[Vendor]"

    @property
    def is_empty(self) -> bool:
        """Return whether no work waits for them, whatever they own."""
        return not any(rows.exists() for rows in (self.assessments, self.findings, self.reviews))

    @property
    def owns_something(self) -> bool:
        """Return whether they are the named owner of anything in use."""
        return any(rows.exists() for rows in (self.servers, self.deployments, self.vendors))

    @property
    def unit_ids(self) -> set[UUID | None]:
        """Return the units of the work; None stands for what is about a vendor."""
        rows: list[QuerySet[Any]] = [self.assessments, self.findings, self.reviews]
        return {unit for row in rows for unit in row.order_by().values_list("unit_id", flat=True).distinct()}

    @property
    def owned_in(self) -> set[UUID]:
        """Return the units of the servers and deployments that they own."""
        paths: list[tuple[QuerySet[Any], str]] = [(self.servers, "unit_id"), (self.deployments, "server__unit_id")]
        return {unit for rows, path in paths for unit in rows.order_by().values_list(path, flat=True).distinct()}


def of(person: User) -> OpenWork:
    """Return what the person has in hand."""
    drafts = Assessment.objects.filter(
        assignee=person, status__in=(Assessment.Status.DRAFT, Assessment.Status.SUBMITTED)
    )
    settled = (Finding.Status.CLOSED, Finding.Status.DISMISSED)
    owned = Finding.objects.filter(owner=person).exclude(status__in=settled)
    return OpenWork(
        person,
        drafts.select_related("server").order_by("number"),
        owned.select_related("server", "vendor").order_by("severity", "number"),
        Review.objects.waiting().filter(assignee=person).select_related("server").order_by("due_on", "number"),
        Server.objects.filter(owner=person).exclude(status=Server.Status.RETIRED).order_by("number"),
        Deployment.objects.filter(owner=person, ended_on=None).select_related("server").order_by("pk"),
        Vendor.objects.filter(relationship_owner=person).exclude(status=Vendor.Status.OFFBOARDED).order_by("number"),
    )


def left_by(membership: Membership) -> OpenWork:
    """Return what the person has in hand and, without this membership, could not work on; and what they own unseen."""
    return _beyond(of(membership.user), access.without(membership))


def _beyond(work: OpenWork, kept: access.Access) -> OpenWork:
    """Return that part of the work which somebody with this access could not do, and what they own unseen."""
    writes, reads = kept.units_for(Capability.WRITE), kept.units_for(Capability.READ)
    return OpenWork(
        work.person,
        _outside(writes, work.assessments),
        _outside(writes, work.findings),
        _outside(writes, work.reviews),
        _outside(reads, work.servers),
        _outside(reads, work.deployments, path="server__unit_id"),
        work.vendors.none() if kept.is_member else work.vendors,
    )


def _outside(units: list[UUID] | None, rows: "QuerySet[M]", *, path: str = "unit_id") -> "QuerySet[M]":
    """Return the rows of other units than these (None: of none); what is about a vendor is no unit's own."""
    if units is None:
        return rows.none()
    inside = Q(**{f"{path}__in": units})
    return rows.exclude(inside | Q(**{f"{path}__isnull": True}) if units else inside)


def who_can_take(work: OpenWork) -> "QuerySet[User]":
    """Return the people who can do all of the work, by name; nobody takes over from themselves."""
    able = access.people_with(Role.values, unit_id=None).exclude(pk=work.person.pk)
    for roles, units in ((WORKERS, work.unit_ids), (Role.values, work.owned_in)):
        for unit_id in units:
            able = able.filter(pk__in=access.people_with(roles, unit_id=unit_id).order_by().values("pk"))
    return able


@transaction.atomic
def deactivate(person: User, *, by: User, now: datetime, hand_over_to: User | None = None) -> None:
    """Bar a person from signing in and give what they have in hand to somebody else.

    Without `hand_over_to` it goes where it would have gone without them: to the owner of the server, else to the unit's
    analysts in turn; where there is none, the unit's managers are told. What the person owns goes with it only to
    somebody who is named: nobody comes to own a server by turn. Raises CannotTakeOver for somebody who cannot work in
    each of the units, and what `people.deactivate` raises.
    """
    _hold(person, hand_over_to)
    people.deactivate(person, by=by, now=now)
    _hand_over(of(person), _Giving(person, "can no longer sign in", by, now), hand_over_to)


@transaction.atomic
def take_role(membership: Membership, *, by: User, now: datetime, hand_over_to: User | None = None) -> None:
    """Remove a membership and give what the person cannot do without it to somebody else, as `deactivate` does.

    Raises CannotTakeOver, and what `people.take_role` raises.
    """
    _hold(membership.user, hand_over_to)
    work, giving = left_by(membership), _Giving(membership.user, "has no role for it any more", by, now)
    people.take_role(membership, by=by, now=now)
    _hand_over(work, giving, hand_over_to)


@transaction.atomic
def let_go(person: User, *, now: datetime) -> bool:
    """Give on, as `take_role` does, what a person holds and cannot do today; return whether there was anything."""
    _hold(person)
    held = User.objects.get(pk=person.pk)
    work = _beyond(of(held), access.of(held))
    if work.is_empty:
        return False
    why = "has no role for it any more" if held.is_active else "can no longer sign in"
    _hand_over(work, _Giving(held, why, SYSTEM, now), None)
    return True


def _hold(*involved: User | None) -> None:
    """Hold those who leave and who take over, in one order, so that nobody hands over to somebody who is leaving."""
    keys = [one.pk for one in involved if one is not None]
    list(User.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))


def _hand_over(work: OpenWork, giving: "_Giving", hand_over_to: User | None) -> None:
    if hand_over_to is not None:
        _require_able(hand_over_to, work)
        # First, since a step that holds a server and what belongs to it holds the server first.
        _give_owned(work, giving, hand_over_to)
    for assessment in work.assessments:
        to = hand_over_to or reviewers.choose(assessment.server)
        giving.give(assessment, to, concerns=assessment.server)
    for finding in work.findings:
        to = hand_over_to or assignment.choose_fixer(finding.subject, unit_id=finding.unit_id)
        giving.give(finding, to, concerns=finding.subject)
    for review in work.reviews:
        giving.give(review, hand_over_to or reviewers.choose(review.server), concerns=review.server)


def _give_owned(work: OpenWork, giving: "_Giving", to: User) -> None:
    for server in work.servers:
        giving.give(server, to, concerns=server)
    for deployment in work.deployments:
        giving.give(deployment, to, concerns=deployment.server)
    for vendor in work.vendors:
        giving.give(vendor, to, concerns=vendor)


@dataclass(slots=True)
class _Giving:
    person: User
    why: str
    by: object
    now: datetime
    told: set[object] = field(default_factory=set)

    def give(self, row: models.Model, to: User | None, *, concerns: models.Model) -> None:
        """Give something to somebody, or to nobody, unless it was given away meanwhile.

        One mail to each of them, or to the managers of each unit, is enough: further events are part of the first.
        """
        place, assigned, released = _PLACES[row._meta.label_lower]
        if not change_if(row, {place: self.person}, **{place: to}):
            return
        said: dict[str, Any] = {place: str(to.pk) if to else None}
        reached = to.pk if to else row.unit_id  # type: ignore[attr-defined]
        trail.record(
            assigned if to else released,
            row,
            by=self.by,
            at=self.now,
            reason=f"{self.person} {self.why}. What they had in hand is handed over.",
            unit_id=getattr(concerns, "unit_id", None),
            concerns=concerns,
            is_part=reached in self.told,
            **said,
        )
        self.told.add(reached)


_PLACES = {
    "assessments.assessment": ("assignee", "assessment.assigned", "assessment.released"),
    "findings.finding": ("owner", "finding.assigned", "finding.released"),
    "decisions.review": ("assignee", "review.assigned", "review.released"),
    # Handed over to a person who is named, or not at all.
    "vendors.server": ("owner", "server.handed_over", ""),
    "vendors.deployment": ("owner", "deployment.handed_over", ""),
    "vendors.vendor": ("relationship_owner", "vendor.handed_over", ""),
}


def _require_able(to: User, work: OpenWork) -> None:
    if who_can_take(work).filter(pk=to.pk).exists():
        return
    units = {unit_id for unit_id in work.unit_ids | work.owned_in if unit_id}
    named = " and ".join(Unit.objects.filter(pk__in=units).values_list("name", flat=True)) or "a unit"
    raise CannotTakeOver(
        f"{to} cannot take all of it. Choose an analyst or approver of {named} who can sign in, or name nobody.",
        field="hand_over_to",
    )
