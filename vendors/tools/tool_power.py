"""A first guess at how powerful a server's tools are, from their hints, names, descriptions and parameters. Pure.

Shown as a suggestion beside the exposure fact `tool_power`; a person decides. All of it is the vendor's claim, so what
says more wins over what says less, and a tool that says nothing counts as the method counts what is not known: high.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from vendors.tiers import Exposure
from vendors.tools import tool_parameters, tool_reading, tool_words
from vendors.tools.tool_reading import Description, Name, Sign, strongest

MAX_NAMED = 5

_UNKNOWN = Sign(Exposure.HIGH, "neither its words nor a hint say what it does")
_DESTRUCTIVE = Sign(Exposure.SEVERE, "declared destructive")
_ADDITIVE = Sign(Exposure.MODERATE, "declared not destructive")
_NOT_READING = Sign(Exposure.MODERATE, "declared not read-only")
_READING = Sign(Exposure.LOW, "declared read-only")


class HintedTool(Protocol):
    """A tool with its name and hints; a hint is None where the server declares none."""

    name: str
    read_only: bool | None
    destructive: bool | None


@runtime_checkable
class DescribedTool(HintedTool, Protocol):
    """A tool that also has its description and input schema at hand."""

    description: str
    input_schema: Any


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The level that the most powerful tools suggest, and up to five of those tools with why."""

    level: Exposure
    because: tuple[str, ...]
    tools: int


def suggest_tool_power(tools: Iterable[HintedTool]) -> Suggestion | None:
    """Return the level of the most powerful tools, or None when there are no tools."""
    rated = [(_power(tool), tool.name) for tool in tools]
    if not rated:
        return None
    level = min((sign.level for sign, _name in rated), key=lambda found: found.rank)
    at_level = sorted((name, sign.why) for sign, name in rated if sign.level is level)
    return Suggestion(level, tuple(f"{name} ({why})" for name, why in at_level[:MAX_NAMED]), len(at_level))


def _power(tool: HintedTool) -> Sign:
    text, schema = (tool.description, tool.input_schema) if isinstance(tool, DescribedTool) else ("", None)
    name, description = tool_reading.read_name(tool.name), tool_reading.read_description(text)
    if tool.read_only:
        against = against_reading(name, description)
        return strongest(against or _READING, _DESTRUCTIVE if tool.destructive and not name.reads else None)
    if tool.destructive:
        return _DESTRUCTIVE
    if tool.destructive is False:
        return _additive(name, description)
    sign = _by_words(name, description, tool_parameters.read_schema(schema)) or _UNKNOWN
    # By the protocol such a tool is destructive; its words may say less, but not that it only reads.
    return strongest(sign, _NOT_READING) if tool.read_only is False else sign


def against_reading(name: Name, description: Description) -> Sign | None:
    """Return what a name or a description says against a claim to be read-only; None where nothing does."""
    for sign in (name.sign, description.first):
        if sign and sign.level is Exposure.SEVERE:
            return sign
    if name.sign is None or description.reads:
        return None
    return name.sign if name.sign.level is Exposure.HIGH or name.verb in tool_words.CHANGING else None


def _additive(name: Name, description: Description) -> Sign:
    """Return the level of a tool declared not destructive: it may still send, pay or grant, if its words say so."""
    loss = description.first if description.first and description.first.level is Exposure.SEVERE else None
    return strongest(name.sign, loss, _ADDITIVE) or _ADDITIVE


def _by_words(name: Name, description: Description, parameters: tool_parameters.Parameters) -> Sign | None:
    if name.reads and name.verb:
        if description.only_reads:
            return name.sign
        if description.managed and name.verb in tool_words.ALSO_THINGS:
            return strongest(description.first, description.later, parameters.sign)
        return strongest(name.sign, description.first, parameters.statement)
    if name.doubtful and description.reads:
        return description.first
    return strongest(name.sign, description.first, description.later, parameters.sign)
