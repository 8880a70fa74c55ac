"""What a vulnerability says of itself is worked out from its advisories: those in force, or all where none is."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from composition import osv, scores
from composition.models import Advisory, Vulnerability
from composition.osv import Record
from composition.scores import Score
from scoring.scales import Severity

_AT_ONCE = 500
_LONGEST_V3, _LONGEST_V4 = 200, 300
_COLUMNS = (
    "summary", "severity", "cvss_v3", "cvss_v3_score", "cvss_v4", "cvss_v4_score", "is_malicious", "is_withdrawn",
    "published_at", "modified_at",
)  # fmt: skip


def severity(record: Record) -> Severity | None:
    """Return how bad an advisory says that it is, None where it does not."""
    return scores.rate_record(record).severity


def refresh(vulnerabilities: Collection[UUID], *, known: Mapping[str, Record]) -> None:
    """Bring vulnerabilities up to date with their advisories; `known` are those that were just read, by their names.

    Part of the transaction that stored the advisories.
    """
    keys = sorted(vulnerabilities)
    for at in range(0, len(keys), _AT_ONCE):
        _refresh(keys[at : at + _AT_ONCE], known)


def _refresh(keys: Sequence[UUID], known: Mapping[str, Record]) -> None:
    advisories: dict[UUID, list[Advisory]] = {key: [] for key in keys}
    for one in Advisory.objects.filter(vulnerability__in=keys).order_by("source", "name"):
        advisories[one.vulnerability_id].append(one)
    changed = []
    for row in Vulnerability.objects.filter(pk__in=keys):
        was = [getattr(row, name) for name in _COLUMNS]
        for name, value in _said(advisories[row.pk], known).items():
            setattr(row, name, value)
        if was != [getattr(row, name) for name in _COLUMNS]:
            changed.append(row)
    # They are there already: of 7,500 an UPDATE with a CASE a column took 51 s to be written, this takes one.
    Vulnerability.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=_COLUMNS)


def _said(advisories: Sequence[Advisory], known: Mapping[str, Record]) -> dict[str, Any]:
    in_force = [one for one in advisories if one.withdrawn_at is None]
    counting = in_force or advisories
    ratings = [scores.rate_record(record) for record in _records(counting, known)]
    v3, v4 = _worst([one.v3 for one in ratings]), _worst([one.v4 for one in ratings])
    return {
        "summary": next((one.summary for one in counting if one.summary), ""),
        "severity": scores.worst(one for one in (rating.severity for rating in ratings) if one is not None),
        "cvss_v3": v3.vector[:_LONGEST_V3] if v3 else "",
        "cvss_v3_score": v3.base if v3 else None,
        "cvss_v4": v4.vector[:_LONGEST_V4] if v4 else "",
        "cvss_v4_score": v4.base if v4 else None,
        "is_malicious": any(one.is_of_malicious_code for one in counting),
        "is_withdrawn": not in_force,
        "published_at": min((one.published_at for one in counting if one.published_at), default=None),
        "modified_at": max((one.modified_at for one in counting), default=None),
    }


def _records(advisories: Sequence[Advisory], known: Mapping[str, Record]) -> Iterator[Record]:
    # What is stored was read once: it can be read again.
    yield from (known.get(one.name) or osv.read(one.record) for one in advisories)


def _worst(found: Sequence[Score | None]) -> Score | None:
    return max((one for one in found if one), key=lambda one: one.base, default=None)
