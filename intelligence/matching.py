"""What indicators hit of a server, put on record: observations under the value that is met, hits under who says so.

`match` is the one truth: it looks at all of a server and at all indicators in force, and can be done at any time. News
of a feed, a new release and new egress only choose which servers it is done for; once a day it is done for all. What is
not met any more is not observed any more; its finding says so and stays for people to decide. A feed that failed has
changed no indicator, and so nothing here.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from catalogue.models import Dimension
from intelligence import exposures
from intelligence.exposures import Exposed
from intelligence.models import Indicator, IndicatorHit, IndicatorTerm
from intelligence.reading import values
from intelligence.reading.indicators import Kind
from monitoring import applying, raising
from monitoring.models import Collector, Observation, Run
from monitoring.observed import Seen
from monitoring.raising import Raised
from riskregister import canonical, nouns, unseen
from riskregister.unit_of_work import unit_of_work
from scoring.scales import Severity
from vendors.models import Server

PREFIX = "indicator:"
# A match that changes nothing is put on record again after this, so that what it saw goes on to count.
RENEWED_AFTER = timedelta(days=3)
_AT_ONCE = 400
_NAMED = 3
_HIGH = 70


@dataclass(frozen=True, slots=True)
class Met:
    """One indicator that meets something of a server; `key` is that of what is met, whoever says that it is bad."""

    indicator: Indicator
    exposed: Exposed
    key: str
    is_certain: bool


@unit_of_work()
def match(server: Server, *, now: datetime) -> bool:
    """Match all of a server with all indicators in force, and return whether anything is other than before."""
    # Held before it is read: what another step changes meanwhile is matched after it.
    nouns.hold(server)
    # What it exposes is read where anything is known to meet it.
    met = met_by(exposures.of(server), now=now) if IndicatorTerm.objects.exists() else []
    there = {
        (one.indicator_id, one.key): one for one in IndicatorHit.objects.filter(server=server, gone_at__isnull=True)
    }
    keys = {(one.indicator.pk, _hit_key(one)) for one in met}
    says = canonical.digest(canonical.canonical(sorted(_content(one) for one in met)))
    last = server.runs.of(Collector.INTELLIGENCE).first()
    if keys == set(there) and last is not None and last.raw_digest == says and last.asked_at > now - RENEWED_AFTER:
        return False
    run = Run(collector=Collector.INTELLIGENCE, server=server, raw_digest=says)
    seen = _seen(met)
    kept = {one.key: one for one in applying.note(run, seen.values(), now=now)}
    _keep_hits(server, met, kept, there, now=now)
    _raise(run, met, kept, now=now)
    return True


def met_by(found: Sequence[Exposed], *, now: datetime) -> list[Met]:
    """Return which indicators in force meet any of these things."""
    by_key: dict[str, list[Exposed]] = defaultdict(list)
    for one in found:
        for spelling in values.spellings(one.term):
            by_key[exposures.key_of(spelling)].append(one)
    rows = [row for some in _batches(sorted(by_key)) for row in _terms(some, now=now)]
    ways: dict[tuple[UUID, int], list[tuple[IndicatorTerm, Exposed]]] = defaultdict(list)
    for row in rows:
        ways[row.indicator_id, row.way].extend((row, one) for one in by_key[row.key] if _is_version(row, one))
    return [met for pairs in ways.values() if pairs for met in _of_way(pairs)]


def touched(*, feed: Any, since: datetime) -> set[UUID]:
    """Return the servers that news of a feed may concern: what its changed indicators name, or hit until now."""
    by_key: dict[str, set[UUID]] = defaultdict(set)
    for server in Server.objects.exclude(status__in=Server.OUT_OF_USE).iterator(_AT_ONCE):
        for one in exposures.of(server):
            for spelling in values.spellings(one.term):
                by_key[exposures.key_of(spelling)].add(server.pk)
    changed = Indicator.objects.filter(feed=feed, changed_at__gte=since)
    terms = IndicatorTerm.objects.filter(indicator__in=changed).values_list("key", flat=True)
    named = [by_key[key] for key in terms.iterator(2_000) if key in by_key]
    hit = IndicatorHit.objects.filter(indicator__in=changed, gone_at__isnull=True).values_list("server", flat=True)
    return set().union(*named, hit)


def _terms(keys: Sequence[str], *, now: datetime) -> Iterable[IndicatorTerm]:
    rows = IndicatorTerm.objects.filter(Indicator.holds(now=now, path="indicator__"), key__in=keys)
    return rows.select_related("indicator", "indicator__feed")


def _is_version(term: IndicatorTerm, exposed: Exposed) -> bool:
    """Return whether a package can be the version that is named; one without a version may be any."""
    return not term.version or not exposed.term.version or term.version == exposed.term.version


def _of_way(pairs: list[tuple[IndicatorTerm, Exposed]]) -> list[Met]:
    """Return what one way of an indicator meets: nothing unless all of its terms are met."""
    terms = {term.pk: term for term, _exposed in pairs}
    first = next(iter(terms.values()))
    if len(terms) < first.together:
        return []
    key = _key(terms.values())
    return [Met(term.indicator, exposed, key, _is_certain(term, exposed)) for term, exposed in pairs]


def _is_certain(term: IndicatorTerm, exposed: Exposed) -> bool:
    return term.kind != Kind.PACKAGE or bool(term.version and term.version == exposed.term.version)


def _key(terms: Iterable[IndicatorTerm]) -> str:
    """Return the lasting key of what is met: by its values alone, so that two sources raise one finding."""
    return PREFIX + canonical.digest(canonical.canonical(sorted([term.kind, term.value] for term in terms)))[:40]


def _hit_key(one: Met) -> str:
    identifying = [one.key, one.exposed.where, one.exposed.written, one.is_certain]
    return canonical.digest(canonical.canonical(identifying))


def _content(one: Met) -> list[str]:
    return [str(one.indicator.pk), one.indicator.digest, one.key, one.exposed.where, one.exposed.written]


def _by_key(met: Iterable[Met]) -> dict[str, list[Met]]:
    found: dict[str, list[Met]] = defaultdict(list)
    for one in met:
        found[one.key].append(one)
    return found


def _seen(met: Iterable[Met]) -> dict[str, Seen]:
    """Return what was seen, a value that is met once, whoever names it."""
    return {key: Seen(key, _words(rows), _value(rows), severity_of(rows)) for key, rows in _by_key(met).items()}


def _words(rows: Sequence[Met]) -> str:
    first = rows[0]
    written = unseen.in_one_line(first.exposed.written, 150)
    return f"{first.exposed.where.label} {written} is named by indicators"


def _value(rows: Sequence[Met]) -> str:
    """Return who says what, in the sources' words, cut and marked."""
    by_indicator = {one.indicator.pk: one.indicator for one in rows}
    named = [
        f"{one.feed.name}: {unseen.in_one_line(one.title, 100)} ({_confidence(one)})"
        for one in list(by_indicator.values())[:_NAMED]
    ]
    more = len(by_indicator) - _NAMED
    return "; ".join(named) + (f"; and {more} more" if more > 0 else "")


