"""Who stands behind a server or a vendor, and whether they were assessed themselves, as frozen plain values."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from assessments import suppliers
from assessments.suppliers import Judgement
from reports.builders.entries import day, moment
from riskregister import looks
from vendors.models import Server, ServerSupplier, Vendor


@dataclass(frozen=True, slots=True)
class SupplierEntry:
    """Somebody who stands behind, as what, and how they were assessed; empty texts where nobody assessed them."""

    ref: str
    name: str
    roles: tuple[str, ...]
    standing: str
    assessment: str
    judged_at: str
    due_on: str


@dataclass(frozen=True, slots=True)
class SupplierCoverage:
    """Those behind a server, and as sentences what is not known of them."""

    gaps: tuple[str, ...]
    every: tuple[SupplierEntry, ...]


def behind_server(server: Server, *, now: datetime) -> SupplierCoverage:
    """Return who stands behind a server and which of them were never assessed, or too long ago, at `now`."""
    found = suppliers.behind(server, today=timezone.localdate(now))
    return SupplierCoverage(found.gaps, tuple(_entry(one.judgement, one.roles) for one in found.every))


def behind_vendor(vendor: Vendor, *, now: datetime) -> tuple[SupplierEntry, ...]:
    """Return those whose services a vendor uses to serve us, by name."""
    rows = list(vendor.sub_processors.select_related("used").order_by("used__name"))
    judged = suppliers.judgements([row.used for row in rows], today=timezone.localdate(now))
    return tuple(_entry(one, (row.purpose,)) for row, one in zip(rows, judged, strict=True))


def judgement(vendor: Vendor, *, now: datetime) -> SupplierEntry:
    """Return how a vendor was assessed itself."""
    return _entry(suppliers.judgement(vendor, today=timezone.localdate(now)), ())


def servers_of(vendor: Vendor) -> int:
    """Return how many servers the vendor stands behind that are not retired or rejected, of all units."""
    rows = ServerSupplier.objects.filter(vendor=vendor).exclude(server__status__in=Server.OUT_OF_USE)
    return rows.values("server").distinct().count()


def _entry(one: Judgement, roles: Iterable[str]) -> SupplierEntry:
    final = one.assessment
    return SupplierEntry(
        ref=one.vendor.ref,
        name=one.vendor.name,
        roles=tuple(roles),
        standing=looks.word("judged", one.standing.value),
        assessment=final.ref if final else "",
        judged_at=moment(final.finalised_at) if final else "",
        due_on=day(one.due_on),
    )
