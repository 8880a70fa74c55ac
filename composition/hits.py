"""What hits a server: its inventories' versions and their matches, put on record as a look of the register.

Each vulnerability in a package is one hit, one observation and one finding, whatever its advisories are called and in
however many places the package stands. What is exact opens; what only the package's name says is proposed; what cannot
be compared is unknown, and no finding. What a complete comparison does not see any more is closed, with the reason.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models
from django.utils import timezone

from accounts import steps
from audit.context import SYSTEM
from catalogue.models import Dimension
from composition import knowledge, signals, wording
from composition.advisories import holding
from composition.comparison import comparing
from composition.models import Comparison, Component, Hit, Match, Vulnerability
from composition.models.inventory import ComponentQuerySet
from composition.packages import ecosystems, own_packages
from composition.rating import severity_of
from composition.signals import Signal
from composition.statements import matching, proposing, suppressing
from findings.models import Finding
from findings.models.finding import FindingQuerySet
from findings.observed import observations as findings
from findings.observed import observing
from monitoring import applying, raising
from monitoring.models import Collector, Run
from monitoring.observed import Seen
from riskregister import nouns
from riskregister.unit_of_work import unit_of_work
from scoring.scales import Severity
from vendors.models import Release, Server

# The mail about a comparison tells of so many new findings together, but for the critical ones.
BULK = 10
# What the lasting keys of its findings begin with.
KEY = "hit."
_STARTS = {Match.Outcome.AFFECTED: Finding.Status.OPEN, Match.Outcome.VERIFY: Finding.Status.PROPOSED}


class Place(NamedTuple):
    """What makes a hit the same: the package, and the key of what hits it."""

    ecosystem: str
    name: str
    vulnerability: UUID


class MatchedVersion(NamedTuple):
    """What one match says of one version."""

    outcome: str
    version: str
    fixed_in: str


def compare(server: Server, *, now: datetime) -> Run | None:
    """Return the look that puts on record what hits a server, None for one of which no inventory says anything.

    What was known of that one stays as it was: nothing is gone because nobody knows what it is built from.
    """
    components = Component.objects.counting().filter(inventory__server=server)
    # Some at a time, and not in the transaction of the rest: of an inventory of 100,000 new versions that took minutes
    # in which nobody else could write, and on SQLite nobody even sign in.
    _compare_new(components)
    return _put_on_record(server, components, now=now)


@unit_of_work()
def _put_on_record(server: Server, components: ComponentQuerySet, *, now: datetime) -> Run | None:
    nouns.hold(server)
    holding.hold()
    comparison = _held(server, now=now)
    # What an inventory brought since.
    _compare_new(components)
    run = _look(server, components, now=now) if components.exists() else None
    comparison.is_due = False
    if run is not None:
        _count(comparison, run, components, now=now)
    comparison.save()
    return run


def _compare_new(components: ComponentQuerySet) -> None:
    new = components.filter(package_version__is_matched=False).order_by()
    comparing.compare_new(of=set(new.values_list("package_version", flat=True)))


def _held(server: Server, *, now: datetime) -> Comparison:
    """Return what is on record of a server's comparison, held: what makes it due from now on waits, and is not lost."""
    Comparison.objects.get_or_create(server=server, defaults={"due_since": now})
    [comparison] = nouns.hold_all(Comparison.objects.filter(server=server))
    return comparison


def _look(server: Server, components: ComponentQuerySet, *, now: datetime) -> Run:
    matched = _matched_versions(components)
    known = {Place(hit.ecosystem, hit.name, hit.vulnerability_id): hit for hit in _hits(server)}
    vulnerabilities = Vulnerability.objects.in_bulk({place.vulnerability for place in matched})
    signal_of = signals.of(vulnerabilities)
    hits = []
    for place, at_place in matched.items():
        hit = known.get(place) or Hit(server=server, ecosystem=place.ecosystem, name=place.name)
        hit.vulnerability = vulnerabilities[place.vulnerability]
        hits.append(_take(hit, at_place))
    run = Run(collector=Collector.COMPOSITION, server=server, release=Release.objects.relied_on(server))
    others = own_packages.differing(server, run.release) if run.release else []
    kept = {one.key: one for one in applying.note(run, [*map(_seen, hits), *own_packages.seen(others)], now=now)}
    own = own_packages.raised(list(kept.values()))
    raising.raise_findings(run, own, keys=raising.known_keys(server, own_packages.PREFIX), now=now)
    for hit in hits:
        hit.observation = kept[str(hit.pk)]
    new = [hit for hit in hits if hit._state.adding]
    Hit.objects.bulk_create(new)
    _raise(run, hits, signal_of, components, new=len(new), now=now)
    signals.tell(hits, signal_of, new={hit.pk for hit in new}, now=now)
    proposing.apply(matching.of_hits(server, hits, now=now), by=SYSTEM, now=now)
    suppressing.look(hits, signal_of, now=now)
    return run


def _hits(server: Server) -> Iterable[Hit]:
    return Hit.objects.filter(server=server).select_related("observation__finding")


def _matched_versions(components: ComponentQuerySet) -> Mapping[Place, Sequence[MatchedVersion]]:
    """Return what matches say of these components, by place, in the order in which versions are read."""
    rows = components.filter(package_version__matches__isnull=False).order_by("package_version__version")
    found: dict[Place, list[MatchedVersion]] = defaultdict(list)
    for ecosystem, name, version, outcome, fixed_in, vulnerability in rows.values_list(
        "package_version__ecosystem", "package_version__name", "package_version__version",
        "package_version__matches__outcome", "package_version__matches__fixed_in",
        "package_version__matches__affected__advisory__vulnerability",
    ).distinct():  # fmt: skip
        found[Place(ecosystem, name, vulnerability)].append(MatchedVersion(outcome, version, fixed_in))
    return found


