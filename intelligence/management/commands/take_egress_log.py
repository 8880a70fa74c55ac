"""Take a log of a proxy or a network: which hosts a server contacted."""

import mmap
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit import context
from audit.context import Actor
from intelligence import egress_logs
from intelligence.models import EgressLog
from intelligence.reading.indicators import Unusable
from riskregister import nouns
from riskregister.refusals import Refused
from vendors.management import servers
from vendors.models import Deployment, Server

COMMAND = Actor("command", "take_egress_log", "take_egress_log")


class Command(BaseCommand):
    """Reads the log without keeping it, and prints what came of it."""

    help = "Take a log of Squid, Zeek or Hubble: which hosts a server contacted, counted. The log itself is not kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask whose log it is."""
        parser.add_argument("path", type=Path, help="the log")
        parser.add_argument("--server", required=True, help="number of the server, such as S-12")
        parser.add_argument("--deployment", default="", help="number of the deployment, such as D-3")
        parser.add_argument(
            "--client", default="", help="whose lines are meant: an address, or a pod. Unless said: all."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what came of it; raise CommandError where nothing was taken."""
        server = servers.named(options["server"])
        deployment = _deployment(server, options["deployment"])
        try:
            taken = _read(options["path"], options["client"])
            with context.acting(COMMAND):
                log = egress_logs.take(server, taken=taken, deployment=deployment, by=COMMAND, now=timezone.now())
        except (Refused, Unusable) as refusal:
            raise CommandError(str(refusal)) from refusal
        self._say(log)

    def _say(self, log: EgressLog) -> None:
        self.stdout.write(
            f"{log}: {log.contacts_read:,} contacts with {log.hosts:,} hosts, {log.unread:,} lines unread."
        )
        if log.first_unread:
            self.stdout.write(f"  Not read: {log.first_unread}")


def _read(path: Path, client: str) -> egress_logs.Taken:
    if not path.is_file():
        raise CommandError(f"There is no file {path.name}.")
    with path.open("rb") as file:
        if not path.stat().st_size:
            return egress_logs.read(b"", client=client)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return egress_logs.read(data, client=client)


def _deployment(server: Server, named: str) -> Deployment | None:
    if not named:
        return None
    number = nouns.card(Deployment).number_in(named)
    found = Deployment.objects.filter(server=server, number=number).first() if number is not None else None
    if found is None:
        raise CommandError(f"{server} has no deployment {named}.")
    return found
