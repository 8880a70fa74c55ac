"""Counts of related rows as a column."""

from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce


def count_of(rows: "QuerySet[Any]", group: str) -> Coalesce:
    """Return the number of rows whose `group` is the outer row, as a column; 0 where there is none."""
    mine = rows.filter(**{group: OuterRef("pk")}).order_by().values(group)
    # Distinct, since a group over several rows, such as a vendor in two roles behind a server, meets a row twice.
    return Coalesce(Subquery(mine.annotate(_n=Count("pk", distinct="__" in group)).values("_n")), 0)
