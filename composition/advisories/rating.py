"""What a vulnerability says of itself is worked out from its advisories: those in force, or all where none is."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from composition.advisories import osv, scores
from composition.advisories.scores import Rating, Score
from composition.models import Advisory, Vulnerability
from riskregister.queries import inserting
from riskregister.queries.compiled import CompiledQuery, Given

_AT_ONCE = 500
_LONGEST_V3, _LONGEST_V4 = 200, 300
_COLUMNS = (
    "summary", "severity", "cvss_v3", "cvss_v3_score", "cvss_v4", "cvss_v4_score", "is_malicious", "is_withdrawn",
    "published_at", "modified_at",
)  # fmt: skip


class _Brief(NamedTuple):
    """An advisory without its record, which is most of it."""

    name: str
    vulnerability: UUID
    summary: str
    is_of_malicious_code: bool
    published_at: datetime | None
    modified_at: datetime
    withdrawn_at: datetime | None


def _advisories() -> "QuerySet[Any, Any]":
    rows = Advisory.objects.filter(vulnerability__id__among=Given("keys"))
    return rows.order_by("source", "name").values_list(*_Brief._fields)


_ADVISORIES = CompiledQuery(_advisories)
_RECORDS = CompiledQuery(
    lambda: Advisory.objects.filter(name__among=Given("names")).order_by().values_list("name", "record")
)


def refresh(vulnerabilities: Iterable[Vulnerability], *, known: Mapping[str, Rating]) -> None:
    """Bring vulnerabilities up to date with their advisories, and insert those that are not there yet.

    `known` says of the advisories that were just read, by their names, how bad each is. Part of the transaction that
    stored them.
    """
    rows = sorted(vulnerabilities, key=lambda one: one.pk)
    for at in range(0, len(rows), _AT_ONCE):
        _refresh(rows[at : at + _AT_ONCE], known)


def _refresh(rows: Sequence[Vulnerability], known: Mapping[str, Rating]) -> None:
    advisories: dict[UUID, list[_Brief]] = {row.pk: [] for row in rows}
    for one in map(_Brief._make, _ADVISORIES.ask(keys=advisories)):
        advisories[one.vulnerability].append(one)
    ratings = _ratings([one.name for some in advisories.values() for one in _counting(some)], known)
    changed = []
    for row in rows:
        was = [getattr(row, name) for name in _COLUMNS]
        for name, value in _values(advisories[row.pk], ratings).items():
            setattr(row, name, value)
        if was != [getattr(row, name) for name in _COLUMNS] and not row._state.adding:
            changed.append(row)
    inserting.insert([row for row in rows if row._state.adding])
    # They are there already: of 7,500 an UPDATE with a CASE a column took 51 s to be written, this takes one.
    Vulnerability.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=_COLUMNS)


def _ratings(names: Sequence[str], known: Mapping[str, Rating]) -> dict[str, Rating]:
    """Return by name what advisories say of how bad it is. What is stored was read once: it can be read again."""
    found = {name: known[name] for name in names if name in known}
    others = [name for name in names if name not in known]
    rows = _RECORDS.ask(names=others) if others else ()
    return found | {name: scores.rate_record(osv.read(record)) for name, record in rows}


def _counting(advisories: Sequence[_Brief]) -> Sequence[_Brief]:
    return [one for one in advisories if one.withdrawn_at is None] or advisories


def _values(advisories: Sequence[_Brief], ratings: Mapping[str, Rating]) -> dict[str, Any]:
    counting = _counting(advisories)
    rated = [ratings[one.name] for one in counting]
    v3, v4 = _worst([one.v3 for one in rated]), _worst([one.v4 for one in rated])
    return {
        "summary": next((one.summary for one in counting if one.summary), ""),
        "severity": scores.worst(one for one in (rating.severity for rating in rated) if one is not None),
        "cvss_v3": v3.vector[:_LONGEST_V3] if v3 else "",
        "cvss_v3_score": v3.base if v3 else None,
        "cvss_v4": v4.vector[:_LONGEST_V4] if v4 else "",
        "cvss_v4_score": v4.base if v4 else None,
        "is_malicious": any(one.is_of_malicious_code for one in counting),
        "is_withdrawn": all(one.withdrawn_at is not None for one in advisories),
        "published_at": min((one.published_at for one in counting if one.published_at), default=None),
        "modified_at": max((one.modified_at for one in counting), default=None),
    }


def _worst(found: Sequence[Score | None]) -> Score | None:
    return max((one for one in found if one), key=lambda one: one.base, default=None)
