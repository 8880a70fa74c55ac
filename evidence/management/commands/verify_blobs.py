"""Read every kept file again and compare it with its SHA-256."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from evidence import rehashing, store
from evidence.models import Blob
from evidence.rehashing import Look

_AT_ONCE = 500


class Command(BaseCommand):
    """Prints a line for each file that is not whole, and fails when there is one."""

    help = "Read every kept file again, compare it with its SHA-256, and record which are damaged or missing."

    def handle(self, *args: Any, **options: Any) -> None:
        """Read all files; raise CommandError when one is not whole, or when the place of the files does not answer."""
        looks: list[Look] = []
        seen, bad = 0, []
        try:
            for blob in Blob.objects.order_by("pk").iterator(chunk_size=_AT_ONCE):
                looks.append(rehashing.look(blob))
                if len(looks) == _AT_ONCE:
                    bad += self._keep(looks)
                    seen, looks = seen + len(looks), []
        except store.StoreUnreachable as refusal:
            raise CommandError(f"{refusal.message} {seen} files were checked before.") from refusal
        bad += self._keep(looks)
        found = rehashing.words(seen + len(looks), bad)
        if bad:
            raise CommandError(found)
        self.stdout.write(found)

    def _keep(self, looks: list[Look]) -> list[Look]:
        bad = rehashing.note(looks, now=timezone.now())
        for one in bad:
            needed = ", ".join(rehashing.needed_by(one.blob)) or "nothing on record"
            self.stdout.write(f"{one.found.upper():8}{one.blob.sha256}  {needed}")
        return bad
