"""What gunicorn does around its workers; its options stand in the command `serve`."""

import errno
import os
import re
import signal
import socket
import time
from collections import deque
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from operations.supervisor import die_with

# A sender who has not told within this time what is asked for is not waited for any longer.
WHOLE_WITHIN = 20.0
# Of a request so much is waited for without a thread: its head, and a form or a document of usual length. What is
# larger is read by a thread as it comes. Less than what the system keeps for a connection that nobody reads.
_WAITED_FOR = 64 * 1024
# How soon a request that came in pieces is looked at again.
_AGAIN = 0.05
_END_OF_HEAD = b"\r\n\r\n"
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)


def post_fork(arbiter: Any, worker: Any) -> None:
    """Let a worker end with the process that tends it, so that nothing keeps the port when that one is killed."""
    die_with(os.getppid(), number=signal.SIGKILL)()


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker with threads, which gives a thread to a connection once its request has arrived.

    Else four senders who are slow on purpose hold the four threads of an installation, and nobody else is served.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Begin without connections."""
        super().__init__(*args, **kwargs)
        # Whose request has begun and is not whole.
        self.unfinished: deque[TConn] = deque()

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection and wait, without a thread, until its request has arrived."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        self._wait_for(TConn(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Wait for the whole of another request on a connection that was kept."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._wait_for(conn)

    def on_pending_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Look at what has arrived."""
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        if is_whole(client):
            self._serve(conn)
        else:
            go_on(conn)
            self.unfinished.append(conn)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for events; requests that came in pieces are looked at again meanwhile."""
        super().wait_for_and_dispatch_events(min(timeout, _AGAIN) if self.unfinished else timeout)
        now = time.monotonic()
        for _ in range(len(self.unfinished)):
            conn = self.unfinished.popleft()
            if is_whole(conn.sock):
                self._serve(conn)
            elif conn.timeout > now:
                go_on(conn)
                self.unfinished.append(conn)
            else:
                self.nr_conns -= 1
                conn.close()

    def _wait_for(self, conn: TConn) -> None:
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + WHOLE_WITHIN
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, 1, partial(self.on_pending_socket_readable, conn))

    def _serve(self, conn: TConn) -> None:
        conn.data_ready = True
        self.enqueue_req(conn)


def go_on(conn: TConn) -> None:
    """Tell a sender who waits for it, once, to send the body; gunicorn's threads say it again."""
    arrived = b""
    with suppress(OSError):
        arrived = _peek(conn.sock)
    if not getattr(conn, "was_told_to_go_on", False) and _END_OF_HEAD in arrived and _EXPECTS.search(arrived):
        conn.was_told_to_go_on = True
        with suppress(OSError):
            conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")


def is_whole(client: socket.socket) -> bool:
    """Return whether a request has arrived, or as much of it as is waited for; also where the sender has gone."""
    try:
        arrived = _peek(client)
    except BlockingIOError:
        return False
    except OSError:
        return True
    head, end, body = arrived.partition(_END_OF_HEAD)
    if not arrived or len(arrived) == _WAITED_FOR:
        return True
    length = _LENGTH.search(head + b"\r\n")
    return bool(end) and (length is None or len(body) >= min(int(length[1]), _WAITED_FOR - len(head) - len(end)))


def _peek(client: socket.socket) -> bytes:
    return client.recv(_WAITED_FOR, socket.MSG_PEEK | socket.MSG_DONTWAIT)
