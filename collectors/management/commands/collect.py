"""Look up now, from the command line, what shows of a server."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit import context
from audit.context import Actor
from collectors import asking, plans
from monitoring import applying
from monitoring.models import Run
from riskregister.refusals import Refused
from vendors.management import servers
from vendors.models import Server

COMMAND = Actor("command", "collect", "collect")


class Command(BaseCommand):
    """Looks, puts what it sees on record, and fails when a look came to nothing."""

    help = "Look up packages, TLS, authentication and security.txt of a server now, and record what shows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the server, and which looks."""
        parser.add_argument("server", help="Number of the server, such as S-12.")
        parser.add_argument("look", nargs="*", help=f"Which looks: {', '.join(plans.collectors())}. Without: all.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what came of each look; raise CommandError when one of them is not assessed."""
        server = servers.named(options["server"])
        wanted = options["look"] or asking.possible(server)
        with context.acting(COMMAND):
            runs = [self._look(server, one) for one in wanted]
        missed = [f"{run}: {run.why}" for run in runs if run.status != Run.Status.COMPLETE]
        if missed or not runs:
            raise CommandError("Not assessed. " + ("\n".join(missed) or "There is nothing to look at."))

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
