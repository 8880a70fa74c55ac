"""Look at a server now, from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit import context
from audit.context import Actor
from inspection import inspecting
from monitoring import applying
from monitoring.models import Run
from riskregister.refusals import Refused
from vendors.models import Server

COMMAND = Actor("command", "inspect", "inspect")


class Command(BaseCommand):
    """Looks at a server, puts what it sees on record, and fails when it saw nothing."""

    help = "Look at a server over Streamable HTTP now, and record what it offers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the server."""
        parser.add_argument("server", help="Number of the server, such as S-12.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what came of it; raise CommandError when the server is not assessed."""
        number = options["server"].upper().removeprefix("S-")
        server = Server.objects.filter(number=int(number)).first() if number.isdecimal() else None
        if server is None:
            raise CommandError(f"There is no server {options['server']}. Give its number, such as S-12.")
        with context.acting(COMMAND):
            run = self._look(server)
        if run.status != Run.Status.COMPLETE:
            raise CommandError(f"{server} is not assessed. {run.why}")
        self.stdout.write(f"{run}: complete.")
        for one in run.observations.order_by("key"):
            self.stdout.write(f"  {one}")
        if run.captured:
            self.stdout.write(f"  Release {run.captured}, manifest {run.captured.manifest_digest}")

    def _look(self, server: Server) -> Run:
        try:
            run = inspecting.ask_to_wait(server, by=COMMAND, now=timezone.now())
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        applying.begin(run, now=timezone.now())
        seen, raw = inspecting.perform(run, now=timezone.now())
        inspecting.apply(run, seen, raw, now=timezone.now())
        return run
