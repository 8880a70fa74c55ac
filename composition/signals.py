"""What raises the alarm about vulnerabilities: whether they are exploited, and how likely that is.

Both are joined by the names of a vulnerability when they are read. What was told of a hit is kept on it, so that each
change is told once.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts import steps
from audit.context import SYSTEM
from composition import work_list
from composition.advisories import holding
from composition.models import EpssScore, ExploitedEntry, Hit, Identifier
from riskregister.unit_of_work import unit_of_work

# From this probability of being exploited within 30 days on somebody is told.
LIKELY = 0.1
_TOLD = ("vulnerability", "outcome", "versions", "fixed_in", "is_exploited", "is_likely", "epss_model")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What is known of one vulnerability: `due_on` is the first day that a catalogue sets, `epss` its worst score."""

    is_exploited: bool = False
    due_on: date | None = None
    epss: float | None = None
    epss_model: str = ""

    @property
    def is_likely(self) -> bool:
        """Return whether it is likely to be exploited; not known is not likely, and shown as not known."""
        return self.epss is not None and self.epss >= LIKELY

    def became_likely(self, *, was_likely: bool, model: str) -> bool:
        """Return whether it is likely by now and was not, as the same model says it, or any where none had said it."""
        return self.is_likely and not was_likely and model in (self.epss_model, "")


def of(vulnerabilities: Iterable[UUID]) -> Mapping[UUID, Signal]:
    """Return what is known of each vulnerability."""
    names: dict[UUID, list[str]] = {key: [] for key in vulnerabilities}
    for name, key in Identifier.objects.filter(vulnerability__in=names).values_list("name", "vulnerability"):
        names[key].append(name)
    every = [name for some in names.values() for name in some]
    entries: dict[str, list[ExploitedEntry]] = {}
    for entry in ExploitedEntry.objects.filter(cve__in=every, removed_on__isnull=True):
        entries.setdefault(entry.cve, []).append(entry)
    scores = EpssScore.objects.in_bulk(every)
    return {key: _signal(some, entries, scores) for key, some in names.items()}


def _signal(
    names: Iterable[str], entries: Mapping[str, list[ExploitedEntry]], scores: Mapping[str, EpssScore]
) -> Signal:
    known = [entry for name in names for entry in entries.get(name, ())]
    # The score and the model that gave it are of one CVE, never mixed.
    worst = max((scores[name] for name in names if name in scores), key=lambda one: one.score, default=None)
    return Signal(
        is_exploited=bool(known),
        due_on=min((entry.due_on for entry in known if entry.due_on), default=None),
        epss=worst.score if worst else None,
        epss_model=worst.model_version if worst else "",
    )


def tell(hits: Sequence[Hit], signal_of: Mapping[UUID, Signal], *, new: Collection[UUID], now: datetime) -> None:
    """Tell what changed about hits since it was told last, and write them with what is told now.

    Part of a comparison. Of two models of EPSS the scores say nothing of each other: a hit that another one calls
    likely is no news.
    """
    was = {hit.pk: hit for hit in Hit.objects.filter(pk__in=[one.pk for one in hits])}
    for hit in hits:
        signal = signal_of[hit.vulnerability_id]
        if hit.observation.finding is not None:
            for verb, data in _news(hit, was[hit.pk], signal, is_new=hit.pk in new):
                steps.record(verb, hit.observation.finding, by=SYSTEM, now=now, **data)
        hit.is_exploited, hit.is_likely, hit.epss_model = signal.is_exploited, signal.is_likely, signal.epss_model
    Hit.objects.bulk_update(hits, _TOLD, batch_size=500)


def _news(hit: Hit, was: Hit, signal: Signal, *, is_new: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what is to be told of a hit: its events, with their data. What is new is told by its finding."""
    if signal.is_exploited and not was.is_exploited:
        yield "finding.exploited", {"due_on": _day(signal.due_on)}
    if is_new:
        return
    if signal.became_likely(was_likely=was.is_likely, model=was.epss_model):
        yield "finding.likely_exploited", {"percent": round(100 * (signal.epss or 0))}
    if hit.fixed_in and not was.fixed_in:
        yield "finding.fix_available", {"fixed_in": hit.fixed_in}


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


@unit_of_work()
def listed(cves: Collection[str], *, now: datetime) -> None:
    """Have the servers compared anew that one of these hits: a catalogue lists it, says something else, or does not."""
    _promise(cves, Hit.objects.all(), now=now)


@unit_of_work()
def scored(scores: Mapping[str, float], *, now: datetime) -> None:
    """Have the servers compared anew that one of these hits, where its score says otherwise than what was told."""
    likely = {cve for cve, score in scores.items() if score >= LIKELY}
    _promise(likely, Hit.objects.filter(is_likely=False), now=now)
    _promise(scores.keys() - likely, Hit.objects.filter(is_likely=True), now=now)


def _promise(cves: Collection[str], hits: "QuerySet[Hit]", *, now: datetime) -> None:
    # Many promises in one transaction are in no order: whoever makes others of several servers waits.
    holding.hold()
    names = sorted(cves)
    for start in range(0, len(names), 500):
        some = Identifier.objects.filter(name__in=names[start : start + 500]).values("vulnerability")
        rows = hits.filter(vulnerability__in=some, observation__is_seen=True).order_by()
        work_list.promise(set(rows.values_list("server", flat=True)), now=now)
