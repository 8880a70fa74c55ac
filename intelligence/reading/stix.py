"""STIX 2.0 and 2.1: the indicators of a bundle or of a TAXII envelope, with what the objects around them say of them.

An indicator comes with its pattern, its time, its confidence and its marking. By relationships it comes with the
malware, the campaigns and the techniques that it indicates, by groupings and reports with their names. An observed
object (a domain, an address, a file) is an indicator where a relationship says that malware, infrastructure or whoever
attacks has it, and nothing by itself: what was merely seen is no threat.
"""

import re
from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from intelligence.reading import documents, indicators, patterns
from intelligence.reading.documents import Object, Source
from intelligence.reading.indicators import Bad, NotSo, Read, Term, Tlp, Told
from vendors.strict_json import DocumentInvalid

_IS_INDICATOR = re.compile(rb'"type"\s*:\s*"indicator"')
# The markings that need no definition in the bundle: TLP 1 (STIX 2.1, chapter 7.2.1.4) and TLP 2.0.
MARKINGS = {
    "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9": Tlp.CLEAR,
    "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da": Tlp.GREEN,
    "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82": Tlp.AMBER,
    "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed": Tlp.RED,
    "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487": Tlp.CLEAR,
    "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb": Tlp.GREEN,
    "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421": Tlp.AMBER,
    "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003": Tlp.AMBER_STRICT,
    "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1": Tlp.RED,
}
# What an indicator or an observed object is connected with, and how it is called.
_NAMED = frozenset({
    "malware", "tool", "campaign", "intrusion-set", "threat-actor", "infrastructure", "vulnerability", "attack-pattern",
    "grouping", "report",
})  # fmt: skip
_HAVE = frozenset({"malware", "infrastructure", "campaign", "intrusion-set", "threat-actor"})
# The property of each observed object that says what it is.
_VALUES = {"domain-name": "value", "ipv4-addr": "value", "ipv6-addr": "value", "url": "value", "email-addr": "value"}
TECHNIQUE = re.compile(r"(?:SAFE-T\d{4}|AML\.T\d{4}(?:\.\d{3})?|T\d{4}(?:\.\d{3})?)\Z")
_MOST_NAMES = 50


@dataclass(slots=True)
class _Around:
    """What a bundle says beside its indicators, by the ids of the objects."""

    names: dict[str, str] = field(default_factory=dict)
    techniques: dict[str, tuple[str, ...]] = field(default_factory=dict)
    markings: dict[str, Tlp] = field(default_factory=lambda: dict(MARKINGS))
    # Of what objects are connected with: the markings of all that says so, by the ids of both.
    related: dict[str, dict[str, list[str]]] = field(default_factory=lambda: defaultdict(dict))
    marked: dict[str, list[str]] = field(default_factory=dict)
    observed: dict[str, dict[str, Any]] = field(default_factory=dict)
    had_by: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def take(self, stix_object: dict[str, Any]) -> None:
        """Take in an object that is no indicator."""
        kind, key = str(stix_object.get("type")), stix_object.get("id")
        if not isinstance(key, str):
            # Nothing can name it.
            return
        if kind == "relationship":
            self._relate(stix_object)
        elif kind == "marking-definition":
            if found := _marking(stix_object):
                self.markings[key] = found
        elif kind in _NAMED:
            self._name(kind, key, stix_object)
        elif kind in _VALUES or kind in ("file", "artifact", "software"):
            self.observed[key] = stix_object

    def _relate(self, relationship: dict[str, Any]) -> None:
        source, target = str(relationship.get("source_ref")), str(relationship.get("target_ref"))
        if relationship.get("revoked") is True:
            return
        if source.startswith("indicator--"):
            self._connect(source, target, relationship)
        elif source.partition("--")[0] in _HAVE:
            self.had_by[target].append(relationship)
            self._connect(target, source, relationship)
            self._connect(source, target, relationship)

    def _connect(self, one: str, other: str, by: dict[str, Any]) -> None:
        self.related[one].setdefault(other, []).extend(_marked_by(by))

    def _name(self, kind: str, key: str, stix_object: dict[str, Any]) -> None:
        self.names[key] = indicators.text(stix_object.get("name") or kind, indicators.TITLE_LIMIT)
        self.techniques[key], self.marked[key] = techniques_of(stix_object), _marked_by(stix_object)
        for about in _texts(stix_object.get("object_refs")):
            self._connect(about, key, stix_object)

    def strictest(self, indicator: dict[str, Any]) -> Tlp | None:
        """Return the marking that binds an indicator: of all of it, of a part of it, and of where its techniques are
        from, since they leave with it.
        """
        others = self.related.get(str(indicator["id"]), {})
        lent = [one for key, by in others.items() if self.techniques.get(key) for one in (*by, *self.marked[key])]
        return indicators.strictest([self.markings.get(one) for one in (*_marked_by(indicator), *lent)])


def read(source: Source) -> Read:
    """Yield the indicators of a bundle, or of an envelope of TAXII 2.1. Raises Unusable for what is neither."""
    around, places = _Around(), array("Q")
    for one in documents.objects(source, "objects"):
        if _IS_INDICATOR.search(one.raw):
            places.extend((one.start, one.end, int(one.place.partition("[")[2][:-1])))
            continue
        try:
            around.take(one.read())
        except DocumentInvalid as error:
            yield one.bad(str(error.problems[0]))
    for at in range(0, len(places), 3):
        start, end, place = places[at : at + 3]
        yield _indicator(Object(source, f"objects[{place}]", start, end), around)
    yield from _observed(around)


