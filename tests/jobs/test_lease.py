"""What a worker may still do to a job in its hands, and what a job that takes long does to its lease."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from jobs import queue, runner
from jobs.models import Job
from tests.cast import NOON
from tests.waiting import until


def claimed_after(work: Callable[[runner.Claimed], Any], monkeypatch: pytest.MonkeyPatch) -> Job:
    """Return the job's row after a worker has done the work."""
    monkeypatch.setitem(queue._handlers, "test.work", work)
    job = Job.objects.create(kind="test.work", key="long", run_after=NOON, created_at=NOON)
    assert runner.run(job.pk, now=timezone.now())
    job.refresh_from_db()
    return job


@pytest.mark.django_db
class TestOfOneHolder:
    def test_progress_is_shown_with_a_note_and_never_as_done(self, monkeypatch):
        shown = []

        def work(claimed: runner.Claimed) -> None:
            claimed.report(250, "x" * 300)
            shown.append(Job.objects.values_list("progress", "note").get())

        job = claimed_after(work, monkeypatch)

        assert shown == [(99, "x" * 200)]
        assert (job.status, job.progress) == ("done", 100)

    def test_whoever_was_relieved_shows_nothing_renews_nothing_and_keeps_nothing(self, monkeypatch):
        heir = uuid4()

        def work(claimed: runner.Claimed) -> None:
            Job.objects.update(lease_token=heir)
            assert claimed.renew() is False
            claimed.report(50, "still at it")

        job = claimed_after(work, monkeypatch)

        assert (job.status, job.lease_token, job.progress, job.note) == ("running", heir, 0, "")

    def test_work_that_finished_its_job_itself_is_not_finished_again(self, monkeypatch, caplog):
        def work(claimed: runner.Claimed) -> None:
            with claimed.finish():
                pass

        assert claimed_after(work, monkeypatch).status == "done"
        assert caplog.text == ""


@pytest.mark.django_db(transaction=True)
def test_the_lease_of_a_long_job_is_renewed_before_it_runs_out(monkeypatch, settings):
    settings.JOB_LEASE = timedelta(seconds=30)

    def work(claimed: runner.Claimed) -> None:
        first = Job.objects.get().lease_until
        assert first
        until(lambda: (Job.objects.get().lease_until or first) > first, what="a longer lease")
        # Whoever renews after this moment has lost it.
        assert timezone.now() < first

    job = claimed_after(work, monkeypatch)

    assert (job.status, job.error) == ("done", "")


AHEAD = timedelta(days=40)


@pytest.mark.django_db
class TestAfterAClockWasSetBack:
    """Somebody's clock ran 40 days ahead; what it put off is done now, and not in 40 days."""

    def job(self, **how: Any) -> Job:
        return Job.objects.create(**{"kind": "test.work", "key": "late", "run_after": NOON, "created_at": NOON} | how)

    def due(self) -> list[Any]:
        queue.set_right(now=NOON)
        return runner.due(now=NOON + timedelta(seconds=1), limit=10)

    def test_a_job_that_was_leased_then_is_taken_over(self, monkeypatch):
        done = []
        monkeypatch.setitem(queue._handlers, "test.work", lambda claimed: done.append(claimed.id))
        job = self.job(status="running", attempts=1, lease_token=uuid4(), lease_until=NOON + AHEAD)
        assert runner.due(now=NOON, limit=10) == []

        assert self.due() == [job.pk]
        assert runner.run(job.pk, now=NOON + timedelta(seconds=1))
        assert done == [job.pk]

    def test_so_is_one_that_was_promised_or_failed_then(self):
        promised = self.job(created_at=NOON + AHEAD, run_after=NOON + AHEAD)
        failed = self.job(key="failed", attempts=2, run_after=NOON + AHEAD)

        assert set(self.due()) == {promised.pk, failed.pk}

    def test_what_waits_for_its_own_reasons_waits_on(self):
        settings = {"run_after": NOON + AHEAD}
        self.job(**settings)
        self.job(key="failed", attempts=3, run_after=NOON + timedelta(minutes=59))
        self.job(key="leased", status="running", lease_token=uuid4(), lease_until=NOON + timedelta(minutes=2))
        # The clock of another machine is some minutes ahead, and its job is in hand.
        self.job(key="skewed", status="running", lease_token=uuid4(), lease_until=NOON + timedelta(minutes=10))

        assert self.due() == []
