"""What changed between the tools of two releases, from the rows that the register keeps."""

from collections.abc import Iterable
from dataclasses import dataclass

from vendors.models import Tool

COMPARED = (
    "title",
    "description",
    "input_schema",
    "output_schema",
    "read_only",
    "destructive",
    "idempotent",
    "open_world",
)


@dataclass(frozen=True, slots=True)
class Change:
    """A tool that differs between two releases; one of `before` and `after` is None where only one has it.

    `fields` names what differs, empty when only an annotation does that the register does not keep by itself.
    """

    name: str
    before: Tool | None
    after: Tool | None
    fields: tuple[str, ...] = ()

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
    return [Change(name, was, now, _fields(was, now)) for name, was, now in both if _digest(was) != _digest(now)]


def _digest(tool: Tool | None) -> str:
    return tool.digest if tool else ""


def _fields(was: Tool | None, now: Tool | None) -> tuple[str, ...]:
    if was is None or now is None:
        return ()
    return tuple(name for name in COMPARED if _differs(getattr(was, name), getattr(now, name)))


def _differs(was: object, now: object) -> bool:
    # 1 and true are two values in JSON, and one in Python.
    return was != now or repr(was) != repr(now)
