"""Walking over many rows in small steps, so that a sweep needs no more memory after a year than after a day."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

BATCH = 200


def batches(rows: "QuerySet[Any]") -> Iterator[list[UUID]]:
    """Yield the primary keys of `rows` in their order, some hundred at once; a row that drops out meanwhile does no
    harm.
    """
    ordered = rows.order_by("pk").values_list("pk", flat=True)
    batch: list[UUID] = list(ordered[:BATCH])
    while batch:
        yield batch
        batch = list(ordered.filter(pk__gt=batch[-1])[:BATCH])


def keys(rows: "QuerySet[Any]") -> Iterator[UUID]:
    """Yield the same one by one."""
    for batch in batches(rows):
        yield from batch
