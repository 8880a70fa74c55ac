"""Note e-mails, as files, on the watch list of the vendor or the server that they are about."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit import context
from audit.context import Actor
from intelligence import watching
from intelligence.models import WatchEntry
from intelligence.reading.indicators import Unusable
from riskregister import nouns
from riskregister.refusals import Refused
from vendors.management import servers
from vendors.models import Server, Vendor

COMMAND = Actor("command", "note_mail", "note_mail")


class Command(BaseCommand):
    """Notes each message once; one that cannot be noted is told, and stops no other."""

    help = "Note e-mails (.eml) such as breach notices on the watch list of their vendor, known by its domain."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the files, and whom they are about where the messages do not tell."""
        parser.add_argument("paths", nargs="+", type=Path, help="the messages")
        parser.add_argument("--vendor", default="", help="name or number of the vendor, such as V-3")
        parser.add_argument("--server", default="", help="number of the server, such as S-12")
        parser.add_argument(
            "--kind", default="", choices=["", *WatchEntry.Kind.values], help="unless said: by its subject"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what came of each; raise CommandError where one could not be noted."""
        subject = _subject(options["vendor"], options["server"])
        failed = 0
        for path in options["paths"]:
            try:
                with context.acting(COMMAND):
                    made = watching.note_mail(
                        path.read_bytes(), subject=subject, kind=options["kind"], by=COMMAND, now=timezone.now()
                    )
                self.stdout.write(f"{path.name}: {made}, about {made.subject}.")
            except (OSError, Refused, Unusable) as error:
                failed += 1
                self.stderr.write(f"{path.name}: {error}")
        if failed:
            raise CommandError(f"{failed} of {len(options['paths'])} messages were not noted.")


def _subject(vendor: str, server: str) -> Server | Vendor | None:
    if server:
        return servers.named(server)
    if not vendor:
        return None
    number = nouns.card(Vendor).number_in(vendor)
    rows = Vendor.objects.filter(name__iexact=vendor)
    found = (rows if number is None else rows | Vendor.objects.filter(number=number)).first()
    if found is None:
        raise CommandError(f"There is no vendor {vendor}.")
    return found
