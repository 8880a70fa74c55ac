"""Write the sealed trail to a file that can be checked without the register."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audit.models import Event
from riskregister.queries.one_moment import one_moment
from seal import entries, sealing, signing
from seal.models import Checkpoint, Leaf

AT_ONCE = 2_000


class Command(BaseCommand):
    """Writes JSON lines: a first one that names the format, an entry each, and the checkpoint last."""

    help = "Write all sealed events and field changes, with the newest checkpoint, for script/verify_trail.py."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument("file", type=Path, help="a file that is not there yet")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file and print how to check it; raise CommandError when it is there already."""
        sealing.seal_stragglers(now=timezone.now())
        try:
            with options["file"].open("x") as lines, one_moment():
                count = _write(lines)
        except FileExistsError as error:
            raise CommandError(f"{options['file']} is there already. Name another file.") from error
        key = signing.signer().verifier
        self.stdout.write(f"{count} entries. Check them: python verify_trail.py {options['file']} --key '{key}'")


def _write(lines: Any) -> int:
    newest = Checkpoint.objects.first()
    size = newest.size if newest else 0
    print(json.dumps({"format": "mcp-risk-register/trail/1", "size": size}), file=lines)
    for start in range(0, size, AT_ONCE):
        batch = Leaf.objects.filter(position__gte=start, position__lt=min(start + AT_ONCE, size)).order_by("position")
        texts = _texts(list(batch))
        for leaf in batch:
            print(json.dumps({"entry": texts[leaf.event_id or leaf.change_id]}, ensure_ascii=False), file=lines)
    print(json.dumps({"checkpoint": newest.note if newest else ""}, ensure_ascii=False), file=lines)
    return size


def _texts(batch: list[Leaf]) -> dict[Any, str]:
    events = Event.objects.filter(pk__in=[leaf.event_id for leaf in batch if leaf.event_id])
    found: dict[Any, str] = dict(events.values_list("pk", "body"))
    changes = entries.changes([leaf.change_id for leaf in batch if leaf.change_id])
    return found | {entry.pk: entries.text_of_change(entry) for entry in changes}
