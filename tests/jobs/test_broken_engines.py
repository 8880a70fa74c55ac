"""Workers that share, freeze or die of their job, and a broker that forgets, stops or does not answer."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from alerts.models import Alert
from audit.models import Event
from jobs.models import Job
from reports.models import Report, ReportPart
from reports.tasks import GAVE_UP
from riskregister.celery import app
from tests.jobs.killing import Barracks, Broker, expire_leases, timed
from tests.jobs.test_kill import (
    REPORTS,
    Work,
    assert_whole,
    barracks,
    lost_and_doubled,
    post_office,
    receiver,
    work,
)
from tests.waiting import until

__all__ = ["barracks", "post_office", "receiver", "work"]
pytestmark = [pytest.mark.slow, pytest.mark.engine]

# No job is taken from a worker that is only slow.
LONG = "3600"
# A change that is kept while the broker is away waits two seconds for the connection, once; the rest is for a machine
# that is busy. Without a limit it takes minutes, or for ever.
AT_ONCE = 20.0


def _publish_to(url: str) -> None:
    """Let this process publish to another broker; connections to the former one are forgotten."""
    app.conf.update(broker_url=url)
    app._after_fork()  # type: ignore[attr-defined]


@pytest.fixture
def broker(tmp_path: Path, monkeypatch) -> Iterator[Broker]:
    """Return a Redis of this test's own, which this process publishes to."""
    own = Broker(tmp_path)
    own.start()
    before = app.conf.broker_url
    _publish_to(own.url)
    monkeypatch.setattr(settings, "REDIS_URL", own.url)
    yield own
    _publish_to(before)
    own.stop()


def test_two_workers_at_once_do_every_job_once(work: Work, barracks: Callable[..., Barracks], post_office):
    for number in range(6):
        work.come_due(days=10 if number % 2 else -3, kept=work.soon if number % 2 else work.overdue)
    for _ in range(3):
        work.ask_for_a_report()
    home = barracks(RISKREGISTER_JOB_LEASE_SECONDS=LONG)
    home.start()
    home.start()
    until(work.is_done, what="the jobs to be done")

    assert lost_and_doubled(work, post_office) == (Counter(), Counter())
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}
    assert len(post_office.received) == len(set(post_office.received))
    assert_whole(work, post_office)


def test_a_worker_that_lost_its_lease_leaves_nothing(work: Work, barracks: Callable[..., Barracks], post_office):
    work.ask_for_a_report()
    home = barracks(RISKREGISTER_JOB_LEASE_SECONDS=LONG)
    frozen = home.start("report.issued: before finishing")
    job = frozen.wait()
    frozen.freeze()
    expire_leases()
    heir = home.start("claimed reports.render")
    assert heir.wait() == job

    frozen.thaw()
    until(lambda: "was taken over by another worker" in home.log, what="the first worker to notice")

    assert (ReportPart.objects.count(), Event.objects.filter(verb="report.issued").count()) == (0, 0)
    assert Report.objects.get().status == Report.Status.RENDERING
    frozen.kill()
    # What the first worker took up between its waking and its end.
    expire_leases(but=[job])
    heir.thaw()
    until(work.is_done, what="the second worker's report")
    assert lost_and_doubled(work, post_office) == (Counter(), Counter())


def test_a_job_that_kills_its_workers_stops_in_sight(work: Work, barracks: Callable[..., Barracks], post_office):
    work.ask_for_a_report()
    home = barracks(RISKREGISTER_JOB_ATTEMPTS="2", RISKREGISTER_JOB_LEASE_SECONDS=LONG)
    for _ in range(2):
        victim = home.start("claimed reports.render")
        victim.wait()
        victim.kill()
        expire_leases()
    home.start()
    dead = Job.objects.filter(kind=REPORTS, status=Job.Status.DEAD)
    until(dead.exists, what="the job to stop")
    failed = Alert.objects.filter(event__verb="report.failed")
    until(lambda: work.is_done() and failed.exists(), what="the requester to be told")

    assert (dead.get().attempts, Event.objects.filter(verb="job.died").count()) == (2, 1)
    assert Alert.objects.get(event__verb="job.died").recipient == work.scene.people.ada
    report = Report.objects.get()
    assert (report.status, report.error) == (Report.Status.FAILED, GAVE_UP)
    assert Alert.objects.get(event__verb="report.failed").recipient == work.scene.people.mia
    assert ReportPart.objects.count() == 0


@pytest.mark.postgres
def test_a_broker_that_forgets_everything_loses_no_job(
    work: Work, barracks: Callable[..., Barracks], post_office, broker
):
    for _ in range(2):
        work.come_due(days=10, kept=work.soon)
    work.ask_for_a_report()
    with redis.Redis.from_url(broker.url) as client:
        assert client.llen("celery") == 3
        client.flushall()
    barracks(REDIS_URL=broker.url).start()
    until(work.is_done, what="the jobs to be done")
    assert lost_and_doubled(work, post_office) == (Counter(), Counter())


@pytest.mark.postgres
@pytest.mark.parametrize("trouble", ["stop", "freeze"])
def test_a_change_is_kept_at_once_while_the_broker_is_away(
    trouble, work: Work, barracks: Callable[..., Barracks], post_office, broker
):
    work.ask_for_a_report()
    getattr(broker, trouble)()

    with timed() as took:
        work.ask_for_a_report()

    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["socket_timeout"] <= 2
    assert took[0] < AT_ONCE
    assert Job.objects.filter(kind=REPORTS, status=Job.Status.QUEUED).count() == 2
    assert Job.objects.filter(created_at__gt=timezone.now() - timedelta(minutes=1)).count() == 2
    broker.stop()
    broker.start()
    barracks(REDIS_URL=broker.url).start()
    until(work.is_done, what="the jobs to be done")
    assert lost_and_doubled(work, post_office) == (Counter(), Counter())
