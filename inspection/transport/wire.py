"""Requests to one address within the bounds of a look: guarded when it connects, ended when its time is over.

Each wait of a socket is bounded, but a server that sends a byte a second keeps all of them. So a timer cuts the
connection at the end of the request's time, wherever it is: in TLS, in headers, in a body without end.
"""

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from inspection.bounds import Bounds, NothingSeen, Redirected
from riskregister import outbound, unseen

_CHUNK = 64 * 1024
_SHOWN = 200


class Answer:
    """An answer whose body is still to be read; `size` is counted over the whole look."""

    def __init__(self, wire: "Wire", response: http.client.HTTPResponse) -> None:
        """Keep the open response."""
        self._wire, self._response = wire, response
        self.status = response.status
        self.kind = response.headers.get_content_type()

    def header(self, name: str) -> str:
        """Return a header, empty for none."""
        return str(self._response.headers.get(name) or "").strip()

    def chunks(self) -> Iterator[bytes]:
        """Yield the body as it comes. Raises NothingSeen beyond the bytes of the look."""
        if self.header("Content-Encoding").lower() not in ("", "identity"):
            raise NothingSeen("unreadable", "Its answer is compressed, which nobody asked for.")
        while chunk := self._response.read1(_CHUNK):
            self._wire.count(len(chunk))
            yield chunk

    def whole(self) -> str:
        """Return the body as text. Raises NothingSeen when it is not UTF-8."""
        return _text(b"".join(self.chunks()))

    def events(self) -> Iterator[str]:
        """Yield the data of each event of a stream as it comes; one without any only says how to resume the stream."""
        data: list[str] = []
        for line in self._lines():
            if line.startswith("data:"):
                data.append(line.removeprefix("data:").removeprefix(" "))
            elif not line:
                if any(data):
                    yield "\n".join(data)
                data = []
        if any(data):
            yield "\n".join(data)

    def _lines(self) -> Iterator[str]:
        rest = b""
        for chunk in self.chunks():
            *lines, rest = (rest + chunk).replace(b"\r\n", b"\n").split(b"\n")
            yield from (_text(line.removesuffix(b"\r")) for line in lines)
        if rest:
            yield _text(rest)


class Wire:
    """What speaks to one address for the time of one look."""

    def __init__(
        self, url: str, *, credential: str = "", allowed: outbound.Networks = (), bounds: Bounds | None = None,
        ends: float | None = None, size: int = 0,
    ) -> None:  # fmt: skip
        """Begin the look: its time runs from here. Or go on with one that `ends` then (monotonic), and of which so many
        bytes have come.
        """
        self.url, self.parts, self.bounds = url, urlsplit(url), bounds or Bounds()
        self._credential, self._allowed = credential, allowed
        self._ends, self._size = time.monotonic() + self.bounds.overall if ends is None else ends, size

    @property
    def host(self) -> str:
        """Return the host that it speaks to."""
        return self.parts.hostname or ""

    def count(self, size: int) -> None:
        """Add to the bytes of the look. Raises NothingSeen when there are too many."""
        self._size += size
        if self._size > self.bounds.size:
            raise NothingSeen("too_large", f"{self.host} sent more than {self.bounds.size:,} bytes.")

    @contextmanager
    def asked(self, method: str, body: object, headers: Mapping[str, str]) -> Iterator[Answer]:
        """Send a request and give its answer. Raises NothingSeen for whatever comes in between."""
        left = min(self.bounds.request, self._ends - time.monotonic())
        if left <= 0:
            raise self._late()
        over = threading.Event()
        sockets: list[socket.socket] = []
        try:
            connection = outbound.connection_to(self.url, allowed=self._allowed, patience=left, opened=sockets.append)
        except outbound.NotSent as error:
            raise NothingSeen("not_reached", str(error)) from error
        timer = threading.Timer(left, outbound.cut, (sockets, over))
        timer.start()
        try:
            with self._answer(connection, method, body, headers) as response:
                yield Answer(self, response)
        except (OSError, http.client.HTTPException, ValueError, NothingSeen) as error:
            # What is cut in the middle looks like an answer that ends too early.
            if over.is_set() or isinstance(error, TimeoutError):
                raise self._late() from error
            if isinstance(error, NothingSeen):
                raise
            raise NothingSeen(
                "not_reached", f"{self.host} did not answer: {unseen.in_one_line(str(error), _SHOWN)}"
            ) from error
        finally:
            timer.cancel()
            connection.close()

    def _answer(
        self, connection: http.client.HTTPConnection, method: str, body: object, headers: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        path, host = outbound.path_and_host(self.parts)
        fixed = {"Host": host, "Accept-Encoding": "identity", "Connection": "close"}
        secret = {"Authorization": self._credential} if self._credential else {}
        sent = json.dumps(body).encode() if body is not None else None
        connection.request(method, path, body=sent, headers=fixed | dict(headers) | secret)
        response = connection.getresponse()
        if 300 <= response.status < 400:
            location = str(response.headers.get("Location") or "")
            response.close()
            raise Redirected(
                f"{self.host} leads on to {_origin(location)}. The register follows nobody: record the address there.",
                location,
            )
        return response

    def _late(self) -> NothingSeen:
        return NothingSeen("too_slow", f"{self.host} took longer than {self.bounds.request:g} seconds for an answer, "
            f"or {self.bounds.overall:g} for all of them.")  # fmt: skip


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise NothingSeen("unreadable", "Its answer is no text in UTF-8.") from None


def _origin(location: str) -> str:
    """Return scheme and host alone: the rest of an address may hold anything, a credential too."""
    try:
        parts = urlsplit(location)
        host = parts.hostname
    except ValueError:
        return "what is no address"
    return unseen.in_one_line(f"{parts.scheme}://{host}", _SHOWN) if host else "another path" if location else "nowhere"
