"""What is seen of a package in npm and PyPI: what they say, what they do not say, and what they cannot mean."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from collectors.sources import npm, packages, pypi
from collectors.sources.fetching import Fetch
from collectors.sources.packages import Asked
from inspection.bounds import Bounds
from monitoring.models import Run
from monitoring.observed import Look, Seen
from scoring.scales import Severity
from tests.cast import NOON
from tests.collectors import documents
from tests.collectors.pages import Pages
from tests.inspection.scene import LOOPBACK
from tests.tables import for_each

NPM = Asked("npm", "@example/weather", "1.2.3", "", documents.SHA512, documents.NAME)
PYPI = Asked("pypi", "Example_Weather", "1.2.3", documents.SHA256, "", documents.NAME)
AT_NPM, AT_PYPI, AT_INDEX = "/@example%2Fweather", "/pypi/example-weather/1.2.3/json", "/simple/example-weather/"


@pytest.fixture
def registry(running: Pages) -> Pages:
    running.pages.clear()
    running.asked.clear()
    return running


def in_npm(registry: Pages, document: Any = None, *, asked: Asked = NPM, **fetch: Any) -> Look:
    registry.put(AT_NPM, documents.npm() if document is None else document)
    return npm.look([asked], base=registry.url, fetch=Fetch(allowed=LOOPBACK, **fetch), now=NOON)


def in_pypi(registry: Pages, document: Any = None, index: Any = None, *, asked: Asked = PYPI) -> Look:
    registry.put(AT_PYPI, documents.pypi() if document is None else document)
    if index is not False:
        registry.put(AT_INDEX, documents.index() if index is None else index)
    return pypi.look([asked], base=registry.url, fetch=Fetch(allowed=LOOPBACK), now=NOON)


def of(look: Look, kind: str) -> Seen:
    """Return what was seen of a kind."""
    [found] = [one for one in look.seen if one.key.partition(":")[0] == kind]
    return found


def values_by_kind(look: Look) -> dict[str, str]:
    """Return what was seen, by kind."""
    assert look.outcome == Run.Status.COMPLETE, look.why
    return {one.key.partition(":")[0]: one.value for one in look.seen}


def test_a_package_of_npm_is_seen_whole(registry: Pages):
    shasum = hashlib.sha1(b"the package", usedforsecurity=False).hexdigest()
    sha512 = hashlib.sha512(b"the package").hexdigest()
    look = in_npm(registry)

    assert values_by_kind(look) == {
        "exists": "yes",
        "digest": f"sha512:{sha512}",
        "name": "com.example/weather",
        "offered": "neither deprecated nor withdrawn",
        "attested": "present, not verified",
        "published": "2026-01-20",
        "cadence": "on 2 days of the last 365, the last on 2026-01-20",
        "owners": "mia, noah",
    }
    assert {one.fact: one.holds for one in look.seen if one.fact} == {
        "artefact_as_pinned": True, "name_points_back": True, "package_offered": True, "released_lately": True,
    }  # fmt: skip
    assert [one for one in look.seen if one.severity] == []
    kept = json.loads(json.loads(look.raw)["came"][0]["body"])
    assert kept["versions"]["1.2.3"]["dist"]["shasum"] == shasum
    assert "authorization" not in registry.asked[0][1]


def test_a_package_of_pypi_is_seen_whole(registry: Pages):
    look = in_pypi(registry)

    assert values_by_kind(look) == {
        "exists": "yes",
        "digest": f"sha256:{documents.SHA256}",
        "name": "com.example/weather",
        "offered": "neither deprecated nor withdrawn",
        "attested": "present, not verified",
        "published": "2026-01-20",
        "cadence": "on 2 days of the last 365, the last on 2026-01-20",
        "owners": "mia",
    }
    assert [path for path, _headers in registry.asked] == [f"GET {AT_PYPI}", f"GET {AT_INDEX}"]


@for_each(
    "pins, holds, value",
    [
        ({"integrity": documents.OTHER_SHA512}, False, None),
        ({"integrity": f"sha384-AAAA {documents.SHA512}"}, True, None),
        ({"integrity": "", "sha256": "1" * 64}, None, "Not assessed: the release pins sha256, and the registry says "
         "sha512"),
        ({"integrity": documents.SHA512.replace("sha512-", "sha1-")}, None, None),
        ({"integrity": f"{documents.SHA512} {documents.OTHER_SHA512}"}, True, None),
        ({"integrity": "sha512-not!base64"}, None, None),
        ({"integrity": ""}, None, None),
    ],
    ids=lambda row: row[0],
)  # fmt: skip
def test_the_artefact_is_compared_with_what_is_pinned(
    registry: Pages, pins: dict[str, str], holds: bool | None, value: str | None
):
    digest = of(in_npm(registry, asked=replace(NPM, **pins)), "digest")

    assert digest.holds is holds
    assert digest.fact == ("" if holds is None else "artefact_as_pinned")
    assert digest.severity == (Severity.CRITICAL if holds is False else None)
    assert value is None or (digest.value, digest.is_assessed) == (value, False)


@for_each(
    "pins, holds",
    [
        ({"sha256": "", "integrity": f"sha256:{documents.SHA256}"}, True),
        ({"sha256": "", "integrity": documents.SHA256.upper()}, True),
        ({"sha256": "", "integrity": f"sha256:{'1' * 64}"}, False),
        ({"sha256": documents.SHA256, "integrity": ""}, True),
    ],
    ids=lambda row: row[0],
)
def test_a_digest_of_pypi_counts_in_each_form_in_which_it_is_recorded(
    registry: Pages, pins: dict[str, str], holds: bool
):
    assert of(in_pypi(registry, asked=replace(PYPI, **pins)), "digest").holds is holds


@for_each(
    "version, kind, value, severity",
    [
        ({"mcpName": "com.example/other"}, "name", "com.example/other", Severity.MEDIUM),
        ({"mcpName": ""}, "name", "none", None),
        ({"deprecated": "Use @example/climate"}, "offered", "deprecated: Use @example/climate", Severity.MEDIUM),
        ({"deprecated": True}, "offered", "deprecated", Severity.MEDIUM),
        ({"deprecated": ""}, "offered", "neither deprecated nor withdrawn", None),
        ({"deprecated": False}, "offered", "neither deprecated nor withdrawn", None),
    ],
    ids=lambda row: row[0],
)
def test_what_npm_says_of_a_version(registry: Pages, version: Any, kind: str, value: str, severity: Any):
    seen = of(in_npm(registry, documents.npm(**version)), kind)

    assert (seen.value, seen.severity) == (value, severity)
    assert seen.holds is (value == "neither deprecated nor withdrawn")


def test_a_yanked_version_of_pypi_is_withdrawn(registry: Pages):
    look = in_pypi(registry, documents.pypi(yanked=True, yanked_reason="Broken"))
    assert (of(look, "offered").value, of(look, "offered").holds) == ("yanked: Broken", False)


def test_what_a_mirror_leaves_out_is_not_assessed(registry: Pages):
    document = documents.npm(dist={"integrity": documents.SHA512})
    del document["maintainers"], document["time"]
    look = in_npm(registry, document)

    left_out = {one.key.partition(":")[0] for one in look.seen if not one.is_assessed}
    assert left_out == {"attested", "published", "cadence", "owners"}
    assert of(look, "attested").value == "Not assessed: 127.0.0.1 does not say"


def test_without_the_index_of_pypi_what_it_would_say_is_not_assessed(registry: Pages):
    look = in_pypi(registry, index=False)

    assert {one.key.partition(":")[0] for one in look.seen if not one.is_assessed} == {"attested", "cadence"}
    assert of(look, "digest").holds is True


@for_each("file, value", [({"provenance": None}, "127.0.0.1 shows none"), ({}, "present, not verified")])
def test_attestations_of_pypi_are_shown_as_they_are(registry: Pages, file: Any, value: str):
    assert of(in_pypi(registry, index=documents.index(**file)), "attested").value == value


def test_signatures_without_attestations_mean_that_there_are_none(registry: Pages):
    dist = documents.npm()["versions"]["1.2.3"]["dist"]
    del dist["attestations"]
    assert of(in_npm(registry, documents.npm(dist=dist)), "attested").value == "127.0.0.1 shows none"


@for_each("document, status", [(documents.npm() | {"versions": {}}, 200), ({}, 404)])
def test_a_package_that_the_registry_does_not_have_is_a_fault(registry: Pages, document: Any, status: int):
    registry.put(AT_NPM, document, status=status)
    look = npm.look([NPM], base=registry.url, fetch=Fetch(allowed=LOOPBACK), now=NOON)

    [seen] = look.seen
    assert (str(seen.value), seen.severity, seen.fact, seen.holds) == ("no", Severity.HIGH, "package_offered", False)


def test_what_is_old_was_not_released_lately(registry: Pages):
    times = {"1.2.2": "2024-01-01T00:00:00.000Z", "1.2.3": "2025-01-01T00:00:00.000Z"}
    cadence = of(in_npm(registry, documents.npm() | {"time": times}), "cadence")
    assert (cadence.value, cadence.holds) == ("on 0 days of the last 365, the last on 2025-01-01", False)


@for_each(
    "body, status, code, why",
    [
        (b"{", 200, "unreadable", "cannot be read: The file is not JSON"),
        (b"[]", 200, "unreadable", "is no object of JSON."),
        (b'{"versions": []}', 200, "unreadable", "holds no versions."),
        (b'{"name": 1, "name": 2}', 200, "unreadable", "is there twice in one object"),
        (b"\xff\xfe", 200, "unreadable", "no text in UTF-8"),
        (b"[" * 100, 200, "unreadable", "nests deeper than 64 levels"),
        (b" " * 5000, 200, "too_large", "sent more than 4,000 bytes."),
        (b"", 500, "declined", "127.0.0.1 answered 500."),
        (b"", 401, "declined", "127.0.0.1 answered 401."),
    ],
    ids=lambda row: row[0][:20],
)
def test_a_bad_document_is_not_assessed(registry: Pages, body: bytes, status: int, code: str, why: str):
    registry.put(AT_NPM, body, status=status)
    fetch = Fetch(allowed=LOOPBACK, bounds=Bounds(size=4000))
    look = npm.look([NPM], base=registry.url, fetch=fetch, now=NOON)

    assert (look.outcome, look.code, look.seen, look.raw) == (Run.Status.FAILED, code, (), "")
    assert why in look.why


def test_strange_members_are_passed_over(registry: Pages):
    strange = documents.npm(dist=[], mcpName=7, deprecated=None) | {"time": [], "maintainers": [1, {}, {"name": "mia"}]}
    look = in_npm(registry, strange)
    assert values_by_kind(look)["owners"] == "mia"
    assert of(look, "digest").is_assessed is False


def test_a_redirect_to_another_place_is_not_followed(registry: Pages):
    registry.put(AT_NPM, b"", status=302, Location="http://169.254.169.254/latest/meta-data/")
    look = npm.look([NPM], base=registry.url, fetch=Fetch(allowed=LOOPBACK), now=NOON)

    assert (look.outcome, look.code) == (Run.Status.FAILED, "redirected")
    assert len(registry.asked) == 1


def test_a_registry_in_a_private_network_is_refused_unless_it_is_allowed(registry: Pages):
    registry.put(AT_NPM, documents.npm())
    look = npm.look([NPM], base=registry.url, fetch=Fetch(), now=NOON)

    assert (look.outcome, look.code) == (Run.Status.FAILED, "not_reached")
    assert "which is not public" in look.why
    assert registry.asked == []


def test_a_private_registry_gets_the_credential_of_its_origin_and_nothing_of_its_answer_is_kept(
    registry: Pages, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MIRROR_TOKEN", "tok-4f9aQ8ZkT2mVx7Lw")
    look = in_npm(registry, sources={registry.url: "env:MIRROR_TOKEN"})

    assert registry.asked[0][1]["authorization"] == "Bearer tok-4f9aQ8ZkT2mVx7Lw"
    assert [set(one) for one in json.loads(look.raw)["came"]] == [{"url", "status", "sha256"}]


def test_a_long_list_of_owners_differs_when_its_end_does():
    found = packages.Found(
        digests=frozenset(), attested=None, names=None, withdrawn="", published=None, releases=None,
        owners=frozenset(f"owner-{number:03}" for number in range(60)),
    )  # fmt: skip

    def shown(owners: frozenset[str]) -> str:
        seen = packages.seen_of(NPM, replace(found, owners=owners), where="npm", now=NOON)
        return next(one.value for one in seen if one.key.startswith("owners:"))

    assert found.owners is not None
    other = (found.owners - {"owner-059"}) | {"owner-060"}
    assert shown(found.owners) != shown(other)
    assert shown(found.owners)[:180] == shown(other)[:180]
