"""When somebody leaves: what they have in hand, and its way to others in the step that bars them from signing in, or
takes the role from them with which they worked on it.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet

from accounts import access, holding, people, steps
from accounts.access import Capability
from accounts.models import Membership, Role, Unit, User
from accounts.principals import Principal
from accounts.steps import step
from assessments import vendor_starts
from audit.context import SYSTEM
from decisions.reviews import reviewers
from jobs import queue
from riskregister import nouns
from riskregister.nouns import Noun, Place
from riskregister.refusals import Refused
from riskregister.transitions import change_if
from riskregister.unit_of_work import unit_of_work
from vendors.models import Server, Vendor

# The job that gives on what was too much for the step itself.
REST = "work.hand_over"
# Of somebody with 2,616 findings it took 42 s to give them all away, 16 ms each: so many are given in the step itself.
AT_ONCE = 50


class CannotTakeOver(Refused):
    """The person cannot do all of the work that is handed over."""


@dataclass(frozen=True, slots=True)
class Held:
    """Rows of a noun that are in somebody's hands by one of its places, as its card says."""

    noun: Noun
    name: str
    place: Place
    rows: "QuerySet[Any]"

    @property
    def unit_ids(self) -> set[UUID | None]:
        """Return the units of the rows; None stands for what belongs to the whole organisation."""
        if not self.unit:
            return {None} if self.rows.exists() else set()
        return set(self.rows.order_by().values_list(self.unit, flat=True).distinct())

    @property
    def unit(self) -> str:
        """Return the lookup of the id of the rows' unit; empty for what belongs to the whole organisation."""
        return (self.noun.unit or "").replace(".", "__")

    def by(self, person: User) -> "Held":
        """Return those of the rows that this person has."""
        rows = self.rows.filter(**{self.name: person}).select_related(*self.noun.related)
        return replace(self, rows=rows)

    def beyond(self, kept: access.Access) -> "Held":
        """Return those of the rows in which somebody with this access could not have the place."""
        return replace(self, rows=_outside(self, kept))


@dataclass(frozen=True, slots=True)
class OpenWork:
    """What somebody has in hand, as the cards say: assessments, findings, reviews.

    And what they answer for as owner, which does not go to others by turn: servers, their deployments, and vendors.
    """

    person: User
    in_hand: tuple[Held, ...]
    owned: tuple[Held, ...]

    @property
    def is_empty(self) -> bool:
        """Return whether no work waits for them, whatever they own."""
        return not any(held.rows.exists() for held in self.in_hand)

    @property
    def owns_something(self) -> bool:
        """Return whether they are the named owner of anything in use."""
        return any(held.rows.exists() for held in self.owned)

    def rows(self, model: type[models.Model]) -> "QuerySet[Any]":
        """Return the rows of one kind."""
        return next(held.rows for held in (*self.in_hand, *self.owned) if held.noun.model is model)

    def beyond(self, kept: access.Access) -> "OpenWork":
        """Return that part of the work which somebody with this access could not do, and what they own unseen."""
        in_hand, owned = ([held.beyond(kept) for held in some] for some in (self.in_hand, self.owned))
        return OpenWork(self.person, tuple(in_hand), tuple(owned))


def of(person: User) -> OpenWork:
    """Return what the person has in hand."""
    in_hand, owned = ([held.by(person) for held in some] for some in (given_by_turn(), _owned()))
    return OpenWork(person, tuple(in_hand), tuple(owned))


def given_by_turn() -> list[Held]:
    """Return what is in anybody's hands and goes to others in turn, in the order of the rooms."""
    return [held for held in _everything() if held.place.left]


def _owned() -> list[Held]:
    return [held for held in _everything() if not held.place.left]


def _everything() -> list[Held]:
    return [
        Held(noun, name, place, noun.model._default_manager.filter(place.still))
        for noun in nouns.cards()
        for name, place in noun.held_by.items()
    ]


def left_by(membership: Membership) -> OpenWork:
    """Return what the person has in hand and, without this membership, could not work on; and what they own unseen."""
    return of(membership.user).beyond(access.without(membership))


def _outside(held: Held, kept: access.Access) -> "QuerySet[Any]":
    """Return the rows of other units than those of the access; what is about a vendor is no unit's own."""
    if not held.unit:
        return held.rows.none() if kept.can(held.place.needs) else held.rows
    units = kept.units_for(held.place.needs)
    if units is None:
        return held.rows.none()
    inside = Q(**{f"{held.unit}__in": units})
    return held.rows.exclude(inside | Q(**{f"{held.unit}__isnull": True}) if units else inside)


def who_can_take(work: OpenWork) -> "QuerySet[User]":
    """Return the people who can do all of the work, by name; nobody takes over from themselves."""
    able = access.people_with(Role.values, unit_id=None).exclude(pk=work.person.pk)
    for roles, unit_id in _needed(work):
        able = able.filter(pk__in=access.people_with(roles, unit_id=unit_id).order_by().values("pk"))
    return able


def _needed(work: OpenWork) -> set[tuple[frozenset[str], UUID | None]]:
    """Return of which roles one is needed, and where, for all of the work."""
    return {
        (access.roles_that_can(held.place.needs), unit_id)
        for held in (*work.in_hand, *work.owned)
        for unit_id in held.unit_ids
    }


