"""A release's own package that an inventory lists as another file is seen, and raises one lasting finding."""

from datetime import timedelta
from typing import Any

from django.test import TestCase

from composition import hits
from composition.inventories import taking
from composition.listing import Listed, Listing
from composition.packages import checksums
from composition.packages.checksums import Artefact
from findings.models import Finding
from monitoring.models import Observation
from tests import cast
from tests.cast import NOON
from tests.tables import for_each
from vendors.models import Release
from vendors.naming import integrity

ONE, OTHER, THIRD = (f"sha256:{digit * 64}" for digit in "abc")
IN_512 = f"sha512:{'a' * 128}"


def artefact(
    digests: str, *, name: str = "@example/weather", version: str = "1.2.3", ecosystem: str = "npm"
) -> Artefact:
    """Return a package of these digests."""
    found = integrity.read(digests) if digests else frozenset()
    return Artefact(ecosystem=ecosystem, name=name, version=version, digests=found)


@for_each(
    "recorded, listed, is_other",
    [
        (ONE, artefact(ONE), False),
        (ONE, artefact(OTHER), True),
        (f"{ONE} {OTHER}", artefact(f"{OTHER} {THIRD}"), False),
        # By another algorithm nothing is said of it.
        (ONE, artefact(IN_512), False),
        (f"{ONE} {IN_512}", artefact(f"{OTHER} {IN_512}"), True),
        (ONE, artefact(""), False),
        (ONE, artefact(OTHER, version="1.2.4"), False),
        (ONE, artefact(OTHER, name="@example/other"), False),
        (ONE, artefact(OTHER, ecosystem="PyPI"), False),
    ],
)
def test_another_file_is_one_without_a_digest_in_common(recorded: str, listed: Artefact, is_other: bool):
    assert bool(checksums.differing([artefact(recorded)], [listed])) == is_other


def test_names_that_an_ecosystem_takes_for_one_are_one():
    recorded = artefact(ONE, name="mcp_server.time", ecosystem="PyPI")
    listed = artefact(OTHER, name="MCP-Server-Time", ecosystem="PyPI")
    assert [one.listed for one in checksums.differing([recorded], [listed, listed])] == [listed]


class OwnPackages(TestCase):
    """The release of a server with an npm package whose digest is on record."""

    cast: cast.Cast
    release: Release

    @classmethod
    def setUpTestData(cls) -> None:
        cls.cast = cast.assemble()
        cls.release = cast.a_release(cls.cast)
        cls.release.packages.update(integrity=ONE)

    def look(self, digest: str, *, days: int = 0, as_component: bool = False) -> None:
        """Take in an inventory that says this of the package, as what it is of or as a component, and compare."""
        package = self.release.packages.get()
        own = Listed(
            ref="own", name=package.identifier, version=package.version, ecosystem="npm",
            digests=integrity.read(digest),
        )  # fmt: skip
        other = Listed(ref="qs", name="qs", version="6.11.0", ecosystem="npm")
        parts = (own, other) if as_component else (other,)
        listing = Listing(form="an SBOM", subject="", components=parts, itself=None if as_component else own)
        how: dict[str, Any] = {"by": self.cast.alice, "now": NOON + timedelta(days=days)}
        taking.take(self.release, listing, f"{{{' ' * days}}}".encode(), file_name="bom.json", **how)
        hits.compare(self.release.server, now=how["now"])

    def test_another_file_of_what_the_inventory_is_of_is_a_finding_that_lasts(self) -> None:
        self.look(OTHER)
        self.look(THIRD, days=1)
        finding = Finding.objects.get()
        assert (finding.status, finding.severity, finding.dimension) == ("proposed", 2, "provenance")
        assert finding.title == "Its own package is listed with another checksum than the one on record"
        seen = Observation.objects.get()
        assert (seen.finding, seen.value) == (
            finding, f"@example/weather 1.2.3 (npm) with {THIRD[:40]}…; on record is {ONE[:40]}…",
        )  # fmt: skip

    def test_a_component_of_the_same_name_and_version_counts_as_well(self) -> None:
        self.look(OTHER, as_component=True)
        assert Finding.objects.get().is_observed

    def test_the_file_on_record_raises_nothing_and_ends_what_was_seen(self) -> None:
        self.look(ONE)
        assert Finding.objects.count() == 0
        self.look(OTHER, days=1)
        self.look(ONE, days=2)
        assert (Finding.objects.get().is_observed, Observation.objects.get().is_seen) == (False, False)
