"""The release's own packages as its inventories list them: another file than the one on record is a finding, and a
document of another package is taken in once somebody says that it is the right one.
"""

from collections.abc import Iterator, Sequence

from catalogue.models import Dimension
from composition.models import Component, Inventory
from composition.packages import checksums, ecosystems
from composition.packages.checksums import Artefact, Difference
from monitoring.models import Observation
from monitoring.observed import Seen
from monitoring.raising import Raised
from riskregister import canonical
from scoring.scales import Severity
from vendors.models import Release, Server
from vendors.naming import integrity

# What the keys of what is seen of them, and of their findings, begin with.
PREFIX = "checksum."


def differing(server: Server, release: Release) -> list[Difference]:
    """Return where the inventories that count list another file of a package of the release."""
    recorded = list(_recorded(release))
    return checksums.differing(recorded, _listed(server, recorded)) if recorded else []


def seen(found: Sequence[Difference]) -> list[Seen]:
    """Return what is observed of them."""
    return [
        Seen(
            key=_key(one),
            words="Another file of its own package is listed",
            value=f"{_words(one.listed)} with {_digests(one.listed)}; on record is {_digests(one.recorded)}",
            severity=Severity.HIGH,
        )
        for one in found
    ]


def raised(kept: Sequence[Observation]) -> list[Raised]:
    """Return the finding that each observation raises."""
    return [
        Raised(
            key=row.key,
            severity=Severity.HIGH,
            title="Its own package is listed with another checksum than the one on record",
            recommendation=(
                "Find out which of the two files runs: compare both with what the registry of the package publishes. "
                "Suspend the server if nobody can say where the other one comes from."
            ),
            dimension=Dimension.PROVENANCE,
            observations=[row],
        )
        for row in kept
        if row.key.startswith(PREFIX)
    ]


def is_of_another(release: Release, own: Artefact | None) -> bool:
    """Return whether what a document says that it is of is no package of a release, which has others of its ecosystem.

    Whatever version it says: a lock file often has that of the next release, or none.
    """
    if own is None:
        return False
    names = {
        ecosystems.folded(language.name, package.identifier)
        for package in release.packages.all()
        if (language := ecosystems.BY_TYPE.get(package.registry_type)) and language.name == own.ecosystem
    }
    return bool(names) and own.key[1] not in names


def kept(inventory: Inventory) -> Artefact | None:
    """Return the package that an inventory is itself of, None where its document names none."""
    return _artefact(**inventory.own_package) if inventory.own_package else None


def as_kept(one: Artefact) -> dict[str, object]:
    """Return a package as an inventory keeps what it is itself of."""
    digests = sorted(str(digest) for digest in one.digests)
    return {"ecosystem": one.ecosystem, "name": one.name, "version": one.version, "digests": digests}


def _recorded(release: Release) -> Iterator[Artefact]:
    for package in release.packages.all():
        language = ecosystems.BY_TYPE.get(package.registry_type)
        digests = integrity.readable(f"{package.integrity} {package.sha256}")
        if language and digests and not package.is_from_other_registry:
            yield Artefact(ecosystem=language.name, name=package.identifier, version=package.version, digests=digests)


def _listed(server: Server, recorded: Sequence[Artefact]) -> Iterator[Artefact]:
    """Yield what inventories say that they are of, and the components of these names that they list."""
    for own in Inventory.objects.counting().filter(server=server).values_list("own_package", flat=True):
        if own:
            yield _artefact(**own)
    names = {one.key[1] for one in recorded}
    rows = Component.objects.counting().filter(inventory__server=server, package_version__folded__in=names)
    for ecosystem, name, version, digests in rows.values_list(
        "package_version__ecosystem", "package_version__name", "package_version__version", "digests"
    ):
        yield _artefact(ecosystem=ecosystem, name=name, version=version, digests=digests)


def _artefact(*, ecosystem: str, name: str, version: str, digests: Sequence[str]) -> Artefact:
    return Artefact(ecosystem=ecosystem, name=name, version=version, digests=integrity.readable(" ".join(digests)))


def _key(one: Difference) -> str:
    ecosystem, name, _version = one.recorded.key
    return f"{PREFIX}{canonical.digest(canonical.canonical([ecosystem, name]))[:32]}"


def _words(one: Artefact) -> str:
    return f"{one.name} {one.version} ({one.ecosystem})"


def _digests(one: Artefact) -> str:
    shown = sorted(str(digest) for digest in one.digests)
    more = f" and {len(shown) - 1} more" if len(shown) > 1 else ""
    return f"{shown[0][:40]}…{more}"
