"""Files that are fetched over the network: to public addresses only unless allowed, and never into memory.

An address that leads on is followed on the same host alone, each time judged anew. What its owner has not changed since
the last time is not fetched again.
"""

import hashlib
import http.client
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from riskregister import limits, outbound, unseen

_CHUNK = 256 * 1024
_SHOWN = 200
_HOPS = 3
_NOT_MODIFIED = 304
_ETAG_LIMIT = 200


class NotFetched(Exception):
    """Nothing was fetched; the message says why, in a sentence for people."""


class NotThere(NotFetched):
    """The address holds nothing."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that came, with its SHA-256; without a path it is as it was when it had this ETag."""

    path: Path | None
    etag: str = ""
    digest: str = ""


@dataclass
class Web:
    """What fetches for one run, into one folder: bytes and seconds are of all its files together."""

    folder: Path
    allowed: outbound.Networks = ()
    size: int = 512 * limits.MIB
    seconds: float = 1800.0
    request: float = 900.0
    # What was fetched before, by address: fetched again only where it is another now.
    known: Mapping[str, str] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    files: int = 0
    _ends: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin: the time runs from here."""
        self._ends = time.monotonic() + self.seconds

    def fetch(self, url: str, *, name: str = "") -> Fetched:
        """Return what stands at an address, in a file of this name.

        Raises NotThere where nothing stands there, NotFetched for anything else.
        """
        conditional_headers = {"If-None-Match": self.known[url]} if url in self.known else {}
        here = url
        for _hop in range(_HOPS):
            came = self._asked(here, conditional_headers, name=name)
            if isinstance(came, Fetched):
                self.etags |= {url: came.etag} if came.etag else {}
                return came
            here = _followed(here, came)
        raise NotFetched(f"{urlsplit(url).hostname} leads on and on. Name the address of the file itself.")

    def _asked(self, url: str, conditional_headers: Mapping[str, str], *, name: str) -> Fetched | str:
        """Return the file, or the address to which this one leads on."""
        left = min(self.request, self._ends - time.monotonic())
        if left <= 0:
            raise self._late(url)
        over = threading.Event()
        sockets: list[socket.socket] = []
        try:
            connection = outbound.connection_to(
                url, allowed=self.allowed, patience=min(left, 60.0), opened=sockets.append
            )
        except outbound.NotSent as error:
            raise NotFetched(str(error)) from error
        timer = threading.Timer(left, outbound.cut, (sockets, over))
        timer.start()
        try:
            return self._answered(connection, url, conditional_headers, name=name)
        except (OSError, http.client.HTTPException, ValueError, NotFetched) as error:
            # What is cut in the middle looks like an answer that ends too early.
            if over.is_set() or isinstance(error, TimeoutError):
                raise self._late(url) from error
            if isinstance(error, NotFetched):
                raise
            shown = unseen.in_one_line(str(error), _SHOWN)
            raise NotFetched(f"{urlsplit(url).hostname} did not answer: {shown}") from error
        finally:
            timer.cancel()
            connection.close()

    def _answered(
        self, connection: http.client.HTTPConnection, url: str, conditional_headers: Mapping[str, str], *, name: str
    ) -> Fetched | str:
        path, host = outbound.path_and_host(urlsplit(url))
        fixed = {"Host": host, "Accept-Encoding": "identity", "Connection": "close"}
        connection.request("GET", path, headers=fixed | dict(conditional_headers))
        answer = connection.getresponse()
        if answer.status == _NOT_MODIFIED and "If-None-Match" in conditional_headers:
            return Fetched(None, conditional_headers["If-None-Match"])
        if 300 <= answer.status < 400:
            return str(answer.headers.get("Location") or "")
        if answer.status in (404, 410):
            raise NotThere(f"{urlsplit(url).hostname} has nothing at this address ({answer.status}).")
        if answer.status != 200:
            raise NotFetched(f"{urlsplit(url).hostname} answered {answer.status}.")
        if str(answer.headers.get("Content-Encoding") or "").lower() not in ("", "identity"):
            raise NotFetched(f"{urlsplit(url).hostname} sent it compressed, which nobody asked for.")
        return self._kept(answer, url, name=name)

    def _kept(self, answer: http.client.HTTPResponse, url: str, *, name: str) -> Fetched:
        self.files += 1
        path, digest = self.folder / (name or f"{self.files}.part"), hashlib.sha256()
        declared_length, came = answer.length, 0
        with path.open("wb") as out:
            while chunk := answer.read1(_CHUNK):
                self.size -= len(chunk)
                came += len(chunk)
                if self.size < 0:
                    raise NotFetched(
                        f"{urlsplit(url).hostname} sent more than may be taken in at once. Whoever runs this "
                        "installation can allow more in RISKREGISTER_FEEDS_MAX_MB."
                    )
                digest.update(chunk)
                out.write(chunk)
        if declared_length is not None and came < declared_length:
            raise NotFetched(f"{urlsplit(url).hostname} sent {came:,} of {declared_length:,} bytes.")
        etag = str(answer.headers.get("ETag") or "")
        return Fetched(path, etag if len(etag) <= _ETAG_LIMIT and etag.isprintable() else "", digest.hexdigest())

    def _late(self, url: str) -> NotFetched:
        return NotFetched(
            f"{urlsplit(url).hostname} took longer than {self.request:g} seconds for a file, or {self.seconds:g} for "
            "all of them."
        )


def _followed(url: str, location: str) -> str:
    """Return where an address leads on to. Raises NotFetched for another host, and for a way without encryption."""
    try:
        there = urljoin(url, location)
        was, parts = urlsplit(url), urlsplit(there)
        same = parts.netloc == was.netloc and parts.scheme == was.scheme
    except ValueError as error:
        raise NotFetched(f"{urlsplit(url).hostname} leads on to what is no address.") from error
    if not location or not same:
        shown = unseen.in_one_line(f"{parts.scheme}://{parts.hostname}", _SHOWN) if location else "nowhere"
        raise NotFetched(f"{was.hostname} leads on to {shown}. Name the address there if that is meant.")
    return there
