"""Advisories in the format of OSV (schema 1.x), read into plain data. Pure.

https://ossf.github.io/osv-schema/. Strict about what decides whom an advisory hits, tolerant about the rest: what is
not known, or decides nothing here, as references do, is left alone, and what is wrong is refused with its place, so
that it can be put aside and shown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from composition.advisories import osv_fields as fields
from composition.advisories.osv_fields import LONGEST_LINE, MOST_NAMES, RecordInvalid
from composition.packages import ecosystems

__all__ = [
    "Affected",
    "Event",
    "Range",
    "Rated",
    "Record",
    "RecordInvalid",
    "ranges_as_data",
    "read",
    "read_data",
    "read_ranges",
]

# Real ones are 35 kB at most; those of the Linux kernel 2 MB.
LARGEST = 4 * 1024 * 1024
LONGEST_TEXT = 1_000_000
LONGEST_NAME = 300
LONGEST_ECOSYSTEM = 60
MOST_AFFECTED = 10_000
MOST_VERSIONS = 100_000
MOST_EVENTS = 10_000
EVENTS = ("introduced", "fixed", "last_affected", "limit")
MALICIOUS = "MAL-"
EMBEDDED_MALICIOUS_CODE = "CWE-506"


class Event(NamedTuple):
    """Where a range begins or ends: `kind` is introduced, fixed, last_affected or limit."""

    kind: str
    version: str


@dataclass(frozen=True, slots=True)
class Range:
    """A range of versions: `kind` is SEMVER, ECOSYSTEM, GIT, or what a later schema may add."""

    kind: str
    events: tuple[Event, ...]
    repo: str = ""


class Rated(NamedTuple):
    """How bad it is said to be: `kind` is CVSS_V2, CVSS_V3, CVSS_V4 or Ubuntu, `score` the vector or the word."""

    kind: str
    score: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """A package that is affected, and in which versions.

    `ecosystem` and `name` are as the record has them, empty where only commits of a repository are said; `folded` is
    the name as it is compared. `word` is the severity in the database's word, empty where it gives none.
    """

    ecosystem: str
    name: str
    ranges: tuple[Range, ...] = ()
    versions: tuple[str, ...] = ()
    severities: tuple[Rated, ...] = ()
    word: str = ""

    @property
    def folded(self) -> str:
        """Return the name as it is compared."""
        return ecosystems.folded(ecosystems.split(self.ecosystem)[0], self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One advisory, as its database last wrote it."""

    id: str
    modified: datetime
    published: datetime | None = None
    withdrawn: datetime | None = None
    aliases: tuple[str, ...] = ()
    summary: str = ""
    details: str = ""
    severities: tuple[Rated, ...] = ()
    word: str = ""
    affected: tuple[Affected, ...] = ()
    weaknesses: tuple[str, ...] = ()

    @property
    def is_malicious(self) -> bool:
        """Return whether it is of a package that was published to do harm, by the database of those."""
        return self.id.startswith(MALICIOUS)

    @property
    def is_of_malicious_code(self) -> bool:
        """Return whether it is of malicious code, whichever database says so.

        PYSEC says it by a name of the database of malicious packages, GitHub by the weakness.
        """
        names = (self.id, *self.aliases)
        return EMBEDDED_MALICIOUS_CODE in self.weaknesses or any(name.startswith(MALICIOUS) for name in names)

    @property
    def source(self) -> str:
        """Return the database that its id begins with: GHSA, PYSEC, GO, MAL …"""
        return self.id.partition("-")[0]


def read(raw: bytes | str) -> Record:
    """Return the advisory in a JSON text. Raises RecordInvalid."""
    if len(raw) > LARGEST:
        raise RecordInvalid(f"The record has {len(raw):,} bytes; {LARGEST:,} are read at most.")
    try:
        data = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise RecordInvalid(f"The record is no JSON: {str(error)[:200]}.") from error
    return read_data(data)


def read_data(data: object) -> Record:
    """Return the advisory in a JSON document that was read. Raises RecordInvalid."""
    if not isinstance(data, dict):
        raise RecordInvalid("The record is no object.")
    _refuse_other_schema(data)
    return Record(
        id=fields.identifier(data.get("id"), "id"),
        modified=fields.needed_time(data, "modified"),
        published=fields.time(data, "published"),
        withdrawn=fields.time(data, "withdrawn"),
        aliases=fields.ids(data, "aliases"),
        summary=fields.text(data, "summary", "summary", longest=LONGEST_TEXT),
        details=fields.text(data, "details", "details", longest=LONGEST_TEXT),
        severities=_severities(data, "severity"),
        word=_word(data),
        affected=fields.each(data, "affected", "affected", MOST_AFFECTED, _affected),
        weaknesses=_weaknesses(data),
    )


