"""The evaluation of OSV's specification, written down as it stands there: it knows no index and prepares nothing.

https://ossf.github.io/osv-schema/#evaluation. Only how two versions of an ecosystem compare is the product's.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from composition.versions import comparing
from composition.versions.keys import VersionUnreadable

Json = dict[str, Any]


def hit_by(records: Iterable[Json], ecosystem: str, name: str, version: str) -> Iterator[str]:
    """Yield the ids of the records that say that a version of a package is vulnerable."""
    for record in records:
        if not record.get("withdrawn") and is_vulnerable(record, ecosystem, name, version):
            yield record["id"]


def is_vulnerable(record: Json, ecosystem: str, name: str, version: str) -> bool:
    for affected in record.get("affected", []):
        package = affected.get("package", {})
        if package.get("ecosystem") == ecosystem and is_name(ecosystem, package.get("name"), name):
            if version in affected.get("versions", []):
                return True
            if is_in_ranges(ecosystem, version, affected.get("ranges", [])):
                return True
    return False


def is_name(ecosystem: str, one: str, other: str) -> bool:
    if ecosystem == "PyPI":
        one, other = (re.sub(r"[-_.]+", "-", name) for name in (one, other))
    return one.lower() == other.lower() if ecosystem in {"PyPI", "Go", "NuGet"} else one == other


def is_in_ranges(ecosystem: str, version: str, ranges: list[Json]) -> bool:
    return any(is_in_range(ecosystem, version, one) for one in ranges if one["type"] in {"SEMVER", "ECOSYSTEM"})


def is_in_range(ecosystem: str, version: str, affected_range: Json) -> bool:
    try:
        if not is_before_limits(ecosystem, version, affected_range["events"]):
            return False
        vulnerable = False
        for event in sorted(
            (one for one in affected_range["events"] if "limit" not in one), key=lambda one: place(ecosystem, one)
        ):
            if "introduced" in event and is_at_least(ecosystem, version, event["introduced"]):
                vulnerable = True
            elif is_past(ecosystem, version, event):
                vulnerable = False
    except VersionUnreadable:
        return False
    return vulnerable


def is_past(ecosystem: str, version: str, event: Json) -> bool:
    if "fixed" in event:
        return is_at_least(ecosystem, version, event["fixed"])
    return "last_affected" in event and comparing.compare(ecosystem, version, event["last_affected"]) > 0


def is_before_limits(ecosystem: str, version: str, events: list[Json]) -> bool:
    limits = [event["limit"] for event in events if "limit" in event]
    return not limits or any(limit == "*" or comparing.compare(ecosystem, version, limit) < 0 for limit in limits)


def place(ecosystem: str, event: Json) -> tuple[bool, Any]:
    (version,) = event.values()
    return (version != "0", () if version == "0" else comparing.key(ecosystem, version))


def is_at_least(ecosystem: str, version: str, other: str) -> bool:
    return other == "0" or comparing.compare(ecosystem, version, other) >= 0
