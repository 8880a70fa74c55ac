"""A first guess at how powerful a server's tools are, from their hints and names. Pure.

Shown as a suggestion beside the exposure fact `tool_power`; a person decides. Hints are the vendor's claims, so a name
that says more than the hint wins, and a tool that says nothing counts as the method counts what is not known: high.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from vendors.tiers import Exposure

MAX_NAMED = 5


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SAID: dict[Exposure, frozenset[str]] = {
    Exposure.SEVERE: _words(
        "delete drop destroy remove purge truncate wipe erase kill terminate pay payment refund charge transfer payout "
        "withdraw buy purchase grant revoke permission permissions role roles admin rotate"
    ),
    Exposure.HIGH: _words(
        "execute exec run eval evaluate shell command script code deploy install launch start stop restart send email "
        "mail sms notify message publish post upload share submit click type navigate drag press"
    ),
    Exposure.MODERATE: _words(
        "create write update edit add set put insert append move rename copy save modify patch commit merge push "
        "archive close cancel assign comment import sync"
    ),
    Exposure.LOW: _words(
        "get list read search find describe show view fetch lookup count check status query help explain inspect "
        "resolve compare diff log tree info browse snapshot current convert"
    ),
}
# Verbs that keep their weight behind a reading word: search_and_delete deletes, get_role reads whatever a role is.
_ANYWHERE = _words("delete drop destroy remove purge truncate wipe erase refund revoke execute exec")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class HintedTool(Protocol):
    """A tool with its name and hints; a hint is None where the server declares none."""

    name: str
    read_only: bool | None
    destructive: bool | None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The level that the most powerful tools suggest, and up to five of those tools with why."""

    level: Exposure
    because: tuple[str, ...]
    tools: int


def suggest_tool_power(tools: Iterable[HintedTool]) -> Suggestion | None:
    """Return the level of the most powerful tools, or None when there are no tools."""
    rated = [(*_power(tool), tool.name) for tool in tools]
    if not rated:
        return None
    level = min((level for level, _why, _name in rated), key=lambda found: found.rank)
    at_level = sorted((name, why) for found, why, name in rated if found is level)
    return Suggestion(level, tuple(f"{name} ({why})" for name, why in at_level[:MAX_NAMED]), len(at_level))


def _power(tool: HintedTool) -> tuple[Exposure, str]:
    said = [found for found in (_by_name(tool.name), _by_hints(tool)) if found is not None]
    if not said:
        return Exposure.HIGH, "neither its name nor a hint says what it does"
    return min(said, key=lambda found: found[0].rank)


def _by_name(name: str) -> tuple[Exposure, str] | None:
    words = [word.lower() for word in _WORD.findall(name)]
    if words and words[0] in _SAID[Exposure.LOW]:
        words = [words[0], *(word for word in words[1:] if word in _ANYWHERE)]
    for level in Exposure:
        for word in words:
            if word in _SAID[level]:
                return level, f"named {word}"
    return None


def _by_hints(tool: HintedTool) -> tuple[Exposure, str] | None:
    if tool.read_only:
        return Exposure.LOW, "declared read-only"
    if tool.destructive:
        return Exposure.SEVERE, "declared destructive"
    if tool.destructive is False:
        return Exposure.MODERATE, "declared not destructive"
    return None