def _take(hit: Hit, matched: Sequence[MatchedVersion]) -> Hit:
    """Let a hit say what several advisories say of several versions: the surest counts, and what it is said of."""
    hit.outcome = min((one.outcome for one in matched), key=Match.Outcome.values.index)
    sure = [one for one in matched if one.outcome == hit.outcome]
    hit.versions = list(dict.fromkeys(one.version for one in sure))
    hit.fixed_in = ", ".join(dict.fromkeys(one.fixed_in for one in sure if one.fixed_in))[:255]
    return hit


def _seen(hit: Hit) -> Seen:
    return Seen(
        key=str(hit.pk),
        words=str(hit),
        value=wording.value(hit),
        severity=severity_of(hit.vulnerability),
        is_assessed=hit.outcome != Match.Outcome.UNKNOWN,
    )


def _raise(
    run: Run, hits: Sequence[Hit], signal_of: Mapping[UUID, Signal], components: ComponentQuerySet, *, new: int,
    now: datetime,
) -> None:  # fmt: skip
    """Open, propose, join, reopen and close the findings of a complete comparison, which holds the server."""
    still: list[Finding] = []
    for outcome, starts in _STARTS.items():
        some = [hit for hit in hits if hit.outcome == outcome]
        look = _how(now=now, starts=starts, is_part=new > BULK)
        seen = [_observation(run, hit, signal_of[hit.vulnerability_id], now=now) for hit in some]
        found = [came.finding for came in observing.observe_all(look, seen)]
        raising.lead_to(zip((hit.observation for hit in some), found, strict=True))
        still += found
    if new > BULK:
        steps.record("run.hits_found", run, by=SYSTEM, now=now, **_counts(hits))
    unknown = [_key(hit) for hit in hits if hit.outcome == Match.Outcome.UNKNOWN]
    _close_gone(run, components, still=still, unknown=unknown, now=now)


def _how(*, now: datetime, starts: Finding.Status = Finding.Status.OPEN, is_part: bool = False) -> findings.Look:
    return findings.Look(
        source=Finding.Source.MONITORING, by=SYSTEM, seen_at=now, now=now, starts=starts, is_part=is_part
    )


def _observation(run: Run, hit: Hit, signal: Signal, *, now: datetime) -> findings.Observation:
    return findings.Observation(
        subject=run.server,
        key=_key(hit),
        severity=severity_of(hit.vulnerability),
        title=wording.title(hit),
        description=wording.description(hit, release=run.release),
        recommendation=wording.recommendation(hit),
        dimension=Dimension.SECURITY_POSTURE,
        note=wording.value(hit),
        due_by=_due_by(signal, now=now),
    )


def _due_by(signal: Signal, *, now: datetime) -> date | None:
    """Return the day that a catalogue of what is exploited sets, today where that has passed."""
    return max(signal.due_on, timezone.localdate(now)) if signal.due_on else None


def _key(hit: Hit) -> str:
    return f"{KEY}{hit.pk}"


def findings_of(rows: FindingQuerySet) -> FindingQuerySet:
    """Return those of the findings that tell of a vulnerability in a package."""
    return rows.filter(source=Finding.Source.MONITORING, stable_key__startswith=KEY)


def _counts(hits: Iterable[Hit]) -> dict[str, Any]:
    found = [severity_of(hit.vulnerability) for hit in hits if hit.outcome != Match.Outcome.UNKNOWN]
    return {
        "found": len(found), "critical": found.count(Severity.CRITICAL), "high": found.count(Severity.HIGH),
    }  # fmt: skip


def _close_gone(
    run: Run, components: ComponentQuerySet, *, still: Sequence[Finding], unknown: Sequence[str], now: datetime
) -> None:
    """Close the findings of what is not seen any more. What cannot be compared any more is not gone."""
    look = _how(now=now)
    keys = {_key(hit): hit for hit in _hits(run.server) if hit.observation.finding_id}
    looked_for = [key for key in keys if key not in unknown]
    gone = observing.no_longer_observed(look, subjects=[run.server], keys=looked_for, still=still)
    there = defaultdict(list)
    if gone:
        names = {keys[finding.stable_key].name for finding in gone}
        rows = components.filter(package_version__name__in=names).order_by("package_version__version")
        of = rows.values_list("package_version__ecosystem", "package_version__name", "package_version__version")
        for ecosystem, name, version in of.distinct():
            there[ecosystem, name].append(version)
    for finding in gone:
        hit = keys[finding.stable_key]
        reason = wording.gone(hit, release=run.release, versions=there[hit.ecosystem, hit.name])
        observing.close_gone(look, [finding], reason=reason)


def _count(comparison: Comparison, run: Run, components: ComponentQuerySet, *, now: datetime) -> None:
    comparison.compared_at, comparison.release = now, run.release
    comparison.components = components.count()
    comparison.unknown = knowledge.incomparable(components).count()
    comparison.affected = knowledge.to_judge(components).count()
    comparison.ecosystems = _ecosystems(components)


def _ecosystems(components: ComponentQuerySet) -> dict[str, int]:
    """Return how many components there are of each ecosystem, the release of a distribution left out."""
    found: dict[str, int] = defaultdict(int)
    named = components.exclude(package_version__ecosystem="").order_by()
    for name, count in named.values_list("package_version__ecosystem").annotate(_n=models.Count("pk")):
        found[ecosystems.split(name)[0]] += count
    return dict(sorted(found.items()))
