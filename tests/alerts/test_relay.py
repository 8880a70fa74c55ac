"""The relay: each event once, whoever else relays, and whatever breaks."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts import relay
from alerts.models import Alert, AlertRule, Delivery
from alerts.recipients import recipients, subjects
from audit import context, events
from audit.context import SYSTEM
from audit.models import Outbox
from jobs import celery_tasks
from jobs.models import Job
from tests.alerts import scene as scenes
from tests.alerts.scene import say
from tests.cast import NOON
from tests.waiting import until


@pytest.mark.django_db
def test_an_event_is_relayed_once(scene):
    say("finding.assigned", scene.finding, by=scene.cast.mia)

    assert [relay.relay(now=NOON), relay.relay(now=NOON)] == [1, 0]
    assert Alert.objects.count() == 1


@pytest.mark.django_db
def test_a_relay_that_comes_second_to_an_event_finds_nothing_to_do(scene):
    say("finding.assigned", scene.finding, by=scene.cast.mia)
    waiting = Outbox.objects.get(relayed_at__isnull=True).pk

    assert [relay.relay_one(waiting, now=NOON), relay.relay_one(waiting, now=NOON)] == [True, False]
    assert Alert.objects.count() == 1


@pytest.mark.django_db
def test_a_mail_is_promised_with_the_alert_and_carries_the_deliverys_id(scene):
    with context.acting(SYSTEM):
        event = say("finding.assigned", scene.finding, by=scene.cast.mia)
    relay.relay(now=NOON)

    delivery = Delivery.objects.get()
    job = Job.objects.get(kind="alerts.send")
    assert delivery.message_id == f"<{delivery.pk}@localhost>"
    assert delivery.address == "alice@example.org"
    assert (job.key, job.payload) == (f"mail:{delivery.pk}", {"delivery": str(delivery.pk)})
    assert event.correlation_id
    assert job.correlation_id == event.correlation_id


@pytest.mark.django_db
def test_the_rules_are_read_once_for_all_that_is_relayed_together(scene):
    for number in range(3):
        say("finding.assigned", scene.finding, by=scene.cast.mia, reason=str(number))
    with CaptureQueriesContext(connection) as asked:
        assert relay.relay(now=NOON) == 3

    of_rules = [one["sql"] for one in asked if f'FROM "{AlertRule._meta.db_table}"' in one["sql"]]
    assert len(of_rules) == 1


@pytest.mark.django_db
def test_oldest_first(scene):
    events = [say("finding.assigned", scene.finding, by=scene.cast.mia, reason=str(number)) for number in range(3)]
    ids = sorted(event.pk for event in events)
    relay.relay(now=NOON)

    assert list(Alert.objects.order_by("id").values_list("event_id", flat=True)) == ids


@pytest.mark.django_db
def test_an_event_that_cannot_be_relayed_holds_up_no_other_and_is_tried_again(scene, monkeypatch):
    bad = say("finding.opened", scene.finding, by=scene.cast.mia)
    good = say("finding.assigned", scene.finding, by=scene.cast.mia)
    choose = recipients.choose

    def fail_once(notices, subject, event):
        if event.pk == bad.pk:
            raise ZeroDivisionError
        return choose(notices, subject, event)

    monkeypatch.setattr(recipients, "choose", fail_once)

    assert relay.relay(now=NOON) == 1
    assert list(Outbox.objects.filter(relayed_at=None)) == [bad.outbox]
    assert [alert.event for alert in Alert.objects.all()] == [good]

    monkeypatch.undo()
    assert relay.relay(now=NOON) == 1
    assert Alert.objects.filter(event=bad).count() == 1


@pytest.mark.django_db
def test_a_failure_after_the_alert_takes_the_alert_back(scene, monkeypatch):
    say("finding.opened", scene.finding, by=scene.cast.mia)
    monkeypatch.setattr(relay, "_promise_mail", lambda *args, **more: 1 / 0)

    assert relay.relay(now=NOON) == 0
    assert (Alert.objects.count(), Delivery.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_a_whole_batch_of_bad_events_holds_up_no_other(scene, monkeypatch):
    monkeypatch.setattr(relay, "BATCH", 2)
    bad = {say("finding.opened", scene.finding, by=scene.cast.mia).pk for _ in range(4)}
    good = say("finding.assigned", scene.finding, by=scene.cast.mia)
    find = subjects.find

    def fail(event):
        if event.pk in bad:
            raise ZeroDivisionError
        return find(event)

    monkeypatch.setattr(subjects, "find", fail)

    assert relay.relay(now=NOON) == 1
    assert {row.pk for row in Outbox.objects.filter(relayed_at=None)} == bad
    assert Alert.objects.get().event == good


@pytest.mark.django_db
def test_a_verb_that_is_no_longer_declared_is_passed_over_with_a_warning(scene, caplog, monkeypatch):
    say("finding.assigned", scene.finding, by=scene.cast.mia)
    monkeypatch.delitem(events._declared, "finding.assigned")

    assert relay.relay(now=NOON) == 1
    assert "finding.assigned" in caplog.text
    assert not Alert.objects.exists()


@pytest.mark.django_db
def test_every_sweep_relays_and_sends(scene, mailoutbox):
    say("finding.assigned", scene.finding, by=scene.cast.mia, at=NOON)

    celery_tasks.sweep()

    assert [message.subject for message in mailoutbox] == [f"{scene.finding} is yours now"]
    assert Delivery.objects.get().status == Delivery.Status.SENT


@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_two_relays_at_once_tell_each_person_once():
    scene = scenes.build()
    for number in range(20):
        say("finding.reopened", scene.finding, by=scene.cast.mia, reason=str(number))
    start = threading.Barrier(2)
    relayed: list[int] = []

    def run() -> None:
        start.wait()
        relayed.append(relay.relay(now=NOON))
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(relayed) == 20
    assert Alert.objects.count() == 20
    [message] = Delivery.objects.all()
    assert message.alerts.count() == 20
    assert Job.objects.filter(kind="alerts.send").count() == 1


_RELAYS = f"""
import os, sys
from datetime import datetime
import django
django.setup()
from alerts import relay
for _line in sys.stdin:
    child = os.fork()
    if not child:
        while relay.relay(now=datetime.fromisoformat({NOON.isoformat()!r})):
            pass
        os._exit(0)
    print(child, flush=True)
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


