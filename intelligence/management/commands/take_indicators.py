"""Take in a file of indicators of this machine, as a feed of its own or as what a feed has now."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit import context
from audit.context import Actor
from feeds import asking
from feeds.models import FeedRun
from intelligence import by_hand, feed_kinds
from riskregister.refusals import Refused

COMMAND = Actor("command", "take_indicators", "take_indicators")
_BY_ENDING = {
    ".json": feed_kinds.Stix.word,
    ".csv": feed_kinds.Table.word,
    ".txt": feed_kinds.Lines.word,
    ".jsonl": feed_kinds.Malicious.word,
    ".zip": feed_kinds.Malicious.word,
}


class Command(BaseCommand):
    """Takes a file in, and prints what came of it; what it hits is matched by the worker."""

    help = "Take in a file of indicators: a STIX bundle, a CSV, a text, or OSV records of malicious packages."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the file, the name of its feed, and its form where the ending does not tell."""
        words = [one.word for one in feed_kinds.EVERY]
        parser.add_argument("path", type=Path, help="the file, or a folder")
        parser.add_argument(
            "--feed", default="", help="name of the feed; a new one is added. Unless said: the file's name."
        )
        parser.add_argument("--kind", default="", choices=["", *words], help="the form, where the ending does not tell")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take it in, and fail where nothing came of it."""
        path: Path = options["path"].absolute()
        if not path.exists():
            raise CommandError(f"There is no {path.name}. Give a file of indicators.")
        kind = options["kind"] or _BY_ENDING.get(path.suffix.lower(), "")
        try:
            with context.acting(COMMAND):
                feed = by_hand.of_files(options["feed"] or path.name, kind, by=COMMAND, now=timezone.now())
                run = asking.take_path(feed, path, by=COMMAND, now=timezone.now())
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        if run.status != FeedRun.Status.COMPLETE:
            raise CommandError(f"{run.get_status_display()}. {run.why}")
        self.stdout.write(f"{feed}: {', '.join(f'{getattr(run, name):,} {name}' for name in FeedRun.COUNTS)}.")
        for bad in feed.quarantined.order_by("name")[:20]:
            self.stdout.write(f"  Not read: {bad}")
