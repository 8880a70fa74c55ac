"""Names that tools of several servers of one agent share, so that a model may call one for another. Pure."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from inspection.checks.declared import Hit, excerpt
from inspection.checks.offered import Agent, Part, Subject
from riskregister import lookalikes

# What a copy of a tool is called: the name with a version, or with a word that recommends it.
_COPY = re.compile(
    r"(?:[\s_\-.](?:v?\d+(?:[._]\d+)*|new|latest|official|secure|safe|fast|pro|plus|beta|fixed|updated|improved"
    r"|original|real|better|enhanced|copy|alt)|V\d+)+\Z",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?<=[\s_\-.])(?:a|an|the)[\s_\-.]", re.IGNORECASE)
# A name of one word is a word of the language too.
_SEVERAL_WORDS = re.compile(r"[A-Za-z0-9]+[a-z0-9](?:[_\-.][A-Za-z0-9]+|[A-Z][A-Za-z0-9]*)+")
_IDENTIFIER = re.compile(r"[A-Za-z][\w.\-]*\w")


def no_agent(subject: Subject) -> str:
    """Return why nothing can be said of a server that no agent is known to use beside others."""
    if not subject.agents:
        return "No deployment says which agent uses this server."
    return "" if any(agent.others for agent in subject.agents) else "No other server of its agents has captured tools."


def shadowed(subject: Subject) -> Iterator[Hit]:
    """Yield the names that a tool of another server of an agent has too, and those that look like it or copy it."""
    beside = [(other, tool.name) for other, tool in _tools_beside(subject.agents)]
    by_fold, by_look, by_stem = _indexed(beside, fold), _indexed(beside, lookalikes.skeleton), _indexed(beside, stem)
    for tool in subject.tools:
        same = by_fold[fold(tool.name)]
        alike = by_look[lookalikes.skeleton(tool.name)] - same
        copies = by_stem[stem(tool.name)] - same - alike
        if same:
            yield Hit(tool.name, "name", f"is a tool of {_named(other for other, _name in same)} too")
        if alike:
            yield Hit(tool.name, "name", f"looks like {_of(alike)}")
        if copies:
            yield Hit(tool.name, "name", f"is named as another version of {_of(copies)}")


def fold(name: str) -> str:
    """Return a name as clients and models tell it apart: in whatever case, spelled with whatever separators."""
    return re.sub(r"[\s_\-.]+", "", unicodedata.normalize("NFKC", name).casefold())


def stem(name: str) -> str:
    """Return a name without articles and the version or the recommendation that it ends in, folded."""
    return fold(_COPY.sub("", _ARTICLE.sub("", name)))


def mentions(subject: Subject) -> Iterator[Hit]:
    """Yield where a text names a tool of another server of an agent: it may tell the model how to call that one."""
    own = {tool.name for tool in subject.tools}
    elsewhere: dict[str, set[str]] = defaultdict(set)
    for other, tool in _tools_beside(subject.agents):
        if tool.name not in own and _SEVERAL_WORDS.fullmatch(tool.name):
            elsewhere[tool.name].add(other)
    if elsewhere:
        for one in subject.parts:
            for path, text in one.texts:
                yield from _mentions(one, path, text, elsewhere)


def _mentions(one: Part, path: str, text: str, elsewhere: dict[str, set[str]]) -> Iterator[Hit]:
    named: set[str] = set()
    for word in _IDENTIFIER.finditer(text):
        if word[0] in elsewhere and word[0] not in named:
            named.add(word[0])
            sentence = f"names {word[0]} of {_named(elsewhere[word[0]])}"
            yield Hit(one.name, path, sentence, excerpt(text, word.start(), word.end()))


def _tools_beside(agents: Iterable[Agent]) -> Iterator[tuple[str, Part]]:
    for agent in agents:
        for other in agent.others:
            yield from ((other.server, tool) for tool in other.tools)


def _indexed(names: Iterable[tuple[str, str]], key: Callable[[str], str]) -> Mapping[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for server, name in names:
        found[key(name)].add((server, name))
    return found


def _of(tools: Iterable[tuple[str, str]]) -> str:
    return _named(f"{name} of {server}" for server, name in tools)


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))
