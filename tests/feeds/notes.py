"""A small kind of feed for tests of the room: lines of JSON, kept in memory by feed."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from feeds import containers, kinds
from feeds.containers import excerpt
from feeds.kinds import Bad, Kind, Outcome, Record, Source
from feeds.models import Feed


class Notes(Kind):
    """Records with an id, a text, a day of change, and perhaps a mark that they are taken back."""

    word, words = "notes", "Notes"

    def __init__(self) -> None:
        """Keep nothing yet."""
        self.kept: dict[UUID, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.stores = 0
        self.dies_at: int | None = None

    def read(self, source: Source) -> Iterator[Record | Bad]:
        """Yield its lines, or its files."""
        for piece in containers.pieces(source):
            if isinstance(piece, Bad):
                yield piece
                continue
            try:
                document = json.loads(piece.data)
                yield Record(document["id"], document, mark=document["modified"])
            except (ValueError, KeyError, TypeError):
                yield Bad(piece.name, "It is no note.", excerpt(piece.data))

    def held(self, feed: Feed) -> int:
        """Return how many are kept that are not taken back."""
        return sum(not one.get("withdrawn") for one in self.kept[feed.pk].values())

    def compare(self, feed: Feed, records: Sequence[Record]) -> list[Outcome]:
        """Return what each comes to."""
        return [self._outcome(self.kept[feed.pk].get(one.key), one) for one in records]

    def store(self, feed: Feed, records: Sequence[tuple[Record, Outcome]], *, now: datetime) -> None:
        """Keep them; fail where the test says so."""
        self.stores += 1
        if self.stores == self.dies_at:
            raise RuntimeError("killed")
        for record, _outcome in records:
            self.kept[feed.pk][record.key] = record.value

    def gone(self, feed: Feed, named: Collection[str]) -> list[str]:
        """Return those that are not named."""
        return [key for key, one in self.kept[feed.pk].items() if key not in named and not one.get("withdrawn")]

    def let_go(self, feed: Feed, keys: Sequence[str], *, now: datetime) -> None:
        """Take them back."""
        for key in keys:
            self.kept[feed.pk][key]["withdrawn"] = "gone"

    def _outcome(self, known: dict[str, Any] | None, record: Record) -> Outcome:
        if known is None:
            return Outcome.NEW
        if record.value == known or record.value["modified"] < known["modified"] or record.is_again:
            return Outcome.UNCHANGED
        is_taken_back = record.value.get("withdrawn") and not known.get("withdrawn")
        return Outcome.WITHDRAWN if is_taken_back else Outcome.CHANGED


NOTES = Notes()
kinds.register(NOTES)


def note(number: int, *, text: str = "a", modified: str = "2026-01-01", **more: str) -> dict[str, str]:
    """Return a record."""
    return {"id": f"N-{number:05}", "text": text, "modified": modified, **more}


def write(path: Path, lines: Sequence[dict[str, str] | str]) -> Path:
    """Return a file of these lines; a text stands there as it is."""
    path.write_text("".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in lines))
    return path
