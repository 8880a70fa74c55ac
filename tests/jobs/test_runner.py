"""One job after the other: when a failed one is tried again, and what its row says."""

import subprocess
import sys
from datetime import timedelta

import pytest

from jobs import queue, runner
from jobs.models import Job
from riskregister.env import BASE_DIR
from tests.api.caller import frozen
from tests.cast import NOON
from tests.tables import for_each
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db


@pytest.fixture
def failing(monkeypatch) -> Job:
    monkeypatch.setitem(queue._handlers, "test.work", lambda running: 1 / 0)
    return Job.objects.create(kind="test.work", key="fails", run_after=NOON, created_at=NOON)


def pause_after(job: Job) -> timedelta:
    """Return for how long the job waits after its next try."""
    Job.objects.update(run_after=NOON)
    with frozen():
        runner.run(job.pk, now=NOON)
    job.refresh_from_db()
    return job.run_after - NOON


def test_a_failed_job_waits_twice_as_long_after_each_try_and_an_hour_at_most(failing, settings):
    settings.JOB_ATTEMPTS = 20

    pauses = [pause_after(failing).total_seconds() for _try in range(12)]

    assert pauses == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]


def test_a_failed_job_says_why_and_is_nobodys(failing):
    pause_after(failing)

    assert failing.error.endswith("ZeroDivisionError: division by zero\n")
    assert (failing.status, failing.attempts, failing.finished_at) == ("queued", 1, None)
    assert (failing.lease_token, failing.lease_until) == (None, None)


# Printed by a worker that has looked once, or is ready: which pages it has loaded.
LOOKED = (
    "import os, sys, django\nfrom django.core.management import call_command\n"
    "def tell(*_, **__):\n"
    "    pages = {'riskregister.urls', 'web.servers.servers', 'rest_framework.views'}\n"
    "    print(sorted(pages & set(sys.modules)), flush=True)\n"
    "    os._exit(0)\n"
    "django.setup()\n"
)
EMBEDDED = (
    "from jobs import embedded\n"
    "look = embedded._Worker.look\n"
    "embedded._Worker.look = lambda *of, **at: tell(look(*of, **at))\n"
    "call_command('runworker', '--embedded')\n"
)
OF_CELERY = "from celery import signals\nsignals.worker_ready.connect(tell)\ncall_command('runworker')\n"


@pytest.mark.django_db(transaction=True)
@for_each("worker", [EMBEDDED, OF_CELERY], ids={EMBEDDED: "embedded", OF_CELERY: "of Celery"}.get)
def test_a_worker_loads_no_pages_before_it_writes_a_link(worker, process_environment):
    command = [sys.executable, "-c", LOOKED + worker]
    done = subprocess.run(
        command, cwd=BASE_DIR, env=process_environment, capture_output=True, text=True, check=True, timeout=PATIENCE
    )

    assert done.stdout == "[]\n"
