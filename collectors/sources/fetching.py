"""Documents that a look fetches: guarded when it connects, and all of them within the bounds of one look.

What was fetched is kept as it came, so that whoever reads the evidence later can judge it anew.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from inspection import credentials
from inspection.bounds import Bounds, NothingSeen
from inspection.transport.wire import Answer, Wire
from monitoring.models import Run
from monitoring.observed import Look, Seen
from riskregister import canonical, limits, outbound
from vendors import strict_json

# The document of a package with a thousand versions has some 10 MB.
BOUNDS = Bounds(overall=60.0, request=20.0, size=32 * limits.MIB)
# What a look keeps of all documents together; of what is longer only its digest.
KEPT = limits.MIB
_GONE = (404, 410)
_SHOWN_KEY = 120


@dataclass
class Fetch:
    """What fetches for one look: its time runs from here. `sources` name where credentials are, by their origin."""

    allowed: outbound.Networks = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    bounds: Bounds = BOUNDS
    came: list[dict[str, Any]] = field(default_factory=list)
    size: int = 0
    ends: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin the look."""
        self.ends = time.monotonic() + self.bounds.overall

    def wire(self, url: str, *, credential: str = "") -> Wire:
        """Return what speaks to an address for the rest of the look's time and bytes."""
        return Wire(
            url, credential=credential, allowed=self.allowed, bounds=self.bounds, ends=self.ends, size=self.size
        )

    def text(self, url: str, *, accept: str) -> str | None:
        """Return the text that stands at an address, None where there is none. Raises NothingSeen for anything else."""
        try:
            urlsplit(url)
        except ValueError as error:
            # Strangers name addresses too: where metadata are, and who gives tokens.
            raise NothingSeen("unreadable", f"The address is none: {error}.") from error
        credential = credentials.header_for(url, self.sources)
        wire = self.wire(url, credential=credential)
        with wire.asked("GET", None, {"Accept": accept}) as answer:
            if answer.status in _GONE:
                self.came.append({"url": url, "status": answer.status})
                return None
            if answer.status != 200:
                raise NothingSeen("declined", f"{wire.host} answered {answer.status}.")
            return self._kept(url, answer, is_secret=bool(credential))

    def document(self, url: str, *, accept: str = "application/json") -> dict[str, Any] | None:
        """Return the JSON object at an address, None where there is none. Raises NothingSeen for anything else."""
        text = self.text(url, accept=accept)
        return None if text is None else json_object(text, url, limit=self.bounds.size)

    def document_if_any(self, url: str, *, accept: str = "application/json") -> dict[str, Any] | None:
        """Return the same of a document that not every mirror has: None also where it is none that can be read."""
        try:
            return self.document(url, accept=accept)
        except NothingSeen as nothing:
            if nothing.code in ("declined", "unreadable", "redirected"):
                return None
            raise

    def _kept(self, url: str, answer: Answer, *, is_secret: bool) -> str:
        text = answer.whole()
        data = text.encode()
        self.size += len(data)
        note: dict[str, Any] = {"url": url, "status": answer.status, "sha256": hashlib.sha256(data).hexdigest()}
        # What was fetched with a credential may repeat it.
        self.came.append(note | ({"body": text} if self.size <= KEPT and not is_secret else {}))
        return text


def json_object(text: str, url: str, *, limit: int) -> dict[str, Any]:
    """Return the JSON object that a text is. Raises NothingSeen for any other text."""
    try:
        found = strict_json.read(text, limit=limit)
    except strict_json.Unreadable as error:
        raise NothingSeen("unreadable", f"What stands at {url} cannot be read: {error.problems[0]}") from error
    if not isinstance(found, dict):
        raise NothingSeen("unreadable", f"What stands at {url} is no object of JSON.")
    return found


def key(kind: str, about: str) -> str:
    """Return the lasting key of something of a kind that is seen of a package or an address."""
    whole = f"{kind}:{about}"
    return whole if len(whole) <= _SHOWN_KEY else f"{kind}:{canonical.digest(about)}"


def complete(seen: tuple[Seen, ...], came: list[dict[str, Any]]) -> Look:
    """Return a look that came to something, with what it rests on."""
    raw = canonical.jcs({"came": came, "seen": [[one.key, one.words, one.value] for one in seen]})
    return Look(outcome=Run.Status.COMPLETE, raw=raw, raw_digest=canonical.digest(raw), seen=seen)


def not_assessed(nothing: NothingSeen) -> Look:
    """Return a look that came to nothing, and says why."""
    return Look(outcome=Run.Status.FAILED, code=nothing.code, why=nothing.why)
