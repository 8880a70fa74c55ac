"""Reads the JSON of OpenSSF Scorecard (`scorecard --format json`, and what its service answers).

Its schema is `pkg/scorecard/json.v2.schema` of ossf/scorecard. Its service leaves out details (null), and a score of -1
says that nothing was assessed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from inspection.scanners.claims import Claim, Report, few, objects, refuse, text

NAME = "OpenSSF Scorecard"
_LEAST, _MOST, _NOT_ASSESSED = 0, 10, -1
_WHOLE = "Import the result of scorecard --format json as it was written."

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """One of its checks: a score of 0 to 10 (None: not assessed), and why."""

    name: str
    score: int | None
    reason: str

    @property
    def says(self) -> str:
        """Return the score and the reason in words."""
        score = "Not assessed" if self.score is None else f"{self.score} of {_MOST}"
        return f"{score}: {self.reason}" if self.reason else score


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """What it says of a repository ("github.com/example/weather") at a commit, on a day."""

    repository: str
    commit: str
    at: datetime
    version: str
    score: float | None
    checks: tuple[Check, ...]


def is_one(document: Any) -> bool:
    """Return whether a document looks like one of its results."""
    return isinstance(document, Mapping) and "repo" in document and "checks" in document


def read(document: Json) -> Report:
    """Return what it claims. Raises ResultsInvalid with the place of what cannot be read."""
    found = scorecard(document)
    claims = few(
        Claim(NAME, one.name, found.repository, one.says, None, is_assessed=one.score is not None)
        for one in found.checks
    )
    return Report(
        "OpenSSF Scorecard JSON", ((NAME, found.version),), claims,
        looked_at=len(claims), about=found.repository, as_of=found.at,
    )  # fmt: skip


def scorecard(document: Json) -> Scorecard:
    """Return what a result says. Raises ResultsInvalid with the place of what cannot be read."""
    repo, made_by = _object(document, "repo"), _object(document, "scorecard")
    repository = text(repo, "name").lower()
    if not repository:
        raise refuse("repo.name", f"It does not say which repository it is about. {_WHOLE}")
    checks = tuple(_checks(document))
    if not checks:
        raise refuse("checks", f"It has no checks: nothing was assessed. {_WHOLE}")
    return Scorecard(
        repository=repository, commit=text(repo, "commit")[:64], at=_date(document), version=text(made_by, "version"),
        score=_score(document), checks=checks,
    )  # fmt: skip


def _checks(document: Json) -> Iterator[Check]:
    names: set[str] = set()
    for path, row in objects(document.get("checks"), "checks"):
        name, score = text(row, "name")[:50], row.get("score")
        if not name or name in names:
            raise refuse(f"{path}.name", f"Expected a name that no other check has. {_WHOLE}")
        # To Python, true is a number.
        if type(score) is not int or not _NOT_ASSESSED <= score <= _MOST:
            raise refuse(f"{path}.score", f"Expected a whole number from {_LEAST} to {_MOST}, or -1. {_WHOLE}")
        names.add(name)
        yield Check(name, None if score == _NOT_ASSESSED else score, text(row, "reason"))


def _date(document: Json) -> datetime:
    """Return the moment that it names; of a day, the beginning."""
    try:
        found = datetime.fromisoformat(text(document, "date"))
    except ValueError:
        raise refuse("date", f"Expected a day such as 2026-11-20. {_WHOLE}") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _score(document: Json) -> float | None:
    found = document.get("score")
    is_score = isinstance(found, int | float) and not isinstance(found, bool) and _LEAST <= found <= _MOST
    if not is_score and found != _NOT_ASSESSED:
        raise refuse("score", f"Expected a number from {_LEAST} to {_MOST}, or -1. {_WHOLE}")
    return float(found) if isinstance(found, int | float) and is_score else None


def _object(document: Json, key: str) -> Json:
    found = document.get(key)
    return found if isinstance(found, Mapping) else {}
