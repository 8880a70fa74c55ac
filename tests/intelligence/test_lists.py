"""Indicators as tables and texts, as events of MISP, and as records of malicious packages."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from intelligence.reading import lists, misp, osv_malicious
from intelligence.reading.indicators import Bad, Kind, NotSo, Term, Tlp, Told, Unusable
from tests.tables import for_each

MALICIOUS = Path(settings.BASE_DIR).parent / "shared" / "data" / "osv" / "malicious.jsonl.gz"
UUID = "5c9b1b7c-0000-4000-8000-00000000000"


def told(found: list[Told | Bad]) -> list[tuple[str, list[Term]]]:
    return [(one.external_id, [*map(only, one.ways)]) for one in found if isinstance(one, Told)]


def only(way: frozenset[Term]) -> Term:
    [term] = way
    return term


def bad(found: list[Told | Bad]) -> list[tuple[str, str]]:
    return [(one.place, one.why) for one in found if isinstance(one, Bad)]


def test_a_table_says_all_that_its_columns_say():
    raw = (
        "\ufeffKind,value,version,id,title,confidence,valid_from,valid_until,tlp,techniques,revoked,description\r\n"
        'package,npm:left-pad,1.0.0,X-1,"Bad, ""pad""",90,2026-01-01T00:00:00Z,2026-02-01T00:00:00+01:00,TLP:GREEN,'
        "SAFE-T1002 AML.T0010,no,Why\r\n"
    )
    [found] = lists.read_csv(raw.encode())

    assert found == Told(
        external_id="X-1", title='Bad, "pad"', ways=(frozenset({Term(Kind.PACKAGE, "npm:left-pad", "1.0.0")}),),
        description="Why", written="npm:left-pad", confidence=90, valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        valid_until=datetime(2026, 1, 31, 23, tzinfo=UTC), tlp=Tlp.GREEN, techniques=("SAFE-T1002", "AML.T0010"),
    )  # fmt: skip


def test_a_bad_line_of_a_table_is_told_with_its_number_and_spoils_no_other():
    raw = (
        b"kind,value,confidence\ndomain,evil.example,50\nfoo,bar,\ndomain,x y,\ndomain,a.example,900\n"
        b"domain,a.example\n\npackage,left-pad,\naddress,192.0.2.1,\n"
    )
    found = list(lists.read_csv(raw))

    assert [key for key, _terms in told(found)] == ["domain:evil.example", "address:192.0.2.1"]
    assert bad(found) == [
        ("line 3", "'foo' is no kind. Known are: domain, address, network, url, package, hash, maintainer."),
        ("line 4", "'x y' is no domain. Write it as in example.com."),
        ("line 5", "confidence is '900': write a whole number from 0 to 100."),
        ("line 6", "It has 2 cells; the header has 3."),
        ("line 8", "'left-pad' names no registry. Write npm:name, or pkg:npm/name@1.2.3."),
    ]


@for_each(
    "raw, why",
    [
        (b"value\nx\n", "line 1: there is no column “kind”"),
        (b"kind,value,colour\n", "line 1: the column 'colour' is not known"),
        (b"kind,value,value\n", "line 1: the column “value” is there twice"),
        (b'kind,value\ndomain,"evil.example\n', "line 2: unexpected end of data"),
        (b"kind,value\ndomain,\xff.example\n", "line 2: it is no text in UTF-8"),
        (b"kind,value\ndomain,a\0.example\n", "line 2: it holds a NUL"),
    ],
    ids=lambda row: row[1],
)
def test_what_is_no_table_is_refused_with_the_line(raw: bytes, why: str):
    with pytest.raises(Unusable, match=why):
        list(lists.read_csv(raw))


def test_a_text_is_told_by_the_shape_of_its_lines():
    raw = (
        b"# list\nhxxps://evil[.]example/a\n192.0.2.1 ; home\n10.0.0.0/8 # inner\nEve@evil.example\nno domain\n"
        b"b.example\n"
    )
    found = list(lists.read_text(raw))

    assert [terms for _key, terms in told(found)] == [
        [Term(Kind.URL, "https://evil.example/a")], [Term(Kind.ADDRESS, "192.0.2.1")],
        [Term(Kind.NETWORK, "10.0.0.0/8")], [Term(Kind.MAINTAINER, "eve@evil.example")],
        [Term(Kind.DOMAIN, "b.example")],
    ]  # fmt: skip
    assert bad(found) == [("line 6", "'no domain' is no domain. Write it as in example.com.")]


def test_what_no_database_keeps_is_told_and_spoils_no_other():
    found = list(lists.read_text(b"https://evil.example/?a=\0b\nnpm:e\0ve@x\npkg:npm/a%00b\nb.example\n"))

    assert [terms for _key, terms in told(found)] == [[Term(Kind.DOMAIN, "b.example")]]
    assert [place for place, _why in bad(found)] == ["line 1", "line 2", "line 3"]


def attribute(number: int, kind: str, value: str, **more: Any) -> dict[str, Any]:
    return {"uuid": f"{UUID}{number}", "type": kind, "value": value, "to_ids": True, "timestamp": "1767225600", **more}