def read_ranges(data: Iterable[Mapping[str, Any]]) -> tuple[Range, ...]:
    """Return ranges from what `ranges_as_data` made of them, which was read before and is right."""
    return tuple(Range(one["type"], _stored_events(one["events"]), one.get("repo", "")) for one in data)


def _stored_events(data: Iterable[Mapping[str, str]]) -> tuple[Event, ...]:
    return tuple(Event(*pair) for event in data for pair in event.items())


def ranges_as_data(ranges: Iterable[Range]) -> list[dict[str, Any]]:
    """Return ranges as OSV writes them, for a column or a document."""
    return [
        {"type": one.kind, "events": [{event.kind: event.version} for event in one.events]}
        | ({"repo": one.repo} if one.repo else {})
        for one in ranges
    ]


def _refuse_other_schema(data: Mapping[str, Any]) -> None:
    version = fields.text(data, "schema_version", "schema_version", longest=LONGEST_LINE) or "1.0.0"
    if version.split(".")[0] != "1":
        raise RecordInvalid(f"schema_version: {version[:20]!a} is not read; 1.x is.")


def _affected(data: Mapping[str, Any], at: str) -> Affected:
    package = fields.part(data, "package", f"{at}.package")
    ecosystem = fields.text(package, "ecosystem", f"{at}.package.ecosystem", longest=LONGEST_ECOSYSTEM)
    name = fields.text(package, "name", f"{at}.package.name", longest=LONGEST_NAME)
    if bool(ecosystem) != bool(name):
        raise RecordInvalid(f"{at}.package: it has {'no name' if ecosystem else 'no ecosystem'}.")
    return Affected(
        ecosystem=ecosystem,
        name=name,
        ranges=fields.each(data, "ranges", f"{at}.ranges", MOST_EVENTS, _range),
        versions=fields.lines(data, "versions", f"{at}.versions", MOST_VERSIONS),
        severities=_severities(data, f"{at}.severity"),
        word=_word(data),
    )


def _range(data: Mapping[str, Any], at: str) -> Range:
    kind = fields.text(data, "type", f"{at}.type", longest=LONGEST_LINE)
    events = [event for pair in fields.each(data, "events", f"{at}.events", MOST_EVENTS, _events) for event in pair]
    if not kind:
        raise RecordInvalid(f"{at}.type: it is missing.")
    if not any(event.kind == "introduced" for event in events):
        raise RecordInvalid(f"{at}.events: none says where the range begins (introduced).")
    return Range(kind, tuple(events), fields.text(data, "repo", f"{at}.repo", longest=LONGEST_LINE))


def _events(data: Mapping[str, Any], at: str) -> tuple[Event, ...]:
    # The schema wants one each; older records have a beginning and an end in one.
    found = tuple(Event(kind, fields.line(data[kind], f"{at}.{kind}")) for kind in EVENTS if kind in data)
    if not found:
        raise RecordInvalid(f"{at}: it is none of {', '.join(EVENTS)}.")
    return found


def _severities(data: Mapping[str, Any], at: str) -> tuple[Rated, ...]:
    return fields.each(data, "severity", at, MOST_NAMES, _rated)


def _rated(data: Mapping[str, Any], at: str) -> Rated:
    kind = fields.text(data, "type", f"{at}.type", longest=LONGEST_LINE)
    score = fields.text(data, "score", f"{at}.score", longest=LONGEST_LINE)
    if not kind or not score:
        raise RecordInvalid(f"{at}: it needs a type and a score.")
    return Rated(kind, score)


def _word(data: Mapping[str, Any]) -> str:
    """Return the database's own word for the severity; what else it keeps there is its own business."""
    for place in (data.get("database_specific"), data.get("ecosystem_specific")):
        severity = place.get("severity") if isinstance(place, dict) else None
        if isinstance(severity, str) and len(severity) <= LONGEST_LINE:
            return severity
    return ""


def _weaknesses(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of CWE that GitHub's and other databases keep in a place of their own."""
    place = data.get("database_specific")
    cwe_ids = place.get("cwe_ids") if isinstance(place, dict) else None
    return tuple(one for one in cwe_ids[:MOST_NAMES] if isinstance(one, str)) if isinstance(cwe_ids, list) else ()
