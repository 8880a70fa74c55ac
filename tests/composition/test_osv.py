"""Advisories in OSV's format: what is read, and what is refused with its place."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from composition.advisories import osv
from composition.advisories.osv import Affected, Event, Range, Rated, Record
from composition.advisories.osv_fields import RecordInvalid
from tests.composition import shared
from tests.tables import for_each

V3 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V4 = "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
WHOLE: dict[str, Any] = {
    "schema_version": "1.7.3",
    "id": "GHSA-w48q-cv73-mx4w",
    "modified": "2025-12-02T16:51:57.123456789Z",
    "published": "2025-12-02T18:51:57+02:00",
    "withdrawn": None,
    "aliases": ["CVE-2025-66414", "CVE-2025-66414"],
    "related": ["GO-2025-0001"],
    "upstream": ["CVE-2025-1"],
    "summary": "No protection against rebinding",
    "details": "At length.",
    "severity": [{"type": "CVSS_V4", "score": V4}],
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Zope.Interface", "purl": "pkg:pypi/zope-interface"},
            "severity": [{"type": "CVSS_V3", "score": V3}],
            "ranges": [
                {"type": "GIT", "repo": "https://example.com/a", "events": [{"introduced": "0"}, {"fixed": "0a1b"}]},
                {
                    "type": "ECOSYSTEM",
                    "events": [{"introduced": "0", "fixed": "1.2"}, {"introduced": "2"}, {"fixed": "2.1"}],
                },
            ],
            "versions": ["1.0", "1.1"],
            "database_specific": {"severity": "MODERATE"},
        },
        {"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]},
    ],
    "references": [{"type": "ADVISORY", "url": "https://example.com/1"}, {"url": "https://example.com/2"}],
    "database_specific": {"severity": "HIGH", "cwe_ids": ["CWE-1188"]},
    "something_new": {"of": ["a", "later", "schema"]},
}  # fmt: skip
READ = Record(
    id="GHSA-w48q-cv73-mx4w",
    modified=datetime(2025, 12, 2, 16, 51, 57, 123456, tzinfo=UTC),
    published=datetime(2025, 12, 2, 16, 51, 57, tzinfo=UTC),
    aliases=("CVE-2025-66414",),
    summary="No protection against rebinding",
    details="At length.",
    severities=(Rated("CVSS_V4", V4),),
    word="HIGH",
    affected=(
        Affected(
            ecosystem="PyPI",
            name="Zope.Interface",
            ranges=(
                Range("GIT", (Event("introduced", "0"), Event("fixed", "0a1b")), "https://example.com/a"),
                Range(
                    "ECOSYSTEM",
                    (
                        Event("introduced", "0"), Event("fixed", "1.2"),
                        Event("introduced", "2"), Event("fixed", "2.1"),
                    ),
                ),
            ),
            versions=("1.0", "1.1"),
            severities=(Rated("CVSS_V3", V3),),
            word="MODERATE",
        ),
        Affected(ecosystem="", name="", ranges=(Range("GIT", (Event("introduced", "0"),)),)),
    ),
    weaknesses=("CWE-1188",),
)  # fmt: skip
LEAST: dict[str, Any] = {"id": "MAL-2025-1", "modified": "0001-01-01T00:00:00Z"}
PACKAGE = {"package": {"ecosystem": "npm", "name": "x"}}


def with_range(**members: Any) -> dict[str, Any]:
    return {"affected": [PACKAGE | {"ranges": [members]}]}


REFUSED = [
    ({"id": None}, "id: None is no id"),
    ({"id": "../../etc/passwd"}, "id: '../../etc/passwd' is no id"),
    ({"id": "X-" + "1" * 99}, "is no id: a prefix, a dash, letters and digits, 100 at most."),
    ({"modified": None}, "modified: it is missing."),
    ({"modified": "yesterday"}, "modified: 'yesterday' is no time as RFC 3339 writes it."),
    ({"modified": 1764694317}, "modified: 1764694317 is no time"),
    ({"modified": "2025-12-02T16:51:57"}, "modified: '2025-12-02T16:51:57' does not say of which zone it is."),
    ({"modified": "0001-01-01T00:00:00+05:00"}, "is before or after all times."),
    ({"withdrawn": "no"}, "withdrawn: 'no' is no time"),
    ({"schema_version": "2.0.0"}, "schema_version: '2.0.0' is not read; 1.x is."),
    ({"aliases": "CVE-2025-1"}, "aliases: it is no list."),
    ({"aliases": ["CVE-2025-1", 7]}, "aliases: 7 is no id"),
    ({"aliases": [f"CVE-1-{n}" for n in range(1_001)]}, "aliases: it has 1,001 entries; 1,000 are read at most."),
    ({"summary": ["a"]}, "summary: ['a'] is no text"),
    ({"summary": "a\0b"}, r"summary: 'a\x00b' is no text of at most 1,000,000 characters, without NUL."),
    ({"severity": [{"type": "CVSS_V3"}]}, "severity[0]: it needs a type and a score."),
    ({"affected": {}}, "affected: it is no list."),
    ({"affected": ["x"]}, "affected[0]: it is no object."),
    ({"affected": [{"package": {"ecosystem": "npm"}}]}, "affected[0].package: it has no name."),
    ({"affected": [{"package": {"name": "x"}}]}, "affected[0].package: it has no ecosystem."),
    ({"affected": [PACKAGE | {"versions": ["1", 2]}]}, "affected[0].versions: 2 is no version"),
    ({"affected": [PACKAGE | {"versions": ["1", ""]}]}, "affected[0].versions: '' is no version"),
    ({"affected": [PACKAGE | {"versions": ["1", "2\0"]}]}, r"affected[0].versions: '2\x00' is no version"),
    ({"affected": [PACKAGE | {"versions": ["1" * 1_001]}]}, "is no version: a text of 1 to 1,000 characters."),
    (with_range(events=[{"introduced": "0"}]), "affected[0].ranges[0].type: it is missing."),
    (with_range(type="SEMVER"), "affected[0].ranges[0].events: none says where the range begins (introduced)."),
    (with_range(type="SEMVER", events=[{"fixed": "1"}]), "none says where the range begins (introduced)."),
    (with_range(type="SEMVER", events=[{"introduced": "0"}, {"mended": "1"}]),
     "affected[0].ranges[0].events[1]: it is none of introduced, fixed, last_affected, limit."),
    (with_range(type="SEMVER", events=[{"introduced": 0}]), "events[0].introduced: 0 is no version"),
]  # fmt: skip


def test_everything_that_is_known_of_a_record_is_read():
    assert osv.read(json.dumps(WHOLE)) == READ


def test_a_record_of_an_id_and_an_instant_is_whole():
    assert osv.read_data(LEAST) == Record(id="MAL-2025-1", modified=datetime(1, 1, 1, tzinfo=UTC))


def test_what_a_record_is_follows_from_its_id():
    assert (READ.source, READ.is_malicious) == ("GHSA", False)
    assert (osv.read_data(LEAST).source, osv.read_data(LEAST).is_malicious) == ("MAL", True)


@for_each("changes, is_of_malicious_code", [
    ({}, True),
    ({"id": "GHSA-jcxm-m3jx-f287"}, False),
    ({"id": "PYSEC-2026-584", "aliases": ["MAL-2026-5303"]}, True),
    ({"id": "PYSEC-2026-584", "related": ["MAL-2026-5303"]}, False),
    ({"id": "GHSA-jcxm-m3jx-f287", "database_specific": {"cwe_ids": ["CWE-506"]}}, True),
    ({"id": "GHSA-jcxm-m3jx-f287", "database_specific": {"cwe_ids": "CWE-506"}}, False),
])  # fmt: skip
def test_malicious_code_is_told_by_its_names_or_its_weakness(changes: dict[str, Any], is_of_malicious_code: bool):
    assert osv.read_data(LEAST | changes).is_of_malicious_code is is_of_malicious_code


def test_names_are_folded():
    assert READ.affected[0].folded == "zope-interface"


def test_ranges_come_back_from_what_is_stored_of_them():
    for affected in READ.affected:
        stored = json.loads(json.dumps(osv.ranges_as_data(affected.ranges)))
        assert osv.read_ranges(stored) == affected.ranges


@for_each("changes, why", REFUSED, ids=lambda row: row[1])
def test_a_record_that_cannot_be_relied_on_is_refused_with_its_place(changes: dict[str, Any], why: str):
    with pytest.raises(RecordInvalid) as refused:
        osv.read_data(LEAST | changes)
    assert why in str(refused.value)
    assert len(str(refused.value)) < 250


@for_each("raw, why", [
    (b"[]", "The record is no object."),
    (b"{", "The record is no JSON: "),
    (b"[" * 100_000, "The record is no JSON: "),
    (b'{"id": "\\ud800"}', "The record is no JSON: "),
    (b'{"id": NaN}', "The record is no JSON: "),
    (b" " * (osv.LARGEST + 1), "The record has 4,194,305 bytes; 4,194,304 are read at most."),
], ids=lambda row: row[0][:20])  # fmt: skip
def test_what_is_no_record_is_refused(raw: bytes, why: str):
    with pytest.raises(RecordInvalid) as refused:
        osv.read(raw)
    assert str(refused.value).startswith(why)


@for_each("changes", [
    {"database_specific": ["x"]}, {"database_specific": {"severity": 7}}, {"references": "x", "related": 7},
    {"credits": "x"}, {"affected": [PACKAGE | {"ecosystem_specific": "x"}]},
])  # fmt: skip
def test_what_decides_nothing_may_be_anything(changes: dict[str, Any]):
    osv.read_data(LEAST | changes)


@shared.needs("osv")
def test_real_records_are_read():
    # Every hundredth of each database, and all that speak of MCP's own packages.
    read = 0
    for name in ("pysec", "go-vulndb", "malicious"):
        with gzip.open(shared.ROOT / f"osv/{name}.jsonl.gz") as lines:
            for number, line in enumerate(lines):
                if number % 100 == 0:
                    assert osv.read(line).affected
                    read += 1
    for path in sorted((shared.ROOT / "osv/ghsa-npm-mcp").glob("GHSA-*.json")):
        assert osv.read(path.read_bytes()).source == "GHSA"
        read += 1
    assert read == 71 + 43 + 331 + 8
