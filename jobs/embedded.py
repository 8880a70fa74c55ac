"""The worker of an installation without a broker: it sleeps until something was committed or a moment has come.

It asks the database one cheap question four times a second: has anybody committed since? Only then, or when a job or a
period is due, does it look what there is to do. So work begins at once, by whichever process it was promised, and where
nothing happens nothing is read and nothing written.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, close_old_connections, connection, connections
from django.db.models import Q

from audit.models import Outbox
from jobs import queue, runner

log = logging.getLogger("jobs")
ASK_EVERY = 0.25
# A clock that is set anew, or a database that does not answer, costs no more than this.
SLEEP_AT_MOST = timedelta(seconds=60)
_ASKED = {
    # Changes with every commit of another connection; read from memory that the processes share.
    "sqlite": "PRAGMA data_version",
    # Changes with every transaction that wrote.
    "postgresql": "SELECT pg_current_snapshot()::text",
}


def work(*, concurrency: int, stop: threading.Event, clock: Callable[[], datetime]) -> None:
    """Do what is promised until told to stop; what is being done then is ended first."""
    with ThreadPoolExecutor(concurrency, thread_name_prefix="job") as pool:
        worker = _Worker(pool, clock)
        while not stop.wait(ASK_EVERY):
            try:
                worker.look(now=clock())
            except (DatabaseError, InterfaceError) as error:
                log.warning("the database does not answer: %s", error)
                worker.forget()
        # What waits for a thread has not begun: it stays promised.
        pool.shutdown(cancel_futures=True)


class _Worker:
    """What one process has seen, and what its threads are doing."""

    def __init__(self, pool: ThreadPoolExecutor, clock: Callable[[], datetime]) -> None:
        self._pool, self._clock, self._plans = pool, clock, _Plans()
        self._busy: set[Any] = set()
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Look anew next time, on a new connection."""
        connection.close()
        self._seen: Any = None
        self._due = 0.0

    def look(self, *, now: datetime) -> None:
        """Start what there is to do, if anything was committed since the last look or a moment has come."""
        seen = _commits()
        if seen == self._seen and time.monotonic() < self._due:
            return
        # Remembered before looking: what is committed meanwhile is seen next time.
        self._seen = seen
        self._start("chores", lambda: queue.do_chores(now=self._clock()))
        queue.set_right(now=now)
        self._plans.promise(now=now)
        slow = Q(kind__in=queue.one_at_once())
        for key in runner.due(now=now, limit=20, among=~slow):
            self._start(key, lambda key=key: runner.run(key, now=self._clock()))  # type: ignore[misc]
        for key in runner.due(now=now, limit=1, among=slow):
            self._start("slow", lambda key=key: runner.run(key, now=self._clock()))  # type: ignore[misc]
        wakes = min(filter(None, (runner.next_moment(), self._plans.next_moment(now=now), now + SLEEP_AT_MOST)))
        self._due = time.monotonic() + max((wakes - now).total_seconds(), ASK_EVERY)

    def _start(self, what: Any, function: Callable[[], object]) -> None:
        """Let a thread do it; while one is at it, look again soon: it may have passed what is new."""
        with self._lock:
            if what in self._busy:
                self._seen = None
                return
            self._busy.add(what)
        self._pool.submit(self._do, what, function)

    def _do(self, what: Any, function: Callable[[], object]) -> None:
        try:
            close_old_connections()
            function()
        except Exception:  # The edge of the thread: whatever fails here is tried again by a later look.
            log.exception("%s failed", what)
        finally:
            connections.close_all()
            with self._lock:
                self._busy.discard(what)


class _Plans:
    """When each recurring job was promised last.

    What recurs looks at what happened and at the clock. While nothing has happened since a job was promised it would
    find nothing new before the hour is over, and is not promised again.
    """

    def __init__(self) -> None:
        self._promised: dict[str, object] = {}

    def promise(self, *, now: datetime) -> None:
        """Promise the recurring jobs of the current periods that may have something to do."""
        state = _state(now)
        waiting = [kind for kind in queue.recurring() if self._promised.get(kind) != state]
        for kind in queue.plan_some(waiting, now=now):
            self._promised[kind] = state

    def next_moment(self, *, now: datetime) -> datetime:
        """Return when a job may be promised next: its period begins, or the hour."""
        state, recurring = _state(now), queue.recurring()
        waiting = [every for kind, every in recurring.items() if self._promised.get(kind) != state]
        return min(queue.following(every, now=now) for every in (*waiting, timedelta(hours=1)))


def _state(now: datetime) -> tuple[UUID | None, int]:
    """Return what happened last, and the hour."""
    return Outbox.objects.order_by("-pk").values_list("pk", flat=True).first(), int(now.timestamp() // 3600)


def _commits() -> Any:
    """Return what is another one after every commit."""
    with connection.cursor() as cursor:
        cursor.execute(_ASKED[connection.vendor])
        return cursor.fetchone()