def test_an_event_gives_the_attributes_that_detect_something():
    digest = "ab" * 32
    event = {
        "info": "Stealers of June",
        "Tag": [{"name": "tlp:amber"}, {"name": 'misp:confidence-level="fairly-confident"'}],
        "Attribute": [
            attribute(1, "domain", "evil.example", comment="C2"),
            attribute(2, "ip-dst|port", "192.0.2.1|443"),
            attribute(3, "domain", "victim.example", to_ids=False),
            attribute(4, "mutex", "Global\\x"),
            attribute(5, "domain", "no domain"),
            attribute(6, "domain", "gone.example", deleted=True),
        ],
        "Object": [
            {"Attribute": [attribute(7, "filename|sha256", f"a.exe|{digest}", Tag=[
                {"name": 'misp-galaxy:mitre-attack-pattern="Exfiltration - T1041"'}, {"name": "tlp:red"}])]}
        ],
    }  # fmt: skip
    found = list(misp.event(json.dumps({"Event": event}).encode()))

    assert told(found) == [
        (f"{UUID}1", [Term(Kind.DOMAIN, "evil.example")]), (f"{UUID}2", [Term(Kind.ADDRESS, "192.0.2.1")]),
        (f"{UUID}4", []), (f"{UUID}6", [Term(Kind.DOMAIN, "gone.example")]),
        (f"{UUID}7", [Term(Kind.HASH, f"sha256:{digest}")]),
    ]  # fmt: skip
    assert bad(found) == [("Event.Attribute[4]", "'no domain' is no domain. Write it as in example.com.")]
    first, *_rest, last = [one for one in found if isinstance(one, Told)]
    assert (first.title, first.description, first.confidence, first.tlp) == ("Stealers of June", "C2", 50, Tlp.AMBER)
    assert first.modified == datetime(2026, 1, 1, tzinfo=UTC)
    assert (last.techniques, last.tlp) == (("T1041",), Tlp.RED)
    assert [one.is_revoked for one in found if isinstance(one, Told)] == [False, False, False, True, False]


def test_a_manifest_names_events_by_uuid_and_nothing_else():
    raw = {f"{UUID}2": {"info": "B", "timestamp": "1767225601"}, f"{UUID}1": {"info": "A", "timestamp": "1767225600"}}
    found = misp.manifest(json.dumps(raw).encode())

    assert [(one.title, one.file) for one in found] == [("A", f"{UUID}1.json"), ("B", f"{UUID}2.json")]
    with pytest.raises(Unusable, match="is no UUID of an event"):
        misp.manifest(b'{"../../etc/passwd": {"timestamp": "1"}}')


def record(**more: Any) -> dict[str, Any]:
    return {
        "id": "MAL-2026-1", "modified": "2026-01-02T00:00:00Z", "published": "2026-01-01T00:00:00Z",
        "summary": "Malicious code in evil", "affected": [{"package": {"ecosystem": "npm", "name": "evil"}}], **more,
    }  # fmt: skip


OPEN = [{"type": "SEMVER", "events": [{"introduced": "0"}]}]


@for_each(
    "affected, terms",
    [
        ({"versions": ["1.0.0", "1.0.1"]}, [("npm:evil", "1.0.0"), ("npm:evil", "1.0.1")]),
        ({"ranges": OPEN}, [("npm:evil", "")]),
        ({"versions": ["1.0.0"], "ranges": OPEN}, [("npm:evil", "1.0.0"), ("npm:evil", "")]),
    ],
)
def test_a_malicious_package_is_met_by_version_or_by_name(affected: dict[str, Any], terms: list[tuple[str, str]]):
    package = {"ecosystem": "npm", "name": "evil"}
    found = osv_malicious.of_record(record(affected=[{"package": package, **affected}]))

    assert [(only(way).value, only(way).version) for way in found.ways] == terms
    assert (found.confidence, found.is_revoked) == (100, False)


def test_of_more_versions_than_are_matched_the_rest_is_told():
    package = {"ecosystem": "npm", "name": "evil"}
    found = osv_malicious.of_record(
        record(affected=[{"package": package, "versions": [f"1.0.{at}" for at in range(1_002)]}])
    )

    assert (len(found.ways), found.unmatched) == (1_000, "Left out: 2 of its 1,002 packages and versions")


def test_a_withdrawn_record_is_revoked_and_an_ordinary_advisory_is_none():
    assert osv_malicious.of_record(record(withdrawn="2026-02-01T00:00:00Z")).is_revoked
    with pytest.raises(NotSo, match=r"^'GHSA-1' is no record of a malicious package: their ids begin with MAL-\.$"):
        osv_malicious.of_record(record(id="GHSA-1"))


def test_the_real_records_are_read_whole():
    if not MALICIOUS.is_file():
        pytest.skip("The data are not beside the sources.")
    # Each tenth: all of them take five seconds.
    lines = gzip.decompress(MALICIOUS.read_bytes()).splitlines()[::10]
    found = [osv_malicious.of_record(json.loads(line)) for line in lines]

    assert (len(found), [one for one in found if not one.ways]) == (3308, [])
