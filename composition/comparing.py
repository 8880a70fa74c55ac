"""Comparing versions of packages with advisories, through the database: from a version that is new, from an advisory
that changed, and all with all, which repairs whatever the first two missed.

What is written are the matches that differ from those on record, so that comparing again writes nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from composition import ecosystems, matching, osv, work_list
from composition.advisories import holding
from composition.matching import Entry
from composition.models import Advisory, AffectedPackage, Component, Hit, Inventory, Match, PackageVersion
from riskregister.unit_of_work import unit_of_work, unit_of_work_done_again

_AT_ONCE = 500
# So many advisories are compared in one transaction.
_ADVISORIES = 100
_SAID = ("outcome", "why", "fixed_in")
Name = tuple[str, str]
Pair = tuple[UUID, UUID]
# What advisories say of packages, by package: each with what it says, ready to be compared.
Entries = dict[Name, list[tuple[AffectedPackage, Entry]]]


def compare_new(*, of: Collection[UUID] | None = None) -> int:
    """Compare the versions that nothing was compared with yet (of these alone, where they are named); return how many.

    Whoever calls it compares the servers that have them.
    """
    count = 0
    for batch in _waiting() if of is None else _waiting_of(of):
        _compare_versions(batch)
        count += len(batch)
    return count


def _waiting() -> Iterator[list[PackageVersion]]:
    """Yield the versions that wait, some at a time, each time those that still do."""
    rows = PackageVersion.objects.filter(is_matched=False).order_by("pk")
    while batch := list(rows[:_AT_ONCE]):
        yield batch


def _waiting_of(keys: Collection[UUID]) -> Iterator[list[PackageVersion]]:
    ordered = sorted(keys)
    for at in range(0, len(ordered), _AT_ONCE):
        rows = PackageVersion.objects.filter(is_matched=False, pk__in=ordered[at : at + _AT_ONCE])
        if batch := list(rows.order_by("pk")):
            yield batch


@unit_of_work()
def _compare_versions(versions: Sequence[PackageVersion]) -> set[UUID]:
    """Compare some versions with all advisories that name their packages; return those whose matches changed."""
    holding.hold()
    said = _entries(versions)
    changed = _write(_wanted(versions, said), Match.objects.filter(package_version__in=[one.pk for one in versions]))
    waited = [one.pk for one in versions if not one.is_matched]
    if waited:
        PackageVersion.objects.filter(pk__in=waited).update(is_matched=True)
    return changed


def compare_changed(*, now: datetime) -> int:
    """Compare all versions on record with the advisories that changed, and return how many advisories there were.

    The servers that one of them hits, or did, are compared anew.
    """
    count = done = _compare_some(now=now)
    while done == _ADVISORIES:
        done = _compare_some(now=now)
        count += done
    return count


@unit_of_work_done_again()
def _compare_some(*, now: datetime) -> int:
    # One that is taken in anew meanwhile waits, and is then to be compared once more.
    holding.hold()
    waiting = Advisory.objects.filter(needs_matching=True).only("vulnerability", "withdrawn_at", "is_malicious")
    advisories = list(waiting.order_by("pk")[:_ADVISORIES])
    if not advisories:
        return 0
    keys = [one.pk for one in advisories]
    in_force = {one.pk: one for one in advisories if not one.withdrawn_at}
    affected = AffectedPackage.objects.filter(advisory__in=in_force).order_by() if in_force else ()
    entries = _by_package((row, in_force[row.advisory_id].is_malicious) for row in affected)
    versions = list(PackageVersion.objects.filter(_named(entries, "folded")).order_by()) if entries else []
    changed = _write(_wanted(versions, entries), Match.objects.filter(affected__advisory__in=keys))
    Advisory.objects.filter(pk__in=keys).update(needs_matching=False)
    work_list.promise(_servers_of(advisories, versions) | _having(changed), now=now)
    return len(advisories)


def _servers_of(advisories: Iterable[Advisory], versions: Iterable[PackageVersion]) -> set[UUID]:
    """Return the servers of which these advisories may say something else than they did.

    Those are the ones that their vulnerabilities hit, or others in the same packages: which advisories describe one
    vulnerability may have changed with them.
    """
    named = {(_base(one.ecosystem), one.name) for one in versions}
    same = Q(vulnerability__in={one.vulnerability_id for one in advisories})
    hits = Hit.objects.filter(same | _named(named, "name"), observation__is_seen=True)
    return set(hits.order_by().values_list("server", flat=True))


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
def _repair(versions: Sequence[PackageVersion], *, now: datetime) -> set[UUID]:
    """Compare some versions, and have the servers compared anew of whose versions the matches changed; return those."""
    servers = _having(_compare_versions(versions))
    work_list.promise(servers, now=now)
    return servers


def _differing() -> set[UUID]:
    """Return the servers whose hits are others than their inventories and the matches say."""
    wanted = Component.objects.counting().filter(package_version__matches__isnull=False).order_by()
    said = wanted.values_list(
        "inventory__server", "package_version__ecosystem", "package_version__name",
        "package_version__matches__affected__advisory__vulnerability",
    )  # fmt: skip
    seen = Hit.objects.filter(observation__is_seen=True).order_by()
    on_record = seen.values_list("server", "ecosystem", "name", "vulnerability")
    missing, gone = said.difference(on_record), on_record.difference(said)
    assessed = set(Inventory.objects.counting().order_by().values_list("server", flat=True).distinct())
    return {row[0] for row in missing} | {row[0] for row in gone if row[0] in assessed}


def _batches() -> Iterator[list[PackageVersion]]:
    """Yield all versions, some at a time."""
    rows = PackageVersion.objects.order_by("pk")
    batch = list(rows[:_AT_ONCE])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:_AT_ONCE])


def _entries(versions: Iterable[PackageVersion]) -> Entries:
    """Return by package what the advisories in force say of the packages of these versions."""
    return entries({(_base(one.ecosystem), one.folded) for one in versions if one.ecosystem})


def entries(names: Collection[Name]) -> Entries:
    """Return by package what the advisories in force say of these: ecosystems without a release, names as compared."""
    if not names:
        return {}
    rows = AffectedPackage.objects.filter(_named(names, "name"), advisory__withdrawn_at__isnull=True).order_by()
    said = rows.annotate(is_malicious=F("advisory__is_malicious"))
    return _by_package((row, row.is_malicious) for row in said)


def _by_package(rows: Iterable[tuple[AffectedPackage, bool]]) -> Entries:
    """Return what is said of packages, each with whether a database of malicious ones says it, by package."""
    found: Entries = defaultdict(list)
    for row, is_malicious in rows:
        ranges = osv.read_ranges(row.ranges)
        entry = Entry(row.ecosystem, ranges=ranges, versions=row.versions, is_malicious=is_malicious)
        found[_base(row.ecosystem), row.name].append((row, entry))
    return found


def _base(ecosystem: str) -> str:
    """Return an ecosystem without the release of a distribution."""
    return ecosystems.split(ecosystem)[0]


def _named(names: Iterable[Name], field: str) -> Q:
    """Return the condition that a row is of one of these packages, in whatever release of a distribution."""
    by_ecosystem: dict[str, set[str]] = defaultdict(set)
    for ecosystem, name in names:
        by_ecosystem[ecosystem].add(name)
    wanted = Q()
    for ecosystem, some in by_ecosystem.items():
        has_releases = ecosystem not in ecosystems.BY_NAME
        within = (
            Q(ecosystem=ecosystem) | Q(ecosystem__startswith=f"{ecosystem}:")
            if has_releases
            else Q(ecosystem=ecosystem)
        )
        wanted |= within & Q(**{f"{field}__in": some})
    return wanted


def _wanted(versions: Iterable[PackageVersion], entries: Entries) -> dict[Pair, Match]:
    """Return the matches of these versions with these entries, by both."""
    found = {}
    for version in versions:
        for row, entry in entries.get((_base(version.ecosystem), version.folded), ()):
            if match := _match(version, row, entry):
                found[version.pk, row.pk] = match
    return found


def _match(version: PackageVersion, row: AffectedPackage, entry: Entry) -> Match | None:
    release = ecosystems.split(version.ecosystem)[1]
    said = matching.judge_of_release(entry, version.version, release=release)
    if said.outcome is matching.Outcome.NOT_AFFECTED:
        return None
    return Match(
        package_version_id=version.pk, affected_id=row.pk, outcome=Match.Outcome(said.outcome.value),
        why=said.why[:300], fixed_in=said.fixed_in[:255],
    )  # fmt: skip


def _write(wanted: Mapping[Pair, Match], on_record: "QuerySet[Match]") -> set[UUID]:
    """Bring the matches on record to those wanted; return the versions of which any changed."""
    known = {(row.package_version_id, row.affected_id): row for row in on_record.order_by()}
    gone = [row for pair, row in known.items() if pair not in wanted]
    new = [row for pair, row in wanted.items() if pair not in known]
    other = [known[pair] for pair, row in wanted.items() if pair in known and _take(known[pair], row)]
    if gone:
        Match.objects.filter(pk__in=[row.pk for row in gone]).delete()
    Match.objects.bulk_create(new, batch_size=_AT_ONCE)
    Match.objects.bulk_update(other, _SAID, batch_size=_AT_ONCE)
    return {row.package_version_id for row in (*gone, *new, *other)}


def _take(row: Match, said: Match) -> bool:
    """Let a row say what was found now; return whether that is something else."""
    was = [getattr(row, name) for name in _SAID]
    for name in _SAID:
        setattr(row, name, getattr(said, name))
    return was != [getattr(row, name) for name in _SAID]
