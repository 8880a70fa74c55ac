"""Who acts in this thread, and on which occasion."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: kind (person, token, job, command, system), id and label, kept without a foreign key.

    `person_id` is the person answerable for a token or a job, else the person itself, else empty.
    """

    kind: str
    id: str
    label: str
    person_id: str = ""

    @property
    def actor(self) -> "Actor":
        """Return itself: the register and its commands are principals too."""
        return self

    @property
    def person(self) -> None:
        """Return nobody: what acts as a mere actor acts on its own."""
        return


SYSTEM = Actor("system", "", "The register")


@dataclass(frozen=True, slots=True)
class Occasion:
    """One request, job or command: its actor (asked for at write time), address and correlation id."""

    actor: Callable[[], Actor]
    address: str | None
    correlation_id: uuid.UUID


_here: ContextVar[Occasion | None] = ContextVar("occasion", default=None)


def occasion() -> Occasion | None:
    """Return the current occasion, or None outside any."""
    return _here.get()


def actor() -> Actor:
    """Return who acts now; outside any occasion the register itself."""
    here = _here.get()
    return here.actor() if here else SYSTEM


def actor_of(by: Any) -> Actor:
    """Return the actor of a step's principal: a person as such, or as the token or job acting for them."""
    person: Actor = by.actor
    if person.kind != "person":
        return person
    here = actor()
    return here if here.person_id == person.id else person


@contextmanager
def acting(
    who: Actor | Callable[[], Actor], *, address: str | None = None, correlation_id: uuid.UUID | None = None
) -> Iterator[Occasion]:
    """Open an occasion for the length of a with block; nested ones restore the outer one."""
    ask = (lambda: who) if isinstance(who, Actor) else who
    here = Occasion(ask, address, correlation_id or uuid.uuid4())
    token = _here.set(here)
    try:
        yield here
    finally:
        _here.reset(token)
