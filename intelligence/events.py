"""What happens to what the world says of threats, and whom it concerns."""

from dataclasses import dataclass

from audit.events import ENTERED, EventType, Tell, Who, declare

_SETTLED = ("watch_entry.settled",)


@dataclass(frozen=True, slots=True)
class Promoted:
    """The finding that came of it."""

    finding: str


@dataclass(frozen=True, slots=True)
class Noted:
    """What was learnt, and who says so."""

    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class Taken:
    """In which form the log was, how many hosts it names, and how many lines could not be read."""

    form: str
    hosts: int
    unread: int


@dataclass(frozen=True, slots=True)
class Shared:
    """The marking, to whom, how many hits, entries and findings, and the SHA-256 of the bundle."""

    tlp: str
    recipient: str
    objects: int
    sha256: str


declare(
    EventType("indicator_hit.promoted", "Finding proposed of a hit", silent="The finding is told.", data=Promoted),
    EventType(
        "watch_entry.noted",
        "Noted on a watch list",
        Tell("{label}: watch {subject}", (Who.OWNER,), otherwise=Who.MANAGERS, is_action=True, settled_by=_SETTLED),
        data=Noted,
    ),
    EventType("watch_entry.settled", "Watch entry settled", silent="A step of those who watch; its page shows it."),
    EventType(
        "watch_entry.reopened", "Watch entry opened again", silent="A step of those who watch; its page shows it."
    ),
    EventType("egress.taken", "Log of egress taken", silent=ENTERED, data=Taken),
    EventType(
        "share.made",
        "Passed on to others",
        Tell("{actor} passed on what the register learnt: {label}", (Who.MANAGERS,)),
        data=Shared,
    ),
)
