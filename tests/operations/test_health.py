"""What the register says of its own health, and the two answers that machines read."""

import json
import socket
from datetime import timedelta

import pytest
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.test import RequestFactory

from audit import trail
from audit.context import SYSTEM
from audit.models import Outbox
from jobs.models import Job
from operations import health
from tests.cast import NOON, assemble
from tests.tables import for_each
from web.home import health as door

pytestmark = pytest.mark.django_db


@pytest.fixture
def nothing_waits(db) -> None:
    Outbox.objects.update(relayed_at=NOON)
    Job.objects.all().delete()


def answer(view):
    response = view(RequestFactory().get("/"))
    return response.status_code, json.loads(response.content)


def test_with_nothing_waiting_all_is_well(nothing_waits, settings):
    settings.REDIS_URL = ""
    found = health.readiness(now=NOON)

    assert found == health.Readiness(database=True, broker=None, dead_jobs=0)
    assert found.is_well


def test_the_oldest_unsent_event_and_the_oldest_due_job_are_told_by_age(nothing_waits):
    cast = assemble()
    Outbox.objects.update(relayed_at=NOON)
    with transaction.atomic():
        for minutes in (3, 4):
            trail.record("unit.opened", cast.payments, by=SYSTEM, at=NOON - timedelta(minutes=7 - minutes))
    for key, minutes in (("due", -2), ("older", -9), ("later", 5)):
        Job.objects.create(kind="x", key=key, run_after=NOON + timedelta(minutes=minutes), created_at=NOON)

    found = health.readiness(now=NOON)

    assert (found.oldest_unsent_seconds, found.oldest_queued_seconds) == (4 * 60, 9 * 60)
    assert not found.is_well
    assert found.can_serve


def test_a_broker_that_is_down_degrades_and_does_not_stop_the_pages(nothing_waits, settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.REDIS_URL = f"redis://user:secret@127.0.0.1:{free.getsockname()[1]}/0"

    status, body = answer(door.readyz)

    assert (status, body["status"], body["broker"]) == (200, "degraded", False)
    assert "secret" not in json.dumps(body)


@pytest.mark.postgres
def test_a_broker_that_answers_is_told(nothing_waits):
    assert health.readiness(now=NOON).broker is True


@pytest.mark.parametrize("kind", [DatabaseError, InterfaceError])
def test_without_the_database_it_is_not_ready_but_alive(monkeypatch, settings, kind):
    settings.REDIS_URL = ""

    def fail() -> None:
        raise kind("connection to server at 10.0.0.7 failed")

    monkeypatch.setattr(health, "_oldest_unsent", fail)
    # The test's own transaction would end with the connection.
    monkeypatch.setattr(connection, "close", lambda: None)

    assert answer(door.readyz) == (503, {"status": "unavailable", "database": False, "broker": None})
    assert answer(door.healthz) == (200, {"status": "ok"})


@for_each("view", [door.healthz, door.readyz])
def test_nothing_is_cached_and_nothing_is_posted(view):
    assert "no-store" in view(RequestFactory().get("/"))["Cache-Control"]
    assert view(RequestFactory().post("/")).status_code == 405
