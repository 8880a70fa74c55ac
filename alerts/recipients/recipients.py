"""From places to people: who exactly is told of an event, and who never is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import models

from accounts import access
from accounts.access import Capability
from accounts.models import ApiToken, Role, User
from alerts.recipients.routing import Notice, why
from alerts.recipients.subjects import Subject
from audit.events import Pace, Who
from audit.models import Event
from riskregister import nouns

_ROLES = {
    Who.ANALYSTS: Role.ANALYST,
    Who.APPROVERS: Role.APPROVER,
    Who.MANAGERS: Role.MANAGER,
    Who.ADMINISTRATORS: Role.ADMINISTRATOR,
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person and the notice that is meant for them, with the reason that holds for them."""

    person: User
    notice: Notice
    why: str
    # How soon a rule wants it told by mail, whatever the notice and the person say; None: no rule does.
    by_rule: Pace | None = None


def choose(notices: Sequence[Notice], subject: Subject, event: Event) -> list[Recipient]:
    """Return who is told, each person once, under the first notice that fits them; if nobody, those in their stead.

    Never told are: whoever did it, themselves or by a token of theirs; whoever is barred from what waits; people
    who are inactive; people who may not see the object.
    """
    actor_id = _person_behind(event)
    chosen = _under([(notice, notice.to) for notice in notices], subject, actor_id)
    if not chosen and not any(_is_the_actor(notice.to, subject, actor_id) for notice in notices):
        chosen = _under([(notice, notice.otherwise) for notice in notices if notice.otherwise], subject, actor_id)
    return chosen


def _under(places: Iterable[tuple[Notice, Who]], subject: Subject, actor_id: str) -> list[Recipient]:
    """Return those who hold the places and may be told, each under the first of them."""
    recipients: dict[UUID, Recipient] = {}
    for notice, place in places:
        for person in holders(place, subject):
            if person.pk not in recipients and _may_be_told(person, notice, subject, actor_id):
                recipients[person.pk] = Recipient(person, notice, why(place, subject.held(place)))
    return list(recipients.values())


def may_see(person: User, obj: models.Model) -> bool:
    """Return whether the person is active and may open the object's page."""
    if not person.is_active:
        return False
    noun = nouns.card(obj)
    if noun.is_administrative:
        concerned = any(person in nouns.holders(obj, place)[1] for place in noun.places)
        return concerned or access.of(person).can(Capability.ADMINISTER)
    return nouns.visible_rows(noun, person).filter(pk=obj.pk).exists()


def holders(place: Who, subject: Subject) -> list[User]:
    """Return who holds a place in what an event is about."""
    if place is Who.HEAD:
        return list(access.people_of_all_units(Role.MANAGER))
    if place in _ROLES:
        return list(access.people_with([_ROLES[place]], unit_id=subject.unit_id))
    return subject.holders(place)


def _may_be_told(person: User, notice: Notice, subject: Subject, actor_id: str) -> bool:
    if str(person.pk) == actor_id or (notice.is_action and person.pk in subject.barred):
        return False
    return may_see(person, subject.opens)


def may_be_told(person: User, notice: Notice, subject: Subject, event: Event) -> bool:
    """Return whether somebody whom a rule names may be told, as `choose` asks of those who hold places."""
    return _may_be_told(person, notice, subject, _person_behind(event))


def _is_the_actor(place: Who, subject: Subject, actor_id: str) -> bool:
    """Return whether the one who holds the place did it: they know, and nobody else needs to in their stead."""
    return place not in (*_ROLES, Who.HEAD) and any(str(holder.pk) == actor_id for holder in subject.holders(place))


def _person_behind(event: Event) -> str:
    """Return the id of who acted, be it by a token of theirs; what a job does for somebody is news to them."""
    if event.actor_kind != "token":
        return event.actor_id
    return str(ApiToken.objects.filter(pk=event.actor_id).values_list("user_id", flat=True).first() or "")
