"""How bad an advisory is: base scores of its CVSS vectors, and the one severity that follows from them. Pure.

https://www.first.org/cvss/. Only base metrics count: how likely exploitation is, KEV and EPSS say, and they go on
saying it after an advisory was written.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from cvss import CVSS2, CVSS3, CVSS4
from cvss.exceptions import CVSSError

from composition.advisories.osv import Rated, Record
from scoring.scales import Severity

LONGEST = 300
_READERS = {"CVSS_V2": CVSS2, "CVSS_V3": CVSS3, "CVSS_V4": CVSS4}
# The prefix and the eleven base metrics of version 4, which come in one order; what follows changes its base score.
_BASE_OF_V4 = 12
_BANDS = ((Decimal(9), Severity.CRITICAL), (Decimal(7), Severity.HIGH), (Decimal(4), Severity.MEDIUM))
_BANDS_OF_V2 = ((Decimal(7), Severity.HIGH), (Decimal(4), Severity.MEDIUM))
# As GitHub, Red Hat, Debian, Ubuntu and others say it.
_WORDS = {
    "critical": Severity.CRITICAL, "high": Severity.HIGH, "important": Severity.HIGH, "moderate": Severity.MEDIUM,
    "medium": Severity.MEDIUM, "low": Severity.LOW, "minor": Severity.LOW, "negligible": Severity.LOW,
    "unimportant": Severity.LOW,
}  # fmt: skip
_OF_WORDS = "Ubuntu"


class VectorUnreadable(ValueError):
    """A vector that its version of CVSS does not know."""


@dataclass(frozen=True, slots=True)
class Score:
    """A vector as it was published, and its base score."""

    kind: str
    vector: str
    base: Decimal

    @property
    def severity(self) -> Severity | None:
        """Return the rating of the base score, None for a score of 0.0."""
        if not self.base:
            return None
        bands = _BANDS_OF_V2 if self.kind == "CVSS_V2" else _BANDS
        return next((severity for least, severity in bands if self.base >= least), Severity.LOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What is said of how bad it is: the worst vector of each version of CVSS, and the database's word.

    `unreadable` are the vectors that could not be read.
    """

    v4: Score | None = None
    v3: Score | None = None
    v2: Score | None = None
    word: str = ""
    unreadable: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity | None:
        """Return the severity that counts, None where it is unknown.

        It is that of the higher base score of versions 4 and 3; without one, or where it is 0.0, the database's word;
        then that of version 2.
        """
        scored = max((one for one in (self.v4, self.v3) if one), key=lambda one: one.base, default=None)
        by_score = scored.severity if scored else None
        return by_score or _WORDS.get(self.word.strip().lower()) or (self.v2.severity if self.v2 else None)


@lru_cache(maxsize=16_384)
def score(kind: str, vector: str) -> Score:
    """Return the base score of a vector of CVSS_V2, CVSS_V3 or CVSS_V4. Raises VectorUnreadable."""
    read = _READERS.get(kind)
    if read is None or len(vector) > LONGEST:
        raise VectorUnreadable(f"{vector[:60]!a} is no vector of {kind[:20]!a}.")
    try:
        found = read("/".join(vector.split("/")[:_BASE_OF_V4]) if kind == "CVSS_V4" else vector)
    except CVSSError as error:
        raise VectorUnreadable(f"{vector[:60]!a} is no vector of {kind}: {str(error)[:100]}.") from error
    return Score(kind, vector, Decimal(str(found.base_score)))


def rate(severities: Iterable[Rated], *, word: str = "") -> Rating:
    """Return what follows from severities, and from the database's word for it."""
    scores: dict[str, Score] = {}
    unreadable = []
    for kind, vector in severities:
        if kind == _OF_WORDS:
            word = word or vector
            continue
        try:
            one = score(kind, vector)
        except VectorUnreadable:
            unreadable.append(vector)
            continue
        if kind not in scores or one.base > scores[kind].base:
            scores[kind] = one
    return Rating(
        v4=scores.get("CVSS_V4"), v3=scores.get("CVSS_V3"), v2=scores.get("CVSS_V2"), word=word,
        unreadable=tuple(unreadable),
    )  # fmt: skip


def rate_record(record: Record) -> Rating:
    """Return how bad an advisory is as a whole: by its own vectors and those of the packages that it names."""
    severities = [*record.severities, *(one for affected in record.affected for one in affected.severities)]
    words = [record.word, *(affected.word for affected in record.affected)]
    known = [word for word in words if word.strip().lower() in _WORDS]
    worst = min(known, key=lambda word: _WORDS[word.strip().lower()], default="")
    return rate(severities, word=worst)


def rank(severity: Severity | None) -> float:
    """Return the place in a list with the worst first: what is unknown is above low, since it may be anything."""
    return Severity.MEDIUM + 0.5 if severity is None else float(severity)


def worst(severities: Iterable[Severity | None]) -> Severity | None:
    """Return the worst of several severities, None where none is above what is unknown."""
    return min(severities, key=rank, default=None)
