"""What changed between what two releases offer, from the rows that the register keeps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from vendors.models import Offering, Tool

COMPARED = (
    "title",
    "description",
    "input_schema",
    "output_schema",
    "read_only",
    "destructive",
    "idempotent",
    "open_world",
    "other_annotations",
)
OFFERED = ("name", "title", "description", "mime_type", "arguments")
_HINTS = frozenset({"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"})


@dataclass(frozen=True, slots=True)
class Change:
    """A tool or another offering that differs between two releases; `before` or `after` is None where one lacks it.

    `fields` are what differs, each with its value before and after.
    """

    name: str
    before: Tool | Offering | None
    after: Tool | Offering | None
    fields: tuple[tuple[str, Any, Any], ...] = ()

    @property
    def kind(self) -> str:
        """Return added, removed or changed."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"


def compare(old: Iterable[Tool], new: Iterable[Tool]) -> list[Change]:
    """Return the tools that differ from the old release to the new one, by name."""
    before, after = {tool.name: tool for tool in old}, {tool.name: tool for tool in new}
    both = [(name, before.get(name), after.get(name)) for name in sorted(before.keys() | after.keys())]
    return [_change(name, was, now, COMPARED) for name, was, now in both if _digest(was) != _digest(now)]


def compare_offerings(old: Iterable[Offering], new: Iterable[Offering]) -> list[Change]:
    """Return the prompts, resources and templates that differ from the old release to the new one, by kind and key."""
    before = {(row.kind, row.key): row for row in old}
    after = {(row.kind, row.key): row for row in new}
    keys = [key for key in sorted(before.keys() | after.keys()) if _digest(before.get(key)) != _digest(after.get(key))]
    return [_change(key[1], before.get(key), after.get(key), OFFERED) for key in keys]


def _change(name: str, was: Tool | Offering | None, now: Tool | Offering | None, compared: Iterable[str]) -> Change:
    return Change(name, was, now, tuple(_fields(was, now, compared)))


def _digest(row: Tool | Offering | None) -> str:
    return row.digest if row else ""


def _fields(
    was: Tool | Offering | None, now: Tool | Offering | None, compared: Iterable[str]
) -> Iterator[tuple[str, Any, Any]]:
    if was is None or now is None:
        return
    for name in compared:
        before, after = _value(was, name), _value(now, name)
        if _differs(before, after):
            yield name, before, after


def _value(row: Tool | Offering, name: str) -> Any:
    if name == "other_annotations" and isinstance(row, Tool):
        return {key: value for key, value in row.annotations.items() if key not in _HINTS}
    return getattr(row, name)


def _differs(was: object, now: object) -> bool:
    # 1 and true are two values in JSON, and one in Python.
    return was != now or repr(was) != repr(now)
