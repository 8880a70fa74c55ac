"""Load the demo organisation into an empty register."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from demo import build, logins
from riskregister.refusals import Refused


class Command(BaseCommand):
    """Builds the demo organisation once and prints its logins; a second time it says only that it is there."""

    help = "Load the demo organisation into an empty register and print its logins."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --no-logins, for a caller that shows them at each start."""
        parser.add_argument("--no-logins", action="store_true", help="leave the logins in their file, unprinted")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the months as they go by, then the logins; raise CommandError when the register is in use."""
        if build.is_loaded():
            self.stdout.write(
                f"The demo organisation is loaded already. Its logins: {logins.path()}. "
                "Lost? An administrator makes new password links on the People page."
            )
            return
        try:
            login_table = build.build(now=timezone.now(), progress=self._say)
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write("")
        if not options["no_logins"]:
            self.stdout.write(login_table)

    def _say(self, month: str) -> None:
        self.stdout.write(f"  {month}", ending="")
        self.stdout.flush()
