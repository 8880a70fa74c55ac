"""The work list of collectors that run apart: what they are to do, who has taken it, and what was brought.

They read what is open and add claims and what they brought, and can do nothing else (`monitoring.collector_rights`). A
row goes when the run has ended.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max, QuerySet

from monitoring.models import Brought, Claim, Run, Task
from riskregister.canonical import canonical

# A look takes a minute or two. What was taken and not brought for so long is offered again.
LEASE = timedelta(minutes=10)
# What nobody takes for so long has no collector, and what the register does not get taken in for so long never will.
_NOBODY_AFTER, _STUCK_AFTER = timedelta(days=1), timedelta(hours=2)


def is_apart(collector: str) -> bool:
    """Return whether the looks of a collector are taken by another process than the register's workers."""
    return collector in settings.APART


def put(run: Run, asks: Mapping[str, Any]) -> None:
    """Offer a run's look to collectors that run apart. Part of asking for it."""
    Task.objects.create(run=run, collector=run.collector, asks=canonical(asks), asked_at=run.asked_at)


def brought() -> "QuerySet[Brought]":
    """Return what was brought and is not taken in yet, oldest first."""
    return Brought.objects.order_by("brought_at", "pk")


def clear(run: Run) -> None:
    """Take what belongs to a run that has ended from the list. Part of ending it."""
    Brought.objects.filter(claim__task=run.pk).delete()
    Claim.objects.filter(task=run.pk).delete()
    Task.objects.filter(run=run.pk).delete()


def lost(*, now: datetime) -> Iterator[tuple[Run, str]]:
    """Yield the runs of which nothing will come any more, and why."""
    rows = Task.objects.annotate(last=Max("claims__claimed_at"), tries=Max("claims__attempt"))
    for task in rows.select_related("run__server").order_by("asked_at").iterator(chunk_size=100):
        if sentence := _why_lost(task, now=now):
            yield task.run, sentence


def _why_lost(task: Any, *, now: datetime) -> str:
    if Brought.objects.filter(claim__task=task.pk).exists():
        return "What a collector brought could not be taken in." if task.last < now - _STUCK_AFTER else ""
    after, reason = _NOBODY_AFTER, "No collector took it for a day. Start one that takes this look, and ask again."
    if task.tries == Claim.MOST:
        after, reason = LEASE, "Collectors took it three times and brought nothing. Look into their log, and ask again."
    # What one took and did not bring is offered again: it waits for another from then on.
    return reason if (task.last or task.asked_at) < now - after else ""
