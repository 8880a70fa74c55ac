"""Check the whole trail now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from seal import checking, exporting, sealing, signing


class Command(BaseCommand):
    """Seals what waits, checks everything, prints what does not hold, and fails when there is any."""

    help = "Check every event, field change, decision and report against what was sealed and signed."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the problems and the sum; raise CommandError when something does not hold."""
        sealing.seal_stragglers(now=timezone.now())
        exporting.export(now=timezone.now())
        row = checking.record(now=timezone.now())
        for problem in row.first_problems:
            self.stdout.write("BROKEN {kind} {where}: {sentence}".format(**problem))
        seconds = (row.ended_at - row.began_at).total_seconds()
        self.stdout.write(
            f"{row.size} sealed entries and {row.rows} rows compared in {seconds:.0f} s; {row.waiting} not sealed yet."
        )
        self.stdout.write(f"Key: {signing.signer().verifier}")
        if not row.holds:
            raise CommandError(f"{row.problem_count} problems: the trail does not hold. See docs/operations.md.")
        self.stdout.write("The trail holds.")
