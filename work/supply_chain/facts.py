"""What is known of servers that their levels follow from, read for some of them together: eight statements."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from composition.models import Hit, Inventory, Match
from findings.models import Finding
from inspection import drift
from monitoring.models import FRESH, Collector, Observation, Run
from scoring.scales import Severity
from vendors.models import Release, Server
from work.supply_chain.levels import Alarms, Built, Facts, Looked

_LOOKS = (Collector.INSPECTION, Collector.CHECKS, Collector.INTELLIGENCE)
_ALARMING = (Match.Outcome.AFFECTED, Match.Outcome.VERIFY)


@dataclass(slots=True)
class _Counts:
    """Alarms as they are counted."""

    by_severity: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    exploited: int = 0
    malicious: int = 0

    def done(self) -> Alarms:
        return Alarms(by_severity=dict(self.by_severity), exploited=self.exploited, malicious=self.malicious)


_Key = tuple[UUID, str]


def of(servers: Collection[UUID], *, now: datetime) -> dict[UUID, Facts]:
    """Return what is known of each of the servers that there are."""
    hits, seen, alarms = _hits(servers), _seen(servers, now=now), _alarms(servers)
    listed = set(Inventory.objects.counting().filter(server__in=servers).values_list("server", flat=True))
    failed = _failed(servers, now=now)
    found = {}
    for row in _rows(servers):
        key = row["pk"]
        found[key] = Facts(
            tier=row["inherent_tier"],
            built=_built(row, is_listed=key in listed, hits=hits[key].done()),
            threats=_looked(key, Collector.INTELLIGENCE, seen, alarms),
            inspected=_inspected(row, seen, alarms, failed.get(key, "")),
        )
    return found


def _rows(servers: Collection[UUID]) -> Iterable[Any]:
    newest = Release.objects.filter(server=OuterRef("pk")).values("pk")[:1]
    fields = ("release", "compared_at", "is_due", "due_since", "components", "unknown", "affected", "ecosystems")
    rows = (
        Server.objects.filter(pk__in=servers).order_by().annotate(relied=Coalesce("pinned_release", Subquery(newest)))
    )
    return rows.values(
        "pk", "inherent_tier", "status", "relied", "pinned_release__manifest_digest",
        **{name: F(f"comparison__{name}") for name in fields},
    )  # fmt: skip


def _built(row: Mapping[str, Any], *, is_listed: bool, hits: Alarms) -> Built:
    if row["due_since"] is None:
        return Built(is_listed=is_listed, hits=hits)
    return Built(
        is_listed=is_listed,
        is_of_release=row["release"] == row["relied"],
        compared_at=row["compared_at"],
        waits_since=row["due_since"] if row["is_due"] else None,
        components=row["components"],
        unknown=row["unknown"],
        affected=row["affected"],
        ecosystems=row["ecosystems"],
        hits=hits,
    )


def _looked(
    server: UUID, collector: Collector, seen: Mapping[_Key, datetime], alarms: Mapping[_Key, _Counts]
) -> Looked:
    found = alarms.get((server, collector))
    return Looked(seen_at=seen.get((server, collector)), alarms=found.done() if found else Alarms())


def _inspected(
    row: Mapping[str, Any], seen: Mapping[_Key, datetime], alarms: Mapping[_Key, _Counts], failed: str
) -> Looked:
    key = row["pk"]
    drifted, checked = (_looked(key, one, seen, alarms) for one in (Collector.INSPECTION, Collector.CHECKS))
    return Looked(
        seen_at=drifted.seen_at,
        alarms=drifted.alarms,
        failed="" if drifted.seen_at else failed,
        is_approved=row["status"] in Server.ONCE_APPROVED and bool(row["pinned_release__manifest_digest"]),
        checked_at=checked.seen_at,
        checks=checked.alarms,
    )


def _hits(servers: Collection[UUID]) -> Mapping[UUID, _Counts]:
    """Count what hits packages and nobody has settled, by server."""
    found: dict[UUID, _Counts] = defaultdict(_Counts)
    for server, severity, is_exploited, is_malicious, count in (
        unsettled(Hit.objects.filter(server__in=servers)).order_by()
        .values_list("server", "observation__severity", "is_exploited", "vulnerability__is_malicious")
        .annotate(_n=Count("pk"))
    ):  # fmt: skip
        counts = found[server]
        counts.by_severity[severity] += count
        counts.exploited += count if is_exploited else 0
        counts.malicious += count if is_malicious else 0
    return found


def unsettled(hits: "QuerySet[Hit]") -> "QuerySet[Hit]":
    """Return the hits that are seen, and whose finding nobody has dismissed or closed."""
    seen = hits.filter(observation__is_seen=True, outcome__in=_ALARMING)
    return seen.exclude(observation__finding__status__in=Finding.SETTLED)


def _seen(servers: Collection[UUID], *, now: datetime) -> Mapping[_Key, datetime]:
    """Return when each look saw a server last and completely; what is too old to count is older for nobody."""
    since = now - 2 * max(FRESH[one] for one in _LOOKS)
    runs = Run.objects.filter(server__in=servers, collector__in=_LOOKS, asked_at__gt=since).order_by()
    complete = runs.filter(status=Run.Status.COMPLETE).values_list("server", "collector")
    return {
        (server, collector): at
        for server, collector, at in complete.annotate(_at=Max(Coalesce("as_of", "ended_at")))
    }  # fmt: skip


def _failed(servers: Collection[UUID], *, now: datetime) -> Mapping[UUID, str]:
    """Return why the last look at what a server offers told nothing."""
    since = now - 2 * FRESH[Collector.INSPECTION]
    runs = Run.objects.filter(server__in=servers, collector=Collector.INSPECTION, status__in=Run.NOT_ASSESSED)
    rows = runs.filter(asked_at__gt=since).order_by("asked_at", "pk").values_list("server", "why")
    return {server: why.partition("\n")[0].rstrip(".")[:200] for server, why in rows}


def _alarms(servers: Collection[UUID]) -> Mapping[_Key, _Counts]:
    """Count what looks still see and nobody has settled, by server and collector."""
    found: dict[_Key, _Counts] = defaultdict(_Counts)
    seen = Observation.objects.filter(server__in=servers, collector__in=_LOOKS, is_seen=True, severity__isnull=False)
    rows = seen.exclude(finding__status__in=Finding.SETTLED).order_by()
    for server, collector, severity, key in rows.values_list("server", "collector", "severity", "key"):
        # What an inspection sees beside differences is told by the checks.
        if severity and (collector != Collector.INSPECTION or key.startswith(drift.PREFIX)):
            found[server, collector].by_severity[Severity(severity)] += 1
    return found
