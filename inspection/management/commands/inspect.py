"""Look at a server now, from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit import context
from audit.context import Actor
from inspection import inspecting, targets
from monitoring import applying
from monitoring.models import Run
from riskregister.refusals import Refused
from vendors.management import servers
from vendors.models import Server

COMMAND = Actor("command", "inspect", "inspect")


class Command(BaseCommand):
    """Looks at a server, puts what it sees on record, and fails when it saw nothing."""

    help = "Look at a server now by each way in, and record what it offers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the server."""
        parser.add_argument("server", help="Number of the server, such as S-12.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what came of each look; raise CommandError when one of them assessed nothing."""
        server = servers.named(options["server"])
        with context.acting(COMMAND):
            runs = [self._look(server, address) for address in self._ways(server)]
        for run in runs:
            if run.status == Run.Status.COMPLETE:
                self._show(run)
        failed = [f"{run.address} is not assessed. {run.why}" for run in runs if run.status != Run.Status.COMPLETE]
        if failed:
            raise CommandError(f"{server}: {' '.join(failed)}")

    def _ways(self, server: Server) -> list[str]:
        if refusal := inspecting.why_not(server):
            raise CommandError(refusal.message)
        return [str(way) for way in targets.ways(server)]

    def _look(self, server: Server, address: str) -> Run:
        try:
            run = inspecting.ask_to_wait(server, address=address, by=COMMAND, now=timezone.now())
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        applying.begin(run, now=timezone.now())
        seen, raw = inspecting.perform(run, now=timezone.now())
        inspecting.apply(run, seen, raw, now=timezone.now())
        return run

    def _show(self, run: Run) -> None:
        self.stdout.write(f"{run} at {run.address}: complete.")
        for one in run.observations.order_by("key"):
            self.stdout.write(f"  {one}")
        if run.captured:
            self.stdout.write(f"  Release {run.captured}, manifest {run.captured.manifest_digest}")
