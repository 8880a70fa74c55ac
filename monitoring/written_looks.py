"""A look as text, for the way from a collector that runs apart: what comes is a stranger's until it was read here."""

import re
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, NoReturn

from monitoring.models import Brought, Run
from monitoring.observed import Look, Seen
from riskregister.canonical import canonical
from scoring.scales import Severity
from vendors import strict_json

# The longest document of a registry has some dozen packages with eight things each; a Scorecard some twenty checks.
MOST_SEEN = 2_000
_LONGEST = {"key": 120, "words": 300, "value": 500, "fact": 40}
_CODE = re.compile(r"[a-z][a-z_]{0,29}")
_WHY = 2_000
_ENDS = (Run.Status.COMPLETE, Run.Status.EMPTY, Run.Status.FAILED)
# Two machines' clocks are not further apart.
_SKEW = timedelta(minutes=10)
_LOOK = {one.name: str for one in fields(Look)} | {"is_secret": bool, "seen": list, "as_of": str | None}
_SEEN = {one.name: str for one in fields(Seen)} | {
    "severity": int | None, "holds": bool | None, "is_assessed": bool,
}  # fmt: skip


class Unfit(Exception):
    """What a collector brought is not what it was asked for; the message says why."""


def written(look: Look) -> str:
    """Return a look as canonical JSON; words and values as long as they are kept."""
    seen = [{name: getattr(one, name) for name in _SEEN} for one in look.seen]
    for one in seen:
        one["words"], one["value"] = one["words"][: _LONGEST["words"]], one["value"][: _LONGEST["value"]]
    members = {name: getattr(look, name) for name in _LOOK if name not in ("seen", "as_of")}
    as_of = look.as_of.isoformat() if look.as_of else None
    return canonical({**members, "outcome": str(look.outcome), "as_of": as_of, "seen": seen})


def read(text: str, *, now: datetime) -> Look:
    """Return the look that a text is. Raises Unfit for whatever no collector of ours writes."""
    try:
        document = strict_json.read(text, limit=Brought.LONGEST)
    except (strict_json.Unreadable, RecursionError) as error:
        raise Unfit(f"It cannot be read: {error}") from error
    _check(document, _LOOK, "The look")
    if len(document["seen"]) > MOST_SEEN:
        _refuse(f"It says more than {MOST_SEEN} things")
    if document["outcome"] not in _ENDS:
        _refuse("It ends in no way that a look can end")
    rest = {"outcome": Run.Status(document["outcome"]), "as_of": _moment(document["as_of"], now=now)}
    look = Look(**document | rest | {"seen": tuple(map(_seen, document["seen"]))})
    _check_end(look)
    return look


def _check_end(look: Look) -> None:
    if look.is_complete and (look.code or look.why):
        _refuse("It is complete, and says why it is not")
    if not look.is_complete and not (_CODE.fullmatch(look.code) and look.why.strip() and len(look.why) <= _WHY):
        _refuse("It does not say why nothing is known")
    if len({one.key for one in look.seen}) < len(look.seen):
        _refuse("It says something twice")


def _seen(row: Any) -> Seen:
    _check(row, _SEEN, "What was seen")
    for name, longest in _LONGEST.items():
        if len(row[name]) > longest:
            _refuse(f"A {name} has more than {longest} characters")
    if row["severity"] is not None and row["severity"] not in {one.value for one in Severity}:
        _refuse("A severity is none")
    if bool(row["fact"]) != (row["holds"] is not None) or not row["key"] or not row["words"]:
        _refuse("What was seen is not said in full")
    return Seen(**row | {"severity": None if row["severity"] is None else Severity(row["severity"])})


def _check(value: Any, members: dict[str, Any], what: str) -> None:
    """Raise Unfit unless it is an object with just these members, of these types."""
    if not isinstance(value, dict) or set(value) != set(members):
        _refuse(f"{what} has other members than a look has")
    for name, kind in members.items():
        # True is an int in Python, and no number in JSON.
        if not isinstance(value[name], kind) or (isinstance(value[name], bool) and name not in _TRUTHS):
            _refuse(f"{what} says {name} in a way that none has")


_TRUTHS = frozenset({"is_secret", "holds", "is_assessed"})


def _moment(text: str | None, *, now: datetime) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        _refuse("It dates what it read by no moment")
    if found.tzinfo is None or found > now + _SKEW:
        _refuse("It dates what it read by no moment, or by one to come")
    return found


def _refuse(sentence: str) -> NoReturn:
    raise Unfit(f"{sentence}.")
