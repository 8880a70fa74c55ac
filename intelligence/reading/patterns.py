"""STIX patterns: which of them come down to values that can be met one by one, and which do not.

Read are comparisons of one observation, joined by AND and OR: `[domain-name:value = 'a.example' OR ipv4-addr:value =
'192.0.2.1']`, several observations joined by OR, and `IN`. What asks for time, order or
repetition (`FOLLOWEDBY`, `WITHIN`, `REPEATS`), for likeness (`LIKE`, `MATCHES`), or for what no register knows (file
names, keys of a Windows registry) cannot be matched, and is said so. Grammar: STIX 2.1, chapter 9.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn

from intelligence.reading import values
from intelligence.reading.indicators import MAX_TERMS, Kind, NotSo, Term, shown

_LONGEST = 100_000
_DEEPEST = 30
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>'(?:[^'\\]|\\.)*+')
    |(?P<typed>[tbh]'(?:[^'\\]|\\.)*+')
    |(?P<number>-?\d+(?:\.\d+)?)
    |(?P<path>[a-z0-9][a-z0-9-]*:(?:[A-Za-z0-9_-]+|'(?:[^'\\]|\\.)*+')(?:\.(?:[A-Za-z0-9_-]+|'(?:[^'\\]|\\.)*+')|\[(?:\d+|\*)\])*)
    |(?P<word>[A-Za-z_]+)
    |(?P<sign>!=|<>|<=|>=|==|[\[\]()=<>,])
    )""",
    re.VERBOSE | re.DOTALL,
)
# What follows each: kinds of words, or the words themselves.
_QUALIFIERS = {
    "WITHIN": ("number", "SECONDS"),
    "REPEATS": ("number", "TIMES"),
    "START": ("typed", "STOP", "typed"),
}
_OTHER_TESTS = frozenset({"LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET", "NOT", "EXISTS"})
# A comparison of these adds nothing to one of the value beside it.
_IMPLIED_BY_THE_VALUE = frozenset({"network-traffic:dst_ref.type"})
_PURL = re.compile(r"[a-z0-9-]+:(?:x_)?(?:package_url|purl)\Z")


class NotAPattern(NotSo):
    """The text is no STIX pattern."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a pattern asks for: any of the `ways`, of each all terms. `unmatched` are the parts that are left out."""

    ways: tuple[frozenset[Term], ...] = ()
    unmatched: tuple[str, ...] = ()


