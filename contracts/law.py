"""The law as data: rules with where they stand, which of them apply to whom, and what moved between two versions. Pure.

A published version is a file `data/law-N.yaml` that never changes. This is no legal advice, and every door says so.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from catalogue import files

FOLDER = Path(__file__).parent / "data"
SCHEMA = FOLDER / "schema.json"
LATEST = 2
NO_ADVICE = "This is no legal advice."
UNKNOWN, NONE = "unknown", "none"
# Every server of the register is a service of information technology.
_ALWAYS = MappingProxyType({"service": "ICT"})


class UnknownLaw(Exception):
    """There is no version of the law with this number."""


class Reach(StrEnum):
    """Whether a rule applies."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Force(StrEnum):
    """Where a rule stands on a day."""

    IN_FORCE = "in force"
    TO_COME = "to come"
    PROPOSED = "proposed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Law:
    """A law or standard, where it is found, and what it is cited by."""

    key: str
    title: str
    citation: str
    address: str


@dataclass(frozen=True, slots=True)
class Condition:
    """What must be so for a rule to apply: the fact has one of the values, or has none of them."""

    fact: str
    values: tuple[str, ...]
    is_not: bool

    def met_by(self, value: str) -> Reach:
        """Return whether a value of the fact meets it; what is not known leaves it open."""
        if value == UNKNOWN:
            return Reach.UNKNOWN
        return Reach.YES if (value in self.values) != self.is_not else Reach.NO


@dataclass(frozen=True, slots=True)
class Rule:
    """One demand of a law; `status` is how far the law itself has come: in force, agreed or proposed."""

    key: str
    law: Law
    article: str
    title: str
    demands: str
    status: str
    valid_from: date | None
    valid_to: date | None
    conditions: tuple[Condition, ...]

    @property
    def cited(self) -> str:
        """Return e.g. "Digital Operational Resilience Act (DORA), 28(3)"."""
        return f"{self.law.title}, {self.article}"

    def force(self, today: date) -> Force:
        """Return where it stands on a day."""
        if self.status == "proposed" or self.valid_from is None:
            return Force.PROPOSED
        if self.valid_to is not None and self.valid_to < today:
            return Force.ENDED
        return Force.IN_FORCE if self.valid_from <= today else Force.TO_COME


@dataclass(frozen=True, slots=True)
class Applies:
    """Whether a rule applies, and why, in a sentence."""

    reach: Reach
    why: str


