"""The locks: complete, hashed, for every supported platform, and without an address."""

import re

from riskregister.env import BASE_DIR
from tests.tables import for_each

LOCKS = sorted((BASE_DIR / "requirements").glob("*.txt"))
ENTRY = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


def pinned(name: str) -> dict[str, str]:
    return dict(ENTRY.findall((BASE_DIR / "requirements" / f"{name}.txt").read_text()))


def test_there_are_four_locks():
    assert [lock.name for lock in LOCKS] == ["base.txt", "installer.txt", "servers.txt", "test.txt"]


@for_each("lock", LOCKS, ids=lambda lock: lock.name)
def test_names_no_address(lock):
    assert not re.search(r"://|^--|^-[ef]|@ ", lock.read_text(), re.MULTILINE)


@for_each("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_has_a_hash(lock):
    entries = re.split(r"\n(?=\S)", lock.read_text().strip())

    assert entries
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_test_lock_holds_the_base_lock_at_the_same_versions():
    base, test = pinned("base"), pinned("test")

    assert base
    assert {name: test.get(name) for name in base} == base


def test_every_named_requirement_is_locked():
    for name in ("installer", "base", "test"):
        source = (BASE_DIR / "requirements" / f"{name}.in").read_text()
        asked = set(re.findall(r"^([a-z][a-z0-9-]*)", source, re.MULTILINE))
        assert asked
        assert asked <= set(pinned(name))
