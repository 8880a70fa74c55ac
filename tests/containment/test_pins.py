"""What is about to be deployed against what was approved: match, mismatch, or unknown, which is never a match."""

import hashlib
import io
import json
from collections.abc import Mapping
from typing import Any

from containment.verification import offering, pins
from containment.verification.pins import Offered, Outcome, Pin
from tests.tables import for_each
from vendors.lockfiles import reading
from vendors.lockfiles.locked import LockFile
from vendors.naming.integrity import Digest

ONE, OTHER, THIRD = ({Digest("sha256", letter * 64)} for letter in "abc")
LONG = {Digest("sha512", "d" * 128)}


def pin(*digests: set[Digest], kind: str = "pypi", name: str = "weather", version: str = "1.2.3") -> Pin:
    return Pin(kind, name, version, frozenset().union(*digests))


def offered(*files: set[Digest], **more: Any) -> Offered:
    parts = {"kind": "pypi", "name": "weather", "version": "1.2.3", "where": "uv.lock"} | more
    return Offered(files=tuple(frozenset(file) for file in files), **parts)


def a_file(path: str, content: bytes) -> Offered:
    return offering.of_file(path, digest=offering.digests_of(io.BytesIO(content)), where=path)


@for_each(
    "of, given, outcome",
    [
        (pin(ONE), offered(ONE), "match"),
        (pin(ONE, OTHER), offered(ONE), "match"),
        (pin(ONE, OTHER), offered(OTHER, ONE), "match"),
        (pin(ONE), offered(ONE | LONG), "match"),
        (pin(ONE), offered(ONE, version="1.2.3.0"), "match"),
        (pin(ONE), offered(ONE, version=""), "match"),
        (pin(ONE), offered(OTHER), "mismatch"),
        (pin(ONE), offered(OTHER, THIRD), "mismatch"),
        (pin(ONE), offered(ONE, version="1.2.4"), "mismatch"),
        (pin(), offered(version="1.2.4"), "mismatch"),
        # The package may be installed from the other file.
        (pin(ONE), offered(ONE, OTHER), "unknown"),
        (pin(ONE), offered(LONG), "unknown"),
        (pin(ONE), offered(OTHER, LONG), "unknown"),
        (pin(ONE), offered(), "unknown"),
        (pin(), offered(ONE), "unknown"),
        (pin(), offered(), "unknown"),
    ],
    ids=lambda row: f"{row[2]}: {len(row[0].digests)} on record, {row[1].version} with {len(row[1].files)}",
)
def test_digests_decide_and_what_cannot_be_compared_is_unknown(of: Pin, given: Offered, outcome: str):
    [check] = pins.compare([of], [given])
    assert (check.outcome, check.pin, check.offered) == (outcome, of, given)
    assert check.words.endswith(".")


def test_what_nothing_names_is_unknown():
    [check] = pins.compare([pin(ONE)], [])
    assert (check.outcome, check.offered) == ("unknown", None)


def test_each_place_that_names_it_is_a_check_of_its_own():
    checks = pins.compare([pin(ONE)], [offered(ONE), offered(OTHER, where="other/uv.lock")])
    assert [(one.outcome, one.offered and one.offered.where) for one in checks] == [
        ("match", "uv.lock"), ("mismatch", "other/uv.lock"),
    ]  # fmt: skip


def test_an_artefact_that_the_release_does_not_have_is_a_mismatch():
    checks = pins.compare([pin(ONE)], [offered(ONE), offered(ONE, name="weather-pro")])
    assert [(one.outcome, one.pin is None) for one in checks] == [("match", False), ("mismatch", True)]
    # A lock file names much that is no artefact of the server.
    assert len(pins.compare([pin(ONE)], [offered(ONE), offered(ONE, name="httpx", is_all=False)])) == 1


def test_the_line_of_a_package_is_looked_for_once_however_often_the_file_has_it():
    asked: list[str] = []

    class Counted(LockFile):
        def line_of(self, package: str) -> int:
            asked.append(package)
            return super().line_of(package)

    # A name that is written with an escape stands nowhere: each search reads the whole file.
    rows = {f"node_modules/{at}/node_modules/weather": {"version": "1.2.3"} for at in range(50)}
    text = json.dumps({"lockfileVersion": 3, "packages": rows}).replace("weather", r"we\u0061ther")
    read = reading.read("package-lock.json", text)
    found = offering.entries(Counted(read.name, read.contents, read.text), [pin(ONE, kind="npm")])

    assert [one.line for one in found] == [1] * 50
    assert asked == ["weather"]


def test_a_version_with_a_number_that_is_too_long_to_be_read_is_another():
    [check] = pins.compare([pin(ONE)], [offered(ONE, version="9" * 5_000)])
    assert check.outcome == "mismatch"
    file = a_file(f"dist/weather-{'9' * 5_000}-py3-none-any.whl", b"")
    assert (file.kind, file.name) == ("pypi", "")


def test_the_worst_outcome_is_that_of_all_and_of_none_nothing_is_known():
    assert pins.worst([Outcome.MATCH, Outcome.MATCH]) == "match"
    assert pins.worst([Outcome.MATCH, Outcome.UNKNOWN]) == "unknown"
    assert pins.worst([Outcome.MISMATCH, Outcome.UNKNOWN, Outcome.MATCH]) == "mismatch"
    assert pins.worst([]) == "unknown"


def test_a_file_is_of_the_pin_whose_digest_it_has_else_of_those_of_its_kind():
    content = b"a package"
    mine = {Digest("sha256", hashlib.sha256(content).hexdigest())}
    npm, bundle = pin(mine, kind="npm", name="@example/weather"), pin(ONE, kind="mcpb", name="https://x.example/w")
    expected: Mapping[str, list[tuple[str, str]]] = {
        "weather-1.2.3.tgz": [("match", "npm"), ("unknown", "mcpb")],
        "renamed.bin": [("match", "npm"), ("unknown", "mcpb")],
    }
    for path, outcomes in expected.items():
        file = a_file(path, content)
        assert [(one.outcome, one.pin and one.pin.kind) for one in pins.compare([npm, bundle], [file])] == outcomes
    changed = a_file("weather-1.2.3.tgz", b"another")
    assert pins.compare([npm], [changed])[0].outcome == "mismatch"
    foreign = a_file("weather.bin", b"another")
    assert [(one.outcome, one.pin) for one in pins.compare([npm], [foreign])][1] == ("mismatch", None)


def test_a_wheel_names_its_package_and_version():
    for path in ("dist/Example_Weather-1.2.3-py3-none-any.whl", "dist/example_weather-1.2.3.tar.gz"):
        file = a_file(path, b"")
        assert (file.kind, file.name, file.version) == ("pypi", "example-weather", "1.2.3"), path


@for_each(
    "identifier, version, expected",
    [
        ("ghcr.io/example/weather", "1.2.3", ("ghcr.io/example/weather", "1.2.3")),
        ("ghcr.io/example/weather:1.2.3", "", ("ghcr.io/example/weather", "1.2.3")),
        ("localhost:5000/weather", "", ("localhost:5000/weather", "")),
        (f"localhost:5000/weather:1@sha256:{'a' * 64}", "", ("localhost:5000/weather", "1")),
    ],
)
def test_an_image_is_named_by_repository_and_tag(identifier: str, version: str, expected: tuple[str, str]):
    assert offering.image(identifier, version) == expected
