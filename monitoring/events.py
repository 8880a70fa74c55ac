"""What happens to runs of collectors."""

from dataclasses import dataclass

from audit.events import ENTERED, EventType, Tell, Who, declare


@dataclass(frozen=True, slots=True)
class Asked:
    """What looks, and at which address."""

    collector: str
    address: str


@dataclass(frozen=True, slots=True)
class Complete:
    """The release that has what was seen, the digest of its manifest, the digest of the answers as they came, and that
    of all observations as they are kept (`saw`).
    """

    release: str
    manifest_digest: str
    raw_digest: str
    saw: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """In which format other scanners wrote, which they are, how many results they have, and the document's SHA-256."""

    format: str
    scanner: str
    results: int
    sha256: str


@dataclass(frozen=True, slots=True)
class NotAssessed:
    """Why nothing is known, in one word and in a sentence, and whether the look before had an outcome or was none.
    `saw` is the digest of what was observed all the same.
    """

    code: str
    why: str
    is_news: bool
    saw: str = ""


def is_news(data: NotAssessed) -> bool:
    """Return whether it was not so the last time."""
    return data.is_news


TOLD = Tell(
    "The look at {subject} showed nothing: it is not assessed",
    (Who.OWNER,),
    otherwise=Who.MANAGERS,
    when=is_news,
    by_mail=is_news,
)

declare(
    EventType("run.asked", "Look asked for", silent=ENTERED, data=Asked, often=True),
    EventType(
        "run.complete", "Look complete", silent="What it found has events of its own.", data=Complete, often=True
    ),
    EventType("run.imported", "Results of other scanners imported", silent=ENTERED, data=Imported, often=True),
    EventType("run.empty", "Look came back empty", TOLD, data=NotAssessed),
    EventType("run.failed", "Look failed", TOLD, data=NotAssessed),
)
