"""How values look on paper: dates and moments with their zone, exact numbers beside rounded ones, words for keys."""

from datetime import date, datetime
from fractions import Fraction
from functools import cache
from typing import Any

from django import template
from django.utils import timezone

from audit import events
from riskregister import looks, zones
from riskregister.looks import Look
from scoring import assurance
from scoring.deadlines import written
from vendors.tiers import TIERS

register = template.Library()


@register.filter
def day(iso: str) -> str:
    """Return an ISO day as "2 Mar 2026", or a dash for none."""
    return written(date.fromisoformat(iso)) if iso else "–"


@register.filter
def moment(iso: str) -> str:
    """Return an ISO moment in the organisation's zone, as "2 Mar 2026, 12:00 UTC", or a dash for none."""
    if not iso:
        return "–"
    at = _local(iso)
    return f"{written(at.date())}, {at:%H:%M} {zones.name(at)}"


@register.filter
def day_of(iso: str) -> str:
    """Return the day of an ISO moment in the organisation's zone, as "2 Mar 2026", or a dash for none."""
    return written(_local(iso).date()) if iso else "–"


@register.filter
def offset_of(iso: str) -> str:
    """Return how far the organisation's zone is from UTC at an ISO moment, as "UTC+13:00"."""
    return f"UTC{zones.offset(_local(iso))}"


def _local(iso: str) -> datetime:
    return timezone.localtime(datetime.fromisoformat(iso))


@register.filter
def exact(value: Fraction | str | None) -> str:
    """Return an exact number as "875/13" or "80"; a dash for none."""
    return "–" if value is None else str(value)


@register.filter
def rounded(value: Fraction | str | None, places: int = 2) -> str:
    """Return a number rounded half-up, e.g. "67.31"; a dash for none."""
    return "–" if value is None or value == "" else assurance.shown(Fraction(value), places=places)


@register.filter
def percent(value: Fraction | str | None) -> str:
    """Return a part of 1 as "84.6 %"; a dash for none."""
    return "–" if value is None or value == "" else f"{assurance.shown(Fraction(value) * 100, places=1)} %"


@register.filter
def words(key: Any) -> str:
    """Return a key as people read it: "not_assessed" as "Not assessed", "finding.closed" as "Finding closed"."""
    return events.words(str(key))


@register.filter
def lookup(mapping: Any, key: Any) -> Any:
    """Return an entry of a mapping, or None."""
    return mapping.get(key)


@register.inclusion_tag("reports/mark.html")
def mark(kind: str, value: Any) -> dict[str, str]:
    """Return a value of a kind, or the word for one, as a word with its shape and colour."""
    found = _look(kind, value)
    return {"tone": found.tone, "shape": _SHAPES[found.shape], "word": found.word}


@register.simple_tag
def verdict(kind: str, value: str) -> str:
    """Return the tone in which a band or a residual risk is printed."""
    return _look(kind, value).tone


def _look(kind: str, value: Any) -> Look:
    return looks.of_word(kind, value) if value in _words(kind) else looks.look(kind, value)


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(found.word for found in looks.kinds()[kind].values())


# The symbols of the pages as shapes that a style sheet draws.
_SHAPES = {
    "v-critical": "square",
    "v-high": "triangle",
    "v-medium": "diamond",
    "v-low": "circle",
    "v-none": "ring",
    "s-alert": "square",
    "s-archive": "ring",
    "s-check": "circle",
    "s-clock": "triangle",
    "s-cross": "square",
    "s-dashed": "ring",
    "s-half": "diamond",
    "s-minus": "ring",
    "s-most": "circle",
    "s-pause": "square",
    "s-ring": "ring",
    "s-shield": "diamond",
    "s-target": "ring",
}


@register.filter
def tier_words(tier: int) -> str:
    """Return an inherent tier as "1 Critical"."""
    return f"{tier} {TIERS[tier]}"


@register.simple_tag
def not_assessed(population: dict[str, int]) -> int:
    """Return how many servers of the population have no final assessment."""
    return population["servers"] - population["servers_assessed"]


@register.simple_tag
def register_figures(
    by_severity: list[dict[str, Any]], owners: list[dict[str, Any]], acceptances: list[dict[str, Any]]
) -> dict[str, int]:
    """Return the numbers on the cover of a register: unsettled, critical, high, both, overdue, accepted in force."""
    counts = {row["label"]: row["count"] for row in by_severity}
    return {
        "unsettled": sum(counts.values()),
        "critical": counts["critical"],
        "high": counts["high"],
        "severe": counts["critical"] + counts["high"],
        "overdue": sum(row["overdue"] for row in owners),
        "accepted": sum(row["is_in_force"] for row in acceptances),
    }


@register.simple_tag
def events_left_out(history: dict[str, Any]) -> int:
    """Return how many events are neither listed nor quiet."""
    return int(history["count"]) - int(history["quiet"]) - len(history["listed"])


@register.simple_tag
def q(numbers: dict[str, int], question: str) -> str:
    """Return the number by which the report calls a question, e.g. "Q12"."""
    return f"Q{numbers[question]}"
