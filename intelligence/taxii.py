"""A collection of TAXII 2.1, read over the guarded line: what was added since a moment, a page at a time.

TAXII 2.1, chapter 5: a collection gives its objects in envelopes, `more` and `next` lead to the following one, and the
headers say when what was sent had been added. That moment is the watermark: it moves only when the page before it has
been taken. A credential is sent to the origin for which it is named, and nowhere else; nobody is followed to another
address.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from feeds.web import Web
from inspection import credentials
from inspection.bounds import Bounds, NothingSeen
from inspection.transport.wire import Answer, Wire
from intelligence.reading import indicators
from riskregister import limits, outbound
from vendors import strict_json

MEDIA_TYPE = "application/taxii+json;version=2.1"
# A page of a busy server has 10,000 objects; a first run of a large collection may take as long as any feed.
BOUNDS = Bounds(overall=Web.seconds, request=60.0, size=indicators.MAX_BYTES, pages=2_000)
PAGE_SIZE = 1_000


@dataclass(frozen=True, slots=True)
class Page:
    """One envelope as it came, for `reading.stix`; `added_last` is when the last of its objects had been added."""

    raw: bytes
    objects: int
    added_last: datetime | None


@dataclass(slots=True)
class Client:
    """What speaks to one server; `sources` name where credentials are, by their origin. Its time begins at once."""

    allowed: outbound.Networks = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    bounds: Bounds = BOUNDS
    size: int = 0
    ends: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin: the time runs from here."""
        self.ends = time.monotonic() + self.bounds.overall

    def pages(self, collection: str, *, added_after: datetime | None = None) -> Iterator[Page]:
        """Yield what a collection (its address ends with its id) got since a moment. Raises NothingSeen.

        A server that leads in a circle, or on without end, is stopped, and said so.
        """
        asked: dict[str, str] = {"limit": str(PAGE_SIZE)}
        if added_after is not None:
            asked["added_after"] = added_after.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        known: set[str] = set()
        for _at in range(self.bounds.pages):
            envelope, raw, answer = self._get(f"{collection.rstrip('/')}/objects/?{urlencode(asked)}")
            page = _page(envelope, raw, answer)
            if page.objects:
                yield page
            if envelope.get("more") is not True:
                return
            asked = _further(asked, envelope, page)
            if (place := urlencode(asked)) in known:
                raise NothingSeen("unreadable", f"{urlsplit(collection).hostname} leads in a circle.")
            known.add(place)
        raise NothingSeen("too_large", f"{urlsplit(collection).hostname} has more than {self.bounds.pages} pages.")

    def _get(self, url: str) -> tuple[dict[str, Any], bytes, Answer]:
        """Return what stands at an address, read and as it came, and the answer for its headers."""
        credential = credentials.header_for(url, self.sources)
        wire = Wire(
            url, credential=credential, allowed=self.allowed, bounds=self.bounds, ends=self.ends, size=self.size
        )
        with wire.asked("GET", None, {"Accept": MEDIA_TYPE}) as answer:
            if answer.status != 200:
                raise NothingSeen("declined", f"{wire.host} answered {answer.status}.{_hint(answer.status)}")
            raw = answer.whole().encode()
        self.size += len(raw)
        try:
            envelope = strict_json.read(raw, limit=max(len(raw), limits.MIB))
        except strict_json.DocumentInvalid as error:
            raise NothingSeen("unreadable", f"What {wire.host} sent cannot be read: {error.problems[0]}") from error
        if not isinstance(envelope, dict):
            raise NothingSeen("unreadable", f"What {wire.host} sent is no envelope of TAXII 2.1.")
        return envelope, raw, answer


def _page(envelope: dict[str, Any], raw: bytes, answer: Answer) -> Page:
    rows = envelope.get("objects", [])
    if not isinstance(rows, list):
        raise NothingSeen("unreadable", "What came is no envelope of TAXII 2.1: its objects are no list.")
    try:
        added_last = indicators.moment(answer.header("X-TAXII-Date-Added-Last"), "X-TAXII-Date-Added-Last")
    except indicators.NotSo as error:
        raise NothingSeen("unreadable", str(error)) from error
    return Page(raw, len(rows), added_last)


def _further(asked: Mapping[str, str], envelope: dict[str, Any], page: Page) -> dict[str, str]:
    """Return what to ask for the following page: by `next`, or from when the last object had been added."""
    if isinstance(envelope.get("next"), str) and envelope["next"]:
        return {**asked, "next": envelope["next"]}
    if page.added_last is None:
        raise NothingSeen("unreadable", "There is more, but the answer does not say how to get it.")
    # A place in the list of the moment before is none in that of this one.
    rest = {name: value for name, value in asked.items() if name != "next"}
    return {**rest, "added_after": page.added_last.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")}


def _hint(status: int) -> str:
    hints = {
        401: " Name a credential for it.",
        403: " The credential may not read it.",
        404: " Check the address.",
        406: " It does not speak TAXII 2.1.",
    }
    return hints.get(status, "")
