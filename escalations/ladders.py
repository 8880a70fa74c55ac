"""What escalates, as the rooms declare it, and after how long which rung is reached.

A ladder is a question that is asked again and again: which rows wait today? A row that waits is first its owner's: the
event that began it tells them. While nobody acknowledges it, the managers of its unit are told, and then the head. How
long each is given depends on the severity and is set in one place (RISKREGISTER_ESCALATION).
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from scoring.scales import Severity


@dataclass(frozen=True, slots=True)
class Ladder:
    """One thing that escalates: in a word and in words for people, which rows wait on a day, and how bad each is.

    `since` returns the moment from which a row has waited, and None where nobody knows: then it is when it was found.
    Another moment, or another severity, is another occurrence, which climbs from the beginning. `demo` are the paths
    to whether a row is one of the demo organisation, of which the first that leads somewhere counts. `hangs_on` names
    the relation to another row, the steps of which can end it too. Where a row of no unit is some units' and not
    others', `elsewhere` returns those that are in some unit and in none of the given ones.
    """

    word: str
    words: str
    rows: "Callable[[date], QuerySet[Any]]"
    severity: Callable[[Any], Severity]
    since: Callable[[Any], datetime | None]
    demo: tuple[str, ...] = ("is_demo",)
    hangs_on: str = ""
    elsewhere: "Callable[[Collection[UUID]], QuerySet[Any]] | None" = None


_declared: dict[str, Ladder] = {}


def declare(*ladders: Ladder) -> None:
    """Add what escalates. Raises ValueError for a word that is taken."""
    for one in ladders:
        if one.word in _declared:
            raise ValueError(f"The ladder {one.word!r} is declared twice.")
        _declared[one.word] = one


def every() -> Iterator[Ladder]:
    """Yield all ladders, in the order of the rooms."""
    yield from _declared.values()


def known(word: str) -> Ladder | None:
    """Return the ladder of this word, None for one that no room declares any more."""
    return _declared.get(word)


def words(word: str) -> str:
    """Return what escalates in words; of a ladder that no room declares any more, its own word."""
    ladder = known(word)
    return ladder.words if ladder else word.replace("_", " ").capitalize()


def pairs() -> list[tuple[str, str]]:
    """Return all words with what people read."""
    return [(one.word, one.words) for one in every()]


def until_managers(severity: Severity) -> timedelta:
    """Return how long the owner is given."""
    return timedelta(days=settings.ESCALATION[severity.word][0])


def until_head(severity: Severity) -> timedelta:
    """Return how long owner and managers are given together."""
    return timedelta(days=settings.ESCALATION[severity.word][1])
