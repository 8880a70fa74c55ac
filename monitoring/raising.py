"""How what was observed becomes findings, by the door of `findings.observed.observing`."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from audit.context import SYSTEM
from findings.models import Finding
from findings.observed import observations as findings
from findings.observed import observing
from monitoring.models import Observation, Run
from scoring.scales import Severity
from vendors.models import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """A finding that observations raise together, under a lasting key."""

    key: str
    severity: Severity
    title: str
    recommendation: str
    dimension: str
    observations: Sequence[Observation]


def raise_findings(run: Run, raised: Sequence[Raised], *, keys: Collection[str], now: datetime) -> None:
    """Propose, join or reopen the findings of a complete run, and note which of `keys` it does not see any more.

    Part of applying it, which holds the server.
    """
    look = findings.Look(
        source=Finding.Source.MONITORING, by=SYSTEM, seen_at=now, now=now, starts=Finding.Status.PROPOSED
    )
    observed = observing.observe_all(look, [_observation(run, one) for one in raised])
    lead_to((row, came.finding) for one, came in zip(raised, observed, strict=True) for row in one.observations)
    still = [came.finding for came in observed]
    observing.no_longer_observed(look, subjects=[run.server], keys=keys, still=still)


def lead_to(pairs: Iterable[tuple[Observation, Finding]]) -> None:
    """Note to which finding each observation led; those that led there before are not written again."""
    changed = []
    for row, finding in pairs:
        if row.finding_id != finding.pk:
            changed.append(row)
        row.finding = finding
    Observation.objects.bulk_update(changed, ["finding"], batch_size=500)


def known_keys(server: Server, prefix: str) -> list[str]:
    """Return the keys of the findings that were raised of a server before and that begin like this."""
    rows = Finding.objects.filter(server=server, source=Finding.Source.MONITORING, stable_key__startswith=prefix)
    return list(rows.values_list("stable_key", flat=True))


def keys_seen(run: Run, addresses: Collection[str]) -> set[str]:
    """Return the keys of the findings whose differences a run of the same kind still sees at one of the addresses."""
    rows = Observation.objects.filter(server=run.server_id, collector=run.collector, is_seen=True)
    return set(rows.filter(address__in=addresses, finding__isnull=False).values_list("finding__stable_key", flat=True))


def _observation(run: Run, one: Raised) -> findings.Observation:
    observed = "; ".join(str(row) for row in one.observations)
    return findings.Observation(
        subject=run.server,
        key=one.key,
        severity=one.severity,
        title=one.title,
        description=f"{run.get_collector_display()} of {run.address or run.captured or run.release}: {observed}.",
        recommendation=one.recommendation,
        dimension=one.dimension,
        note=observed,
    )
