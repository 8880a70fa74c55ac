"""STIX 2.1 as others read it: sightings of indicators, notes about vendors and findings, and their marking."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings

from findings.models import Finding
from intelligence.models import Indicator, IndicatorHit, IndicatorTerm, WatchEntry
from intelligence.reading.indicators import Kind, Tlp
from vendors.models import Server, Vendor

# The markings of TLP 2.0, as OASIS published them, with the extension that defines them.
_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
_MARKINGS = {
    Tlp.CLEAR: "94868c89-83c2-464b-929b-a1a8aa3c8487",
    Tlp.GREEN: "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    Tlp.AMBER: "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    Tlp.AMBER_STRICT: "939a9414-2ddd-4d32-a0cd-375ea402b003",
}
_MARKED_AT = "2022-10-01T00:00:00.000Z"
_PATHS = {
    Kind.DOMAIN: "domain-name:value",
    Kind.URL: "url:value",
    Kind.PACKAGE: "software:x_purl",
    Kind.MAINTAINER: "user-account:account_login",
}
_HASHES = {"md5": "MD5", "sha1": "'SHA-1'", "sha256": "'SHA-256'", "sha512": "'SHA-512'"}


def of(
    *, hits: Iterable[IndicatorHit], entries: Iterable[WatchEntry], findings: Iterable[Finding], tlp: Tlp, now: datetime
) -> str:
    """Return a bundle as text. The same things chosen at the same moment are the same text."""
    writer = _Writer(tlp, now)
    for hit in hits:
        writer.sighting(hit)
    for entry in entries:
        writer.note(entry, entry.title, _with_source(entry), entry.subject, at=entry.noted_at)
    for finding in findings:
        writer.note(finding, finding.title, finding.recommendation, finding.subject, at=finding.created_at)
    return writer.text()


class _Writer:
    """Collects objects, each once, under one marking."""

    def __init__(self, tlp: Tlp, now: datetime) -> None:
        self.now, self.marking = _instant(now), f"marking-definition--{_MARKINGS[tlp]}"
        self.objects: dict[str, dict[str, Any]] = {}
        self.objects[self.marking] = {
            "type": "marking-definition", "spec_version": "2.1", "id": self.marking, "created": _MARKED_AT,
            "name": f"TLP:{tlp.value.upper()}",
            "extensions": {_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": tlp.value}},
        }  # fmt: skip
        self.us = self._identity("us", settings.ORIGIN, "Whoever runs this register")

    def sighting(self, hit: IndicatorHit) -> None:
        """Add that an indicator was met."""
        indicator = self._indicator(hit.indicator)
        until = hit.observation.last_seen_at
        self._add(
            "sighting", f"hit:{hit.pk}", at=hit.first_seen_at, sighting_of_ref=indicator,
            first_seen=_instant(hit.first_seen_at), last_seen=_instant(max(until, hit.first_seen_at)),
            where_sighted_refs=[self.us], summary=False,
            description=f"{hit.get_where_display()} of an MCP server{'' if hit.is_certain else '; not verified'}.",
        )  # fmt: skip

    def note(self, about: Any, title: str, text: str, subject: Server | Vendor, *, at: datetime) -> None:
        """Add what was learnt about a vendor, or about a server by the name that it has in the registry."""
        content = "\n\n".join(part for part in (title, text) if part)
        self._add(
            "note", f"{type(about).__name__}:{about.pk}", at=at, abstract=title, content=content,
            object_refs=[self._subject(subject)], external_references=_techniques(getattr(about, "techniques", [])),
        )  # fmt: skip

    def text(self) -> str:
        """Return the bundle."""
        key = self._key("bundle", " ".join([self.now, *self.objects]))
        return json.dumps(
            {"type": "bundle", "id": key, "objects": [*self.objects.values()]}, ensure_ascii=False, indent=2
        )

    def _indicator(self, one: Indicator) -> str:
        facts: dict[str, Any] = {
            "name": one.title, "description": one.description, "confidence": one.confidence, "pattern_type": "stix",
            "pattern": pattern_of(one), "valid_from": _instant(one.valid_from or one.taken_at),
            "external_references": [
                {"source_name": one.feed.name, "external_id": one.external_id}, *_techniques(one.techniques),
            ],
        }  # fmt: skip
        if one.valid_until:
            facts["valid_until"] = _instant(one.valid_until)
        if one.is_revoked:
            facts["revoked"] = True
        return self._add("indicator", f"indicator:{one.pk}", at=one.taken_at, **facts)

    def _subject(self, subject: Server | Vendor) -> str:
        if isinstance(subject, Vendor):
            return self._identity(f"vendor:{subject.pk}", subject.name, "Vendor")
        key = self._key("software", f"server:{subject.pk}")
        self.objects[key] = {
            "type": "software", "spec_version": "2.1", "id": key, "name": subject.name,
            "object_marking_refs": [self.marking],
        }  # fmt: skip
        return key

    def _identity(self, of: str, name: str, description: str) -> str:
        key = self._key("identity", of)
        self.objects[key] = {
            "type": "identity", "spec_version": "2.1", "id": key, "created": self.now, "modified": self.now,
            "name": name, "description": description, "identity_class": "organization",
            "object_marking_refs": [self.marking],
        }  # fmt: skip
        return key

    def _add(self, kind: str, of: str, *, at: datetime, **facts: Any) -> str:
        key = self._key(kind, of)
        properties = {name: value for name, value in facts.items() if value not in (None, "", [])}
        self.objects[key] = {
            "type": kind, "spec_version": "2.1", "id": key, "created": _instant(at), "modified": self.now,
            "created_by_ref": self.us, **properties, "object_marking_refs": [self.marking],
        }  # fmt: skip
        return key

    def _key(self, kind: str, of: str) -> str:
        """Return an id that is the same each time, and tells nothing of the register's own ids."""
        return f"{kind}--{_uuid(of)}"


