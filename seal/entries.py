"""What is sealed: events and field-level entries, each as one text; and which of them are not sealed yet."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from auditlog.models import LogEntry
from django.db.models import Exists, OuterRef, QuerySet

from audit import diffs
from audit.models import Event
from riskregister.canonical import canonical
from seal.models import Checkpoint, Leaf

# Transactions that are open for longer are seen by `all_waiting`, which reads everything.
LATE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to be sealed: what it says, and which row it is."""

    text: str
    event_id: UUID | None = None
    change_id: int | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """Up to which keys it was looked: who seals many entries does not pass by those that are sealed again and again."""

    event: UUID | None = None
    change: int = 0

    def with_(self, batch: Sequence[Entry]) -> "Reached":
        """Return how far it was looked once a batch is sealed."""
        events = [one.event_id for one in batch if one.event_id]
        changes = [one.change_id for one in batch if one.change_id]
        return Reached(events[-1] if events else self.event, changes[-1] if changes else self.change)


FROM_THE_START = Reached()


def waiting(*, now: datetime, limit: int, reached: Reached = FROM_THE_START) -> list[Entry]:
    """Return what is not sealed yet of the last hour and later, at most `limit`, oldest first.

    Rows appear when their transaction ends, not in the order of their keys: so it is asked which have no leaf, of those
    that are newer than what was sealed an hour ago.
    """
    before = Checkpoint.objects.filter(at__lt=now - LATE).order_by("-size").first()
    events, changes = unsealed_events(), unsealed_changes()
    if before:
        events = events.filter(pk__gt=before.last_event) if before.last_event else events
        changes = changes.filter(pk__gt=before.last_change)
    return list(_entries(events, changes, limit, reached))


def all_waiting(*, limit: int, reached: Reached = FROM_THE_START) -> list[Entry]:
    """Return the same of all there ever was: what a transaction of hours or a clock that went back left behind."""
    return list(_entries(unsealed_events(), unsealed_changes(), limit, reached))


def unsealed_events() -> "QuerySet[Event]":
    """Return the events without a leaf."""
    return Event.objects.filter(~Exists(Leaf.objects.filter(event_id=OuterRef("pk")))).order_by("pk")


def unsealed_changes() -> "QuerySet[Any]":
    """Return the field-level entries without a leaf."""
    rows: QuerySet[Any] = LogEntry.objects.filter(~Exists(Leaf.objects.filter(change_id=OuterRef("pk"))))
    return rows.select_related("content_type").order_by("pk")


def changes(keys: Collection[int]) -> "QuerySet[Any]":
    """Return field-level entries by their numbers."""
    rows: QuerySet[Any] = LogEntry.objects.filter(pk__in=keys)
    return rows.select_related("content_type")


def text_of_change(entry: LogEntry) -> str:
    """Return what is sealed of a field-level entry: all that it says, under its number."""
    return canonical({"id": entry.pk, **diffs.content_of(entry)})


def _entries(events: "QuerySet[Event]", changes: "QuerySet[Any]", limit: int, reached: Reached) -> Iterator[Entry]:
    events = events.filter(pk__gt=reached.event) if reached.event else events
    changes = changes.filter(pk__gt=reached.change)
    event_rows = list(events.values_list("pk", "body")[:limit])
    yield from (Entry(body, event_id=pk) for pk, body in event_rows)
    for change in changes[: limit - len(event_rows)]:
        yield Entry(text_of_change(change), change_id=change.pk)