def techniques_of(stix_object: dict[str, Any]) -> tuple[str, ...]:
    """Return the ids of the techniques that an object names among its references."""
    rows = stix_object.get("external_references")
    ids = (str(row.get("external_id", "")) for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
    return tuple(dict.fromkeys(one for one in ids if TECHNIQUE.match(one)))


def _indicator(one: Object, around: _Around) -> Told | Bad:
    try:
        return _told(one.read(), around)
    except DocumentInvalid as error:
        return one.bad(str(error.problems[0]))
    except NotSo as error:
        return one.bad(str(error))


def _told(indicator: dict[str, Any], around: _Around) -> Told:
    key, written = str(indicator.get("id") or ""), indicator.get("pattern")
    if not key.startswith("indicator--") or indicator.get("type") != "indicator":
        raise NotSo("It is no indicator: its id begins with “indicator--”.")
    if not isinstance(written, str) or not written.strip():
        raise NotSo("It has no pattern.")
    kind = str(indicator.get("pattern_type") or "stix")
    pattern = patterns.read(written) if kind == "stix" else patterns.Pattern((), (f"a pattern of {kind}",))
    return _made(
        indicator,
        around,
        pattern,
        title=indicators.text(indicator.get("name"), indicators.TITLE_LIMIT),
        written=written,
    )


def _made(stix_object: dict[str, Any], around: _Around, pattern: patterns.Pattern, *, title: str, written: str) -> Told:
    key = str(stix_object["id"])
    related = around.related.get(key, {})
    names = [around.names[one] for one in related if one in around.names]
    found = [*techniques_of(stix_object), *(one for key in related for one in around.techniques.get(key, ()))]
    return Told(
        external_id=indicators.text(key, indicators.ID_LIMIT),
        title=title or indicators.text(written, indicators.TITLE_LIMIT),
        ways=pattern.ways,
        unmatched=unmatched(pattern),
        description=indicators.text(stix_object.get("description")),
        written=indicators.text(written, indicators.WRITTEN_LIMIT),
        confidence=indicators.percent(stix_object.get("confidence")),
        valid_from=indicators.moment(stix_object.get("valid_from"), "valid_from"),
        valid_until=indicators.moment(stix_object.get("valid_until"), "valid_until"),
        modified=indicators.moment(stix_object.get("modified"), "modified"),
        is_revoked=stix_object.get("revoked") is True,
        tlp=around.strictest(stix_object),
        names=tuple(dict.fromkeys(names))[:_MOST_NAMES],
        techniques=tuple(dict.fromkeys(found))[:_MOST_NAMES],
    )


def unmatched(pattern: patterns.Pattern) -> str:
    """Return what of a pattern cannot be matched, in a sentence; empty where all of it can."""
    if not pattern.unmatched:
        return "" if pattern.ways else "It cannot be matched: it names nothing by its value."
    parts = indicators.text("; ".join(pattern.unmatched).removesuffix("."), 600)
    return f"{'Left out' if pattern.ways else 'It cannot be matched'}: {parts}."


def _observed(around: _Around) -> Iterator[Told | Bad]:
    """Yield the observed objects that somebody who attacks has, by the relationships that say so."""
    for key, rows in around.had_by.items():
        observed = around.observed.get(key)
        if observed is None:
            continue
        try:
            ways = tuple(frozenset({term}) for term in _terms(observed))
            kind = str(observed["type"])
            pattern = patterns.Pattern(ways, () if ways else (f"an object of the kind {kind}",))
            facts = {name: rows[-1].get(name) for name in ("confidence", "modified")}
            facts["object_marking_refs"] = [one for row in (observed, *rows) for one in _marked_by(row)]
            written = str(observed.get(_VALUES.get(kind, "name")) or key)
            yield _made(
                {**observed, **{k: v for k, v in facts.items() if v}}, around, pattern, title="", written=written
            )
        except NotSo as error:
            yield Bad(key, str(error))


def _terms(observed: dict[str, Any]) -> Iterator[Term]:
    kind = str(observed["type"])
    if kind in _VALUES:
        found = patterns.term_of(f"{kind}:value", str(observed.get("value")))
        yield from [found] if found else []
    hashes = observed.get("hashes")
    for name, value in hashes.items() if isinstance(hashes, dict) else ():
        found = patterns.term_of(f"{kind}:hashes.{name}", str(value))
        yield from [found] if found else []
    for name in ("purl", "x_purl", "package_url"):
        if kind == "software" and observed.get(name):
            found = patterns.term_of(f"software:{name}", str(observed[name]))
            yield from [found] if found else []


def _marked_by(stix_object: dict[str, Any]) -> list[str]:
    """Return the ids of the markings of an object, those of parts of it too."""
    parts = stix_object.get("granular_markings")
    rows = [row.get("marking_ref") for row in parts if isinstance(row, dict)] if isinstance(parts, list) else []
    return [*_texts(stix_object.get("object_marking_refs")), *_texts(rows)]


def _marking(marking: dict[str, Any]) -> Tlp | None:
    definition, extensions = marking.get("definition"), marking.get("extensions")
    if marking.get("definition_type") == "tlp" and isinstance(definition, dict):
        return indicators.tlp_of(definition.get("tlp"))
    rows = extensions.values() if isinstance(extensions, dict) else ()
    found = [indicators.tlp_of(row["tlp_2_0"]) for row in rows if isinstance(row, dict) and "tlp_2_0" in row]
    return indicators.strictest(found)


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
