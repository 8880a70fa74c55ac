"""Requests that the register sends to an address that somebody named: to public addresses only, unless allowed.

A name is resolved once, every address that it has is judged, and the connection goes to one of those: a name that
resolves to something else a moment later leads nowhere. Redirects are not followed.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

PATIENCE = 10.0
ANSWER_LIMIT = 1 << 20
Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]


class NotSent(Exception):
    """The request was refused, or its answer was none; the message says why."""


def post(url: str, body: bytes, *, headers: Mapping[str, str], allowed: Networks = ()) -> bytes:
    """Send a body and return the answer's. Raises NotSent for a private address, and for any answer but 2xx."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotSent("The address is not http or https.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = connection_to(url, allowed=allowed, patience=PATIENCE)
    try:
        connection.request("POST", path, body=body, headers={"Host": parts.netloc.rpartition("@")[2], **headers})
        answer = connection.getresponse()
        data = answer.read(ANSWER_LIMIT + 1)
    except (OSError, http.client.HTTPException) as error:
        raise NotSent(f"{parts.hostname} did not answer: {error}") from error
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise NotSent(f"{parts.hostname} answered {answer.status}.")
    if len(data) > ANSWER_LIMIT:
        raise NotSent(f"{parts.hostname} answered more than {ANSWER_LIMIT} bytes.")
    return data


def connection_to(
    url: str, *, allowed: Networks, patience: float, opened: Callable[[socket.socket], object] = lambda _socket: None
) -> http.client.HTTPConnection:
    """Return a connection, not opened yet, to the one address that was judged; its certificate must be the name's.

    Raises NotSent for a name that nobody knows, one that leads to a private address, and what is neither http nor
    https. `patience` is for each wait, in seconds; `opened` gets the socket, before anything is said over it.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotSent("The address is not http or https.")
    secure = parts.scheme == "https"
    host = parts.hostname
    address = _address(host, parts.port or (443 if secure else 80), allowed)
    connection = http.client.HTTPConnection(host, address[1], timeout=patience)
    plain = socket.create_connection

    def connect() -> None:
        there = plain(address, patience)
        if not secure:
            connection.sock = there
            opened(there)
            return
        encrypted = ssl.create_default_context().wrap_socket(there, server_hostname=host, do_handshake_on_connect=False)
        connection.sock = encrypted
        opened(encrypted)
        encrypted.do_handshake()

    connection.connect = connect  # type: ignore[method-assign]
    return connection


def _address(host: str, port: int, allowed: Networks) -> tuple[str, int]:
    try:
        found = {str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise NotSent(f"{host} is not known: {error}") from error
    for one in found:
        address = ipaddress.ip_address(one.partition("%")[0])
        mapped = getattr(address, "ipv4_mapped", None) or address
        if not mapped.is_global and not any(mapped in network for network in allowed):
            raise NotSent(
                f"{host} leads to {address}, which is not public. Whoever runs this installation can allow it in "
                "RISKREGISTER_OUTBOUND_ALLOW."
            )
    return min(found), port
