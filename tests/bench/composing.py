"""Measures comparing with advisories: in memory, through the database, from an advisory that changed, and all with all.

Needs the advisories of the shared data beside the project; without them it says so.
"""

import argparse
import gzip
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from statistics import median, quantiles
from uuid import UUID

import django
from django.core.management import call_command
from django.utils import timezone

django.setup()

from composition import locks  # noqa: E402 - models can be imported from here on
from composition.advisories import osv  # noqa: E402
from composition.comparison import comparing  # noqa: E402 - models can be imported from here on
from composition.models import (  # noqa: E402
    Advisory,
    AffectedPackage,
    Comparison,
    Component,
    Identifier,
    Inventory,
    Match,
    PackageVersion,
    Vulnerability,
)  # fmt: skip
from composition.packages import ecosystems  # noqa: E402
from evidence.models import Blob  # noqa: E402
from tests.bench import compared, filling, growing, serving  # noqa: E402
from tests.bench.table import markdown, met  # noqa: E402
from tests.bench.writing import commit, put  # noqa: E402
from tests.composition.index import Index  # noqa: E402
from tests.composition.shared import ROOT  # noqa: E402
from vendors.models import Release  # noqa: E402

BEGIN, END = "<!-- composition: script/bench --composition --write -->", "<!-- end of composition -->"
_HEAD = ("What", "p50", "p95", "Goal of p95", "Met")
FILES = ("pysec", "go-vulndb", "malicious")
EACH, VERSIONS, ROUNDS, CHANGED = 500, 6_500, 5, 200


