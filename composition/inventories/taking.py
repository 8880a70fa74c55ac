"""Taking in an inventory: the document is kept as it came, and what it lists becomes components of a release."""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime

from accounts import steps
from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from composition import work_list
from composition.listing import Listed, Listing
from composition.models import Component, Inventory, PackageVersion
from composition.packages import ecosystems, own_packages
from composition.packages.checksums import Artefact
from evidence import store
from riskregister import nouns
from riskregister.refusals import Refused
from riskregister.text import clean_name
from riskregister.transitions import change_if, move
from vendors.models import Release

_AT_ONCE = 1000
# Of a name on the way to a component: one of megabytes would be kept with each of the thousands below it.
_LONGEST_STEP = 200
_NO_ECOSYSTEM = "It is of no ecosystem that advisories speak of."
_NO_VERSION = "The document names no version of it."


class OfAnotherPackage(Refused):
    """The document says that it is of a package that is none of the release, and nobody said that it is right."""


@step("inventory.taken", needs=Capability.WRITE, makes=Inventory)
def take(
    release: Release, listing: Listing, document: bytes, *, file_name: str, scope: str = "",
    other_package: bool = False, by: Principal, now: datetime,
) -> Done[Inventory]:  # fmt: skip
    """Return what a release is built from, as a document says it that was read as `listing`.

    It takes the place of the inventory of the same scope, which is, unless said, the file's name; the same document
    again is the same inventory. `other_package`: that it names another package than the release has is known, and
    right. Raises Refused for one that lists nothing, OfAnotherPackage.
    """
    scope = clean_name(scope or file_name, field="scope", limit=200)
    if not listing.components:
        raise Refused("The document lists no components, so that it would say nothing of the release.", field="file")
    nouns.hold(release.server)
    before = Inventory.objects.current().filter(release=release, scope=scope).first()
    blob = store.put_unread(io.BytesIO(document), now=now)
    if before is not None and before.document_id == blob.pk:
        return Unchanged(before)
    own = _own_package(listing)
    is_of_another = own_packages.is_of_another(release, own)
    if own and is_of_another and not other_package and not _was_of(before, own):
        raise OfAnotherPackage(_other_package(own, release), field="other_package")
    if before is not None:
        move(before, Inventory.Status.SUPERSEDED, ended_at=now)
    made = Inventory.objects.create(
        server=release.server, release=release, scope=scope, form=listing.form, subject=listing.subject[:300],
        own_package=own_packages.as_kept(own) if own else None, document=blob, file_name=file_name[:255],
        remarks=list(listing.remarks), given_by=by.person, taken_at=now,
        components_count=len(listing.components),
        unknown_count=sum(bool(_unreadable(one)) for one in listing.components),
    )  # fmt: skip
    if before is not None:
        change_if(before, {}, superseded_by=made)
        steps.record("inventory.superseded", before, by=by, now=now, by_inventory=made.ref)
    _keep(made, listing)
    work_list.promise([release.server_id], now=now)
    return Done(
        made, release=str(release), scope=scope, form=listing.form, sha256=blob.sha256,
        components=made.components_count, unknown=made.unknown_count, other_package=is_of_another,
    )  # fmt: skip


@step(
    "inventory.withdrawn",
    needs=Capability.WRITE,
    to=Inventory.Status.WITHDRAWN,
    reason="reason",
)
def withdraw(inventory: Inventory, *, reason: str, by: Principal, now: datetime) -> Inventory:
    """Return the inventory, a wrong document, which says nothing any more: what it alone showed is not seen now."""
    inventory.ended_at, inventory.end_reason = now, reason
    work_list.promise([inventory.server_id], now=now)
    return inventory


def _own_package(listing: Listing) -> Artefact | None:
    itself = listing.itself
    if itself is None or not itself.ecosystem:
        return None
    return Artefact(ecosystem=itself.ecosystem, name=itself.name, version=itself.version, digests=itself.digests)


def _was_of(before: Inventory | None, own: Artefact) -> bool:
    """Return whether the inventory whose place this one takes is of the same package: that was said to be right."""
    was = own_packages.kept(before) if before else None
    return was is not None and was.key[:2] == own.key[:2]


def _other_package(own: Artefact, release: Release) -> str:
    names = ", ".join(package.identifier for package in release.packages.all())
    return (
        f"The document says that it is of {own.name}; this release is of {names}. Give the document of this release, "
        "or say that it is the right one: the lock file of a repository with several packages may name another."
    )


def _keep(inventory: Inventory, listing: Listing) -> None:
    for some in _batches(listing.components):
        known = _package_versions(some)
        Component.objects.bulk_create(_component(inventory, listing, one, known[_key(one)]) for one in some)


def _component(inventory: Inventory, listing: Listing, one: Listed, version: PackageVersion) -> Component:
    return Component(
        inventory=inventory,
        package_version=version,
        ref=one.ref[:500],
        is_direct=listing.is_direct(one.ref),
        is_development=one.is_development,
        path=[listing.name_of(step)[:_LONGEST_STEP] for step in listing.way_to(one.ref)],
        licences=list(one.licences),
        digests=sorted(str(digest) for digest in one.digests),
    )


def _package_versions(listed: Sequence[Listed]) -> dict[tuple[str, str, str], PackageVersion]:
    """Return the versions of packages that these are, those that nobody had listed before made now."""
    new = {_key(one): _package_version(one) for one in listed}
    # Of two inventories that bring the same version one makes it, in one order for both.
    PackageVersion.objects.bulk_create([new[key] for key in sorted(new)], ignore_conflicts=True)
    names = {name for _ecosystem, name, _version in new}
    rows = PackageVersion.objects.filter(name__in=names, version__in={version for _e, _n, version in new})
    return {(row.ecosystem, row.name, row.version): row for row in rows}


def _package_version(one: Listed) -> PackageVersion:
    ecosystem, name, version = _key(one)
    why = _unreadable(one)
    return PackageVersion(
        ecosystem=ecosystem, name=name, folded=ecosystems.folded(ecosystem, name), version=version,
        purl=one.purl[:700], unreadable=why, is_matched=False,
    )  # fmt: skip


def _unreadable(one: Listed) -> str:
    """Return why a component can be compared with no advisory, empty where it can."""
    if not one.ecosystem:
        return _NO_ECOSYSTEM
    return "" if one.version else _NO_VERSION


def _key(one: Listed) -> tuple[str, str, str]:
    return one.ecosystem[:60], one.name[:300], one.version[:255]


def _batches(rows: Sequence[Listed]) -> Iterator[Sequence[Listed]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]
