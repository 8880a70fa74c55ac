"""Take in an OSCAL catalogue or profile from a file of this machine."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit import context
from audit.context import Actor
from catalogue import frameworks
from catalogue.models import Framework
from catalogue.oscal import reading
from catalogue.oscal.documents import LIMIT_BYTES
from riskregister import plurals
from riskregister.refusals import Refused
from vendors.strict_json import DocumentInvalid

COMMAND = Actor("command", "import_framework", "import_framework")


class Command(BaseCommand):
    """Takes the file in, and prints what came of it; each fault of the file is named with its place."""

    help = "Import an OSCAL catalogue or profile (JSON, 1.0 to 1.2). Nothing is fetched."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the file, the key of the framework, and what a profile selects from."""
        parser.add_argument("path", type=Path, help="the file")
        parser.add_argument("--key", default="", help="key of the framework; unless given, it follows from the title")
        parser.add_argument("--below", default="", help="key of the framework that a profile selects from")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take it in, or say why not."""
        try:
            document = reading.read(_bytes(options["path"]))
            with context.acting(COMMAND):
                made = frameworks.take(
                    document=document, key=options["key"], below=_below(options["below"]), by=COMMAND,
                    now=timezone.now(),
                )  # fmt: skip
        except (Refused, DocumentInvalid) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{made}: {plurals.counted(made.controls.count(), 'control')}. {made.note}".strip())


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LIMIT_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def _below(key: str) -> Framework | None:
    if not key:
        return None
    found = Framework.objects.current().filter(key=key).first()
    if found is None:
        known = ", ".join(Framework.objects.current().values_list("key", flat=True))
        raise CommandError(f"There is no framework {key}. There are: {known}.")
    return found
