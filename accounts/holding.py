"""People are held before everything else, all of them at once and in one order, and read as they are now.

So two steps that are about the same people wait for each other, and nobody is given work, or acts, with a role that is
taken from them in the same moment.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast
from uuid import UUID

from django.db.models import Model

from accounts import access
from accounts.models import User
from riskregister import nouns
from riskregister.refusals import Conflict


class RolesChanged(Conflict):
    """Whoever takes the step had other roles a moment ago."""


def person(one: User) -> User:
    """Return a person as they are now, held until the step ends."""
    return people([one])[one.pk]


def people(some: Iterable[User]) -> dict[UUID, User]:
    """Return people by id as they are now, held until the step ends."""
    keys = {one.pk for one in some}
    return {one.pk: one for one in nouns.hold_all(User.objects.filter(pk__in=keys))} if keys else {}


def before(row: Model | None, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Hold the people among the arguments of a step, then its row; return the arguments with people as they are now.

    What the row is to belong to is held before it, and brought up to date. Of a step about a person whoever takes it is
    held too, and asked again what they may: two administrators who take the role from each other must not both succeed.
    Raises RolesChanged for the later one.
    """
    acting = getattr(asked["by"], "person", None) if isinstance(row, User) else None
    found = people([*_people(asked), *(one for one in (row, acting) if isinstance(one, User))])
    if row is not None:
        _hold_both(row, asked)
        nouns.hold(row)
    if acting is not None:
        _ask_again(acting, found[acting.pk])
    return _as_they_are(asked, found)


def _hold_both(row: Model, asked: Mapping[str, Any]) -> None:
    """Hold what a row belongs to and what it is to belong to, in one order: two rows may be moved crosswise at once."""
    for name in nouns.card(row).holds:
        kind = cast(type[Model], row._meta.get_field(name).related_model)
        given = [one for one in asked.values() if isinstance(one, kind)]
        own = [getattr(row, name)] if given and getattr(row, name) is not None else []
        for one in sorted([*own, *given], key=lambda held: held.pk):
            nouns.hold(one)


def _ask_again(acting: User, now: User) -> None:
    could = access.of(acting)
    acting.is_active = now.is_active
    access.forget(acting)
    if access.of(acting) != could:
        raise RolesChanged("Somebody has just changed what you may do here. Look again.")


def _people(asked: Mapping[str, Any]) -> Iterator[User]:
    for name, one in asked.items():
        if isinstance(one, Mapping):
            yield from _people(one)
        elif isinstance(one, User) and name != "by":
            yield one


def _as_they_are(asked: Mapping[str, Any], found: Mapping[UUID, User]) -> dict[str, Any]:
    return {
        name: {**_as_they_are(one, found)} if isinstance(one, Mapping) else _now(name, one, found)
        for name, one in asked.items()
    }


def _now(name: str, one: Any, found: Mapping[UUID, User]) -> Any:
    return found[one.pk] if isinstance(one, User) and name != "by" else one
