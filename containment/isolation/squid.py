"""Squid: the proxy through which a server gets out, to its hosts alone."""

from collections.abc import Iterator

from containment.isolation.isolated import PROXY_PORT, Isolated


def make(of: Isolated) -> str:
    """Return the configuration of the proxy of one server."""
    return of.head + "\n".join(_lines(of)) + "\n"


def _lines(of: Isolated) -> Iterator[str]:
    yield f"http_port {PROXY_PORT}"
    yield "acl CONNECT method CONNECT"
    for port, names in of.ports.items():
        yield f"acl port_{port} port {port}"
        yield from (f"acl hosts_{port} dstdomain {name}" for name in names)
        yield f"http_access allow CONNECT port_{port} hosts_{port}"
    yield "http_access deny all"
