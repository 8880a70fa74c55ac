"""The real worker, stopped for ever at a moment of its work; nothing in the product knows of it.

`main` runs in a process that has loaded the product. It reads lines from standard input, each a moment and the path of
a marker; for each it forks a worker in a session of its own and prints its process id. The worker wraps the
functions between which the moment lies; when a thread comes there it writes the marker and stays. The moment `-` never
comes. A file beside the marker, named `.go`, lets a stopped thread go on.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper
from django.urls import reverse

from alerts import posting, relay
from alerts.delivery import deliveries
from decisions.reviews import review_schedule, reviews
from evidence import rehashing
from jobs import runner
from operations.supervisor import die_with
from reports import issuing
from reports.models import Report
from riskregister.celery import app

NEVER = "-"
# Between two sweeps with Redis lie five seconds in production: with as many kills the test would take minutes more.
SWEEP_EVERY = 0.3
THREADS = 2
_place = threading.local()


class Stop:
    """The one moment of this process, and where it is told that it came."""

    def __init__(self, moment: str, marker: Path) -> None:
        self.moment, self.marker = moment, marker
        self._first = threading.Lock()

    def at(self, moment: str) -> None:
        """Stay here if this is the moment and no other thread of this process stays there already."""
        if moment != self.moment or not self._first.acquire(blocking=False):
            return
        self.say(job=getattr(_place, "job", ""))
        go = self.marker.with_suffix(".go")
        while not go.exists():
            time.sleep(0.02)

    def say(self, *, job: str) -> None:
        """Write the marker, whole from the first moment on, with the id of the job that is being done."""
        draft = self.marker.with_suffix(".draft")
        draft.write_text(job)
        draft.rename(self.marker)


def main() -> None:
    """Fork a worker for each line until the input ends."""
    # What a worker loads when it writes its first link: once, before it forks.
    reverse("web:home")
    # Nobody waits for the workers: the kernel buries them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        moment, marker = line.rstrip("\n").split("\t")
        prepare = die_with(os.getpid(), number=signal.SIGKILL)
        child = os.fork()
        if not child:
            prepare()
            _work(Stop(moment, Path(marker)))
        print(child, flush=True)


def _work(stop: Stop) -> None:
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.stdin = Path(os.devnull).open()  # noqa: SIM115 - for as long as the process lives
    wrap(stop)
    try:
        call_command("runworker", "--beat" if os.environ.get("REDIS_URL") else "--embedded", concurrency=THREADS)
    finally:
        os._exit(0)


def wrap(stop: Stop) -> None:
    """Put the stops between the product's functions, in this process only."""
    app.conf.beat_schedule["sweep"]["schedule"] = SWEEP_EVERY
    _replace(runner, "_do", _keeping_the_job)
    _replace(runner, "_claim", lambda claim: _claiming(claim, stop))
    _replace(review_schedule, "_open", lambda open_one: _before(open_one, stop, "review.opened"))
    _replace(reviews, "record", _naming_the_verb)
    _replace(Report, "save", _naming_the_reading)
    _replace(runner.Claimed, "finish", lambda finish: _finishing(finish, stop))
    _replace(subprocess, "run", lambda draw: _while_drawing(draw, stop))
    _replace(issuing, "issue", lambda issue: _named(_before(issue, stop, "report.issued"), "report.issued"))
    _replace(rehashing, "_change", lambda change: _named(change, "file noted"))
    _replace(relay, "_alert", lambda alert: _named(alert, "event relayed"))
    _replace(deliveries, "_note", lambda note: _named(note, "mail noted"))
    _replace(posting, "_note", lambda note: _named(note, "message noted"))
    channel = deliveries.CHANNELS["email"]
    deliveries.CHANNELS["email"] = _sending(channel, stop, "mail")
    posting.SENDERS["webhook"] = _sending(posting.SENDERS["webhook"], stop, "message")
    _replace(BaseDatabaseWrapper, "commit", lambda commit: _committing(commit, stop))


Function = Callable[..., Any]


def _replace(owner: Any, name: str, by: Callable[[Function], Function]) -> None:
    setattr(owner, name, by(getattr(owner, name)))


def _keeping_the_job(do: Function) -> Function:
    def keeping(job: Any, claimed: Any) -> None:
        _place.job, _place.wrote = str(job.pk), ""
        try:
            do(job, claimed)
        finally:
            _place.job = ""

    return keeping


def _claiming(claim: Function, stop: Stop) -> Function:
    def claiming(*args: Any, **named: Any) -> Any:
        job = claim(*args, **named)
        if job is not None:
            _place.job = str(job.pk)
            stop.at("claimed")
            stop.at(f"claimed {job.kind}")
        return job

    return claiming


def _before(function: Function, stop: Stop, name: str) -> Function:
    def stopping(*args: Any, **named: Any) -> Any:
        stop.at(f"{name}: before the effect")
        return function(*args, **named)

    return stopping


def _finishing(finish: Function, stop: Stop) -> Function:
    def finishing(claimed: Any) -> Any:
        if "report" in claimed.payload:
            stop.at("report.issued: before finishing")
        return finish(claimed)

    return finishing


def _named(function: Function, name: str) -> Function:
    """Return the function; once it has written, the thread's next commit is about `name`."""

    def naming(*args: Any, **named: Any) -> Any:
        result = function(*args, **named)
        _place.wrote = name
        return result

    return naming


def _naming_the_verb(record: Function) -> Function:
    def naming(verb: str, *args: Any, **named: Any) -> Any:
        result = record(verb, *args, **named)
        _place.wrote = verb
        return result

    return naming


def _naming_the_reading(save: Function) -> Function:
    def saving(*args: Any, **named: Any) -> None:
        save(*args, **named)
        if named.get("update_fields") == ["data"]:
            _place.wrote = "report read"

    return saving


def _while_drawing(draw: Function, stop: Stop) -> Function:
    def drawing(*args: Any, **named: Any) -> Any:
        if stop.moment != "report: while it is drawn":
            return draw(*args, **named)
        timer = threading.Timer(0.3, stop.say, kwargs={"job": _place.job})
        timer.start()
        try:
            return draw(*args, **named)
        finally:
            timer.cancel()

    return drawing


def _sending(send: Function, stop: Stop, what: str) -> Function:
    def sending(*args: Any) -> Any:
        stop.at(f"{what}: before it is sent")
        answer = send(*args)
        stop.at(f"{what}: sent and not noted")
        return answer

    return sending


def _committing(commit: Function, stop: Stop) -> Function:
    def committing(connection: Any) -> None:
        wrote = getattr(_place, "wrote", "")
        _place.wrote = ""
        stop.at(f"{wrote}: between effect and commit")
        commit(connection)
        stop.at(f"{wrote}: after the commit, before messages")

    return committing
