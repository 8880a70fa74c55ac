"""Whoever sends slowly on purpose keeps nobody else from being served."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import pytest

from operations import web_server
from tests.installation import Installation
from tests.tables import for_each
from tests.waiting import until

pytestmark = pytest.mark.slow

HEAD = b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
BEGINNINGS = {
    "nothing": b"",
    "a piece of the first line": b"GET / HT",
    "a head without its end": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n",
    "a body without its end": HEAD + b"Content-Length: 1000\r\n\r\nusername=",
}


@contextmanager
def senders(running: Installation, beginning: bytes, *, number: int = 60) -> Iterator[list[socket.socket]]:
    """Yield so many connections on which only the beginning of a request has been sent."""
    place = urlsplit(running.address())
    with ExitStack() as stack:
        opened = []
        for _ in range(number):
            one = socket.create_connection((str(place.hostname), place.port or 80))
            stack.enter_context(one)
            one.sendall(beginning)
            opened.append(one)
        yield opened


@for_each("beginning", BEGINNINGS.values(), ids=lambda row: str(row)[:40])
def test_sixty_of_them_hold_no_thread(running: Installation, beginning: bytes) -> None:
    with senders(running, beginning) as opened:
        for one in opened[:30]:
            one.sendall(beginning[:1] and b"a")

        assert [running.status(f"{running.address()}/healthz") for _ in range(8)] == [200] * 8


def test_they_are_not_waited_for_longer_than_some_seconds(running: Installation) -> None:
    with senders(running, BEGINNINGS["a head without its end"], number=3) as opened:

        def is_closed(one: socket.socket) -> bool:
            one.setblocking(False)
            try:
                return one.recv(1) == b""
            except BlockingIOError:
                return False
            except OSError:
                return True

        until(lambda: all(is_closed(one) for one in opened), what="the server to give up")
    assert web_server.WHOLE_WITHIN <= 30


def test_a_request_in_pieces_is_answered_once_it_is_whole(running: Installation) -> None:
    body = b"username=a&password=b"
    with senders(running, HEAD, number=1) as [one]:
        for piece in (b"Content-Length: %d\r\n" % len(body), b"Connection: close\r\n\r", b"\n", body[:5], body[5:]):
            one.sendall(piece)
        answered = b""
        while piece := one.recv(65536):
            answered += piece

    # The form lacks its CSRF token: it was read, and refused for that.
    assert answered.startswith(b"HTTP/1.1 403 ")


def test_who_waits_for_leave_to_send_the_body_gets_it(running: Installation) -> None:
    head = HEAD + b"Content-Length: 10\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    with senders(running, head, number=1) as [one]:
        assert one.recv(65536).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
        one.sendall(b"username=a")
        answered = b""
        while piece := one.recv(65536):
            answered += piece
    assert b"HTTP/1.1 403 " in answered


@for_each(
    ("arrived", "whole"),
    [
        (b"", False),
        (b"GET / HTTP/1.1\r\n", False),
        (b"GET / HTTP/1.1\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", True),
        (HEAD + b"Content-Length: 4\r\n\r\nabc", False),
        (HEAD + b"Content-Length: 4\r\n\r\nabcd", True),
        (HEAD + b"CONTENT-LENGTH:4\r\n\r\nabcd", True),
        (HEAD + b"Content-Length: x\r\n\r\n", True),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", True),
        (HEAD + b"Content-Length: 90000\r\n\r\n" + b"a" * 100, False),
        (HEAD + b"Content-Length: 90000\r\n\r\n" + b"a" * 70000, True),
    ],
    ids=lambda row: f"{row[0][:60]!r} {len(row[0])}",
)
def test_what_is_whole(arrived: bytes, whole: bool) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        theirs.sendall(arrived)
        assert web_server.is_whole(ours) is whole


def test_a_sender_who_has_gone_is_no_longer_waited_for() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        theirs.close()
        assert web_server.is_whole(ours) is True
