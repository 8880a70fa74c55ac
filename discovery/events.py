"""What happens to what was found on machines."""

from dataclasses import dataclass

from audit.events import ENTERED, EventType, Tell, Who, declare

DECIDED = ("unapproved_use.registered", "unapproved_use.linked", "unapproved_use.denied", "unapproved_use.watched")
_BY_WHO_TRIAGES = "A step of those who triage; the page of the use shows it."


@dataclass(frozen=True, slots=True)
class Received:
    """The machine, how many servers it named, how many it names no more, and how much could not be read."""

    machine: str
    entries: int
    named_no_more: int
    unread: int


@dataclass(frozen=True, slots=True)
class Unapproved:
    """The machine, and how many servers it has that nobody had seen in its unit, nor approved."""

    machine: str
    unapproved: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What it is."""

    identity: str


@dataclass(frozen=True, slots=True)
class IsServer:
    """The server that it is, and its id."""

    server: str
    server_id: str


@dataclass(frozen=True, slots=True)
class Watched:
    """The last day on which it is let be."""

    until: str


@dataclass(frozen=True, slots=True)
class WatchEnded:
    """The day that has passed."""

    day: str
    step: str
    days: int


declare(
    EventType("discovery.received", "Report of a machine received", silent=ENTERED, data=Received, often=True),
    EventType(
        "discovery.unapproved",
        "Unapproved use found",
        Tell("{machine} uses what nobody approved: {unapproved} new", (Who.ANALYSTS,), otherwise=Who.MANAGERS),
        data=Unapproved,
    ),
    EventType(
        "unapproved_use.seen", "Unapproved use seen", silent="The report that found it is told.", data=Seen, often=True
    ),
    EventType("unapproved_use.registered", "Unapproved use registered", silent=_BY_WHO_TRIAGES, data=IsServer),
    EventType("unapproved_use.linked", "Unapproved use found to be a server", silent=_BY_WHO_TRIAGES, data=IsServer),
    EventType("unapproved_use.denied", "Unapproved use denied", silent=_BY_WHO_TRIAGES),
    EventType("unapproved_use.watched", "Unapproved use watched", silent=_BY_WHO_TRIAGES, data=Watched),
    EventType(
        "unapproved_use.seen_again",
        "Denied use seen again",
        Tell(
            "{label} is denied, and is in use all the same",
            (Who.ANALYSTS, Who.MANAGERS),
            is_action=True,
            settled_by=DECIDED,
        ),
    ),
    EventType(
        "unapproved_use.watch_ended",
        "Watch ended",
        Tell("{label} is watched no longer: decide", (Who.ANALYSTS,), otherwise=Who.MANAGERS, is_action=True,
             settled_by=DECIDED),
        data=WatchEnded,
    ),
)  # fmt: skip
