"""Run the background jobs of this installation."""

import os
import signal
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from celery import signals
from celery.beat import EmbeddedService
from django.core.management.base import BaseCommand
from django.utils import timezone

from jobs import embedded
from riskregister.celery import app


class Command(BaseCommand):
    """Runs a Celery worker; with --embedded a loop of its own, which needs no broker."""

    requires_system_checks = []
    help = "Run the background jobs. With --embedded, without Redis: the job table is the queue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare --embedded, --beat and --concurrency."""
        parser.add_argument("--embedded", action="store_true", help="Work without a broker, and run the clock.")
        parser.add_argument("--beat", action="store_true", help="Run the clock in this worker; in one worker only.")
        parser.add_argument("--concurrency", type=int, default=4, help="Jobs at once.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until SIGTERM; running jobs are ended first."""
        if options["embedded"]:
            embedded.work(concurrency=options["concurrency"], stop=_told_to_stop(), clock=timezone.now)
            return
        signals.setup_logging.connect(_keep_django_logging)
        # Celery would run Django's checks and forget what they found: all pages and the API would be loaded for them.
        os.environ["CELERY_SKIP_CHECKS"] = "1"
        if options["beat"]:
            # A thread, and no file: a schedule of seconds needs no memory, and kill -9 can damage one.
            clock = EmbeddedService(app, thread=True, scheduler_cls="celery.beat:Scheduler")
            clock.start()  # type: ignore[union-attr]
        worker = app.Worker(
            pool="threads", concurrency=options["concurrency"], without_gossip=True, without_mingle=True, quiet=True
        )
        worker.start()
        if worker.exitcode:
            sys.exit(worker.exitcode)


def _told_to_stop() -> threading.Event:
    """Return what SIGTERM and Ctrl-C set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop


def _keep_django_logging(**kwargs: object) -> None:
    """Do nothing: with a receiver, Celery leaves the logging that the settings describe as it is."""
