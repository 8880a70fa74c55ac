"""What happens to reports."""

from dataclasses import dataclass

from audit.events import EventType, Tell, Who, declare, soon

SEEN = "The person waits for it and sees its progress."
ALL_WHO_ASKED = (Who.REQUESTER, Who.ALSO_ASKED)


@dataclass(frozen=True, slots=True)
class RequestedData:
    """The kind of report, and the id of who asks for it."""

    kind: str
    person: str


@dataclass(frozen=True, slots=True)
class AwaitedData:
    """The id of who waits for it too."""

    person: str


@dataclass(frozen=True, slots=True)
class IssuedData:
    """The SHA-256 of what it prints, and of its parts in their order."""

    data_digest: str
    parts: list[str]


declare(
    EventType("report.requested", "Report requested", silent=SEEN, data=RequestedData),
    EventType("report.awaited", "Report awaited", silent=SEEN, data=AwaitedData),
    EventType("report.issued", "Report issued", Tell("{label} is ready", ALL_WHO_ASKED, pace=soon), data=IssuedData),
    EventType(
        "report.failed",
        "Report failed",
        Tell("{label} could not be made", ALL_WHO_ASKED, otherwise=Who.ADMINISTRATORS, pace=soon),
    ),
    EventType("report.withdrawn", "Report withdrawn", Tell("{label} was withdrawn", ALL_WHO_ASKED, pace=soon)),
)