@dataclass(frozen=True, slots=True)
class Code:
    """All rules of one version, by their keys."""

    version: int
    title: str
    checked_on: date
    laws: tuple[Law, ...]
    rules: Mapping[str, Rule]


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a rule from one version to the next: `was` and `now` in words, empty where it was not there.

    `what` is "new", "gone", or what is otherwise: where it "stands", what it "demands", to whom it "applies", or where
    it is "cited".
    """

    rule: Rule
    what: str
    was: str
    now: str


@cache
def load(version: int = LATEST) -> Code:
    """Return a published version. Raises UnknownLaw."""
    path = FOLDER / f"law-{version}.yaml"
    if not path.is_file():
        raise UnknownLaw(f"There is no version {version} of the law.")
    return parse(files.read(path, "law_file", schema=SCHEMA))


def versions() -> list[int]:
    """Return the numbers of the published versions, the first one first."""
    return list(range(1, LATEST + 1))


def parse(document: Mapping[str, Any]) -> Code:
    """Return what plain data says. Raises KeyError for a rule of a law that is not named."""
    laws = {row["key"]: Law(**row) for row in document["laws"]}
    rules = {row["key"]: _rule(row, laws) for row in document["rules"]}
    return Code(
        document["version"], document["title"], document["checked_on"], tuple(laws.values()), MappingProxyType(rules)
    )


def applies(rule: Rule, facts: Mapping[str, str], *, words: Mapping[str, str]) -> Applies:
    """Return whether the rule applies where the facts are so; a fact that is not named is not known.

    One that is not met decides, before all that is not known. `words` are what the facts are called.
    """
    known = facts | _ALWAYS
    met = {one.fact: one.met_by(known.get(one.fact, UNKNOWN)) for one in rule.conditions}
    for reach in (Reach.NO, Reach.UNKNOWN):
        named = [fact for fact, found in met.items() if found is reach]
        if named:
            return Applies(reach, _because(reach, named, known, words))
    return Applies(Reach.YES, _because(Reach.YES, list(met), known, words))


def to_come(code: Code, today: date) -> list[Rule]:
    """Return the rules that are agreed and in force from a day to come, or from today, the next one first."""
    found = [(rule.valid_from, rule.key, rule) for rule in code.rules.values() if rule.force(today) in _COMING]
    return [rule for day, _key, rule in sorted(found, key=lambda one: one[:2]) if day and day >= today]


def facts_named(code: Code) -> set[str]:
    """Return the facts that the rules ask for, but those that hold for every server."""
    return {one.fact for rule in code.rules.values() for one in rule.conditions} - set(_ALWAYS)


def moved(old: Code, new: Code) -> list[Moved]:
    """Return what is otherwise in the newer version: rules that came, went, or stand otherwise; in its order."""
    came = [Moved(rule, "new", "", stands(rule)) for key, rule in new.rules.items() if key not in old.rules]
    gone = [Moved(rule, "gone", stands(rule), "") for key, rule in old.rules.items() if key not in new.rules]
    both = [(old.rules[key], rule) for key, rule in new.rules.items() if key in old.rules]
    changed = [one for was, now in both for one in _changes(was, now)]
    return [*came, *changed, *gone]


def history(key: str, codes: Collection[Code]) -> list[tuple[Code, str]]:
    """Return where a rule stood in each version in which that was otherwise than before, the oldest first."""
    found: list[tuple[Code, str]] = []
    for code in sorted(codes, key=lambda one: one.version):
        rule = code.rules.get(key)
        if rule and (not found or found[-1][1] != stands(rule)):
            found.append((code, stands(rule)))
    return found


def stands(rule: Rule) -> str:
    """Return where a rule stands, in words, e.g. "Agreed, from 2 Dec 2027"."""
    parts = [rule.status.capitalize()]
    parts += [f"from {_day(rule.valid_from)}"] if rule.valid_from else []
    parts += [f"until {_day(rule.valid_to)}"] if rule.valid_to else []
    return ", ".join(parts)


def applies_to(rule: Rule) -> str:
    """Return to whom a rule applies, in words, e.g. "Where financial is not none"."""
    conditions = [
        f"{one.fact} is {'not ' if one.is_not else ''}{' or '.join(one.values)}".replace("_", " ")
        for one in rule.conditions
    ]
    return f"Where {' and '.join(conditions)}"


_COMING = (Force.IN_FORCE, Force.TO_COME)
_COMPARED: Mapping[str, Callable[[Rule], str]] = MappingProxyType(
    {
        "stands": stands,
        "demands": lambda rule: rule.demands.removesuffix("."),
        "applies": applies_to,
        "cited": lambda rule: rule.cited,
    }
)


def _changes(was: Rule, now: Rule) -> Iterator[Moved]:
    for what, in_words in _COMPARED.items():
        if in_words(was) != in_words(now):
            yield Moved(now, what, in_words(was), in_words(now))


def _rule(row: Mapping[str, Any], laws: Mapping[str, Law]) -> Rule:
    return Rule(
        key=row["key"],
        law=laws[row["law"]],
        article=row["article"],
        title=row["title"],
        demands=row["demands"],
        status=row["status"],
        valid_from=row.get("valid_from"),
        valid_to=row.get("valid_to"),
        conditions=tuple(_condition(one) for one in row["applies_if"]),
    )


def _condition(row: Mapping[str, Any]) -> Condition:
    return Condition(row["fact"], tuple(row.get("is") or row["is_not"]), "is_not" in row)


def _because(reach: Reach, named: list[str], facts: Mapping[str, str], words: Mapping[str, str]) -> str:
    called = [words.get(fact, fact.replace("_", " ")) for fact in named]
    if reach is Reach.UNKNOWN:
        return f"Not known: {'; '.join(called)}."
    return f"{'; '.join(f'{word}: {_value(facts, fact)}' for word, fact in zip(called, named, strict=True))}."


def _value(facts: Mapping[str, str], fact: str) -> str:
    return facts[fact].replace("_", " ")


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
