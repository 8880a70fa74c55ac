"""Look up now, from the command line, what shows of a server; or take the looks that wait for collectors apart."""

import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone

from audit import context
from audit.context import Actor
from collectors import apart, asking, plans
from monitoring import applying
from monitoring.models import Run
from riskregister.refusals import Refused
from vendors.management import servers
from vendors.models import Server

COMMAND = Actor("command", "collect", "collect")
# Seconds between two looks into the work list, and after the database was not there.
_PAUSE, _WITHOUT_DATABASE = 2.0, 10.0


class Command(BaseCommand):
    """With a server it looks, puts what it sees on record, and fails when a look came to nothing. Without one it takes
    looks from the work list until it is told to end, with no right but to read that list and to bring what it saw.
    """

    help = "Look up now what shows of a server; without one: take the looks that wait for collectors apart."
    # Who runs apart may read no table of migrations.
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the server and which looks, or how to work apart."""
        parser.add_argument("server", nargs="?", help="Number of the server, such as S-12. Without: work apart.")
        parser.add_argument("look", nargs="*", help=f"Which looks: {', '.join(plans.collectors())}. Without: all.")
        parser.add_argument("--only", nargs="+", choices=apart.collectors(), help="Apart: take these looks only.")
        parser.add_argument("--once", action="store_true", help="Apart: end when nothing is open.")
        parser.add_argument("--alive", type=Path, help="Apart: a file that is touched while the work list is read.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what came of each look; raise CommandError when one of them is not assessed."""
        if options["server"] is None:
            self._work_apart(options)
            return
        server = servers.named(options["server"])
        wanted = options["look"] or asking.possible(server)
        with context.acting(COMMAND):
            runs = [self._look(server, one) for one in wanted]
        missed = [f"{run}: {run.why}" for run in runs if run.status != Run.Status.COMPLETE]
        if missed or not runs:
            raise CommandError("Not assessed. " + ("\n".join(missed) or "There is nothing to look at."))

    def _work_apart(self, options: dict[str, Any]) -> None:
        """Take looks until a signal says that it is over; a look that was begun is ended first."""
        if connection.vendor != "postgresql":
            raise CommandError("Name a server, such as S-12. Collectors run apart on PostgreSQL only.")
        over = threading.Event()
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, lambda _number, _frame: over.set())
        while not over.is_set():
            try:
                apart.work(options["only"] or apart.collectors(), clock=timezone.now, is_over=over.is_set)
                if options["alive"]:
                    options["alive"].touch()
                pause = _PAUSE
            except (OperationalError, InterfaceError) as error:
                if options["once"]:
                    raise CommandError(f"The database does not answer: {error}") from error
                self.stderr.write(f"The database does not answer: {error}")
                close_old_connections()
                pause = _WITHOUT_DATABASE
            if options["once"]:
                return
            over.wait(pause)

    def _look(self, server: Server, collector: str) -> Run:
        try:
            run = asking.ask_to_wait(server, collector=collector, by=COMMAND, now=timezone.now())
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        applying.begin(run, now=timezone.now())
        seen, raw = asking.perform(run, now=timezone.now())
        asking.apply(run, seen, raw, now=timezone.now())
        self.stdout.write(f"{run}: {run.get_status_display().lower()}.")
        for one in run.observations.order_by("key"):
            self.stdout.write(f"  {one}")
        return run
