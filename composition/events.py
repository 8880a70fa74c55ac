"""What happens to inventories, and to what hits servers."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from audit.events import ENTERED, EventType, Pace, Tell, Who, daily, declare, soon
from composition.models import Suppression
from findings.events import SETTLED, owners_now_or_before
from jobs.days import DayData, ends, near
from vendors.events import OwnerData


@dataclass(frozen=True, slots=True)
class Taken:
    """The release and the part of it that the document is about, its form and digest, and how much it lists.

    `other_package`: the document says that it is of a package which is none of the release.
    """

    release: str
    scope: str
    form: str
    sha256: str
    components: int
    unknown: int
    other_package: bool = False


@dataclass(frozen=True, slots=True)
class Superseded:
    """The number of the inventory that took its place."""

    by_inventory: str


@dataclass(frozen=True, slots=True)
class HitsFound:
    """How many vulnerabilities in packages were found together, and how many of them are critical and high."""

    found: int
    critical: int
    high: int


@dataclass(frozen=True, slots=True)
class Exploited:
    """The day until when a catalogue wants it mended, empty for none."""

    due_on: str


@dataclass(frozen=True, slots=True)
class Likely:
    """How likely it is to be exploited within 30 days, in per cent."""

    percent: int


@dataclass(frozen=True, slots=True)
class FixAvailable:
    """The version that is free of it."""

    fixed_in: str


@dataclass(frozen=True, slots=True)
class StatementsTaken:
    """Form, author and digest of the document, how many statements it made, and what became of them.

    `applied` speak of something here, `unmatched` of nothing yet; `superseded` are those that it makes no more.
    """

    form: str
    author: str
    sha256: str
    statements: int
    applied: int
    unmatched: int
    rejected: int
    superseded: int


@dataclass(frozen=True, slots=True)
class StatementMade:
    """What it says of the vulnerability, and its last day, empty for none."""

    says: str
    until: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """The numbers of the statement and of the finding that can be dismissed because of it, empty where none can."""

    statement: str
    finding: str


@dataclass(frozen=True, slots=True)
class Suppressed:
    """The numbers of the statement and of the finding that is dismissed, and its last day."""

    statement: str
    finding: str
    until: str


def at_once(_data: object) -> Pace:
    """Return that it is told at once, whatever the hour."""
    return Pace.CRITICAL


def can_be_accepted(data: Proposed) -> bool:
    """Return whether there is anything that somebody can accept because of it."""
    return bool(data.finding)


def who_writes_too(suppression: Suppression, _data: Proposed) -> tuple[Who, ...]:
    """Return the analysts, who accept what is proposed for a finding that is neither critical nor high."""
    return () if suppression.finding is None or suppression.finding.is_severe else (Who.ANALYSTS,)


def do_not_accept(suppression: Suppression) -> Collection[UUID]:
    """Return whose the finding is or was since it opened, and of a critical or high one who brought the statement."""
    finding, brought = suppression.finding, suppression.statement.taken_by_id
    if finding is None:
        return ()
    return {*owners_now_or_before(finding), *([brought] if brought and finding.is_severe else ())}


declare(
    EventType("inventory.taken", "Inventory taken", silent=ENTERED, data=Taken),
    EventType("inventory.superseded", "Inventory superseded", silent="Part of taking the next.", data=Superseded),
    EventType("inventory.withdrawn", "Inventory withdrawn", silent=ENTERED),
    EventType(
        "run.hits_found",
        "Vulnerabilities found",
        Tell(
            "{subject} contains {found} known vulnerabilities: {critical} critical, {high} high",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            pace=soon,
        ),
        data=HitsFound,
    ),
    EventType(
        "finding.exploited",
        "Finding is being exploited",
        Tell(
            "{label} is being exploited",
            (Who.OWNER, Who.APPROVERS, Who.MANAGERS),
            otherwise=Who.ANALYSTS,
            is_action=True,
            pace=at_once,
            settled_by=SETTLED,
        ),
        data=Exploited,
    ),
    EventType(
        "finding.likely_exploited",
        "Finding likely to be exploited",
        Tell("{label} is likely to be exploited: {percent} %", (Who.OWNER,), otherwise=Who.ANALYSTS,
             pace=soon),
        data=Likely,
    ),
    EventType(
        "finding.fix_available",
        "Finding has a fixed version",
        Tell("{label} is mended in {fixed_in}", (Who.OWNER,), otherwise=Who.ANALYSTS),
        data=FixAvailable,
    ),
    EventType("statement.taken", "Statements taken in", silent=ENTERED, data=StatementsTaken),
    EventType("statement.made", "Statement made", silent=ENTERED, data=StatementMade),
    EventType("statement.withdrawn", "Statement withdrawn", silent="What it suppressed opens again, which is told."),
    EventType("statement.superseded", "Statement superseded", silent="Part of taking in the next document."),
    EventType(
        "statement.handed_over",
        "Statement handed over",
        Tell("{label} is yours now", (Who.OWNER,), pace=soon),
        data=OwnerData,
    ),
    EventType(
        "suppression.proposed",
        "Suppression proposed",
        Tell(
            "{statement} says that {opens} does not apply: accept that, or fix it",
            (Who.APPROVERS,),
            otherwise=Who.MANAGERS,
            is_action=True,
            barred=do_not_accept,
            when=can_be_accepted,
            pace=daily,
            also=who_writes_too,
            settled_by=("suppression.accepted", *SETTLED),
            # Another statement may say the same of the finding, and still waits.
            ended_by=("suppression.ended",),
        ),
        data=Proposed,
    ),
    EventType(
        "suppression.accepted", "Suppression accepted", silent="A decision that the finding shows.", data=Suppressed
    ),
    EventType("suppression.ended", "Suppression ended", silent="What opens again with its end is told."),
    EventType(
        "suppression.ending",
        "Suppression ends soon",
        Tell(
            "The suppression {label} {ends}", (Who.OWNER,), otherwise=Who.ANALYSTS, is_action=True,
            fill=ends, pace=near, settled_by=("suppression.accepted", "suppression.ended"),
        ),
        data=DayData,
    ),
)  # fmt: skip
