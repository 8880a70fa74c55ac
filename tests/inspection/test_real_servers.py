"""Looks at servers that others wrote, over both transports; each is started once for all tests of this module."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from inspection.looking import Target, look, look_at_package
from monitoring.models import Run
from monitoring.observed import Look
from tests.inspection import real_servers
from tests.inspection.real_servers import EVERYTHING, FETCH, FILESYSTEM, VERSIONS
from tests.inspection.stdio_packages import needs_sandbox
from tests.inspection.test_looking import LOOPBACK
from tests.tables import for_each
from vendors.offered import manifest

pytestmark = pytest.mark.skipif(
    not real_servers.are_there() or shutil.which("node") is None,
    reason="Node or the servers are not on this machine: script/bootstrap servers says why",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at a server saw: how it ended, and its manifest."""

    look: Look
    manifest: manifest.Manifest

    @property
    def facts(self) -> dict[str, str]:
        """Return what was observed, by its keys."""
        return {one.key: one.value for one in self.look.seen}

    @property
    def tools(self) -> list[str]:
        """Return the names of its tools."""
        return [one.name for one in self.manifest.tools]


def seen(found: Look) -> Seen:
    assert (found.outcome, found.why) == (Run.Status.COMPLETE, "")
    return Seen(found, manifest.parse(found.raw))


@pytest.fixture(scope="module")
def over_stdio(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seen]:
    """What is seen of the three over stdio, in the sandbox."""
    folder = tmp_path_factory.mktemp("packages")
    return {name: seen(look_at_package(real_servers.package(folder, name))) for name in VERSIONS}


@pytest.fixture(scope="module")
def over_http() -> Iterator[Seen]:
    """What is seen of server-everything where it serves over HTTP."""
    with real_servers.everything_over_http() as url:
        yield seen(look(Target(url=url, allowed=LOOPBACK)))


@needs_sandbox
@for_each(
    "name, tools, protocol, itself",
    [
        (EVERYTHING, 13, "2025-11-25", "mcp-servers/everything 2.0.0"),
        (FILESYSTEM, 14, "2025-11-25", "secure-filesystem-server 0.2.0"),
        (FETCH, 1, "2026-07-28", "mcp-fetch 2026.10.24"),
    ],
    ids=lambda row: row[0],
)
def test_a_real_package_is_seen_as_it_is(
    name: str, tools: int, protocol: str, itself: str, over_stdio: dict[str, Seen]
):
    found = over_stdio[name]

    assert len(found.tools) == tools
    assert (found.facts["protocol"], found.facts["server"]) == (protocol, itself)
    assert found.facts["started"].endswith(f"{name} {VERSIONS[name]}")
    assert found.facts.get("made_up") == ("allowed_dir" if name == FILESYSTEM else None)


@needs_sandbox
def test_what_else_is_offered_is_seen(over_stdio: dict[str, Seen]):
    offered = [(one.kind, one.key) for one in over_stdio[EVERYTHING].manifest.offerings]

    assert [key for kind, key in offered if kind == "prompt"] == [
        "args-prompt", "completable-prompt", "resource-prompt", "simple-prompt",
    ]  # fmt: skip
    assert [key for kind, key in offered if kind == "resource_template"] == [
        "demo://resource/dynamic/blob/{resourceId}", "demo://resource/dynamic/text/{resourceId}",
    ]  # fmt: skip
    assert len([key for kind, key in offered if kind == "resource"]) == 7
    assert over_stdio[EVERYTHING].manifest.instructions.startswith("# Everything Server")


@needs_sandbox
def test_both_transports_give_the_same_manifest(over_stdio: dict[str, Seen], over_http: Seen):
    assert over_http.tools == over_stdio[EVERYTHING].tools
    assert over_http.manifest.digest == over_stdio[EVERYTHING].manifest.digest
    assert over_http.facts["protocol"] == "2025-11-25"
