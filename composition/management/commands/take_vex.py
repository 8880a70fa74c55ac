"""Take in what vendors say of vulnerabilities (VEX), from files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Unit
from audit import context
from audit.context import Actor
from composition.models import Statement
from composition.statements import taking
from composition.vex import reading
from riskregister import nouns, plurals
from riskregister.refusals import Refused
from vendors.models import Release, Server
from vendors.strict_json import DocumentInvalid

COMMAND = Actor("command", "take_vex", "take_vex")


class Command(BaseCommand):
    """Takes each file in by itself, and prints what became of its statements."""

    help = "Take in VEX documents: OpenVEX, CycloneDX or CSAF, for a server, a release of it, a unit or everything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what is read, and for what it holds."""
        parser.add_argument("files", nargs="+", type=Path, help="VEX documents.")
        parser.add_argument("--server", default="", help="Number of the server, as in S-12.")
        parser.add_argument("--release", default="", help="Version of one release of the server.")
        parser.add_argument("--unit", default="", help="Code of a unit; without it and a server: the organisation.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what became of each document; raise CommandError where one could not be taken in."""
        scope = _scope(options)
        for path in options["files"]:
            try:
                raw = path.read_bytes()
                with context.acting(COMMAND):
                    made = taking.take(
                        reading.read(raw), raw, file_name=path.name, by=COMMAND, now=timezone.now(), **scope
                    )
            except OSError as error:
                raise CommandError(f"{path} cannot be read: {error.strerror}.") from error
            except DocumentInvalid as error:
                raise CommandError(f"{path}: {error}") from error
            except Refused as refusal:
                raise CommandError(f"{path}: {refusal.message}") from refusal
            self._say(path, made)

    def _say(self, path: Path, made: Statement) -> None:
        rows = Statement.objects.filter(document=made.document_id).with_outcome().order_by("number")
        self.stdout.write(f"{path}: {plurals.counted(rows.count(), 'statement')}.")
        for row in rows:
            why = f" {row.refusal}" if row.refusal else ""
            self.stdout.write(f"  {row}: {vars(row)['outcome']}.{why}")


def _scope(options: dict[str, Any]) -> dict[str, Any]:
    server = _server(options["server"]) if options["server"] else None
    if server is None and options["release"]:
        raise CommandError("Say of which server the release is: --server S-12.")
    release = Release.objects.filter(server=server, version=options["release"]).first() if options["release"] else None
    if options["release"] and release is None:
        raise CommandError(f"{server} has no release {options['release']}.")
    unit = Unit.objects.filter(code=options["unit"]).first() if options["unit"] else None
    if options["unit"] and unit is None:
        raise CommandError(f"There is no unit {options['unit']}. Give its code with --unit.")
    return {"server": server, "release": release, "unit": server.unit if server else unit}


def _server(text: str) -> Server:
    number = nouns.card(Server).number_in(text)
    found = Server.objects.filter(number=number).select_related("unit").first() if number else None
    if found is None:
        raise CommandError(f"There is no server {text}. Give its number, as in S-12.")
    return found
