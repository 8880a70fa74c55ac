"""Compute the digests of all releases again, after the form that they are taken of has changed."""

from typing import Any

from django.core.management.base import BaseCommand

from vendors import digests


class Command(BaseCommand):
    """Prints each digest of a release that changed, and who has to look at it; a second time it changes nothing."""

    help = "Compute the digests of all releases and tools again from the texts that are kept, and store what differs."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line a change, and what a change of tools asks of people."""
        changed = list(digests.recompute())
        for one in changed:
            self.stdout.write(f"{one.release.server.name} {one.release}: {one.field} {one.was} is now {one.now}")
        if any(one.field == "manifest_digest" for one in changed):
            self.stdout.write(
                "Assessments and decisions keep the digest that they were made on. The tools of these servers count as "
                "changed since then: look at them, and decide anew."
            )
        if not changed:
            self.stdout.write("All digests are what the texts say.")
