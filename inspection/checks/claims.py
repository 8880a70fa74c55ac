"""Hints that contradict what a tool says of itself by its name, its description and its schema. Pure."""

from collections.abc import Iterator

from inspection.checks.declared import Hit
from inspection.checks.offered import Part, Subject
from vendors.tiers import Exposure
from vendors.tools import tool_power, tool_reading, tool_words


def contradicted(subject: Subject) -> Iterator[Hit]:
    """Yield each claim to be harmless that the tool's own words contradict."""
    for tool in subject.tools:
        yield from _of(tool)


def _of(tool: Part) -> Iterator[Hit]:
    reads, destroys = tool.claims("readOnlyHint"), tool.claims("destructiveHint")
    if reads and destroys:
        yield Hit(tool.name, "annotations", "is declared read-only and destructive at once")
    if reads:
        if why := _against_reading(tool):
            yield Hit(tool.name, "annotations.readOnlyHint", f"is declared read-only, but {why}")
    elif destroys is False and (why := _against_sparing(tool)):
        yield Hit(tool.name, "annotations.destructiveHint", f"is declared not destructive, but {why}")


def _against_reading(tool: Part) -> str:
    name, description = tool_reading.read_name(tool.name), tool_reading.read_description(tool.description)
    contradiction = tool_power.against_reading(name, description)
    # Who connects, navigates or runs a query may well only read.
    is_sure = contradiction is not None and (contradiction.level is Exposure.SEVERE or name.verb in tool_words.CHANGING)
    return contradiction.why if contradiction and is_sure else ""


def _against_sparing(tool: Part) -> str:
    """Return what says that something is lost for good: only a name that begins with it says so for sure."""
    name = tool_reading.read_name(tool.name)
    return f"named {name.verb}" if name.verb in tool_words.LOSING else ""
