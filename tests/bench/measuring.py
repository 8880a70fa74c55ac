"""One client over loopback, one request after the other on a connection that is kept: what each kind of request takes.

The client's own work (about 0.1 ms a request) is in the times; it shares the machine's cores with server and database.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from statistics import median, quantiles
from typing import Any

from tests.waiting import PATIENCE

WARM_UP = 8


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of request, and its goals in milliseconds and statements (None: none set)."""

    name: str
    path: str
    who: Mapping[str, str]
    median: float | None = None
    p95: float | None = None
    statements: int | None = None
    body: Callable[[int], dict[str, Any]] | None = None
    status: int = 0

    @property
    def expected(self) -> int:
        """Return the status that the answer has: where none is named, that of what a body makes, or of what is read."""
        return self.status or (201 if self.body else 200)


@dataclass(frozen=True, slots=True)
class Times:
    """What a round of one case took, in milliseconds."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """Return the middle."""
        return median(self.values)

    @property
    def p95(self) -> float:
        """Return what 95 in 100 requests stayed under."""
        return quantiles(self.values, n=20, method="inclusive")[-1]


class Unexpected(Exception):
    """An answer is not the one that is measured."""


class Client:
    """One connection to the server under measure."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._made = 0

    def ask(self, case: Case) -> tuple[bytes, str]:
        """Return the answer's body and what it says of its statements; raise Unexpected for another status."""
        self._made += 1
        method, body = ("POST", json.dumps(case.body(self._made))) if case.body else ("GET", None)
        headers = {**case.who, **({"Content-Type": "application/json"} if body else {})}
        answer = self._asked(method, case.path, body, headers)
        content = answer.read()
        if answer.status != case.expected:
            raise Unexpected(f"{case.name}: {method} {case.path} answered {answer.status}: {content[:300]!r}")
        return content, answer.getheader("X-Statements", "")

    def _asked(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> HTTPResponse:
        """Return an answer; on another connection where the server closed this one, which nobody used for seconds."""
        try:
            self._connection.request(method, path, body=body, headers=headers)
            return self._connection.getresponse()
        except ConnectionError:
            self._connection.close()
            self._connection.request(method, path, body=body, headers=headers)
            return self._connection.getresponse()

    def timed(self, case: Case) -> float:
        """Return how many milliseconds one request takes."""
        begun = time.perf_counter()
        self.ask(case)
        return (time.perf_counter() - begun) * 1000

    def measure(self, case: Case, *, count: int) -> Times:
        """Return the times of `count` requests, after some that warm up both workers."""
        for _ in range(WARM_UP):
            self.ask(case)
        return Times(tuple(self.timed(case) for _ in range(count)))

    def statements(self, case: Case) -> int:
        """Return how many SQL statements such a request takes, once nothing is done for the first time."""
        for _ in range(WARM_UP):
            _content, counted = self.ask(case)
        return int(counted)