@dataclass(slots=True)
class _Parser:
    """Goes over the words of a pattern once; `left_out` collects what cannot be matched, in words."""

    tokens: list[tuple[str, str]]
    at: int = 0
    left_out: list[str] = field(default_factory=list)

    def pattern(self) -> list[frozenset[Term]]:
        ways = self._observations(0)
        if self.at < len(self.tokens):
            _refuse(f"Nothing is read behind {shown(self.tokens[self.at - 1][1])}.")
        return ways

    def _observations(self, depth: int) -> list[frozenset[Term]]:
        ways = self._any_observation(depth)
        while self._word() == "FOLLOWEDBY":
            self.at += 1
            self._any_observation(depth)
            ways = self._leave_out("observations joined by FOLLOWEDBY")
        return ways

    def _any_observation(self, depth: int) -> list[frozenset[Term]]:
        ways = self._observations_together(depth)
        while self._word() == "OR":
            self.at += 1
            ways = _few([*ways, *self._observations_together(depth)])
        return ways

    def _observations_together(self, depth: int) -> list[frozenset[Term]]:
        ways = self._observation(depth)
        while self._word() == "AND":
            self.at += 1
            self._observation(depth)
            # Two observations are two sights at two times; a register knows of one.
            ways = self._leave_out("several observations joined by AND")
        return ways

    def _observation(self, depth: int) -> list[frozenset[Term]]:
        self._refuse_depth(depth)
        if self._takes("("):
            ways = self._observations(depth + 1)
            self._expect(")")
        else:
            self._expect("[")
            ways = self._or(depth + 1)
            self._expect("]")
        while self._word() in _QUALIFIERS:
            ways = self._leave_out(f"the qualifier {self._word()}")
            self._qualifier()
        return ways

    def _qualifier(self) -> None:
        name = self._word()
        self.at += 1
        for wanted in _QUALIFIERS[name]:
            kind, token = self._next()
            if wanted not in (kind, token.upper()):
                _refuse(f"{name} is not followed by {shown(token)}.")

    def _or(self, depth: int) -> list[frozenset[Term]]:
        ways = self._and(depth)
        while self._word() == "OR":
            self.at += 1
            ways = _few([*ways, *self._and(depth)])
        return ways

    def _and(self, depth: int) -> list[frozenset[Term]]:
        ways = self._comparison(depth)
        while self._word() == "AND":
            self.at += 1
            further = self._comparison(depth)
            if len(ways) * len(further) > MAX_TERMS:
                _refuse(f"The pattern comes down to more than {MAX_TERMS} alternatives.")
            ways = [one | other for one in ways for other in further]
        return ways

    def _comparison(self, depth: int) -> list[frozenset[Term]]:
        self._refuse_depth(depth)
        if self._takes("("):
            ways = self._or(depth + 1)
            self._expect(")")
            return ways
        if self._word() == "EXISTS":
            self.at += 1
            return self._leave_out(f"EXISTS {self._take('path')}")
        path = self._take("path")
        is_negated = self._word() == "NOT"
        self.at += is_negated
        return self._tested(path, is_negated=is_negated)

    def _tested(self, path: str, *, is_negated: bool) -> list[frozenset[Term]]:
        kind, token = self._next()
        found = self._set() if token.upper() == "IN" else [self._constant()]
        if is_negated or (kind, token.upper()) not in {("sign", "="), ("sign", "=="), ("word", "IN")}:
            if kind != "sign" and token.upper() not in _OTHER_TESTS | {"IN"}:
                _refuse(f"{shown(token)} is no comparison.")
            return self._leave_out(f"{path} {'NOT ' if is_negated else ''}{token.upper()}")
        return [way for one in found for way in self._meant(path, one)]

    def _meant(self, path: str, value: str) -> list[frozenset[Term]]:
        if path in _IMPLIED_BY_THE_VALUE:
            return [frozenset()]
        try:
            term = term_of(path, value)
        except NotSo as error:
            return self._leave_out(str(error))
        return self._leave_out(path) if term is None else [frozenset({term})]

    def _set(self) -> list[str]:
        self._expect("(")
        found = [self._constant()]
        while self._takes(","):
            found.append(self._constant())
        self._expect(")")
        return found

    def _constant(self) -> str:
        kind, token = self._next()
        if kind == "text":
            return unquoted(token)
        if kind not in ("typed", "number") and token.lower() not in ("true", "false"):
            _refuse(f"{shown(token)} is no value.")
        return token

    def _leave_out(self, what: str) -> list[frozenset[Term]]:
        self.left_out.append(what)
        return []

    def _word(self) -> str:
        return (
            self.tokens[self.at][1].upper() if self.at < len(self.tokens) and self.tokens[self.at][0] == "word" else ""
        )

    def _takes(self, sign: str) -> bool:
        is_there = self.at < len(self.tokens) and self.tokens[self.at] == ("sign", sign)
        self.at += is_there
        return is_there

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            there = self.tokens[self.at][1] if self.at < len(self.tokens) else "the end"
            _refuse(f"{sign} is missing before {shown(there)}.")

    def _take(self, kind: str) -> str:
        there, token = self._next()
        if there != kind:
            _refuse(f"{shown(token)} is no path of an object, as in domain-name:value.")
        return token

    def _next(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            _refuse("The pattern ends in the middle.")
        self.at += 1
        return self.tokens[self.at - 1]

    def _refuse_depth(self, depth: int) -> None:
        if depth > _DEEPEST:
            _refuse(f"The pattern nests deeper than {_DEEPEST} levels.")


def read(pattern: str) -> Pattern:
    """Return what a pattern asks for. Raises NotAPattern for a text that is none.

    Of what is joined by OR, a part that cannot be matched is left out; joined by AND, it takes the others with it.
    """
    parser = _Parser(list(_tokens(pattern)))
    ways = [way for way in parser.pattern() if way]
    return Pattern(tuple(dict.fromkeys(ways)), tuple(dict.fromkeys(parser.left_out)))


def term_of(path: str, value: str) -> Term | None:
    """Return the term that a property of an observed object names, None where no register could meet it. Raises NotSo
    for a value that is none of its kind.
    """
    kind, _, rest = path.partition(":")
    if path == "domain-name:value":
        return Term(Kind.DOMAIN, values.domain(value))
    if path == "network-traffic:dst_ref.value":
        return values.network(value) if values.is_address(value) else Term(Kind.DOMAIN, values.domain(value))
    if path in ("ipv4-addr:value", "ipv6-addr:value"):
        return values.network(value)
    if path == "url:value":
        return Term(Kind.URL, values.url(value))
    if path == "email-addr:value":
        return Term(Kind.MAINTAINER, values.maintainer(value))
    if rest.startswith("hashes.") and kind in ("file", "artifact"):
        algorithm = unquoted(rest.removeprefix("hashes."))
        return Term(Kind.HASH, values.digest(value, algorithm)) if values.is_digest(algorithm) else None
    if _PURL.match(path):
        return values.purl(value)
    return None


def unquoted(text: str) -> str:
    """Return a text without its quotes and escapes."""
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL) if text[:1] == "'" else text


def _tokens(pattern: str) -> Iterator[tuple[str, str]]:
    if len(pattern) > _LONGEST:
        _refuse(f"The pattern has more than {_LONGEST:,} characters.")
    at, whole = 0, pattern.rstrip()
    while at < len(whole):
        match = _TOKEN.match(whole, at)
        if match is None or match.end() == at:
            _refuse(f"Nothing in a pattern begins with {shown(whole[at : at + 20])}.")
        yield str(match.lastgroup), match[str(match.lastgroup)]
        at = match.end()


def _few(ways: list[frozenset[Term]]) -> list[frozenset[Term]]:
    if len(ways) > MAX_TERMS:
        _refuse(f"The pattern comes down to more than {MAX_TERMS} alternatives.")
    return ways


def _refuse(why: str) -> NoReturn:
    raise NotAPattern(why)
