"""The worker of an installation without a broker: it sleeps while nothing happens, and wakes when something does."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from jobs import embedded, queue
from jobs.models import Job
from tests.waiting import PATIENCE, until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(bool(os.environ.get("TEST_REDIS_URL")), reason="with Redis a Celery worker does the work"),
]
WATCHED = 4.0
NOT_ENDED = (Job.Status.QUEUED, Job.Status.RUNNING)


@pytest.fixture
def commits() -> Iterator[Callable[[], int]]:
    """Return what counts up with every commit to the database, by whomever."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as watching:
        yield lambda: int(watching.execute("PRAGMA data_version").fetchone()[0])


def has_settled(commits: Callable[[], int]) -> bool:
    """Return whether everything that recurs was done once, and nothing was committed for some time since."""
    before = commits()
    if Job.objects.filter(status__in=NOT_ENDED).exists() or Job.objects.count() < len(queue.recurring()):
        return False
    time.sleep(1)
    return commits() == before


def hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def test_nothing_is_written_while_nothing_happens(start_worker: Callable[..., Any], commits: Callable[[], int]):
    worker = psutil.Process(start_worker().pid)
    until(lambda: has_settled(commits), what="the recurring jobs")
    begun, used, since = commits(), sum(worker.cpu_times()[:2]), hour()

    time.sleep(WATCHED)

    assert commits() == begun or hour() > since
    # A machine that is busy makes each look dearer, not ten times.
    assert sum(worker.cpu_times()[:2]) - used < 0.02 * WATCHED


def test_a_job_that_is_promised_is_done_at_once(start_worker: Callable[..., Any], commits: Callable[[], int]):
    start_worker()
    until(lambda: has_settled(commits), what="the recurring jobs")

    with transaction.atomic():
        queue.enqueue("jobs.prune", key="now", now=timezone.now())

    until(lambda: Job.objects.get(key="now").status == Job.Status.DONE, what="the job")
    done = Job.objects.get(key="now")
    assert done.finished_at
    # Not at the next look at the clock, which is a minute away.
    assert done.finished_at - done.created_at < embedded.SLEEP_AT_MOST / 2


def test_a_job_for_later_is_done_when_its_moment_comes(start_worker: Callable[..., Any], commits: Callable[[], int]):
    start_worker()
    until(lambda: has_settled(commits), what="the recurring jobs")
    later = timezone.now() + timedelta(seconds=2)

    with transaction.atomic():
        queue.enqueue("jobs.prune", key="later", now=timezone.now(), run_after=later)

    until(lambda: Job.objects.get(key="later").status == Job.Status.DONE, what="the job")
    assert (Job.objects.get(key="later").finished_at or later) >= later


class Pool(ThreadPoolExecutor):
    """Lets the job that is being done go on once the pool was told to take no others."""

    go = threading.Event()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait=False, cancel_futures=cancel_futures)
        self.go.set()
        super().shutdown(wait=wait)


def test_a_worker_that_is_told_to_stop_begins_nothing_more(monkeypatch: pytest.MonkeyPatch):
    begun, stop = threading.Event(), threading.Event()

    def slow(_running: Any) -> None:
        begun.set()
        assert Pool.go.wait(PATIENCE)

    monkeypatch.setattr(embedded, "ThreadPoolExecutor", Pool)
    monkeypatch.setattr(queue, "_recurrences", {})
    monkeypatch.setitem(queue._handlers, "test.slow", slow)
    monkeypatch.setitem(queue._handlers, "test.next", lambda _running: None)
    now = timezone.now()
    with transaction.atomic():
        queue.enqueue("test.slow", key="first", now=now)
        queue.enqueue("test.next", key="second", now=now, run_after=now + timedelta(milliseconds=1))
    worker = threading.Thread(
        target=embedded.work, kwargs={"concurrency": 1, "stop": stop, "clock": lambda: now + timedelta(seconds=1)}
    )
    worker.start()

    assert begun.wait(PATIENCE)
    stop.set()
    worker.join(PATIENCE)

    assert dict(Job.objects.values_list("key", "status")) == {"first": Job.Status.DONE, "second": Job.Status.QUEUED}


class Working:
    """The worker in a thread of this process, by a clock that can be set."""

    def __init__(self) -> None:
        self._ahead, self._stop, self._thread = timedelta(), threading.Event(), threading.Thread(target=self._work)
        self.rounds = 0

    def __enter__(self) -> "Working":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def set_ahead(self, by: timedelta) -> None:
        self._ahead = by

    def _now(self) -> datetime:
        # Each round of the loop begins by asking; the jobs, in threads of their own, ask too.
        self.rounds += threading.current_thread() is self._thread
        return timezone.now() + self._ahead

    def _work(self) -> None:
        try:
            embedded.work(concurrency=2, stop=self._stop, clock=self._now)
        finally:
            connections.close_all()


def test_a_clock_that_is_set_anew_is_seen_at_the_next_look(
    monkeypatch: pytest.MonkeyPatch, commits: Callable[[], int]
) -> None:
    """Nothing is committed when a clock is set: the worker looks once a minute all the same."""
    monkeypatch.setattr(embedded, "SLEEP_AT_MOST", timedelta(seconds=1))
    with Working() as worker:
        until(lambda: has_settled(commits), what="the recurring jobs")
        with transaction.atomic():
            queue.enqueue("jobs.prune", key="later", now=timezone.now(), run_after=timezone.now() + timedelta(hours=9))
        seen = worker.rounds
        until(lambda: worker.rounds > seen + 1, what="a round that saw that commit")
        assert Job.objects.get(key="later").status == Job.Status.QUEUED

        worker.set_ahead(timedelta(hours=10))

        until(lambda: Job.objects.get(key="later").status == Job.Status.DONE, what="the job")


@pytest.mark.django_db(transaction=False)
def test_what_is_promised_already_is_asked_in_one_statement(django_assert_num_queries: Any):
    now = timezone.now()
    queue.plan(now=now)

    with django_assert_num_queries(1):
        assert queue.plan(now=now) == 0


def test_what_waits_for_others_takes_one_thread_and_leaves_the_rest(monkeypatch: pytest.MonkeyPatch):
    go, begun = threading.Event(), list[str]()

    def waits(running: Any) -> None:
        begun.append(Job.objects.get(pk=running.id).key)
        assert go.wait(PATIENCE)

    monkeypatch.setattr(queue, "_recurrences", {})
    monkeypatch.setattr(queue, "_one_at_once", {"test.waits"})
    monkeypatch.setitem(queue._handlers, "test.waits", waits)
    monkeypatch.setitem(queue._handlers, "test.quick", lambda _running: None)
    now = timezone.now()
    with transaction.atomic():
        for number in range(25):
            queue.enqueue("test.waits", key=f"waits {number}", now=now)
        queue.enqueue("test.quick", key="quick", now=now + timedelta(microseconds=1))

    def statuses() -> list[str]:
        return list(Job.objects.filter(kind="test.waits").order_by("status").values_list("status", flat=True))

    with Working():
        try:
            until(lambda: begun and Job.objects.get(key="quick").status == Job.Status.DONE, what="the quick job")
            assert (len(begun), statuses()) == (1, ["queued"] * 24 + ["running"])
            go.set()
            until(lambda: len(begun) > 2, what="the next that wait, one after the other")
        finally:
            go.set()
    assert len(set(begun)) == len(begun)
