"""A report of a machine put on record: what is new, what is there still, what is gone, and what nobody approved."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from accounts.access import Capability
from accounts.models import Unit
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from audit import trail
from audit.context import SYSTEM
from discovery import knowing
from discovery.fleet.reading import FoundEntry
from discovery.incoming import UNREAD_LIMIT, Report
from discovery.models import ConfiguredServer, Discovery, Machine, UnapprovedUse
from numbering.models import take_numbers
from riskregister import canonical, nouns
from riskregister.transitions import change_if

_AT_ONCE = 500
# What of an entry may differ from one report to the next; all else makes it another one.
_CHANGING = ("version", "stated_version", "is_pinned", "command", "variables", "headers")


@step("discovery.received", needs=Capability.DISCOVER, makes=Discovery)
def receive(report: Report, *, unit: Unit, via: str, by: Principal, now: datetime) -> Done[Discovery]:
    """Return the record of what a machine of the unit reports; the same again is the same record, seen again, unless
    something of it is approved no more.

    Of the clients that were looked for, what is named no more is gone; what could not be read is as it was. Whatever
    is not approved becomes an unapproved use of the unit, once.
    """
    # Of two reports of one machine, and of two that find the same new thing, the second waits here.
    nouns.hold_all(Unit.objects.filter(pk=unit.pk))
    machine, _made = Machine.objects.get_or_create(unit=unit, label=report.machine, defaults={"first_seen_at": now})
    seen = _take(report, machine, now=now)
    gone = _part(report, machine, seen, now=now)
    new = _judge(machine, seen, now=now)
    last = Discovery.objects.filter(machine=machine).order_by("-last_at", "-id").first()
    if last is not None and last.digest == report.digest and not new:
        change_if(last, {}, last_at=now)
        return Unchanged(last)
    made = Discovery.objects.create(
        unit=unit, machine=machine, via=via, sent_by=by.person, digest=report.digest, entries=len(seen),
        unapproved=len(new), gone=gone, unread=_unread(report), first_at=now, last_at=now,
    )  # fmt: skip
    counts = {"entries": len(seen), "named_no_more": gone, "unread": len(report.unread)}
    done = Done(made, machine=machine.label, **counts)
    return done.and_then(lambda: _tell_of(made, now=now)) if new else done


def _tell_of(made: Discovery, *, now: datetime) -> None:
    # The register says so, not whoever sent the report: the owner of a token is told too.
    label, count = made.machine.label, made.unapproved
    trail.record("discovery.unapproved", made, by=SYSTEM, at=now, machine=label, unapproved=count)


def _take(report: Report, machine: Machine, *, now: datetime) -> Mapping[str, ConfiguredServer]:
    """Return what the report names, by key, as rows that are written."""
    known = {row.key: row for row in ConfiguredServer.objects.filter(machine=machine)}
    named = {_key(client, entry): _row(client, entry, machine, now=now) for client, entry in report.entries}
    new = [row for key, row in named.items() if key not in known]
    again = [known[key] for key in named if key in known]
    changed = [row for row in again if _changes(row, named[row.key])]
    known_as = knowing.known_in(machine.unit_id, {row.identity_digest for row in new}) if new else ()
    for row in new:
        row.is_known = row.identity_digest in known_as
    ConfiguredServer.objects.bulk_create(new, batch_size=_AT_ONCE)
    ConfiguredServer.objects.bulk_update(changed, [*_CHANGING, "gone_at"], batch_size=_AT_ONCE)
    rows = ConfiguredServer.objects.filter(machine=machine)
    for some in _batches([row.pk for row in again]):
        rows.filter(pk__in=some).update(last_seen_at=now)
    return {row.key: row for row in (*new, *again)}


def _changes(row: ConfiguredServer, named: ConfiguredServer) -> bool:
    """Bring a row to what is named now; return whether that changed anything."""
    was = [getattr(row, name) for name in (*_CHANGING, "gone_at")]
    for name in _CHANGING:
        setattr(row, name, getattr(named, name))
    row.gone_at = None
    return was != [getattr(row, name) for name in (*_CHANGING, "gone_at")]


def _part(report: Report, machine: Machine, seen: Collection[str], *, now: datetime) -> int:
    """Let go what the report names no more, and return how much. What it could not read it does not miss."""
    files = {(client, one.place) for client, one in report.unread if not one.name}
    names = {(client, one.place, one.name) for client, one in report.unread}
    there = ConfiguredServer.objects.still_there().filter(machine=machine, client__in=report.looked_for)
    gone = [
        row.pk
        for row in there.only("pk", "key", "client", "place", "name")
        if row.key not in seen and not _is_unread(row, files) and (row.client, row.place, row.name) not in names
    ]
    for some in _batches(gone):
        ConfiguredServer.objects.filter(pk__in=some).update(gone_at=now)
    return len(gone)


def _is_unread(row: ConfiguredServer, files: Collection[tuple[str, str]]) -> bool:
    # A project of a file that cannot be read stands behind the name of the file.
    return any(
        row.client == client and (row.place == file or row.place.startswith(f"{file} in ")) for client, file in files
    )


def _judge(machine: Machine, seen: Mapping[str, ConfiguredServer], *, now: datetime) -> list[UnapprovedUse]:
    """Return what nobody had seen in the unit, nor approved; tell of what was denied and is there all the same."""
    today = timezone.localdate(now)
    there = ConfiguredServer.objects.filter(machine=machine).still_there().unapproved(today=today)
    unapproved = set(there.order_by().values_list("identity_digest", flat=True))
    first = {row.identity_digest: row for row in reversed([*seen.values()]) if row.identity_digest in unapproved}
    known = {one.identity_digest: one for one in UnapprovedUse.objects.filter(unit=machine.unit_id)}
    for one in [known[digest] for digest in first if digest in known]:
        _tell_again(one, now=now)
    return _begin([row for digest, row in first.items() if digest not in known], now=now)


def _begin(rows: list[ConfiguredServer], *, now: datetime) -> list[UnapprovedUse]:
    if not rows:
        return []
    numbers = take_numbers(nouns.card(UnapprovedUse).prefix, len(rows))
    made = [
        UnapprovedUse(
            number=number, unit_id=row.unit_id, identity=row.identity, identity_digest=row.identity_digest,
            registry=row.registry, package=row.package, name=row.name, first_seen_at=now,
        )
        for number, row in zip(numbers, rows, strict=True)
    ]  # fmt: skip
    UnapprovedUse.objects.bulk_create(made, batch_size=_AT_ONCE)
    for one in made:
        trail.record("unapproved_use.seen", one, by=SYSTEM, at=now, identity=one.identity)
    return made


def _tell_again(one: UnapprovedUse, *, now: datetime) -> None:
    """Tell, once for each denial, that something is used although it is denied."""
    denied = {"status": UnapprovedUse.Status.DENIED, "told_again_at": None}
    if (
        one.status == UnapprovedUse.Status.DENIED
        and one.told_again_at is None
        and change_if(one, denied, told_again_at=now)
    ):
        trail.record("unapproved_use.seen_again", one, by=SYSTEM, at=now)


def _row(client: str, entry: FoundEntry, machine: Machine, *, now: datetime) -> ConfiguredServer:
    identity = entry.identity.key[:400]
    return ConfiguredServer(
        unit_id=machine.unit_id, machine=machine, client=client, place=entry.place, name=entry.name,
        key=_key(client, entry), identity=identity, identity_digest=knowing.digest_of(identity),
        registry=entry.identity.registry, package=entry.identity.package, version=entry.identity.version,
        stated_version=entry.identity.stated_version, is_pinned=entry.identity.is_pinned, command=list(entry.command),
        variables=list(entry.variables), headers=list(entry.headers), first_seen_at=now, last_seen_at=now,
    )  # fmt: skip


def _key(client: str, entry: FoundEntry) -> str:
    return canonical.digest(canonical.canonical([client, entry.place, entry.name, entry.identity.key]))


def _unread(report: Report) -> list[dict[str, Any]]:
    return [{"client": client, **one.as_sent()} for client, one in report.unread[:UNREAD_LIMIT]]


def _batches(keys: list[Any]) -> list[list[Any]]:
    return [keys[at : at + _AT_ONCE] for at in range(0, len(keys), _AT_ONCE)]
