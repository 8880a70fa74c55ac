"""How much depends on a vendor: its criticality and the worst inherent tier of the servers behind which it stands."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Min, OuterRef, QuerySet, Subquery

from vendors.models import Criticality, Server, ServerSupplier, Vendor

_BY_CRITICALITY = {word: place for place, word in enumerate(Criticality.values, start=1)}
MOST = 1


@dataclass(frozen=True, slots=True)
class Weight:
    """How much depends on a vendor, 1 is the most, with the reason in words."""

    rank: int
    reason: str


def of(criticality: str, worst_tier: int | None) -> Weight:
    """Return the worse of both; while neither is known, the most: what nobody has judged can be anything."""
    known = [
        (_BY_CRITICALITY[criticality], f"its criticality is {criticality}") if criticality else None,
        (worst_tier, f"a server of inherent tier {worst_tier} depends on it") if worst_tier else None,
    ]
    found = [one for one in known if one]
    if not found:
        return Weight(MOST, "Nobody has judged its criticality, and no server that is in use depends on it.")
    rank, why = min(found)
    return Weight(rank, f"{why[0].upper()}{why[1:]}.")


def worst_tier(vendor: Vendor) -> int | None:
    """Return the worst inherent tier of the servers behind which it stands, None where there is none to count."""
    found: int | None = _current().filter(vendor=vendor).aggregate(worst=Min("server__inherent_tier"))["worst"]
    return found


def worst_tiers(vendor_path: str) -> Subquery:
    """Return the same of the outer row's vendor as a column."""
    rows: Any = _current().filter(vendor=OuterRef(vendor_path)).order_by().values("vendor")
    return Subquery(rows.annotate(_worst=Min("server__inherent_tier")).values("_worst"))


def _current() -> "QuerySet[ServerSupplier]":
    return ServerSupplier.objects.exclude(server__status__in=Server.OUT_OF_USE)
