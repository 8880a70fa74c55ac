"""Take in a file or folder of this machine as what a feed has now."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit import context
from audit.context import Actor
from feeds import asking
from feeds.models import Feed, FeedRun
from riskregister.refusals import Refused

COMMAND = Actor("command", "take_feed", "take_feed")


class Command(BaseCommand):
    """Takes a file in, and prints what came of it."""

    help = (
        "Take in a file or folder as what a feed has now, such as one that was carried into a network without internet."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the feed and the file."""
        parser.add_argument("feed", help="the name of the feed, or its number such as FD-2")
        parser.add_argument("path", type=Path, help="a file or a folder")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take it in, and fail where nothing came of it."""
        feed = _feed(options["feed"])
        path: Path = options["path"].absolute()
        try:
            with context.acting(COMMAND):
                run = asking.take_path(feed, path, by=COMMAND, now=timezone.now())
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        if run.status != FeedRun.Status.COMPLETE:
            raise CommandError(f"{run.get_status_display()}. {run.why}")
        counts = ", ".join(f"{getattr(run, name):,} {name}" for name in FeedRun.COUNTS)
        self.stdout.write(f"{feed}: {counts}.")


def _feed(named: str) -> Feed:
    digits = named.upper().removeprefix("FD-")
    rows = Feed.objects.filter(name=named)
    if digits.isascii() and digits.isdigit():
        rows = rows | Feed.objects.filter(number=int(digits))
    found = rows.first()
    if found is None:
        known = ", ".join(str(one) for one in Feed.objects.order_by("number")[:20]) or "none"
        raise CommandError(f"There is no feed {named}. There are: {known}.")
    return found
