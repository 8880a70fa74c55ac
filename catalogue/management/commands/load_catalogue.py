"""Publish the question sets, controls and methodologies that the catalogue's files hold."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalogue import publishing


class Command(BaseCommand):
    """Publishes what is new; every migration does the same."""

    help = "Publish the question sets, controls and methodologies that are not published yet."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the newest question set; raise CommandError when a published file was edited."""
        try:
            newest = publishing.publish_catalogue(now=timezone.now())
        except publishing.PublishedVersionChanged as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Published: {newest}")
