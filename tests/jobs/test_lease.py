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
