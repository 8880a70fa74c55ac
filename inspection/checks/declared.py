"""What a check is, and what comes of one. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from inspection.checks.offered import Subject
from scoring.scales import Severity

# How much of a text is shown on each side of what matched.
_AROUND = 60


class Nature(StrEnum):
    """How a check comes to what it says."""

    FACT = "fact"
    """Anybody who looks sees the same: characters, names, hints, parameters."""
    WORDING = "wording"
    """Words that attacks use, and honest vendors too."""


class Outcome(StrEnum):
    """What came of a check; what was not captured is not assessed, and never passed."""

    PASSED = "passed"
    HIT = "hit"
    NOT_ASSESSED = "not_assessed"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The words that matched, and what stands before and behind them."""

    before: str
    matched: str
    after: str

    def __str__(self) -> str:
        """Return them in one line."""
        return f"{self.before}{self.matched}{self.after}"


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that a check found: in which tool or text, where in it, a sentence, and the words as they stand."""

    place: str
    path: str
    sentence: str
    excerpt: Excerpt | None = None

    def __str__(self) -> str:
        """Return the place and the sentence."""
        return f"{self.place}: {self.sentence}"


def _nothing(subject: Subject) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check. `owasp` is of the OWASP MCP Top 10, `techniques` are of SAFE-MCP.

    `gates`: no approval is made before a person has judged its hits; only where it has no false alarm. `needs` returns
    why nothing can be said of a subject, empty where something can.
    """

    id: str
    title: str
    reason: str
    remedy: str
    owasp: str
    techniques: tuple[str, ...]
    nature: Nature
    severity: Severity
    look: Callable[[Subject], Iterable[Hit]]
    gates: bool = False
    needs: Callable[[Subject], str] = _nothing

    @property
    def of_agents(self) -> bool:
        """Return whether it looks at what other servers of the same agents offer, too."""
        return self.needs is not _nothing


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a check: its hits, or why it says nothing."""

    check: Check
    hits: tuple[Hit, ...] = ()
    why: str = ""

    @property
    def outcome(self) -> Outcome:
        """Return passed, hit, or not assessed."""
        if self.why:
            return Outcome.NOT_ASSESSED
        return Outcome.HIT if self.hits else Outcome.PASSED


def excerpt(text: str, begins: int, ends: int) -> Excerpt:
    """Return what stands between two places of a text, with some of what is around it."""
    first, last = max(begins - _AROUND, 0), min(ends + _AROUND, len(text))
    before = ("…" if first else "") + text[first:begins]
    return Excerpt(before, text[begins:ends], text[ends:last] + ("…" if last < len(text) else ""))