def main(arguments: Sequence[str]) -> int:
    """Fill, measure, print; return 0 when every goal is met."""
    parser = argparse.ArgumentParser(prog="script/bench --composition", description="Measure comparing.")
    parser.add_argument("--database", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    parser.add_argument("--servers", type=int, default=2_000)
    asked = parser.parse_args(arguments)
    if not (ROOT / "osv").is_dir():
        sys.exit(f"The advisories are not here: {ROOT / 'osv'}.")
    load = os.getloadavg()[0]
    call_command("migrate", verbosity=0)
    records = list(_records())
    rows = [_in_memory(records)]
    size = filling.Size(findings=asked.servers, servers=asked.servers, small_findings=20)
    filling.fill(now=timezone.now(), size=size, judged_by_steps=0)
    _advisories(records, now=timezone.now())
    versions = _versions()
    _inventories(versions, now=timezone.now())
    growing.settle()
    rows += [_cold(versions), *_one_advisory(now=timezone.now()), *_all()]
    text = f"{_about(asked, len(records), load=load)}\n\n{markdown([_HEAD, *rows])}"
    print(text)
    if asked.write:
        put(text, BEGIN, END)
    return 0 if all(row[-1] == "yes" for row in rows) else 1


def _records() -> Iterator[osv.Record]:
    for name in FILES:
        with gzip.open(ROOT / "osv" / f"{name}.jsonl.gz", "rb") as lines:
            yield from (osv.read(line) for line in lines)


def _in_memory(records: Sequence[osv.Record]) -> tuple[str, ...]:
    index = Index()
    for record in records:
        index.put(record)
    picked = random.Random(1).sample(_pins(), EACH)
    # Each round begins with an index whose entries nobody read yet.
    times = []
    for _round in range(ROUNDS):
        fresh = Index()
        for record in records:
            fresh.put(record)
        times.append(_timed(lambda: [list(fresh.find(*one)) for one in picked]))  # noqa: B023 - called at once
    return _row(f"{EACH} components with all advisories in memory, cold", times, goal=50)


def _pins() -> list[tuple[str, str, str]]:
    """Return the versions that real lock files of servers fix, each once."""
    files = [file for file in (ROOT / "lockfiles").rglob("*") if locks.is_lock_file(file.name)]
    listed = [one for file in files for one in locks.read(file.name, file.read_bytes()).components]
    return sorted({(one.ecosystem, one.name, one.version) for one in listed if one.ecosystem and one.version})


def _advisories(records: Sequence[osv.Record], *, now: datetime) -> None:
    """Insert the advisories, each of a vulnerability of its own."""
    made = [
        (record, Vulnerability(key=record.id, created_at=now)) for record in {one.id: one for one in records}.values()
    ]
    Vulnerability.objects.bulk_create((one for _record, one in made), batch_size=2_000)
    Identifier.objects.bulk_create((Identifier(name=one.key, vulnerability=one) for _r, one in made), batch_size=2_000)
    rows = [
        Advisory(
            name=record.id, source=record.source, vulnerability=one, is_malicious=record.is_malicious, digest="0" * 64,
            modified_at=record.modified, withdrawn_at=record.withdrawn, record="{}", taken_at=now, needs_matching=False,
        )
        for record, one in made
    ]  # fmt: skip
    Advisory.objects.bulk_create(rows, batch_size=2_000)
    AffectedPackage.objects.bulk_create(
        (
            AffectedPackage(
                advisory=row, ecosystem=one.ecosystem, name=one.folded, ranges=osv.ranges_as_data(one.ranges),
                versions=list(one.versions),
            )
            for (record, _one), row in zip(made, rows, strict=True)
            for one in record.affected
            if one.ecosystem
        ),
        batch_size=2_000,
    )  # fmt: skip


def _versions() -> list[PackageVersion]:
    """Return versions that inventories list: the pins of real lock files first, then packages that nobody knows."""
    pins = _pins()
    others = [("npm", f"bench-{number}", f"1.{number % 50}.0") for number in range(VERSIONS - len(pins))]
    rows = [
        PackageVersion(ecosystem=ecosystem, name=name, folded=ecosystems.folded(ecosystem, name), version=version)
        for ecosystem, name, version in (*pins, *others)
    ]
    PackageVersion.objects.bulk_create(rows, batch_size=2_000)
    return rows


def _inventories(versions: Sequence[PackageVersion], *, now: datetime) -> None:
    """Give each server an inventory of so many components, half of them of real lock files."""
    blob = Blob.objects.create(sha256="0" * 64, size=2, created_at=now)
    chance = random.Random(3)
    pins = len(_pins())
    real, others = versions[:pins], versions[pins:]
    numbers = iter(range(1, 10_000_000))
    releases = Release.objects.select_related("server").order_by("server", "-created_at")
    newest = {release.server_id: release for release in releases.iterator()}
    inventories = [
        Inventory(
            number=next(numbers), server=one.server, release=one, scope="bench", form="bench", document=blob,
            file_name="bench", components_count=EACH, taken_at=now,
        )
        for one in newest.values()
    ]  # fmt: skip
    Inventory.objects.bulk_create(inventories, batch_size=1_000)
    for inventory in inventories:
        picked = chance.sample(real, EACH // 2) + chance.sample(others, EACH // 2)
        Component.objects.bulk_create(
            Component(inventory=inventory, package_version=one, ref=str(one)[:500]) for one in picked
        )


def _cold(versions: Sequence[PackageVersion]) -> tuple[str, ...]:
    comparing.compare_new()
    keys: set[UUID] = {one.pk for one in random.Random(4).sample(list(versions[: len(_pins())]), EACH)}
    times = []
    for _round in range(ROUNDS):
        Match.objects.filter(package_version__in=keys).delete()
        PackageVersion.objects.filter(pk__in=keys).update(is_matched=False)
        times.append(_timed(lambda: comparing.compare_new(of=keys)))
    return _row(f"{EACH} components that nobody compared yet, through the database", times, goal=100)


def _one_advisory(*, now: datetime) -> Iterator[tuple[str, ...]]:
    """Measure comparing one advisory: any, one that hits for the first time, and one that hits what it hit before."""
    compared.put_on_record(now=now)
    growing.settle()
    every, hitting = Advisory.objects.order_by("pk"), Advisory.objects.filter(affected__matches__isnull=False)
    keys = list(every.values_list("pk", flat=True))
    some = list(hitting.distinct().order_by("pk").values_list("pk", flat=True))
    components = f"{Component.objects.count():,} components"
    yield _compared(f"One advisory, any of them, with {components}", random.Random(5).sample(keys, CHANGED))
    yield _compared(f"One that hits some of {components} for the first time", some * ROUNDS, is_new=True)
    yield _compared(f"One that hits some of {components} as before", some * ROUNDS)


def _compared(name: str, keys: Sequence[UUID], *, is_new: bool = False) -> tuple[str, ...]:
    """Return what comparing each of these alone takes, and how many servers are to be compared anew because of it."""
    times, servers = [], []
    for key in keys:
        if is_new:
            Match.objects.filter(affected__advisory=key).delete()
        Advisory.objects.filter(pk=key).update(needs_matching=True)
        Comparison.objects.filter(is_due=True).update(is_due=False)
        times.append(_timed(lambda: comparing.compare_changed(now=timezone.now())))
        servers.append(Comparison.objects.filter(is_due=True).count())
    due = (
        f"{median(servers):g} servers, at most {max(servers)}" if median(servers) else f"at most {max(servers)} servers"
    )
    return _row(f"{name} ({due} are then due)", times, goal=5)


def _all() -> Iterator[tuple[str, ...]]:
    times = [_timed(lambda: comparing.reconcile(now=timezone.now())) for _round in range(ROUNDS)]
    yield _row(f"All {Component.objects.count():,} components with all advisories", times, goal=10_000)


def _timed(act: Callable[[], object]) -> float:
    """Return how long it takes, in milliseconds."""
    begun = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - begun)


def _row(name: str, times: Sequence[float], *, goal: float) -> tuple[str, ...]:
    p95 = quantiles(times, n=20)[-1] if len(times) >= 20 else max(times)
    return name, f"{median(times):.1f} ms", f"{p95:.1f} ms", f"{goal:g} ms", met(p95, goal)


def _about(asked: argparse.Namespace, records: int, *, load: float) -> str:
    return (
        f"{timezone.now():%Y-%m-%d}, commit {commit()}; {serving.machine()}; {serving.python()}; {asked.database}; "
        f"{records:,} advisories, {asked.servers:,} servers of {EACH} components each, {VERSIONS:,} versions; "
        f"{ROUNDS} rounds each, of any advisory {CHANGED}; of few rounds the slowest stands for p95; load of the "
        f"machine before the start {load:.1f}, at the end {os.getloadavg()[0]:.1f}."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
