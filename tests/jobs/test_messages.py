"""What whoever watches the workers sees: messages that bear the name of the job's kind."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from jobs import queue
from jobs.models import Job
from riskregister.celery import app
from tests.installation import stop
from tests.waiting import PATIENCE, until

pytestmark = [pytest.mark.slow, pytest.mark.postgres]

KIND = "jobs.prune"

# The one worker is listened to until it answers; what is not heard after so long is asked for again.
A_LOOK: dict[str, Any] = {"timeout": 5.0, "limit": 1}


@pytest.fixture
def worker(process_environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Return a real worker without a clock: what it does, a message asked for."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "runworker", "--concurrency=2"]
    process = subprocess.Popen(command, env=process_environment, start_new_session=True)
    yield process
    stop(process)


def _names(worker: str) -> list[str]:
    """Return the names of the tasks that each worker does now."""
    found = getattr(app.control.inspect(**A_LOOK), worker)() or {}
    return [task["name"] for tasks in found.values() for task in tasks]


def _counted() -> Counter[str]:
    found = app.control.inspect(**A_LOOK).stats() or {}
    return sum((Counter(one["total"]) for one in found.values()), Counter())


def test_a_worker_says_of_what_kind_the_jobs_are_that_it_does(transactional_db: None, request: pytest.FixtureRequest):
    app.control.purge()
    queue.enqueue(KIND, key="for the test", now=timezone.now())
    with transaction.atomic():
        # While its row is held, the worker waits to claim it.
        held = Job.objects.select_for_update().get(kind=KIND)
        request.getfixturevalue("worker")
        until(lambda: _names("active") == [KIND], what="the worker to take the message")

    until(lambda: Job.objects.get(pk=held.pk).status == Job.Status.DONE, what="the job")
    assert _counted() == {KIND: 1}


def test_its_events_name_the_kind(worker: "subprocess.Popen[bytes]"):
    app.control.purge()
    until(lambda: app.control.inspect(**A_LOOK).ping(), what="the worker")
    app.control.enable_events()
    names: list[str] = []
    with app.connection() as connection:

        def promise(beat: dict[str, Any]) -> None:
            # The first heartbeat shows that this listener is heard.
            queue.enqueue(KIND, key="for the test", now=timezone.now())

        def keep(event: dict[str, Any]) -> None:
            names.append(event["name"])
            watching.should_stop = True

        handlers = {"worker-heartbeat": promise, "task-received": keep}
        watching = app.events.Receiver(connection, handlers=handlers)
        watching.capture(timeout=PATIENCE)
    assert names == [KIND]
