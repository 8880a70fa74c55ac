"""What is still to be compared with advisories: rows that say so, and a job that goes through them.

A row is due until what it asks for is written, in the same transaction: no kill forgets it.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import F

from composition.models import Comparison, Inventory
from jobs import queue
from jobs.models import Job
from riskregister.ids import uuid7

# The job that compares what is due.
COMPARE = "composition.compare"


def promise(servers: Collection[UUID], *, now: datetime) -> None:
    """Promise to compare what these servers are built from. Part of a step."""
    rows = [Comparison(server_id=key, is_due=True, due_since=now) for key in sorted(set(servers))]
    Comparison.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, unique_fields=["server"], update_fields=["is_due", "due_since"]
    )
    if rows:
        wake(now=now)


def promise_where_release_changed(*, now: datetime) -> None:
    """Promise to compare the servers that rely on another release than the one that was compared, if any was.

    Of a release without an inventory there is nothing to compare: its servers wait for one.
    """
    listed = Inventory.objects.counting().filter(server__comparison__is_due=False).order_by()
    other = listed.exclude(server__comparison__release=F("release"))
    promise(set(other.values_list("server", flat=True)), now=now)


def wake(*, now: datetime) -> None:
    """Promise the job that goes through what is due, unless one waits already: one that runs may have passed by."""
    if not Job.objects.filter(kind=COMPARE, status=Job.Status.QUEUED).exists():
        queue.enqueue(COMPARE, key=f"{COMPARE}:{uuid7()}", now=now)
