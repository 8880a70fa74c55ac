"""MISP feeds: the manifest, and the attributes of an event that its author says detect something (`to_ids`)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from intelligence.reading import documents, indicators, values
from intelligence.reading.documents import Source
from intelligence.reading.indicators import Bad, Kind, NotSo, Read, Term, Tlp, Told, Unusable
from vendors import strict_json

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\Z")
_ATTACK = re.compile(r'misp-galaxy:mitre-attack-pattern=".*?\b(T\d{4}(?:\.\d{3})?)"')
_NAMED = re.compile(
    r'misp-galaxy:(?:threat-actor|malpedia|tool|mitre-malware|mitre-intrusion-set|ransomware)="(.{1,200}?)"'
)
# What the taxonomy of MISP says of confidence, as it counts it.
_CONFIDENCE = {
    "completely-confident": 100,
    "usually-confident": 75,
    "fairly-confident": 50,
    "rarely-confident": 25,
    "unconfident": 0,
}
_DIGESTS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_MOST_EVENTS = 200_000


@dataclass(frozen=True, slots=True)
class Listed:
    """An event that the manifest of a feed lists: where it is (`{uuid}.json`), its title, when it changed last."""

    uuid: str
    title: str
    changed_at: datetime

    @property
    def file(self) -> str:
        """Return the name of its file beside the manifest."""
        return f"{self.uuid}.json"


def manifest(raw: bytes) -> list[Listed]:
    """Return the events of a feed, the one that changed first first. Raises Unusable for what is no manifest.

    Only a UUID names an event, so that no name leads out of the feed's folder.
    """
    documents.refuse_size(len(raw))
    try:
        events = strict_json.read(raw, limit=64 * 1024 * 1024)
    except strict_json.DocumentInvalid as error:
        raise Unusable(f"The manifest cannot be read: {error.problems[0]}") from error
    if not isinstance(events, dict) or len(events) > _MOST_EVENTS:
        raise Unusable(f"A manifest is an object with at most {_MOST_EVENTS:,} events by their UUIDs.")
    try:
        found = [_listed(uuid, row) for uuid, row in events.items()]
    except NotSo as error:
        raise Unusable(f"The manifest cannot be read: {error}") from error
    return sorted(found, key=lambda one: (one.changed_at, one.uuid))


def event(source: Source) -> Read:
    """Yield the indicators of one event. Raises Unusable for what is none."""
    documents.refuse_size(len(source))
    try:
        whole = strict_json.read(source[:], limit=indicators.MAX_BYTES)
    except strict_json.DocumentInvalid as error:
        raise Unusable(f"The event cannot be read: {error.problems[0]}") from error
    body = whole.get("Event") if isinstance(whole, dict) else None
    if not isinstance(body, dict):
        raise Unusable("The file is no event of MISP: it has no “Event”.")
    for place, row in _attributes(body):
        if row.get("to_ids") is not True:
            continue
        try:
            yield _told(body, row)
        except NotSo as error:
            yield Bad(place, str(error), indicators.text(row.get("value"), 500))


def _listed(uuid: str, row: Any) -> Listed:
    if not _UUID.match(uuid) or not isinstance(row, dict):
        raise NotSo(f"{indicators.shown(uuid)} is no UUID of an event.")
    changed = _instant(row.get("timestamp")) or indicators.moment(f"{row.get('date')}T00:00:00Z", "date")
    return Listed(
        uuid, indicators.text(row.get("info"), indicators.TITLE_LIMIT), changed or datetime.fromtimestamp(0, UTC)
    )


def _attributes(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the attributes of an event, those of its objects behind its own, with their places."""
    for at, row in enumerate(_rows(body, "Attribute")):
        yield f"Event.Attribute[{at}]", row
    for place, thing in enumerate(_rows(body, "Object")):
        for at, row in enumerate(_rows(thing, "Attribute")):
            yield f"Event.Object[{place}].Attribute[{at}]", row


def _told(event: dict[str, Any], row: dict[str, Any]) -> Told:
    kind, written, uuid = str(row.get("type")), str(row.get("value") or ""), str(row.get("uuid") or "")
    if not _UUID.match(uuid):
        raise NotSo("The attribute has no UUID.")
    terms = _terms(kind, written)
    tags = [str(tag.get("name")) for tag in (*_rows(event, "Tag"), *_rows(row, "Tag"))]
    comment = indicators.text(row.get("comment"))
    return Told(
        external_id=uuid,
        title=indicators.text(event.get("info") or written, indicators.TITLE_LIMIT),
        ways=tuple(frozenset({term}) for term in terms),
        unmatched="" if terms else f"It cannot be matched: an attribute of the type {indicators.text(kind, 60)}.",
        description=comment,
        written=indicators.text(f"{kind}: {written}", indicators.WRITTEN_LIMIT),
        confidence=_confidence(tags),
        valid_from=indicators.moment(row.get("first_seen"), "first_seen"),
        modified=_instant(row.get("timestamp")),
        is_revoked=row.get("deleted") is True,
        tlp=_marked(tags),
        names=tuple(dict.fromkeys(found[1] for tag in tags if (found := _NAMED.match(tag)))),
        techniques=tuple(dict.fromkeys(found[1] for tag in tags if (found := _ATTACK.match(tag)))),
    )


def _terms(kind: str, written: str) -> list[Term]:
    """Return what an attribute is met by, nothing for a type that cannot be. Raises NotSo for a value that is none."""
    first, _, second = written.partition("|")
    if kind in ("domain", "hostname"):
        return [Term(Kind.DOMAIN, values.domain(written))]
    if kind in ("ip-dst", "ip-src", "ip-dst|port", "ip-src|port"):
        return [values.network(first)]
    if kind == "domain|ip":
        return [Term(Kind.DOMAIN, values.domain(first)), values.network(second)]
    if kind == "hostname|port":
        return [Term(Kind.DOMAIN, values.domain(first))]
    if kind in ("url", "uri") and "://" in written:
        return [Term(Kind.URL, values.url(written))]
    algorithm = kind.removeprefix("filename|")
    if algorithm in _DIGESTS:
        return [Term(Kind.HASH, values.digest(written.rpartition("|")[2], algorithm))]
    if kind == "github-username":
        return [Term(Kind.MAINTAINER, values.maintainer(f"github:{written}"))]
    return []


def _confidence(tags: list[str]) -> int | None:
    found = [re.fullmatch(r'misp:confidence-level="([a-z-]+)"', tag) for tag in tags]
    known = [_CONFIDENCE[one[1]] for one in found if one and one[1] in _CONFIDENCE]
    # What is said of the attribute stands behind what is said of the event.
    return known[-1] if known else None


def _marked(tags: list[str]) -> Tlp | None:
    return indicators.strictest([indicators.tlp_of(tag) for tag in tags if tag.lower().startswith("tlp:")])


def _instant(value: Any) -> datetime | None:
    """Return the instant of a number of seconds, which MISP writes as a text. Raises NotSo."""
    if value in (None, "", "0"):
        return None
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise NotSo(f"timestamp is {indicators.shown(value)}: write seconds since 1970.")
    return datetime.fromtimestamp(int(text), UTC)


def _rows(parent: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = parent.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
