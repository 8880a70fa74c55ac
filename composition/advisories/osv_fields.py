"""The fields of records that strangers wrote: each read as what it must be, or refused with its place. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

LONGEST_ID = 100
LONGEST_LINE = 1_000
MOST_NAMES = 1_000
TOO_DEEP = "It nests too deeply."
_ID = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_.:+][A-Za-z0-9]+)+", re.ASCII)
Read = TypeVar("Read")


class RecordInvalid(ValueError):
    """A record that cannot be relied on. Says where, and what is wrong."""


def ids(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Return the ids in a list, each once. Raises RecordInvalid."""
    return tuple(dict.fromkeys(identifier(one, key) for one in entries(data, key, key, MOST_NAMES)))


def identifier(value: object, at: str) -> str:
    """Return a value that is an id: of an advisory, or of what is the same. Raises RecordInvalid."""
    if not isinstance(value, str) or len(value) > LONGEST_ID or not _ID.fullmatch(value):
        raise RecordInvalid(
            f"{at}: {_shown(value)} is no id: a prefix, a dash, letters and digits, {LONGEST_ID} at most."
        )
    return value


def needed_time(data: Mapping[str, Any], key: str) -> datetime:
    """Return an instant that must be there, in UTC. Raises RecordInvalid."""
    found = time(data, key)
    if found is None:
        raise RecordInvalid(f"{key}: it is missing.")
    return found


def time(data: Mapping[str, Any], key: str) -> datetime | None:
    """Return an instant in UTC, None where there is none. Raises RecordInvalid."""
    value = data.get(key)
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise RecordInvalid(f"{key}: {_shown(value)} is no time as RFC 3339 writes it.") from error
    if found.tzinfo is None:
        raise RecordInvalid(f"{key}: {_shown(value)} does not say of which zone it is.")
    try:
        return found.astimezone(UTC)
    except OverflowError as error:
        raise RecordInvalid(f"{key}: {_shown(value)} is before or after all times.") from error


def each(
    data: Mapping[str, Any], key: str, at: str, most: int, read_one: Callable[[Mapping[str, Any], str], Read]
) -> tuple[Read, ...]:
    """Return what `read_one` makes of each object in a list, `most` of them. Raises RecordInvalid."""
    found = []
    for index, one in enumerate(entries(data, key, at, most)):
        if not isinstance(one, dict):
            raise RecordInvalid(f"{at}[{index}]: it is no object.")
        found.append(read_one(one, f"{at}[{index}]"))
    return tuple(found)


def entries(data: Mapping[str, Any], key: str, at: str, most: int) -> list[Any]:
    """Return a list, empty where there is none. Raises RecordInvalid."""
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise RecordInvalid(f"{at}: it is no list.")
    if len(value) > most:
        raise RecordInvalid(f"{at}: it has {len(value):,} entries; {most:,} are read at most.")
    return value


def part(data: Mapping[str, Any], key: str, at: str) -> Mapping[str, Any]:
    """Return an object, empty where there is none. Raises RecordInvalid."""
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RecordInvalid(f"{at}: it is no object.")
    return value


def line(value: object, at: str) -> str:
    """Return a value that is a short text, as versions are. Raises RecordInvalid."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_LINE or "\0" in value:
        raise RecordInvalid(f"{at}: {_shown(value)} is no version: a text of 1 to {LONGEST_LINE:,} characters.")
    return value


def lines(data: Mapping[str, Any], key: str, at: str, most: int) -> tuple[str, ...]:
    """Return a list of short texts, empty where there is none. Raises RecordInvalid."""
    found = entries(data, key, at, most)
    if not _are_lines(found):
        for one in found:
            line(one, at)
    return tuple(found)


def text(data: Mapping[str, Any], key: str, at: str, *, longest: int) -> str:
    """Return a text, empty where there is none. Raises RecordInvalid."""
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        raise RecordInvalid(f"{at}: {_shown(value)} is no text of at most {longest:,} characters, without NUL.")
    return value


def _are_lines(found: Sequence[Any]) -> bool:
    """Return whether all are what `line` lets pass, at the price of one: advisories list thousands of versions."""
    try:
        return "\0" not in "".join(found) and all(found) and len(max(found, key=len, default="")) <= LONGEST_LINE
    except TypeError:
        return False


def _shown(value: object) -> str:
    shown = ascii(value)
    return shown if len(shown) <= 80 else f"{shown[:80]}…"