@step("person.deactivated", needs=Capability.ADMINISTER, records=False)
def deactivate(person: User, *, by: Principal, now: datetime, hand_over_to: User | None = None) -> None:
    """Bar a person from signing in and give what they have in hand to somebody else.

    Without `hand_over_to` it goes where it would have gone without them: to the owner of the server, else to the unit's
    analysts in turn; where there is none, the unit's managers are told. What the person owns goes with it only to
    somebody who is named: nobody comes to own a server by turn. Of much work a job gives on the rest, so that they are
    barred at once. Raises CannotTakeOver for somebody who cannot work in each of the units, and what
    `people.deactivate` raises.
    """
    people.deactivate.within(person, by=by, now=now)
    _hand_over(of(person), _Giving(person, "can no longer sign in", by, now), hand_over_to)


@step("role.taken", needs=Capability.ADMINISTER, on="user", records=False)
def take_role(membership: Membership, *, by: Principal, now: datetime, hand_over_to: User | None = None) -> None:
    """Remove a membership and give what the person cannot do without it to somebody else, as `deactivate` does.

    Raises CannotTakeOver, and what `people.take_role` raises.
    """
    work, giving = left_by(membership), _Giving(membership.user, "has no role for it any more", by, now)
    people.take_role.within(membership, by=by, now=now)
    _hand_over(work, giving, hand_over_to)


def let_go(person: User, *, now: datetime, by: Principal = SYSTEM, to: User | None = None) -> bool:
    """Give on, as `take_role` does, what a person holds and cannot do today; return whether there was anything.

    Each batch in a transaction of its own. Somebody who can no longer take all of it gets none of it.
    """
    giving, before = _Giving(person, "", by, now), -1
    while giving.moved > before:
        before = giving.moved
        _let_go_some(giving, to)
    return giving.moved > 0


@unit_of_work()
def _let_go_some(giving: "_Giving", to: User | None) -> None:
    held = holding.people([giving.person, *([to] if to else [])])
    person, to = held[giving.person.pk], held[to.pk] if to else None
    work = of(person).beyond(access.of(person))
    if to is not None and not who_can_take(work).filter(pk=to.pk).exists():
        to = None
    giving.why = "has no role for it any more" if person.is_active else "can no longer sign in"
    giving.give_some(work, to)


def _hand_over(work: OpenWork, giving: "_Giving", to: User | None) -> None:
    if to is not None:
        _require_able(to, work)
    if giving.give_some(work, to) == AT_ONCE:
        person, now = giving.person, giving.now
        key = f"{REST}:{person.pk}:{now.isoformat()}"
        queue.enqueue(REST, key=key, now=now, person=str(person.pk), to=str(to.pk) if to else None)


def _successor(held: Held, row: models.Model) -> User | None:
    """Return who gets the row where nobody is named."""
    person: User | None = (held.place.successor or _reviewer)(row)
    return person


def _reviewer(row: models.Model) -> User | None:
    subject = nouns.subject_of(row)
    if isinstance(subject, Vendor):
        return vendor_starts.choose_assignee(subject)
    return reviewers.choose(cast(Server, subject))


@dataclass(slots=True)
class _Giving:
    person: User
    why: str
    by: Principal
    now: datetime
    told: set[object] = field(default_factory=set)
    moved: int = 0

    def give_some(self, work: OpenWork, to: User | None) -> int:
        """Give a batch of the work to the person, or where nobody is named to others in turn; return of how much."""
        given = 0
        # What is owned first, since a step that holds a server and what belongs to it holds the server first.
        for held in (*(work.owned if to else ()), *work.in_hand):
            for row in held.rows.order_by("pk")[: AT_ONCE - given]:
                self.give(row, to or _successor(held, row), held=held)
                given += 1
        return given

    def give(self, row: models.Model, to: User | None, *, held: Held) -> None:
        """Give something to somebody, or to nobody, unless it was given away meanwhile.

        One mail to each of them, or to the managers of each unit, is enough: further events are part of the first.
        """
        if not change_if(row, {held.name: self.person}, **{held.name: to}):
            return
        self.moved += to != self.person
        data: dict[str, Any] = {held.name: str(to.pk) if to else None}
        if day := nouns.card(row).due_on:
            due_on = nouns.follow(row, day)
            data["due_on"] = due_on.isoformat() if due_on else None
        reached = to.pk if to else nouns.unit_of(row)
        steps.record(
            held.place.given if to else held.place.left,
            row,
            by=self.by,
            now=self.now,
            reason=f"{self.person} {self.why}. What they had in hand is handed over.",
            is_part=reached in self.told,
            **data,
        )
        self.told.add(reached)


def _require_able(to: User, work: OpenWork) -> None:
    if who_can_take(work).filter(pk=to.pk).exists():
        return
    units = {unit_id for _roles, unit_id in _needed(work) if unit_id}
    named = " and ".join(Unit.objects.filter(pk__in=units).values_list("name", flat=True)) or "a unit"
    raise CannotTakeOver(
        f"{to} cannot take all of it. Choose an analyst or approver of {named} who can sign in, or name nobody.",
        field="hand_over_to",
    )
