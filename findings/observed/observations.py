"""What a source sees, when it looks, and what becomes of it; `observing` puts it on record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from accounts.models import User
from accounts.principals import Principal
from assessments.models import Assessment
from findings import assignment
from findings.models import Finding
from scoring.methodology import Methodology
from scoring.scales import Severity
from vendors.models import Server, Vendor

Subject = Server | Vendor


class Outcome(Enum):
    """What became of something that was seen."""

    OPENED = "opened"
    PROPOSED = "proposed"
    REOPENED = "reopened"
    JOINED = "joined"
    NOTED = "noted"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Observed:
    """A finding, and what became of it when it was seen."""

    finding: Finding
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What is wrong with a server or a vendor, as a source says it; `key` is the source's own lasting name for it.

    `gap`: what an answer lacks, where one raised it: a control, or the information whether there is one. `due_by` is a
    day by which it is due at the latest, whatever its severity, where somebody set one.
    """

    subject: Subject
    key: str
    severity: Severity
    title: str
    description: str = ""
    recommendation: str = ""
    dimension: str = ""
    question_key: str = ""
    question_text: str = ""
    answer_text: str = ""
    note: str = ""
    gap: str = ""
    due_by: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look of a source: when it saw what it saw, and by whom that is put on record now.

    `assessment`: as part of which, where it is one. `starts`: what a new finding begins as, open or proposed. `fixer`
    returns who gets what it opens. `method`: by whose clock that is due. `reason` is given for the ratings that change.
    `is_part`: whether the mail about what it belongs to tells of what it opens.
    """

    source: Finding.Source
    by: Principal
    seen_at: datetime
    now: datetime
    assessment: Assessment | None = None
    starts: Finding.Status = Finding.Status.OPEN
    fixer: Callable[[Subject], User | None] = assignment.choose
    method: Methodology | None = None
    reason: str = ""
    is_part: bool = False

    def why(self, finding: Finding, word: str) -> str:
        """Return the reason for ratings that follow; of a vendor's finding other units read it, so it names no look."""
        return f"{finding.ref} was {word}." if finding.vendor_id or not self.reason else self.reason