def _confidence(one: Indicator) -> str:
    return "confidence not said" if one.confidence is None else f"confidence {one.confidence}"


def severity_of(rows: Sequence[Met]) -> Severity:
    """Return how bad it is: a package that is known to be malicious is critical, what must be verified is medium."""
    best = max((one.indicator.confidence or 0 for one in rows if one.is_certain), default=-1)
    if best < 0:
        return Severity.MEDIUM
    if best < _HIGH:
        return Severity.MEDIUM if best >= 30 or best == 0 else Severity.LOW
    kinds = {one.exposed.term.kind for one in rows if one.is_certain}
    return Severity.CRITICAL if kinds & {Kind.PACKAGE, Kind.HASH} else Severity.HIGH


def _keep_hits(
    server: Server, met: Sequence[Met], kept: dict[str, Observation], there: dict[Any, IndicatorHit], *, now: datetime
) -> None:
    wanted = {(one.indicator.pk, _hit_key(one)): one for one in met}
    gone = [row.pk for place, row in there.items() if place not in wanted]
    IndicatorHit.objects.filter(pk__in=gone).update(gone_at=now)
    new = {place: one for place, one in wanted.items() if place not in there}
    before = {
        (row.indicator_id, row.key): row
        for row in IndicatorHit.objects.filter(server=server, key__in=[k for _, k in new])
    }
    back = [before[place].pk for place in new if place in before]
    IndicatorHit.objects.filter(pk__in=back).update(gone_at=None)
    IndicatorHit.objects.bulk_create(
        IndicatorHit(
            server=server, indicator=one.indicator, observation=kept[one.key], where=one.exposed.where,
            matched=one.exposed.written, is_certain=one.is_certain, key=place[1], first_seen_at=now,
        )
        for place, one in new.items()
        if place not in before
    )  # fmt: skip


def _raise(run: Run, met: Sequence[Met], kept: dict[str, Observation], *, now: datetime) -> None:
    """Propose a finding for what is sure enough, and for what somebody promoted by hand; what is gone is noted."""
    raised = [
        raised_of(kept[key], rows)
        for key, rows in _by_key(met).items()
        if kept[key].finding_id is not None or is_sure(rows)
    ]
    raising.raise_findings(run, raised, keys=raising.known_keys(run.server, PREFIX), now=now)


def is_sure(rows: Iterable[Met]) -> bool:
    """Return whether the rule proposes a finding: a source has at least the confidence that the installation asks."""
    return any((one.indicator.confidence or 0) >= settings.INDICATOR_CONFIDENCE for one in rows)


def raised_of(observation: Observation, rows: Sequence[Met]) -> Raised:
    """Return the finding that a value raises which is met."""
    is_certain = any(one.is_certain for one in rows)
    return Raised(
        key=observation.key,
        severity=severity_of(rows),
        title=_title(rows[0].exposed, is_certain=is_certain),
        recommendation=_REMEDY if is_certain else _VERIFY,
        dimension=Dimension.SECURITY_POSTURE,
        observations=[observation],
    )


_REMEDY = (
    "Keep agents from the server until it is known what happened. Compare what is named with what is pinned, ask the "
    "vendor through another channel, and look through its logs for the time since."
)
_VERIFY = "Find out whether the version in use is meant: the sources name the package, and not this version for sure."


def _title(exposed: Exposed, *, is_certain: bool) -> str:
    written = unseen.in_one_line(exposed.written, 120)
    what = f"{exposed.where.label} {written}"
    return f"{what} is named by threat intelligence" if is_certain else f"{what} may be named by threat intelligence"


def _batches(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[at : at + _AT_ONCE] for at in range(0, len(keys), _AT_ONCE))
