"""What changed between two inventories is told by package, wherever it stands in them."""

from dataclasses import replace

from composition.inventories import differences
from composition.inventories.differences import Change
from composition.listing import Listed, Listing


def listing(*components: Listed) -> Listing:
    return Listing(form="by hand", subject="crm-server", components=components)


def package(name: str, version: str, *licences: str, ecosystem: str = "npm", purl: str = "") -> Listed:
    ref = f"{ecosystem}/{name}@{version}"
    return Listed(ref=ref, name=name, version=version, ecosystem=ecosystem, licences=licences, purl=purl)


def test_what_came_and_went_is_told_with_every_version() -> None:
    two = (package("b", "1"), package("b", "2"))
    found = differences.between(listing(package("a", "1"), *two), listing(package("a", "1"), package("c", "1")))
    assert (found.removed, found.added, found.changed, found.same) == (two, (package("c", "1"),), (), 1)


def test_another_version_is_a_change_and_so_is_one_more() -> None:
    before = listing(package("a", "1"), package("b", "1"))
    found = differences.between(before, listing(package("a", "2"), package("b", "1"), package("b", "2")))
    assert found.changed == (
        Change("npm", "a", ("1",), ("2",), (), ()),
        Change("npm", "b", ("1",), ("1", "2"), (), ()),
    )
    assert [change.is_of_version for change in found.changed] == [True, True]


def test_another_licence_is_a_change_without_another_version() -> None:
    [change] = differences.between(listing(package("a", "1", "MIT")), listing(package("a", "1", "BUSL-1.1"))).changed
    assert (change.is_of_version, change.is_of_licence) == (False, True)
    assert (change.licences_before, change.licences_after) == (("MIT",), ("BUSL-1.1",))


def test_packages_of_one_name_in_two_ecosystems_are_two() -> None:
    npm, pypi = package("redis", "1"), package("redis", "1", ecosystem="PyPI")
    assert differences.between(listing(npm), listing(pypi)).changed == ()
    image = package("redis", "1", ecosystem="", purl="pkg:docker/redis@1")
    assert len(differences.between(listing(image), listing(package("redis", "1", ecosystem=""))).added) == 1


def test_another_order_or_reference_changes_nothing() -> None:
    one, two = package("a", "1"), package("b", "1")
    found = differences.between(listing(one, two), listing(two, replace(one, ref="elsewhere")))
    assert not found
    assert found.same == 2
