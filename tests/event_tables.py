"""What can happen, in tables for the documents, from what the rooms declare."""

import inspect
from itertools import groupby
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from audit import events
from audit.events import EventType, Tell, critical, never, soon
from tests.access_tables import table

_TYPES = {str: "text", int: "number", bool: "true or false", NoneType: "null"}


def of_events() -> str:
    """Return all events by their first word: in words, with their data, and whom each is told to."""
    parts = []
    for noun, found in groupby(sorted(events.every(), key=_place), key=_noun):
        rows = [[f"`{kind.verb}`", kind.words, _data(kind), _told(kind)] for kind in found]
        parts.append(f"### {noun.capitalize()}\n\n{table(['Event', 'In words', 'Data', 'Told to'], rows)}")
    return "\n\n".join(parts)


def _place(kind: EventType) -> tuple[str, str]:
    return _noun(kind), kind.verb


def _noun(kind: EventType) -> str:
    return kind.verb.partition(".")[0]


def _data(kind: EventType) -> str:
    members = "<br>".join(f"`{name}`: {_word(hint)}" for name, hint in kind.members().items())
    text = " ".join((inspect.getdoc(kind.data) or "").replace("None", "null").split())
    return f"{members}<br>{text}" if members else ""


def _word(hint: Any) -> str:
    if isinstance(hint, UnionType):
        return " or ".join(_word(one) for one in get_args(hint))
    if get_origin(hint) is list:
        return f"list of {_word(get_args(hint)[0])}"
    return _TYPES[hint]


def _told(kind: EventType) -> str:
    return _whom(kind.tell) if kind.tell else f"nobody: {kind.silent}"


def _whom(tell: Tell) -> str:
    whom = ", ".join(who.value.replace("_", " ") for who in tell.to)
    otherwise = f", else {tell.otherwise.value}" if tell.otherwise else ""
    how = ", ".join(_how(tell))
    return f"{whom}{otherwise}: “{tell.title}”" + (f" ({how})" if how else "")


def _how(tell: Tell) -> list[str]:
    """Return what a told event asks for, and how soon a mail tells it where that is not as usual."""
    if tell.by_mail is never:
        return ["inbox only"]
    asked = ["waits for them"] if tell.is_action else []
    paces: dict[object, str] = {critical: "at once", soon: "", None: "" if tell.is_action else "daily"}
    pace = paces.get(tell.pace, "how soon depends on what it says")
    return [*asked, *([pace] if pace else [])]
