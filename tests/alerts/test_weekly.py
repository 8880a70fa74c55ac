"""The weekly digest: one mail on Monday to whoever manages, with what they must know of the week."""

from datetime import timedelta

import pytest

from accounts.models import Role
from alerts.channels import email as channel
from alerts.delivery import deliveries, weekly
from alerts.models import Delivery
from alerts.recipients import choosing
from escalations import climbing, ladders
from jobs import runner
from jobs.models import Job
from tests.alerts.test_mail import smtp
from tests.cast import NOON, TODAY, person

__all__ = ["smtp"]
pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
# NOON is a Monday.
EARLY = NOON.replace(hour=6)


def overdue(scene, *, since: int) -> None:
    scene.finding.due_on = TODAY - timedelta(days=since)
    scene.finding.save(update_fields=["due_on"])


def send(now) -> None:
    for job_id in Job.objects.filter(kind="alerts.send", status="queued").values_list("pk", flat=True):
        runner.run(job_id, now=now)


def test_it_comes_on_monday_at_seven_once(scene, smtp):
    overdue(scene, since=3)
    assert weekly.write_due(now=EARLY) == 0
    assert weekly.write_due(now=NOON) == 1
    assert weekly.write_due(now=NOON + 5 * DAY) == 0
    send(NOON)

    [received] = smtp.box.received
    assert received["To"] == "mia@example.org"
    assert received["Subject"] == "Your week: 1 became overdue"
    text = received.get_content().replace("\r\n", "\n")
    assert f"- {scene.finding}: due 27 Feb 2026, Alice owns it\n" in text
    assert "/findings/?is_overdue=true&status=fixing" in text


def test_it_says_what_nobody_has_acknowledged_and_what_ends(scene, smtp):
    overdue(scene, since=20)
    ladder = next(one for one in ladders.every() if one.word == "finding_overdue")
    climbing.climb(ladder, now=NOON)
    weekly.write_due(now=NOON)

    [delivery] = Delivery.objects.filter(kind="weekly")
    assert delivery.subject == "Your week: 1 not acknowledged"
    assert deliveries.title(delivery) == delivery.subject


def test_who_declined_it_and_wants_it_again_gets_it(scene):
    overdue(scene, since=3)
    for when, written in (("never", 0), ("usual", 1)):
        choosing.choose(scene.cast.mia, choices={"weekly": when}, by=scene.cast.mia, now=NOON)
        assert weekly.write_due(now=NOON) == written


def test_a_week_with_nothing_to_say_is_not_mailed(scene):
    assert weekly.write_due(now=NOON) == 1
    overdue(scene, since=3)
    assert weekly.write_due(now=NOON + DAY) == 0

    assert [one.status for one in Delivery.objects.filter(kind="weekly")] == ["dropped"]
    assert not Job.objects.filter(kind="alerts.send").exists()


def test_after_days_without_a_worker_it_comes_late_and_says_what_is_true_then(scene):
    overdue(scene, since=-1)
    weekly.write_due(now=NOON + 3 * DAY)

    [delivery] = Delivery.objects.filter(kind="weekly")
    assert (delivery.occasion, delivery.subject) == ("weekly 2026-03-02", "Your week: 1 became overdue")


def test_who_does_not_want_it_gets_none_and_a_head_sees_all_units(scene):
    person("hana", role=Role.MANAGER, unit=None)
    overdue(scene, since=3)
    choosing.choose(scene.cast.mia, choices={"weekly": "never"}, by=scene.cast.mia, now=NOON)
    weekly.write_due(now=NOON)

    [delivery] = Delivery.objects.filter(kind="weekly")
    assert (delivery.recipient.name, delivery.subject) == ("Hana", "Your week: 1 became overdue")


def test_a_try_after_a_kill_says_the_same(scene, smtp):
    overdue(scene, since=3)
    weekly.write_due(now=NOON)
    [delivery] = Delivery.objects.filter(kind="weekly")
    channel.send(delivery)
    overdue(scene, since=30)
    send(NOON)

    first, second = smtp.box.received
    assert first["Message-ID"] == second["Message-ID"]
    assert first.get_content() == second.get_content()
