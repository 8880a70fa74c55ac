"""Put the packages of a server where the register may start them, from the command line."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from inspection import preparing, targets
from inspection.bounds import NothingSeen
from inspection.packages import NPM
from vendors.management import servers
from vendors.models import Package


class Command(BaseCommand):
    """Installs the packages over stdio of the release that is looked at, each in a folder of its own."""

    help = "Install the packages of a server, without their scripts, so that a look can start them in a sandbox."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the server and the registry."""
        parser.add_argument("server", help="Number of the server, such as S-12.")
        parser.add_argument("--registry", default="", help="Base address of a mirror; else the client's own setting.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print where each package is; raise CommandError when one could not be prepared."""
        server = servers.named(options["server"])
        if not settings.INSPECT_PACKAGES:
            raise CommandError("Set RISKREGISTER_INSPECT_PACKAGES to the folder in which prepared packages are kept.")
        try:
            found = [way for way in targets.ways(server) if isinstance(way, Package)]
        except targets.NoWayIn as refusal:
            raise CommandError(refusal.message) from refusal
        if not found:
            raise CommandError(f"{server} has no pinned npm or PyPI package that speaks over stdio.")
        for package in found:
            self._prepare(package, options["registry"])

    def _prepare(self, package: Package, registry: str) -> None:
        if package.is_from_other_registry and not registry:
            raise CommandError(f"{package} comes from {package.registry_base_url}. Name that with --registry.")
        # Of a file of npm its client tells another kind of digest.
        pinned = package.integrity or ("" if package.registry_type == NPM else package.sha256)
        try:
            done = preparing.prepare(targets.packaged(package), pinned=pinned, registry=registry)
        except (preparing.NotPrepared, NothingSeen) as refusal:
            raise CommandError(f"{package}: {refusal}") from refusal
        self.stdout.write(f"{package} is in {done.folder}. Its registry's digest: {done.digest or 'not said'}")
