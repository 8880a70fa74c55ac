"""Tools that are harmless each, and dangerous together: private data, what strangers wrote, and a way out. Pure.

Whoever writes what an agent reads can then have it send what it reads elsewhere. Read from names, descriptions and
parameters, whose words are general ones of APIs; that a server has all three is no fault of it: people decide whether
its agent needs all.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from inspection.checks.declared import Hit
from inspection.checks.offered import Agent, Part, Subject
from vendors.tools import tool_reading

_NAMED = 3


class Leg(StrEnum):
    """One of the three."""

    PRIVATE = "private data"
    UNTRUSTED = "what strangers wrote"
    OUT = "a way out"


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


_PRIVATE = _words(
    "file directory folder document email mail inbox mailbox message thread dm conversation note contact calendar",
    "attachment drive secret credential password vault customer patient employee payroll invoice salary clipboard",
    "keychain bookmark transcript meeting recording env environment",
)
_UNTRUSTED = _words(
    "url website webpage internet browser article feed rss tweet comment issue review discussion email mail inbox",
    "message thread dm attachment forum transcript ticket news web",
)
_SENDS = _words(
    "send post publish tweet email mail reply forward share upload notify broadcast invite message respond dm"
)
_SENT = _words("comment reply message post email mail webhook tweet gist dm notification")
_MAKES = _words("add create write make new submit draft")
_OPENS = _words("fetch get download navigate goto open visit request browse scrape crawl curl http load read")
# Behind these a name says of what or whose, and a name may end in how much of it.
_OF = _words("by for in from of with to at on")
_RESTS = _words("content detail list info data text body all summary history id")
_ADDRESS = re.compile(r"\w{0,40}(?:url|uri)s?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A tool of a server, with the legs that it stands for."""

    server: str
    name: str
    legs: frozenset[Leg]

    @property
    def called(self) -> str:
        """Return its name, with the server where it is another."""
        return f"{self.name} of {self.server}" if self.server else self.name


def of_server(subject: Subject) -> Iterator[Hit]:
    """Yield one hit where the tools of the server have all three together."""
    if sentence := _together([_labelled("", tool) for tool in subject.tools]):
        yield Hit("(all tools)", "", sentence)


def of_agents(subject: Subject) -> Iterator[Hit]:
    """Yield one hit an agent whose servers have all three together, of which the server brings one, and not all."""
    own = [_labelled("", tool) for tool in subject.tools]
    if _together(own):
        # The agent has them with this server alone, which the other check says.
        return
    for agent in subject.agents:
        others = list(_of_others(agent))
        if not _together(others) and (sentence := _together([*own, *others])):
            yield Hit(agent.name, "", sentence)


def legs(tool: Part) -> frozenset[Leg]:
    """Return what a tool stands for, by its words."""
    words = [_singular(word) for word in tool_reading.words_of(tool.name)]
    name, thing = tool_reading.read_name(tool.name), _thing(words)
    reads = name.reads or (name.verb is None and tool_reading.read_description(tool.description).reads)
    opens = not _OPENS.isdisjoint(words) and any(_ADDRESS.fullmatch(one) for one in tool.parameters)
    sends = name.verb in _SENDS or (name.verb in _MAKES and thing in _SENT)
    found = {
        Leg.PRIVATE: reads and thing in _PRIVATE,
        Leg.UNTRUSTED: opens or (reads and thing in _UNTRUSTED),
        Leg.OUT: opens or (sends and not name.reads),
    }
    return frozenset(leg for leg, is_one in found.items() if is_one)


def _thing(words: Sequence[str]) -> str:
    """Return what a name is about: its last word that says so."""
    until = next((at for at, word in enumerate(words) if at and word in _OF), len(words))
    naming = [word for word in words[:until] if word not in _RESTS]
    return naming[-1] if naming else ""


def _of_others(agent: Agent) -> Iterator[Labelled]:
    for other in agent.others:
        yield from (_labelled(other.server, tool) for tool in other.tools)


def _labelled(server: str, tool: Part) -> Labelled:
    return Labelled(server, tool.name, legs(tool))


def _together(tools: Iterable[Labelled]) -> str:
    """Return a sentence with tools for each leg; empty where one is missing."""
    by_leg: Mapping[Leg, list[str]] = {leg: [] for leg in Leg}
    for tool in tools:
        for leg in sorted(tool.legs):
            by_leg[leg].append(tool.called)
    if not all(by_leg.values()):
        return ""
    return "; ".join(f"{leg}: {_few(names)}" for leg, names in by_leg.items())


def _few(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
