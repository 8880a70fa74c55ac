"""Requests that the register sends to an address that somebody named: to public addresses only, unless allowed.

A name is resolved once, every address that it has is judged, and the connection goes to the first of those that takes
it: a name that resolves to something else a moment later leads nowhere. Redirects are not followed.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import SplitResult, urlsplit

from riskregister.refusals import Refused

PATIENCE = 10.0
ANSWER_LIMIT = 1 << 20
Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Where an IPv6 address holds one of IPv4, and how many bits follow it: mapped, translated, compatible, NAT64, 6to4.
_LEADS_TO_IPV4 = {
    ipaddress.ip_network("::ffff:0:0/96"): 0,
    ipaddress.ip_network("::ffff:0:0:0/96"): 0,
    ipaddress.ip_network("::/96"): 0,
    ipaddress.ip_network("64:ff9b::/96"): 0,
    ipaddress.ip_network("2002::/16"): 80,
}
# What Python 3.11 takes for public: protocol assignments (a cloud's machines get their credentials at 192.0.0.192), the
# former way to 6to4, site-local addresses, NAT64 of a network's own (RFC 8215), examples and segments (RFC 9637, 9602).
_NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "64:ff9b:1::/48", "3fff::/20", "5f00::/16"),
    )
)
_SHOWN = 100


class NotSent(Exception):
    """The request was refused, or its answer was none; the message says why."""


def post(url: str, body: bytes, *, headers: Mapping[str, str], allowed: Networks = ()) -> bytes:
    """Send a body and return the answer's. Raises NotSent for a private address, and for any answer but 2xx."""
    parts, _ = _split(url)
    path, host = path_and_host(parts)
    connection = connection_to(url, allowed=allowed, patience=PATIENCE)
    try:
        connection.request("POST", path, body=body, headers={"Host": host, **headers})
        answer = connection.getresponse()
        data = answer.read(ANSWER_LIMIT + 1)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise NotSent(f"{parts.hostname} did not answer: {error}") from error
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise NotSent(f"{parts.hostname} answered {answer.status}.")
    if len(data) > ANSWER_LIMIT:
        raise NotSent(f"{parts.hostname} answered more than {ANSWER_LIMIT} bytes.")
    return data


def path_and_host(parts: SplitResult) -> tuple[str, str]:
    """Return what a request names of an address: its path with the query, and its host without user and password."""
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), parts.netloc.rpartition("@")[2]


def connection_to(
    url: str, *, allowed: Networks, patience: float, opened: Callable[[socket.socket], object] = lambda _socket: None
) -> http.client.HTTPConnection:
    """Return a connection, not opened yet, to the addresses that were judged; its certificate must be the name's.

    Raises NotSent for a name that nobody knows, one that leads to a private address, and what is neither http nor
    https. `patience` is for each wait, in seconds; `opened` gets the socket, before anything is said over it.
    """
    parts, port = _split(url)
    secure = parts.scheme == "https"
    host = parts.hostname or ""
    addresses = _addresses(host, port, allowed)
    connection = http.client.HTTPConnection(host, port, timeout=patience)

    def connect() -> None:
        there = _opened(addresses, port, patience)
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


def socket_to(url: str, *, allowed: Networks, patience: float) -> socket.socket:
    """Return an open socket to the first of the addresses that were judged, over which nothing is said yet.

    Raises NotSent as `connection_to` does, and OSError where nobody answers.
    """
    parts, port = _split(url)
    return _opened(_addresses(parts.hostname or "", port, allowed), port, patience)


def reached(host: str, port: int, *, allowed: Networks, patience: float) -> socket.socket:
    """Return an open socket to a host that is no web server. Raises NotSent and OSError as `socket_to` does."""
    return _opened(judged(host, port, allowed=allowed), port, patience)


def judged(host: str, port: int, *, allowed: Networks) -> Sequence[str]:
    """Return the addresses of a host, for what is sent without a connection. Raises NotSent as `connection_to` does."""
    return _addresses(host, port, allowed)


def refuse_inward(url: str, *, allowed: Networks, field: str) -> None:
    """Raise Refused for an address that somebody enters whose host is this machine's name, or figures that lead inward.

    Nobody is asked: where any other name leads is judged when it is reached.
    """
    host = urlsplit(url).hostname or ""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        name = "127.0.0.1"
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return
    try:
        _judge(host, [str(row[4][0]) for row in found], allowed)
    except NotSent as refusal:
        raise Refused(str(refusal), field=field) from refusal


def is_allowed(address: str, *, allowed: Networks) -> bool:
    """Return whether an address is one of those that whoever runs this installation has named."""
    given = ipaddress.ip_address(address.partition("%")[0])
    return any(one in network for network in allowed for one in (given, _inner(given)))


def cut(sockets: list[socket.socket], over: threading.Event) -> None:
    """End whatever waits for the other side, also in another thread, and note that it was this that ended it."""
    over.set()
    for one in sockets:
        with contextlib.suppress(OSError):
            # That of a TLS socket would first tell the other side, and wait for it.
            socket.socket.shutdown(one, socket.SHUT_RDWR)


def _split(url: str) -> tuple[SplitResult, int]:
    """Return an address in its parts, and its port. Raises NotSent for what is none."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise NotSent(f"The address is none: {error}.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotSent("The address is not http or https.")
    return parts, port


def _addresses(host: str, port: int, allowed: Networks) -> Sequence[str]:
    """Return what a name resolves to, in the resolver's order. Raises NotSent unless all of it may be reached."""
    try:
        found = [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except UnicodeError as error:
        raise NotSent(f"{host[:_SHOWN]} is no name of a host.") from error
    except OSError as error:
        raise NotSent(f"{host[:_SHOWN]} is not known: {error}") from error
    _judge(host, found, allowed)
    return list(dict.fromkeys(found))


def _judge(host: str, found: Sequence[str], allowed: Networks) -> None:
    """Raise NotSent unless all of the addresses of a host may be reached."""
    for one in found:
        address = ipaddress.ip_address(one.partition("%")[0])
        inner = _inner(address)
        if not _is_public(inner) and not any(given in network for network in allowed for given in (address, inner)):
            raise NotSent(
                f"{host} leads to {address}, which is not public. Whoever runs this installation can allow it in "
                "RISKREGISTER_OUTBOUND_ALLOW."
            )


def _inner(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address leads to, or the address itself."""
    for network, behind in _LEADS_TO_IPV4.items():
        if address in network:
            return ipaddress.IPv4Address(int(address) >> behind & 0xFFFFFFFF)
    return address


def _is_public(address: Address) -> bool:
    return address.is_global and not address.is_multicast and not any(address in network for network in _NOT_PUBLIC)


def _opened(addresses: Sequence[str], port: int, patience: float) -> socket.socket:
    """Return a connection to the first address that takes one; they share the patience."""
    ends, failed = time.monotonic() + patience, OSError("no address")
    for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
        share = (ends - time.monotonic()) / left
        if share <= 0:
            raise TimeoutError("timed out")
        try:
            there = socket.create_connection((address, port), share)
        except OSError as error:
            failed = error
            continue
        there.settimeout(patience)
        return there
    raise failed
