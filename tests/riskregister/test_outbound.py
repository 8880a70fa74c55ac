"""Where a request may go: judged by the address itself, before anything is sent."""

import ipaddress
import socket
from typing import Any

import pytest

from riskregister import outbound
from tests.inspection.mcp_server import running
from tests.tables import for_each


@for_each(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
        "[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[fec0::1]", "[ff02::1]", "[ff0e::1]",
        "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::1]",
        "192.0.0.192", "192.88.99.1", "[::ffff:0:127.0.0.1]", "[3fff::1]", "[5f00::1]",
        "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]", "[2001:0:4136:e378::1]",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused(address: str):
    with pytest.raises(outbound.NotSent, match="which is not public"):
        outbound.connection_to(f"http://{address}/", allowed=(), patience=1)


@for_each(
    "address", ["93.184.215.14", "[2606:4700::1111]", "[64:ff9b::5db8:d70e]", "[2002:5db8:d70e::1]", "[::ffff:8.8.8.8]"]
)
def test_a_public_address_is_taken(address: str):
    assert outbound.connection_to(f"https://{address}/", allowed=(), patience=1).port == 443


@for_each(
    "address, network",
    [
        ("127.0.0.1", "127.0.0.0/8"), ("[::1]", "::1/128"), ("[::ffff:127.0.0.1]", "127.0.0.0/8"),
        ("[64:ff9b::10.0.0.1]", "10.0.0.0/8"), ("[64:ff9b::10.0.0.1]", "64:ff9b::/96"),
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_taken_where_it_is_allowed(address: str, network: str):
    allowed = [ipaddress.ip_network(network)]

    assert outbound.connection_to(f"http://{address}:8000/", allowed=allowed, patience=1).port == 8000


LABEL = "a" * 70


@for_each(
    "url, words",
    [
        ("https://a..b.example/mcp", "a..b.example is no name of a host."),
        (f"https://{LABEL}.example/mcp", f"{LABEL}.example is no name of a host."),
        ("http://127.0.0.1:99999/mcp", "The address is none: Port out of range 0-65535."),
        ("http://[::1/mcp", "The address is none: Invalid IPv6 URL."),
        ("ftp://example.com/", "The address is not http or https."),
    ],
    ids=lambda row: row[0],
)
def test_an_address_that_cannot_be_resolved_is_said(url: str, words: str):
    with pytest.raises(outbound.NotSent) as caught:
        outbound.connection_to(url, allowed=(), patience=1)

    assert str(caught.value) == words
    with pytest.raises(outbound.NotSent):
        outbound.post(url, b"", headers={})


def _resolves(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let one name have these addresses: nobody owns a name whose addresses a test could choose."""
    real = socket.getaddrinfo

    def found(host: str, port: int, *args: Any, **how: Any) -> Any:
        names = addresses if host == "vendor.example" else (host,)
        return [row for name in names for row in real(name, port, *args, **how)]

    monkeypatch.setattr(socket, "getaddrinfo", found)


def test_the_next_address_is_tried_where_one_takes_no_connection(monkeypatch: pytest.MonkeyPatch):
    _resolves(monkeypatch, "127.0.0.3", "127.0.0.2", "127.0.0.1")
    with running() as served:
        url = served.url.replace("127.0.0.1", "vendor.example")
        allowed = [ipaddress.ip_network("127.0.0.0/8")]
        connection = outbound.connection_to(url, allowed=allowed, patience=5)
        connection.connect()

        assert connection.sock.getpeername()[0] == "127.0.0.1"
        connection.close()


def test_one_address_that_is_not_public_refuses_all(monkeypatch: pytest.MonkeyPatch):
    _resolves(monkeypatch, "93.184.215.14", "10.0.0.1")

    with pytest.raises(outbound.NotSent, match=r"leads to 10\.0\.0\.1, which is not public"):
        outbound.connection_to("https://vendor.example/", allowed=(), patience=1)
