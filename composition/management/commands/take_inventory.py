"""Take in an SBOM or a lock file of a server, from the command line."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit import context
from audit.context import Actor
from composition.documents.opening import MAX_BYTES
from composition.inventories import incoming, taking
from composition.inventories.incoming import Given
from riskregister.refusals import Refused
from vendors.management import servers
from vendors.models import Release, Server
from vendors.strict_json import DocumentInvalid

COMMAND = Actor("command", "take_inventory", "take_inventory")


class Command(BaseCommand):
    """Reads a file whole, puts what it lists on record, and says how much that is."""

    help = "Take in what a release of a server is built from: an SBOM (CycloneDX, SPDX) or a lock file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the server, the file, and what of the server it describes."""
        parser.add_argument("server", help="Number of the server, such as S-12.")
        parser.add_argument("file", type=Path, help="The document; a lock file under its own name.")
        parser.add_argument("--release", default="", help="Version of the release; unless said, the one relied on.")
        parser.add_argument("--scope", default="", help="Which part of the release it describes; else the file's name.")
        parser.add_argument(
            "--other-package", action="store_true", help="It is right although it says that it is of another package."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was taken in. Raises CommandError, with each place of a broken document, where nothing was."""
        server = servers.named(options["server"])
        release = _release(server, options["release"])
        try:
            given = _read(options["file"])
            with context.acting(COMMAND):
                made = taking.take(
                    release, given.listing, given.document, file_name=given.file_name, scope=options["scope"],
                    other_package=options["other_package"], by=COMMAND, now=timezone.now(),
                )  # fmt: skip
        except taking.OfAnotherPackage as refusal:
            raise CommandError(f"{refusal} The option --other-package says that.") from refusal
        except (Refused, DocumentInvalid) as refusal:
            raise CommandError(str(refusal)) from refusal
        unknown = f", {made.unknown_count} of which cannot be compared" if made.unknown_count else ""
        self.stdout.write(f"{made.ref}: {made} of {server.ref}, {made.components_count} components{unknown}.")


def _read(path: Path) -> Given:
    try:
        with path.open("rb") as file:
            return incoming.read(file, limit=min(MAX_BYTES, settings.UPLOAD_MAX_BYTES))
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror}.") from error


def _release(server: Server, version: str) -> Release:
    found = (
        server.releases.filter(version=version).first() if version else Release.objects.relied_on(server)
    )  # fmt: skip
    if found is None:
        known = ", ".join(str(one) for one in server.releases.all()[:5]) or "none yet"
        raise CommandError(f"{server.ref} has no release {version or 'on record'}. It has: {known}.")
    return found
