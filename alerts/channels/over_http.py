"""A post to a receiver within bounds: to judged addresses only, ended when its time is over, and led on by nobody."""

import http.client
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings

from alerts.channels import encryption
from alerts.channels.outcome import NotDelivered
from riskregister import outbound, unseen

# Standard Webhooks asks for 15 to 30 seconds. A receiver that needs longer is to answer first and work then.
PATIENCE = 15.0
# An answer is read no further: nothing in it counts.
_READ = 64 * 1024
_LONGEST_WAIT = timedelta(hours=24)
_SHOWN = 200


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send a body and return the status of the answer, 2xx. Raises NotDelivered for everything else."""
    host = urlsplit(url).hostname or ""
    over = threading.Event()
    with _within_time(host, over) as sockets:
        status, retry_after, location = _exchange(url, body, headers, sockets)
    if 200 <= status < 300:
        return status
    if 300 <= status < 400:
        raise NotDelivered(
            f"{host} leads on to {_origin(location)}. The register follows nobody: give the channel that address.",
            answer=status,
        )
    if status == http.client.GONE:
        raise NotDelivered(f"{host} wants nothing any more (410).", answer=status, is_for_good=True)
    raise NotDelivered(f"{host} answered {status}.", answer=status, after=_asked_for(status, retry_after))


def _exchange(url: str, body: bytes, headers: Mapping[str, str], sockets: list[socket.socket]) -> tuple[int, str, str]:
    """Return the status of the answer, and its Retry-After and Location."""
    parts = urlsplit(url)

    def opened(there: socket.socket) -> None:
        sockets.append(there)
        if parts.scheme != "https":
            encryption.require(parts.hostname or "", str(there.getpeername()[0]))

    connection = outbound.connection_to(url, allowed=settings.OUTBOUND_ALLOW, patience=PATIENCE, opened=opened)
    try:
        path, host = outbound.path_and_host(parts)
        defaults = {
            "Host": host,
            "Content-Type": "application/json",
            "User-Agent": "riskregister",
            "Connection": "close",
        }
        connection.request("POST", path, body=body, headers=defaults | dict(headers))
        answer = connection.getresponse()
        answer.read(_READ)
        return answer.status, answer.headers.get("Retry-After") or "", answer.headers.get("Location") or ""
    finally:
        connection.close()


@contextmanager
def _within_time(host: str, over: threading.Event) -> Iterator[list[socket.socket]]:
    """Give the list for the sockets to cut when the time is over. Raises NotDelivered for what goes wrong meanwhile."""
    sockets: list[socket.socket] = []
    # Each wait is bounded, but a receiver that sends a byte a second keeps all of them.
    timer = threading.Timer(PATIENCE, outbound.cut, (sockets, over))
    timer.start()
    try:
        yield sockets
    except outbound.NotSent as refusal:
        raise NotDelivered(str(refusal), is_away=True) from refusal
    except (OSError, ValueError, http.client.HTTPException) as error:
        if over.is_set() or isinstance(error, TimeoutError):
            raise NotDelivered(f"{host} gave no answer within {PATIENCE:g} seconds.", is_away=True) from error
        why = unseen.in_one_line(str(error), _SHOWN) or type(error).__name__
        raise NotDelivered(f"{host} did not answer: {why}", is_away=True) from error
    finally:
        timer.cancel()


def _asked_for(status: int, retry_after: str) -> timedelta | None:
    """Return how long a receiver that is asked too often, or is out of service, asks to be left alone."""
    if status not in (http.client.TOO_MANY_REQUESTS, http.client.SERVICE_UNAVAILABLE):
        return None
    seconds = retry_after.strip()
    known = seconds.isascii() and seconds.isdigit() and len(seconds) < 8
    return min(timedelta(seconds=int(seconds)), _LONGEST_WAIT) if known else None


def _origin(location: str) -> str:
    """Return scheme and host alone: the rest of an address may hold anything, a credential too."""
    try:
        parts = urlsplit(location)
    except ValueError:
        return "what is no address"
    return unseen.in_one_line(f"{parts.scheme}://{parts.hostname}", _SHOWN) if parts.hostname else "another path"
