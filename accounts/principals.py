"""Who takes a step: a person, or what acts for one or on its own (a token, a job, a command, a vendor's contact)."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import models

from accounts import access
from accounts.models import ApiToken, User
from audit.context import Actor
from riskregister import nouns

# Of the given row and who acts: the refusal for somebody who must not take a step, else None.
Bar = Callable[[Any, Any], access.NotPermitted | None]


class Principal(Protocol):
    """Whoever acts. A person is one, an Actor (the register, a command) is one, a token is one for its owner."""

    @property
    def person(self) -> User | None:
        """Return the person who is answerable, None for the register itself."""

    @property
    def actor(self) -> Actor:
        """Return what the trail keeps: kind, id and label."""


class NotAPerson(access.NotPermitted):
    """The step must be somebody's: the register itself cannot take it."""


@dataclass(frozen=True, slots=True)
class TokenPrincipal:
    """An API token that acts for its owner, with no more than its scopes."""

    token: ApiToken
    person: User
    actor: Actor
    allowed: Collection[str]


def of_token(token: ApiToken) -> TokenPrincipal:
    """Return the principal of a token."""
    actor = Actor("token", str(token.pk), f"Token {token.name} of {token.user}", str(token.user_id))
    return TokenPrincipal(token, token.user, actor, frozenset(token.scopes))


def person_of(by: Principal) -> User:
    """Return the person who acts, whatever by. Raises NotAPerson."""
    if by.person is None:
        raise NotAPerson("A person takes this step; the register itself does not.")
    return by.person


def only_theirs(refusal: Callable[[str], access.NotPermitted], sentence: str, *, whose: str = "self") -> Bar:
    """Return the bar of a step that people take for themselves: it refuses all others but a command on the machine.

    `whose` is the path from the given row to the person.
    """

    def bar(given: models.Model, by: Any) -> access.NotPermitted | None:
        """Return the refusal for everybody but the person, for others None."""
        is_theirs = getattr(by, "person", None) == nouns.follow(given, whose)
        return None if is_theirs or access.of(by) is access.MACHINE else refusal(sentence)

    return bar
