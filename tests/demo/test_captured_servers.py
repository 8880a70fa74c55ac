"""The captured servers are whole, valid, and what their digests say."""

import base64
import hashlib
import json
import re
import shlex
from datetime import date
from pathlib import Path
from typing import Any

from demo import captures
from riskregister.env import BASE_DIR
from tests.tables import for_each
from vendors.documents import server_json
from vendors.offered import manifest

FOLDER = BASE_DIR / "demo" / "servers"
FILES = sorted(FOLDER.glob("*.json"))
KEYS = {
    "vendor", "server_json", "registry_name_source", "package", "repository", "licence",
    "captured", "captured_on", "digests",
}  # fmt: skip
CAPTURED = {"command", "env_names", "protocol_version", "server_info", "instructions", "tools_list"}
COVERED = ("name", "title", "description", "inputSchema", "outputSchema", "annotations")
PACKAGE_REGISTRIES = re.compile(r"npmjs|pypi\.org|pythonhosted|/root\b|/home/")


def load(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def sha256(document: Any) -> str:
    """Digest a document the plain way, as an auditor without this product would."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_command_in_the_demo_is_the_one_that_was_run() -> None:
    shown = {path.stem: shlex.split(captures.load(path.stem).command) for path in FILES}
    assert shown == {path.stem: load(path)["captured"]["command"] for path in FILES}


each_file = for_each("path", FILES, ids=lambda path: path.stem)


class TestTheCollection:
    def test_holds_at_least_twelve_servers_of_eight_vendors(self) -> None:
        documents = [load(path) for path in FILES]
        assert len({document["server_json"]["name"] for document in documents}) == len(FILES) >= 12
        assert len({document["vendor"]["name"] for document in documents}) >= 8

    def test_has_both_package_registries_and_both_ways_to_connect(self) -> None:
        servers = [server_json.parse(json.dumps(load(path)["server_json"])) for path in FILES]
        assert {package.registry_type for server in servers for package in server.packages} == {"npm", "pypi"}
        assert any(server.remotes for server in servers)
        assert any(not server.remotes for server in servers)

    def test_has_servers_that_only_read_and_servers_that_destroy(self) -> None:
        tools = [manifest.parse(path.read_bytes()).tools for path in FILES]
        assert any(all(tool.hints.read_only.value for tool in server) for server in tools)
        assert any(
            tool.hints.destructive == manifest.Hint(value=True, declared=True) for server in tools for tool in server
        )
        assert any(not tool.annotations for server in tools for tool in server)

    def test_one_vendor_is_described_in_one_way(self) -> None:
        vendors = [load(path)["vendor"] for path in FILES]
        assert len({vendor["name"] for vendor in vendors}) == len({json.dumps(vendor) for vendor in vendors})


class TestEachServer:
    @each_file
    def test_has_all_parts(self, path: Path) -> None:
        document = load(path)
        assert document.keys() == KEYS
        assert document["captured"].keys() == CAPTURED
        assert date.fromisoformat(document["captured_on"]) >= date(2026, 1, 1)

    @each_file
    def test_is_described_by_a_valid_server_json_for_the_captured_package(self, path: Path) -> None:
        document = load(path)
        server = server_json.parse(json.dumps(document["server_json"]))
        [package] = server.packages
        captured = document["package"]
        assert (package.registry_type, package.identifier) == (captured["registry_type"], captured["identifier"])
        assert package.version == server.version == captured["version"]
        assert server.repository is not None
        assert server.repository.url == document["repository"]

    @each_file
    def test_was_captured_from_the_pinned_version(self, path: Path) -> None:
        document = load(path)
        package, command = document["package"], document["captured"]["command"]
        runner, pin = {"npm": ("npx", "@"), "pypi": ("uvx", "==")}[package["registry_type"]]
        assert command[0] == runner
        assert f"{package['identifier']}{pin}{package['version']}" in command

    @each_file
    def test_carries_the_digest_of_its_package_in_full(self, path: Path) -> None:
        document = load(path)
        algorithm, _, value = document["package"]["integrity"].replace("sha256:", "sha256-").partition("-")
        size = len(base64.b64decode(value, validate=True) if algorithm == "sha512" else bytes.fromhex(value))
        assert (algorithm, size) in {("sha512", 64), ("sha256", 32)}
        if algorithm == "sha256":
            assert document["server_json"]["packages"][0]["fileSha256"] == value

    @each_file
    def test_offers_the_tools_that_its_digest_pins(self, path: Path) -> None:
        document = load(path)
        captured = document["captured"]
        tools = [{key: tool[key] for key in COVERED if key in tool} for tool in captured["tools_list"]["tools"]]
        whole = {
            "instructions": captured["instructions"] or "",
            "tools": sorted(tools, key=lambda tool: str(tool["name"])),
        }
        assert tools
        assert manifest.parse(path.read_bytes()).digest == document["digests"]["manifest"] == sha256(whole)

    @each_file
    def test_has_the_server_json_that_its_digest_pins(self, path: Path) -> None:
        document = load(path)
        digest = server_json.parse(json.dumps(document["server_json"])).digest
        assert digest == document["digests"]["server_json"] == sha256(document["server_json"])

    @each_file
    def test_says_where_its_name_was_found(self, path: Path) -> None:
        document = load(path)
        name, source = document["server_json"]["name"], document["registry_name_source"]
        if source == "derived from repository":
            assert name == "io.github." + document["repository"].removeprefix("https://github.com/")
        else:
            assert source.startswith(("mcpName in", "mcp-name in"))

    @each_file
    def test_says_what_is_unknown_of_its_vendor(self, path: Path) -> None:
        vendor = load(path)["vendor"]
        assert {"legal_entity", "country"} - vendor.keys() == set(vendor.get("unknown", []))
        assert ("legal_entity" in vendor) == ("legal_entity_source" in vendor)
        assert vendor["website"].startswith("https://")

    @each_file
    def test_names_the_environment_without_values_and_no_registry_host(self, path: Path) -> None:
        document, text = load(path), path.read_text(encoding="utf-8")
        assert all(re.fullmatch(r"[A-Z][A-Z0-9_]*", name) for name in document["captured"]["env_names"])
        assert not PACKAGE_REGISTRIES.search(text)
