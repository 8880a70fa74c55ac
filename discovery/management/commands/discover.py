"""Read configurations of clients from files and homes on this machine, and put them on record."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Unit
from audit import context
from audit.context import Actor
from discovery import applying, incoming, script
from discovery.fleet.places import CLIENTS, PROJECT_FILE, look_at, look_below
from discovery.fleet.reading import Found
from discovery.models import Discovery
from riskregister.refusals import Refused

COMMAND = Actor("command", "discover", "discover")


class Command(BaseCommand):
    """Reads files as they are, and folders as homes of people; prints what came of it."""

    help = "Read configurations of MCP clients, and record which servers a machine is configured with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what is read, and whose it is."""
        parser.add_argument("paths", nargs="*", type=Path, help="Configuration files, or homes of people.")
        parser.add_argument("--unit", default="", help="Code of the unit whose machine it is.")
        parser.add_argument("--machine", default="", help="Label of the machine, the same each time.")
        parser.add_argument("--script", action="store_true", help="Print the stand-alone script for fleets instead.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what came of it; raise CommandError where nothing could be recorded."""
        if options["script"]:
            self.stdout.write(script.text(), ending="")
            return
        paths: list[Path] = options["paths"]
        unit = Unit.objects.filter(code=options["unit"]).first()
        if unit is None:
            raise CommandError(f"There is no unit {options['unit'] or 'without a code'}. Give its code with --unit.")
        _refuse_missing(paths)
        homes = [path for path in paths if path.is_dir()]
        # Of a home all is looked for; of single files, what they say of their clients.
        looked_for = [client for client in CLIENTS if client != PROJECT_FILE] if homes else []
        try:
            read = incoming.of_found(options["machine"], [*self._found(paths, homes)], looked_for=looked_for)
            with context.acting(COMMAND):
                made = applying.receive(read, unit=unit, via=Discovery.Via.COMMAND, by=COMMAND, now=timezone.now())
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        self._say(made)

    def _found(self, paths: list[Path], homes: list[Path]) -> Iterator[Found]:
        yield from look_below(homes, [])
        yield from (look_at(path, str(path)) for path in paths if path not in homes)
        if homes:
            # A home in which nothing lies is a report too.
            yield Found(CLIENTS[0])

    def _say(self, made: Discovery) -> None:
        self.stdout.write(
            f"{made}: {made.entries} servers, {made.unapproved} of them new and not approved, {made.gone} gone."
        )
        for one in made.unread:
            self.stdout.write(f"  Not read: {one['place']} {one['name']}: {one['why']}")


def _refuse_missing(paths: list[Path]) -> None:
    for path in paths:
        try:
            is_there = path.exists()
        except OSError as error:
            raise CommandError(f"{path} cannot be looked at: {error.strerror}.") from error
        if not is_there:
            raise CommandError(f"There is no {path}. Give files, or homes of people.")