def pattern_of(one: Indicator) -> str:
    """Return the pattern of an indicator, made of its terms anew: what others wrote is not passed on unread."""
    ways: dict[int, list[str]] = {}
    for term in one.terms.all():
        ways.setdefault(term.way, []).append(_comparison(term))
    return "[" + " OR ".join(_joined(some, several=len(ways) > 1) for some in ways.values()) + "]"


def _joined(some: Sequence[str], *, several: bool) -> str:
    whole = " AND ".join(some)
    return f"({whole})" if several and len(some) > 1 else whole


def _comparison(term: IndicatorTerm) -> str:
    if term.kind in (Kind.ADDRESS, Kind.NETWORK):
        return f"ipv{'6' if ':' in term.value else '4'}-addr:value = {_quoted(term.value)}"
    if term.kind == Kind.HASH:
        algorithm, _, value = term.value.partition(":")
        return f"file:hashes.{_HASHES.get(algorithm, repr(algorithm.upper()))} = {_quoted(value)}"
    if term.kind == Kind.PACKAGE:
        registry, _, name = term.value.partition(":")
        version = f"@{term.version}" if term.version else ""
        return f"{_PATHS[Kind.PACKAGE]} = {_quoted(f'pkg:{registry}/{name}{version}')}"
    if term.kind == Kind.MAINTAINER and "@" in term.value:
        return f"email-addr:value = {_quoted(term.value)}"
    return f"{_PATHS[Kind(term.kind)]} = {_quoted(term.value)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _techniques(ids: Iterable[str]) -> list[dict[str, str]]:
    names = {"S": "safe-mcp", "A": "mitre-atlas", "T": "mitre-attack"}
    return [{"source_name": names.get(one[:1], "technique"), "external_id": one} for one in ids]


def _with_source(entry: WatchEntry) -> str:
    return "\n\n".join(part for part in (entry.text, entry.url) if part)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _uuid(of: str) -> UUID:
    # STIX asks for version 4 of its domain objects, and readers look at the digits: what is random there is a digest.
    return UUID(bytes=uuid5(NAMESPACE_URL, f"{settings.ORIGIN}/{of}").bytes, version=4)
