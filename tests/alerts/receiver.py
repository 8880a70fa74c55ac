"""A web server on a free port that is posted to: it keeps what came, and answers as it is told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Post:
    """A body as it came, with its headers in small letters."""

    path: str
    body: bytes
    headers: dict[str, str]


@dataclass
class Receiver:
    """What came, and what is answered: a status with headers; while `is_silent` nothing is, until the end."""

    url: str = ""
    posts: list[Post] = field(default_factory=list)
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    is_silent: bool = False
    over: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    served: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.served.posts.append(Post(self.path, body, {name.lower(): one for name, one in self.headers.items()}))
        if self.served.is_silent:
            self.served.over.wait()
            return
        self.send_response(self.served.status)
        for name, value in {"Content-Length": "0", **self.served.headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def running() -> Iterator[Receiver]:
    """Give a receiver that answers until the end of the block."""
    served = Receiver()
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"served": served})) as server:
        server.daemon_threads = True
        served.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield served
        served.over.set()
        server.shutdown()
