"""Comparing versions of packages with advisories, through the database: from a version that is new, from an advisory
that changed, and all with all, which repairs whatever the first two missed.

What is written are the matches that differ from those on record, so that comparing again writes nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from uuid import UUID

import orjson

from composition import work_list
from composition.advisories import holding, osv
from composition.comparison import compared, matching
from composition.comparison.compared import Affected, Changed, Matched, Package, Version
from composition.comparison.matching import Entry
from composition.models import Component, Hit, Inventory, Match, PackageVersion
from composition.packages import ecosystems
from riskregister.unit_of_work import unit_of_work, unit_of_work_done_again

_AT_ONCE = 500
_COLUMNS = ("outcome", "why", "fixed_in")
# A version, and the row of what an advisory affects.
Pair = tuple[UUID, UUID]
# What advisories say of packages, by package: each with the key of its row.
Entries = dict[Package, list[tuple[UUID, Entry]]]


def compare_new(*, of: Collection[UUID] | None = None) -> int:
    """Compare the versions that nothing was compared with yet (of these alone, where they are named); return how many.

    Whoever calls it compares the servers that have them.
    """
    count = 0
    for batch in _waiting() if of is None else _waiting_of(of):
        _compare_versions(batch)
        count += len(batch)
    return count


def _waiting() -> Iterator[list[Version]]:
    """Yield the versions that wait, some at a time, each time those that still do."""
    while batch := compared.waiting(count=_AT_ONCE):
        yield batch


def _waiting_of(keys: Collection[UUID]) -> Iterator[list[Version]]:
    ordered = sorted(keys, key=attrgetter("int"))
    for at in range(0, len(ordered), _AT_ONCE):
        if batch := compared.waiting_of(ordered[at : at + _AT_ONCE]):
            yield batch


@unit_of_work_done_again()
def _compare_versions(versions: Sequence[Version]) -> set[UUID]:
    """Compare some versions with all advisories that name their packages; return those whose matches changed."""
    holding.hold()
    known_entries = entries({one.package for one in versions if one.ecosystem})
    changed = _write(_wanted(versions, known_entries), compared.matches_of_versions([one.pk for one in versions]))
    waited = [one.pk for one in versions if not one.is_matched]
    if waited:
        PackageVersion.objects.filter(pk__among=waited).update(is_matched=True)
    return changed


def compare_changed(*, now: datetime) -> int:
    """Compare all versions on record with the advisories that changed, and return how many advisories there were.

    The servers that one of them hits, or did, are due to be compared anew: whoever calls it does so, or wakes who does.
    """
    count = done = _compare_some(now=now)
    while done == compared.ADVISORIES:
        done = _compare_some(now=now)
        count += done
    return count


@unit_of_work_done_again()
def _compare_some(*, now: datetime) -> int:
    # One that is taken in anew meanwhile waits, and is then to be compared once more.
    holding.hold()
    rows = compared.changed()
    if not rows:
        return 0
    in_force = [row.affected for row in rows if row.affected and row.is_listed and not row.is_withdrawn]
    versions = compared.versions_of({one.package for one in in_force}) if in_force else []
    changed = _compare_advisories(rows, in_force, versions)
    keys = {row.pk for row in rows}
    compared.note_compared(keys)
    # Which advisories describe one vulnerability may have changed with them, and with that what hits the same packages.
    packages = {(one.ecosystem, one.name) for one in versions}
    if packages or changed or any(row.is_hitting for row in rows):
        compared.make_due({row.vulnerability for row in rows}, packages, changed, now=now)
    return len(keys)


def _compare_advisories(
    rows: Sequence[Changed], in_force: Sequence[Affected], versions: Sequence[Version]
) -> set[UUID]:
    """Compare advisories with the versions of their packages; return those of which the matches changed."""
    if not versions and all(not row.is_withdrawn for row in rows):
        # What an advisory matches is a version of its packages: most advisories are of packages that nobody has.
        return set()
    listed = {one.package for one in versions}
    wanted = _wanted(versions, _by_package(one for one in in_force if one.package in listed))
    return _write(wanted, compared.matches_of_affected([row.affected.pk for row in rows if row.affected]))


def _having(versions: Collection[UUID]) -> set[UUID]:
    """Return the servers whose current inventories list one of these versions."""
    if not versions:
        return set()
    current = Component.objects.filter(inventory__status=Inventory.Status.CURRENT, package_version__in=versions)
    return set(current.order_by().values_list("inventory__server", flat=True).distinct())


def reconcile(*, now: datetime) -> int:
    """Compare all that is on record, and have each server compared anew of which anything else comes than is on record.

    Returns how many servers that are. It is the truth that repairs what comparing by and by missed.
    """
    servers: set[UUID] = set()
    for batch in _batches():
        servers |= _repair(batch, now=now)
    differing = _differing()
    work_list.promise(differing, now=now)
    return len(servers | differing)


@unit_of_work()
def _repair(versions: Sequence[Version], *, now: datetime) -> set[UUID]:
    """Compare some versions, and have the servers compared anew of whose versions the matches changed; return those."""
    servers = _having(_compare_versions(versions))
    work_list.promise(servers, now=now)
    return servers


def _differing() -> set[UUID]:
    """Return the servers whose hits are others than their inventories and the matches say."""
    wanted = Component.objects.counting().filter(package_version__matches__isnull=False).order_by()
    expected = wanted.values_list(
        "inventory__server", "package_version__ecosystem", "package_version__name",
        "package_version__matches__affected__advisory__vulnerability",
    )  # fmt: skip
    seen = Hit.objects.filter(observation__is_seen=True).order_by()
    on_record = seen.values_list("server", "ecosystem", "name", "vulnerability")
    missing, gone = expected.difference(on_record), on_record.difference(expected)
    assessed = set(Inventory.objects.counting().order_by().values_list("server", flat=True).distinct())
    return {row[0] for row in missing} | {row[0] for row in gone if row[0] in assessed}


def _batches() -> Iterator[list[Version]]:
    """Yield all versions, some at a time."""
    batch = compared.versions(after=None, count=_AT_ONCE)
    while batch:
        yield batch
        batch = compared.versions(after=batch[-1].pk, count=_AT_ONCE)


def entries(packages: Collection[Package]) -> Entries:
    """Return by package what the advisories in force say of these."""
    return _by_package(compared.affected_of(packages)) if packages else {}


def _by_package(rows: Iterable[Affected]) -> Entries:
    found: Entries = defaultdict(list)
    for row in rows:
        ranges, versions = osv.read_ranges(orjson.loads(row.ranges)), orjson.loads(row.versions)
        entry = Entry(row.ecosystem, ranges=ranges, versions=versions, is_malicious=row.is_malicious)
        found[row.package].append((row.pk, entry))
    return found


def _wanted(versions: Iterable[Version], entries: Entries) -> dict[Pair, Match]:
    """Return the matches of these versions with these entries, by both."""
    found = {}
    for version in versions:
        for key, entry in entries.get(version.package, ()):
            if match := _match(version, key, entry):
                found[version.pk, key] = match
    return found


def _match(version: Version, affected: UUID, entry: Entry) -> Match | None:
    release = ecosystems.split(version.ecosystem)[1]
    judgement = matching.judge_of_release(entry, version.version, release=release)
    if judgement.outcome is matching.Outcome.NOT_AFFECTED:
        return None
    return Match(
        package_version_id=version.pk, affected_id=affected, outcome=Match.Outcome(judgement.outcome.value),
        why=judgement.why[:300], fixed_in=judgement.fixed_in[:255],
    )  # fmt: skip


def _write(wanted: Mapping[Pair, Match], on_record: Iterable[Matched]) -> set[UUID]:
    """Bring the matches on record to those wanted; return the versions of which any changed."""
    known = {(row.version, row.affected): row for row in on_record}
    gone = [row for pair, row in known.items() if pair not in wanted]
    new = [match for pair, match in wanted.items() if pair not in known]
    both = [(known[pair], match) for pair, match in wanted.items() if pair in known]
    other = [_again(row, match) for row, match in both if _differs(row, match)]
    if gone:
        Match.objects.filter(pk__among=[row.pk for row in gone]).delete()
    Match.objects.bulk_create(new, batch_size=_AT_ONCE)
    Match.objects.bulk_update(other, _COLUMNS, batch_size=_AT_ONCE)
    return {row.version for row in gone} | {row.package_version_id for row in (*new, *other)}


def _differs(row: Matched, match: Match) -> bool:
    return any(getattr(row, name) != getattr(match, name) for name in _COLUMNS)


def _again(row: Matched, match: Match) -> Match:
    """Return a match as the row that is there already."""
    match.pk = row.pk
    return match
