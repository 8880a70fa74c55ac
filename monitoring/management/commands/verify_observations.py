"""Compare all observations with what the sealed events of the looks say."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from monitoring import verifying
from monitoring.verifying import Compared
from riskregister.queries.one_moment import one_moment


class Command(BaseCommand):
    """Prints what does not hold, and fails when there is any."""

    help = "Compare every observation, and what each look saw, with the events of the looks."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the problems and the sum; raise CommandError when something does not hold."""
        begun, count, wrong = time.monotonic(), Compared(), 0
        with one_moment():
            for problem in verifying.compare(count):
                wrong += 1
                self.stdout.write(f"BROKEN {problem}")
        seconds = time.monotonic() - begun
        self.stdout.write(
            f"{count.observations} observations and {count.sightings} texts of looks compared in {seconds:.0f} s."
        )
        if wrong:
            raise CommandError(f"{wrong} problems: observations are not what was seen. See docs/operations.md.")
        self.stdout.write("The observations hold.")
