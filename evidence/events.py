"""What happens to evidence and to the files that are kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from audit.events import ENTERED, EventType, Tell, Who, declare, soon
from jobs.days import DayData, ends, near


@dataclass(frozen=True, slots=True)
class AddedData:
    """What kind of evidence it is, who issued it, and the digest of its file if it has one."""

    kind: str
    issuer: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class KeptData:
    """The digest of the copy that is kept of a link."""

    sha256: str


@dataclass(frozen=True, slots=True)
class MovedData:
    """Its last day and its issuer, as they were and as they are; an empty day: it does not run out."""

    was_until: str
    valid_until: str
    was_issuer: str
    issuer: str


@dataclass(frozen=True, slots=True)
class FileData:
    """The digest under which a file is kept, and the first few records that rest on it."""

    sha256: str
    needed_by: list[str]


def named(data: FileData) -> Mapping[str, str]:
    """Return what rests on the file, its digest when nothing does."""
    return {"file": ", ".join(data.needed_by) or f"SHA-256 {data.sha256}"}


WHOLE = ("evidence.file_restored",)

declare(
    EventType("evidence.added", "Evidence added", silent=ENTERED, data=AddedData, often=True),
    EventType("evidence.copy_kept", "Copy of a link kept", silent=ENTERED, data=KeptData, often=True),
    EventType(
        "evidence.moved",
        "Validity of evidence moved",
        silent="The certificate that it is tells why, and the ratings that get worse tell themselves.",
        data=MovedData,
    ),
    EventType(
        "evidence.expiring",
        "Evidence expires soon",
        Tell("{label} {ends}", (Who.OWNER,), otherwise=Who.ANALYSTS, fill=ends, pace=near),
        data=DayData,
    ),
    EventType(
        "evidence.expired",
        "Evidence expired",
        Tell("{label} is not valid any more", (Who.OWNER,), otherwise=Who.ANALYSTS, pace=soon),
        data=DayData,
    ),
    EventType(
        "evidence.file_damaged",
        "Kept file found damaged",
        Tell("A kept file is damaged: {file}", (Who.ADMINISTRATORS,), is_action=True, fill=named, settled_by=WHOLE),
        data=FileData,
    ),
    EventType(
        "evidence.file_missing",
        "Kept file found missing",
        Tell("A kept file is missing: {file}", (Who.ADMINISTRATORS,), is_action=True, fill=named, settled_by=WHOLE),
        data=FileData,
    ),
    EventType(
        "evidence.file_restored",
        "Kept file whole again",
        silent="Good news that the register shows; nobody has to act.",
        data=FileData,
    ),
)
