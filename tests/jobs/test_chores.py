"""What a sweep does besides jobs, and what is left of jobs that ended."""

from datetime import timedelta
from uuid import uuid4

import pytest

from audit.models import Event
from jobs import dated, queue, runner
from jobs.models import Job
from tests.cast import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def chores(monkeypatch) -> dict:
    alone: dict = {}
    monkeypatch.setattr(queue, "_chores", alone)
    return alone


def job(key: str, **more) -> Job:
    return Job.objects.create(**{"kind": "test.work", "key": key, "run_after": NOON, "created_at": NOON, **more})


def test_a_chore_is_called_with_the_moment_once_a_sweep_however_often_it_was_registered(chores):
    called = []

    def tidy(*, now):
        called.append(now)

    queue.on_sweep(tidy)
    queue.on_sweep(tidy)
    queue.do_chores(now=NOON)

    assert called == [NOON]


def test_a_chore_that_fails_stops_no_other_and_is_called_again(chores, caplog):
    called = []

    def broken(*, now):
        called.append("broken")
        raise ZeroDivisionError

    def sound(*, now):
        called.append("sound")

    queue.on_sweep(broken)
    queue.on_sweep(sound)
    queue.do_chores(now=NOON)
    queue.do_chores(now=NOON)

    assert called == ["broken", "sound", "broken", "sound"]
    assert "test_chores.broken failed" in caplog.text


def test_jobs_done_long_ago_are_forgotten_and_no_others():
    old = NOON - timedelta(days=31)
    job("old", status="done", finished_at=old)
    job("young", status="done", finished_at=NOON - timedelta(days=29))
    job("dead", status="dead", finished_at=old)
    job("waits", run_after=old)

    assert queue.prune(now=NOON) == 1
    assert set(Job.objects.values_list("key", flat=True)) == {"young", "dead", "waits"}


def test_a_job_that_dies_says_so_once(monkeypatch, settings):
    settings.JOB_ATTEMPTS = 2
    monkeypatch.setitem(queue._handlers, "test.work", lambda running: 1 / 0)
    dying = job("dying")

    runner.run(dying.pk, now=NOON)
    assert not Event.objects.filter(verb="job.died").exists()
    Job.objects.update(run_after=NOON)
    runner.run(dying.pk, now=NOON)

    dying.refresh_from_db()
    assert dying.status == Job.Status.DEAD
    event = Event.objects.get(verb="job.died")
    assert (event.object_id, event.scope) == (dying.pk, Event.Scope.ADMINISTRATION)


def test_a_job_that_kills_its_worker_on_the_last_try_dies_and_says_so(settings):
    spent = job(
        "spent",
        status="running",
        attempts=settings.JOB_ATTEMPTS,
        lease_token="00000000-0000-0000-0000-000000000001",
        lease_until=NOON - timedelta(minutes=1),
    )

    assert runner.run(spent.pk, now=NOON) is False
    assert Event.objects.filter(verb="job.died", object_id=spent.pk).count() == 1


def test_a_job_under_a_lease_is_nobody_elses_until_it_ran_out(monkeypatch):
    done = []
    monkeypatch.setitem(queue._handlers, "test.work", lambda running: done.append(running.id))
    held = job("held", status="running", lease_token=uuid4(), lease_until=NOON + timedelta(seconds=1))

    assert not runner.run(held.pk, now=NOON)
    assert (runner.due(now=NOON, limit=5), done) == ([], [])
    assert runner.run(held.pk, now=NOON + timedelta(seconds=2))
    assert done == [held.pk]


def test_jobs_that_tell_of_days_name_what_has_them_in_the_plural():
    days = {one.word: queue.words(f"days.{one.word}") for one in dated.every()}
    assert days == {
        "acceptance": "Tell of the days of acceptances",
        "answers": "Tell of the days of assessments",
        "assessment": "Tell of the days of assessments",
        "certificate": "Tell of the days of certificates",
        "condition": "Tell of the days of conditions",
        "contract end": "Tell of the days of contracts",
        "contract notice": "Tell of the days of contracts",
        "contract renewal": "Tell of the days of contracts",
        "contract review": "Tell of the days of contracts",
        "control_due": "Tell of the days of control statuses",
        "control_end": "Tell of the days of control statuses",
        "due diligence": "Tell of the days of due diligence",
        "due diligence item": "Tell of the days of due diligence items",
        "waiver": "Tell of the days of due diligence items",
        "evidence": "Tell of the days of evidence",
        "exit trial": "Tell of the days of exit plans",
        "finding": "Tell of the days of findings",
        "law to come": "Tell of the days of legal profiles",
        "override": "Tell of the days of overrides",
        "plan": "Tell of the days of remediation plans",
        "profile certificate": "Tell of the days of technical profiles",
        "profile key": "Tell of the days of technical profiles",
        "role": "Tell of the days of roles",
        "shared service": "Tell of the days of shared services",
        "suppression": "Tell of the days of suppressions",
        "surveillance": "Tell of the days of certificates",
        "tier_acceptance": "Tell of the days of tier acceptances",
        "tier_milestone": "Tell of the days of tier plans",
        "token": "Tell of the days of tokens",
        "unapproved use": "Tell of the days of unapproved uses",
    }


def test_a_word_of_days_that_no_notice_can_keep_is_refused_when_it_is_declared():
    long = dated.Dated("the certificate of it", Job.objects.all, day="run_after", passed="job.died")
    with pytest.raises(ValueError, match="'the certificate of it' is longer than the 20 characters"):
        dated.declare(long)
    assert long not in dated.every()
