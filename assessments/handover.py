"""When somebody leaves: what they have in hand, and its way to others in the step that bars them from signing in."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import QuerySet

from accounts import access, people
from accounts.models import Role, Unit, User
from assessments import assignment
from assessments.models import Assessment, Finding, Review
from audit import trail
from riskregister.refusals import Refused
from riskregister.transitions import change_if
from vendors.models import Deployment, Server, Vendor

_WORKERS = (Role.ANALYST, Role.APPROVER)


class CannotTakeOver(Refused):
    """The person cannot do all of the work that is handed over."""


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What somebody has in hand: assessments that are not decided, findings that are not settled, reviews ahead.

    And what they answer for as owner: servers, their deployments, and vendors.
    """

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
        drafts.select_related("server").order_by("number"),
        owned.select_related("server", "vendor").order_by("severity", "number"),
        Review.objects.waiting().filter(assignee=person).select_related("server").order_by("due_on", "number"),
        Server.objects.filter(owner=person).exclude(status=Server.Status.RETIRED).order_by("number"),
        Deployment.objects.filter(owner=person, ended_on=None).select_related("server").order_by("pk"),
        Vendor.objects.filter(relationship_owner=person).exclude(status=Vendor.Status.OFFBOARDED).order_by("number"),
    )


def who_can_take(person: User) -> "QuerySet[User]":
    """Return the people who can do all that the person has in hand, by name."""
    work, able = of(person), access.people_with(Role.values, unit_id=None).exclude(pk=person.pk)
    for roles, units in ((_WORKERS, work.unit_ids), (Role.values, work.owned_in)):
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
    people.deactivate(person, by=by, now=now)
    if hand_over_to is not None:
        _require_able(hand_over_to, person)
    work, giving = of(person), _Giving(person, by, now)
    if hand_over_to is not None:
        # First, since a step that holds a server and what belongs to it holds the server first.
        _give_owned(work, giving, hand_over_to)
    for assessment in work.assessments:
        to = hand_over_to or assignment.choose(assessment.server)
        giving.give(assessment, to, concerns=assessment.server)
    for finding in work.findings:
        to = hand_over_to or assignment.choose_fixer(finding.subject, unit_id=finding.unit_id)
        giving.give(finding, to, concerns=finding.subject)
    for review in work.reviews:
        giving.give(review, hand_over_to or assignment.choose(review.server), concerns=review.server)


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
    by: User
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
            reason=f"{self.person} can no longer sign in. What they had in hand is handed over.",
            unit_id=getattr(concerns, "unit_id", None),
            concerns=concerns,
            is_part=reached in self.told,
            **said,
        )
        self.told.add(reached)


_PLACES = {
    "assessments.assessment": ("assignee", "assessment.assigned", "assessment.released"),
    "assessments.finding": ("owner", "finding.assigned", "finding.released"),
    "assessments.review": ("assignee", "review.assigned", "review.released"),
    # Handed over to a person who is named, or not at all.
    "vendors.server": ("owner", "server.handed_over", ""),
    "vendors.deployment": ("owner", "deployment.handed_over", ""),
    "vendors.vendor": ("relationship_owner", "vendor.handed_over", ""),
}


def _require_able(to: User, person: User) -> None:
    if who_can_take(person).filter(pk=to.pk).exists():
        return
    work = of(person)
    units = {unit_id for unit_id in work.unit_ids | work.owned_in if unit_id}
    named = " and ".join(Unit.objects.filter(pk__in=units).values_list("name", flat=True)) or "a unit"
    raise CannotTakeOver(
        f"{to} cannot take all of it. Choose an analyst or approver of {named} who can sign in, or name nobody.",
        field="hand_over_to",
    )
