"""What can happen: each room declares the events that it records in its `events.py`, as plain data.

The trail refuses an event that nobody declared. Whatever speaks of events reads the declarations: pages and paper their
words, alerts whom to tell, subscribers their data.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

# Why nobody is told, where rooms share the reason.
ENTERED = "A record was entered or corrected; it waits for nobody."
ADMINISTRATION = "Administration, kept for the audit trail; nothing waits for anybody."


class Undeclared(LookupError):
    """No room has declared an event with this verb."""


class DataInvalid(TypeError):
    """What is said with an event is not what its room declared."""


class Who(StrEnum):
    """A place in the work that somebody holds: in the object itself (see the card's `places`), or by a role."""

    SELF = "self"
    OWNER = "owner"
    DEPLOYERS = "deployers"
    ASSIGNEE = "assignee"
    SUBMITTER = "submitter"
    REQUESTER = "requester"
    ALSO_ASKED = "also_asked"
    ANALYSTS = "analysts"
    APPROVERS = "approvers"
    MANAGERS = "managers"
    HEAD = "head"
    ADMINISTRATORS = "administrators"


# Whoever asked for a decision, and whoever has what it is about.
ASKED_AND_OWNER = (Who.REQUESTER, Who.OWNER)


class Pace(StrEnum):
    """How soon a mail tells of something: critical things are never held back, daily ones wait for the digest."""

    CRITICAL = "critical"
    SOON = "soon"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Nothing:
    """The data of an event that says nothing beside its reason."""


def always(data: Any) -> bool:
    """Return True, whatever the event says."""
    return True


def never(data: Any) -> bool:
    """Return False, whatever the event says."""
    return False


def critical(data: Any) -> Pace:
    """Return that it must be told at once, whatever the event says."""
    return Pace.CRITICAL


def soon(data: Any) -> Pace:
    """Return that the next mail tells it, whatever the event says."""
    return Pace.SOON


def daily(data: Any) -> Pace:
    """Return that the daily digest tells it, whatever the event says."""
    return Pace.DAILY


def _as_text(data: Any) -> Mapping[str, str]:
    return {name: str(value) for name, value in asdict(data).items()}


def _nobody(row: Any) -> Collection[UUID]:
    return ()


def _no_more(row: Any, data: Any) -> "tuple[Who, ...]":
    return ()


@dataclass(frozen=True, slots=True)
class Tell:
    """Whom an event is told to, in which title, and how urgently.

    Names in braces are filled in: `label` (the object, as it was called then), `subject` (the server or vendor whose
    page shows it), `opens` (what the alert leads to), `actor`, `due` ("is due in 14 days"), and what `fill` returns of
    the event's data. `to` are the places told, the most concerned first; `otherwise` is told when the event would reach
    nobody at all. `is_action`: something waits for them; whoever `barred` names, of the row, may not do it and is not
    told. `due_on` is the path to the day that it is about, where that is not the card's. `when` and `by_mail` say of
    the data whether it is told at all, and whether by mail too, `pace` how soon by mail (unless said, what waits for
    them is told soon, and the rest daily). `also` returns further places for this row and what the event says. Of what
    waits, `settled_by` names the events after which it waits for nobody any more: of the row, and of whatever leads to
    the same page; `ended_by` those that are of the row alone, where others of its kind may wait on that page.
    """

    title: str
    to: tuple[Who, ...]
    otherwise: Who | None = None
    is_action: bool = False
    barred: Callable[[Any], Collection[UUID]] = _nobody
    due_on: str = ""
    fill: Callable[[Any], Mapping[str, str]] = _as_text
    when: Callable[[Any], bool] = always
    by_mail: Callable[[Any], bool] = always
    pace: Callable[[Any], Pace] | None = None
    also: Callable[[Any, Any], tuple[Who, ...]] = _no_more
    settled_by: tuple[str, ...] = ()
    ended_by: tuple[str, ...] = ()

    def pace_of(self, data: Any) -> Pace:
        """Return how soon a mail tells what the event says."""
        if self.pace:
            return self.pace(data)
        return Pace.SOON if self.is_action else Pace.DAILY


def nobody_left(title: str, *, settled_by: tuple[str, ...]) -> Tell:
    """Return whom to tell of something that nobody has in hand any more: the managers, who give it to somebody."""
    return Tell(title, (Who.MANAGERS,), otherwise=Who.ADMINISTRATORS, is_action=True, settled_by=settled_by)


@dataclass(frozen=True, slots=True)
class EventType:
    """The declaration of one verb: its words for people, its data, and whom to tell or the reason why nobody.

    `data` is a dataclass of str, int, bool, None, and lists of them. It is a published contract: a member is added with
    a default, and never changes its meaning or goes. `often`: people do it many times in a row, so that a history tells
    what one of them did on a day in one line. `on_paper`: reports list it; of others they print how many there were.
    """

    verb: str
    words: str
    tell: Tell | None = None
    silent: str = ""
    data: type = Nothing
    often: bool = False
    on_paper: bool = True

    def __post_init__(self) -> None:
        """Refuse a declaration that tells nobody without a reason, or somebody with one."""
        if bool(self.tell) == bool(self.silent):
            raise ValueError(f"{self.verb} is told to somebody, or says why to nobody.")

    def checked(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return all that an event says, defaults included. Raises DataInvalid for what is not declared or missing."""
        try:
            made = self.data(**data)
        except TypeError as error:
            raise DataInvalid(f"{self.verb}: {error}") from error
        for name, hint in self.members().items():
            if not _fits(getattr(made, name), hint):
                raise DataInvalid(f"{self.verb}: {name} is {getattr(made, name)!r}, which is no {hint}.")
        return asdict(made)

    def typed(self, data: Mapping[str, Any]) -> Any:
        """Return what a recorded event says as its `data`; members that were declared since have their defaults."""
        return self.data(**{name: value for name, value in data.items() if name in self.members()})

    def members(self) -> Mapping[str, Any]:
        """Return the types of the data by their names."""
        return _members(self.data)


_declared: dict[str, EventType] = {}


def declare(*types: EventType) -> None:
    """Add the events of a room. Raises ValueError for a verb that is declared already."""
    for one in types:
        if one.verb in _declared:
            raise ValueError(f"{one.verb} is declared twice.")
        _declared[one.verb] = one


def of(verb: str) -> EventType:
    """Return the declaration of a verb. Raises Undeclared."""
    if verb not in _declared:
        raise Undeclared(f"{verb}: declare it in the events.py of the room that records it.")
    return _declared[verb]


def every() -> Iterator[EventType]:
    """Yield all declarations, in the order of the rooms."""
    yield from _declared.values()


def words(verb: str) -> str:
    """Return a verb as people read it, e.g. "Assessment submitted"; of one that is no longer declared, the verb."""
    known = _declared.get(verb)
    return known.words if known else verb.replace(".", " ").replace("_", " ").capitalize()


def not_on_paper() -> list[str]:
    """Return the verbs of the events that reports count and do not list."""
    return [one.verb for one in _declared.values() if not one.on_paper]


def is_often(verb: str) -> bool:
    """Return whether people do it many times in a row."""
    known = _declared.get(verb)
    return known is not None and known.often


def settles(verb: str) -> list[str]:
    """Return the verbs of the events whose alerts wait for nobody any more after an event with this verb."""
    return [one.verb for one in _declared.values() if one.tell and verb in one.tell.settled_by]


def ends(verb: str) -> list[str]:
    """Return the same of those about the same row alone."""
    return [one.verb for one in _declared.values() if one.tell and verb in one.tell.ended_by]


@cache
def _members(data: type) -> dict[str, Any]:
    return get_type_hints(data)


def _fits(value: object, hint: Any) -> bool:
    if isinstance(hint, UnionType):
        return any(_fits(value, one) for one in get_args(hint))
    if get_origin(hint) is list:
        return isinstance(value, list) and all(_fits(one, get_args(hint)[0]) for one in value)
    if hint in (NoneType, None):
        return value is None
    # True is an int in Python, and no number in JSON.
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))
