"""What the demo organisation says of each server, read from `demo/answers`: its use, and its example answers."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from catalogue.models import Option, Question
from vendors.models.deployment import FACTS

FOLDER = Path(__file__).resolve().parent / "answers"
# A profile is what the usual answer of a dimension is worth, in quarters.
PROFILES = {"strong": 4, "sound": 3, "mixed": 2, "poor": 1}


@dataclass(frozen=True)
class Sheet:
    """One server as the example organisation uses and judges it; see demo/answers/README.md."""

    key: str
    unit: str
    owner: str
    profile: Mapping[str, str]
    evidence: str
    deployments: tuple[Mapping[str, Any], ...] = ()
    answers: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    is_under_contract: bool = False
    tags: tuple[str, ...] = ()

    def choose(self, question: Question, options: Iterable[Option], *, against: Collection[str] = ()) -> str:
        """Return the key of the option that the sheet names and the question offers, else of that near the profile.

        Of two that are equally near the better one is taken; none of those `against` which the register knows otherwise
        is, unless the sheet names it.
        """
        options = list(options)
        if named := self.named(question.key, {option.key for option in options}):
            return named
        target = self.quarters(question.dimension, critical=question.is_critical)
        honest = [option for option in options if option.key not in against]
        nearest = min(honest, key=lambda option: (abs(option.quarters - target), -option.quarters))
        return nearest.key

    def quarters(self, dimension: str, *, critical: bool) -> int:
        """Return in quarters what the usual answer is worth; where much is mixed, what is critical is still sound."""
        target = PROFILES[self.profile.get(dimension, self.profile["usual"])]
        return max(target, PROFILES["sound"]) if critical and target >= PROFILES["mixed"] else target

    def named(self, question: str, offered: Collection[str]) -> str:
        """Return the key that the sheet names among those that a question offers, or an empty text."""
        answer = self.answers.get(question, ())
        keys = [answer] if isinstance(answer, str) else answer
        return next((key for key in keys if key in offered), "")


def load(key: str) -> Sheet:
    """Return the sheet of this name."""
    facts = _read(key)
    deployments = tuple(_deployment(row) for row in facts.pop("deployments", []))
    return Sheet(key=key, deployments=deployments, **facts)


def vendor(name: str) -> dict[str, Any]:
    """Return what the organisation says of a vendor: kinds, criticality and relationship owner."""
    found: dict[str, Any] = _read("vendors")[name]
    return dict(found)


def _deployment(row: Mapping[str, Any]) -> dict[str, Any]:
    levels = str(row["facts"]).split()
    return {key: value for key, value in row.items() if key != "facts"} | dict(zip(FACTS, levels, strict=True))


def _read(key: str) -> dict[str, Any]:
    return dict(_parsed(key))


@cache
def _parsed(key: str) -> dict[str, Any]:
    text = (FOLDER / f"{key}.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))
