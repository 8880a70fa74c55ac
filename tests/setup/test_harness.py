"""The harness itself: engines, clean-up between tests, and other processes on the test's database."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from audit import context, trail
from audit.models import Event
from jobs import queue
from jobs.models import Job
from riskregister import variables
from tests import append_only
from tests.environment import DATA_DIR
from tests.waiting import until

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def record_an_event() -> Event:
    """Write an event about a job, as any state step does."""
    with transaction.atomic():
        job = Job.objects.create(kind="harness", key="harness", run_after=NOON, created_at=NOON)
        by = context.Actor("command", "harness", "Harness")
        return trail.record("job.retried", job, by=by, at=NOON, kind="harness")


def tamper(event: Event) -> None:
    with transaction.atomic():
        Event.objects.filter(pk=event.pk).update(verb="forged")


def test_the_benchmark_keeps_the_database_that_it_was_given(tmp_path):
    # What is loaded for tests takes the variables of the surroundings away, and a web server under measure gets none.
    given = {"DJANGO_SETTINGS_MODULE": "riskregister.settings", "RISKREGISTER_DATA_DIR": str(tmp_path)}
    asked = "import sys, tests.bench.run; print('tests.environment' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", asked],
        env=os.environ | given,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == ["False"]


@pytest.mark.engine
def test_runs_on_the_engine_that_was_asked_for(engine):
    assert engine == ("postgresql" if os.environ.get("TEST_DATABASE_URL") else "sqlite")
    assert bool(settings.REDIS_URL) is bool(os.environ.get("TEST_REDIS_URL"))


def test_sees_no_variable_of_the_developer():
    own = {"RISKREGISTER_DATA_DIR", "SECRET_KEY", "RISKREGISTER_LOG_LEVEL", "RISKREGISTER_QUESTION_SET"}
    servers = {"DATABASE_URL", "REDIS_URL"}

    assert {name for name in variables.VARIABLES if name in os.environ} == own | servers
    assert settings.DATA_DIR == DATA_DIR


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_number", [1, 2])
def test_events_of_one_test_are_gone_in_the_next_and_cannot_be_changed_in_either(round_number):
    assert Event.objects.count() == 0

    event = record_an_event()

    with pytest.raises(DatabaseError, match="append-only"):
        tamper(event)


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_lifting_the_triggers_ends_with_the_block():
    event = record_an_event()

    with append_only.lifted(connection):
        tamper(event)

    assert Event.objects.get().verb == "forged"
    with pytest.raises(DatabaseError, match="append-only"):
        tamper(event)


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_sees_the_jobs_of_the_test(start_worker):
    start_worker()
    with transaction.atomic():
        queue.enqueue("nobody.knows.this", key="one", now=NOON)

    until(lambda: Job.objects.get(key="one").attempts, what="the worker to try the job")

    job = Job.objects.get(key="one")
    assert job.attempts == 1


@pytest.mark.browser
def test_drives_a_real_browser(new_context):
    page = new_context().new_page()
    page.set_content("<title>one</title><script>document.title += ' and two'</script>")

    assert page.title() == "one and two"
