"""What every page of a vendor begins with: its servers that the person sees, the worst risk of them, and what is to do.

The list of vendors has the same in columns. Of one vendor it is asked for in statements of its own: a query in each
column takes several times as long to put together and to plan.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, QuerySet

from accounts.units.once_a_scope import OnceAScope
from findings.models import Finding
from vendors.models import Vendor
from work.lists import CURRENT, NEXT_REVIEW, RANK, supplies, worst


@dataclass(frozen=True, slots=True)
class Head:
    """The figures of a vendor. `servers` are all of its servers, retired and rejected ones too."""

    worst: str
    next_review_on: date | None
    servers: int
    findings_open: int


def of(vendor: Vendor, user: Any) -> Head:
    """Return the figures of a vendor, without what is of other units. Two statements."""
    rank, review, servers = next(iter(_servers(user).filter(vendor=vendor)), (None, None, 0))
    to_do = _to_do(user)
    # A union: each part by its index, and of a vendor in two roles behind a server each finding once.
    of_any = to_do.filter(vendor=vendor).union(to_do.filter(server__suppliers__vendor=vendor))
    return Head(worst(rank), review, servers, of_any.count())


@OnceAScope
def _servers(user: Any) -> "QuerySet[Any]":
    figures = {
        "rank": Min(RANK, filter=CURRENT),
        "review": Min(NEXT_REVIEW, filter=CURRENT),
        "servers": Count("server", distinct=True),
    }
    return supplies(user).order_by().values("vendor").annotate(**figures).values_list(*figures)


@OnceAScope
def _to_do(user: Any) -> "QuerySet[Any]":
    return Finding.objects.visible_to(user).being_fixed().order_by().values("pk")
