"""The index of advisories in memory: what is put in is found, what changed is replaced, and OSV's rules agree."""

import gzip
import json
import os
from collections.abc import Iterator
from typing import Any

from composition import locks
from composition.advisories import osv
from composition.comparison.matching import Outcome
from tests.composition import shared, specification
from tests.composition.index import Index
from tests.tables import for_each

# All 870 pins with all 44,455 records: some minutes. Without it a part of both is tried.
WHOLE = "RISKREGISTER_TEST_ALL_PINS"
DATABASES = ("pysec", "go-vulndb", "malicious")


def record(name: str, *affected: dict[str, Any], **more: Any) -> osv.Record:
    return osv.read_data({"id": name, "modified": "2025-01-01T00:00:00Z", "affected": list(affected)} | more)


def package(ecosystem: str, name: str, *versions: str) -> dict[str, Any]:
    return {"package": {"ecosystem": ecosystem, "name": name}, "versions": list(versions)}


def holding(*records: osv.Record) -> Index:
    index = Index()
    for one in records:
        index.put(one)
    return index


def found(index: Index, ecosystem: str, name: str, version: str) -> list[tuple[str, str]]:
    return [(one.id, one.verdict.outcome.value) for one in index.find(ecosystem, name, version)]


@for_each("ecosystem, named, asked", [
    ("PyPI", "Zope.Interface", "zope_interface"), ("Go", "github.com/BurntSushi/toml", "github.com/burntsushi/toml"),
    ("NuGet", "Newtonsoft.Json", "newtonsoft.json"), ("npm", "@scope/a", "@scope/a"),
])  # fmt: skip
def test_a_package_is_found_by_any_of_its_names(ecosystem: str, named: str, asked: str):
    assert found(holding(record("X-1", package(ecosystem, named, "1.0.0"))), ecosystem, asked, "1.0.0") == [
        ("X-1", "affected")
    ]


def test_what_has_the_same_name_elsewhere_is_not_found():
    index = holding(record("X-1", package("npm", "a", "1.0.0")))
    assert found(index, "PyPI", "a", "1.0.0") == []
    assert found(index, "", "a", "1.0.0") == []


def test_an_advisory_that_changes_its_package_is_replaced_whole():
    index = holding(
        record("X-1", package("npm", "a", "1.0.0"), package("npm", "b", "1.0.0")),
        record("X-2", package("npm", "a", "1.0.0")),
    )
    index.put(record("X-1", package("npm", "c", "1.0.0")))
    assert [found(index, "npm", name, "1.0.0") for name in "abc"] == [
        [("X-2", "affected")], [], [("X-1", "affected")],
    ]  # fmt: skip
    assert len(index) == 2


def test_an_advisory_that_is_withdrawn_or_removed_is_not_found():
    index = holding(record("X-1", package("npm", "a", "1.0.0")), record("X-2", package("npm", "a", "1.0.0")))
    index.put(record("X-1", package("npm", "a", "1.0.0"), withdrawn="2025-02-01T00:00:00Z"))
    assert found(index, "npm", "a", "1.0.0") == [("X-2", "affected")]
    index.remove("X-2")
    index.remove("X-2")
    assert found(index, "npm", "a", "1.0.0") == []
    assert "X-2" not in index


def test_several_entries_of_a_package_in_one_advisory_each_speak():
    index = holding(record("X-1", package("npm", "a", "1.0.0"), package("npm", "a", "2.0.0")))
    assert found(index, "npm", "a", "2.0.0") == [("X-1", "affected")]
    assert found(index, "npm", "a", "") == [("X-1", "unknown"), ("X-1", "unknown")]


def test_a_distribution_s_release_narrows_what_is_found():
    index = holding(
        record("X-1", package("Debian:11", "a", "1.0-1")), record("X-2", package("Debian:12", "a", "1.0-1"))
    )
    assert found(index, "Debian:12", "a", "1.0-1") == [("X-2", "affected")]
    assert found(index, "Debian", "a", "1.0-1") == [("X-1", "unknown"), ("X-2", "unknown")]


def _pins() -> list[tuple[str, str, str]]:
    """Return every version that the real lock files fix, each once."""
    pins = set()
    for path in sorted((shared.ROOT / "lockfiles").rglob("*")):
        if path.is_file() and locks.is_lock_file(path.name):
            for one in locks.read(path.name, path.read_bytes()).components:
                pins.add((one.ecosystem, one.name, one.version))
    return sorted(pins)


def _lines(databases: tuple[str, ...]) -> Iterator[bytes]:
    for name in databases:
        with gzip.open(shared.ROOT / f"osv/{name}.jsonl.gz") as lines:
            yield from lines
    for path in sorted((shared.ROOT / "osv/ghsa-npm-mcp").glob("GHSA-*.json")):
        yield path.read_bytes()


@shared.needs("osv")
def test_the_specification_s_own_evaluation_finds_the_same_for_every_real_pin():
    whole = WHOLE in os.environ
    pins = _pins()
    assert len(pins) > 800
    index, records = Index(), []
    for number, line in enumerate(_lines(DATABASES if whole else DATABASES[:2])):
        # Without the whole every third record, and every eighth pin.
        if whole or number % 3 == 0:
            index.put(osv.read(line))
            records.append(json.loads(line))
    hits = 0
    for ecosystem, name, version in pins if whole else pins[::8]:
        mine = {one.id for one in index.find(ecosystem, name, version) if one.verdict.outcome is not Outcome.UNKNOWN}
        assert mine == set(specification.hit_by(records, ecosystem, name, version)), (ecosystem, name, version)
        hits += len(mine)
    assert hits > (100 if whole else 0)
