"""Make an API token from the command line."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import access, tokens
from accounts.models import User
from audit.context import Actor
from riskregister.refusals import Refused

COMMAND = Actor("command", "create_token", "create_token")


class Command(BaseCommand):
    """Prints the key of a new token, and nothing else, so that a script can keep it."""

    help = "Print the key of a new API token of a person. It cannot be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the person, the scopes, the name and the lifetime."""
        parser.add_argument("user", help="E-mail address of the person whose roles the token has.")
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            choices=access.Capability.values,
            help="Repeat for several scopes.",
        )
        parser.add_argument("--name", default="Made on the command line", help="What it is for.")
        parser.add_argument("--days", type=int, default=90, help=f"How long it lives: 1 to {tokens.LONGEST_DAYS} days.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the key; raise CommandError when there is no such person or the token cannot be made."""
        try:
            person = User.objects.get_by_natural_key(options["user"])
        except User.DoesNotExist:
            raise CommandError(f"Nobody has the address {options['user']}.") from None
        try:
            _token, key = tokens.issue(
                person,
                name=options["name"],
                scopes=options["scope"],
                lifetime=timedelta(days=min(options["days"], 10_000)),
                by=COMMAND,
                now=timezone.now(),
            )
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(key)