class Relays:
    """A process that has loaded the product and forks relays, one after the other."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._host = subprocess.Popen(
            [sys.executable, "-c", _RELAYS],
            cwd=settings.BASE_DIR,
            env={**environment, "DJANGO_SETTINGS_MODULE": "riskregister.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start_and_kill(self, *, once: Callable[[], bool]) -> None:
        """Start a relay and kill it as soon as something is so."""
        assert self._host.stdin
        assert self._host.stdout
        self._host.stdin.write("\n")
        self._host.stdin.flush()
        relay_process = int(self._host.stdout.readline())
        until(once, what="the relay")
        with contextlib.suppress(ProcessLookupError):
            os.kill(relay_process, signal.SIGKILL)
        assert self._host.stdout.readline() == "ended\n"

    def close(self) -> None:
        self._host.communicate()


def waiting() -> int:
    return Outbox.objects.filter(relayed_at=None).count()


@pytest.mark.slow
@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_killed_anywhere_it_loses_and_doubles_nothing(process_environment):
    scene, relays = scenes.build(), Relays(process_environment)
    interrupted = recorded = 0
    for _kill in range(15):
        while waiting() < 40:
            recorded += 1
            say("review.overdue", scene.review, by=SYSTEM, reason=str(recorded), at=NOON + timedelta(days=20))
        before = waiting()
        relays.start_and_kill(once=lambda: waiting() < before)  # noqa: B023 - called before the next kill
        interrupted += 0 < waiting() < before
        # What is relayed has its two alerts, each in one message; what is not has none.
        assert Alert.objects.count() == 2 * (recorded - waiting())
        assert not Alert.objects.filter(delivery=None).exists()
    relays.close()
    while relay.relay(now=NOON):
        pass

    assert interrupted
    assert Counter(Alert.objects.values_list("delivery__recipient__name", flat=True)) == {
        "Alice": recorded,
        "Mia": recorded,
    }
    assert Delivery.objects.count() == Job.objects.filter(kind="alerts.send").count() == 2


def test_what_was_done_is_told_within_ten_seconds():
    # The next sweep turns it into mail, and does that itself when no message wakes a worker.
    every: Any = settings.CELERY_BEAT_SCHEDULE["sweep"]["schedule"]
    assert every <= 5


@pytest.mark.slow
@pytest.mark.engine
@pytest.mark.django_db(transaction=True)
def test_a_worker_tells_by_itself_and_once(start_worker):
    scene = scenes.build()
    start_worker()
    folder = settings.DATA_DIR / "mail"
    earlier = set(folder.glob("*")) if folder.exists() else set()

    event = say("finding.assigned", scene.finding, by=scene.cast.mia)

    sent = Delivery.objects.filter(alerts__event=event, status=Delivery.Status.SENT)
    until(sent.exists, what="the mail")
    texts = [file.read_text() for file in set(folder.glob("*")) - earlier]
    assert len([text for text in texts if sent.get().message_id in text]) == 1
