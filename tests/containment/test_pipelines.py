"""A pipeline asks with the script that the register hands out: run as it stands, against a register that is up."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from pytest_django.live_server_helper import LiveServer

from containment.management.commands import verify_pins
from containment.pipelines import ask_register, snippets
from tests import cast
from tests.api.caller import Caller, frozen
from tests.cast import NOON
from tests.containment import approved
from tests.containment.approved import NAME
from tests.waiting import PATIENCE
from vendors import lifecycle
from vendors.lockfiles import reading
from vendors.models import Package, Release, Server
from vendors.naming import integrity
from vendors.registering import importing

SHA512 = "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="
WEATHER = "@example/weather"


def lock(version: str = "1.2.3") -> str:
    entry = {"version": version, "resolved": "https://npm.example/w.tgz", "integrity": SHA512}
    return json.dumps({"lockfileVersion": 3, "packages": {f"node_modules/{WEATHER}": entry}})


class Pipeline:
    """A folder with the script as it is handed out, and the secrets of a pipeline."""

    def __init__(self, folder: Path, register: str, caller: Caller) -> None:
        self.folder = folder
        self.environ = {"RISKREGISTER_URL": register, "RISKREGISTER_TOKEN": caller.key, "PATH": os.environ["PATH"]}
        handed_out: Any = caller.client.get("/pipelines/ask_register.py")
        self.write("ask_register.py", b"".join(handed_out.streaming_content))
        self.write("package-lock.json", lock().encode())

    def write(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)

    def ask(self, *words: str, **environ: str) -> tuple[int, str]:
        """Return the exit code, and what was printed to both streams."""
        return self.run([sys.executable, "ask_register.py", *words], **environ)

    def run(self, command: list[str], **environ: str) -> tuple[int, str]:
        ran = subprocess.run(
            command, cwd=self.folder, env=self.environ | environ, capture_output=True, text=True, timeout=PATIENCE,
            check=False,
        )  # fmt: skip
        return ran.returncode, ran.stdout + ran.stderr


def test_it_fails_where_agents_may_not_use_what_is_deployed(live_server: LiveServer, tmp_path: Path, settings: Any):
    settings.ORIGIN = live_server.url
    with frozen():
        set_up = approved.set_up()
        people, ref = set_up.scene.people, set_up.server.ref
        importing.record_package_digest(set_up.release.packages.get(), integrity=SHA512, by=people.alice, now=NOON)
        pipeline = Pipeline(tmp_path, live_server.url, set_up.gateway())
        pipeline.write("other.tgz", b"another package")
        pipeline.write("tools.json", cast.tools("look_up", "warn").encode())
        for words, code, output in (
            ((ref, "package-lock.json", "tools.json", "--release", "1.2.3"), 0, f"{ref} {NAME}: match."),
            ((NAME, "package-lock.json", "--only", "npm"), 0, "match    npm @example/weather 1.2.3"),
            ((ref, "package-lock.json"), 3, "unknown  tools/list"),
            ((ref, "other.tgz", "--only", "npm"), 1, "mismatch npm @example/weather 1.2.3 (other.tgz)"),
            ((ref, "package-lock.json", "--release", "1.3.0"), 1, "Approved is release 1.2.3, not 1.3.0."),
            ((ref, "--approval-only"), 0, "Approved now; nothing else was compared."),
            ((ref, "--approval-only", "--release", "1.3.0"), 1, "Approved is release 1.2.3, not 1.3.0."),
            (("com.example/nobody", "package-lock.json"), 1, "The register has no server com.example/nobody"),
            ((ref, "missing.tgz"), 2, "missing.tgz cannot be read: No such file or directory."),
            ((ref, "--artefact", "npm", WEATHER, "abc"), 2, "artefacts[0]: 'abc' is no digest."),
        ):
            assert_said(pipeline.ask(*words), code, output)
        assert_said(pipeline.ask(ref, RISKREGISTER_TOKEN="mvr_none"), 2, "The register refused (401)")
        assert_said(pipeline.ask(ref, RISKREGISTER_URL="http://register.example"), 2, "must begin with https://")
        assert_said(pipeline.ask(ref, RISKREGISTER_URL=f"{live_server.url}/elsewhere"), 2, "The register answered 404")

        # The lines that GitHub and GitLab run, as they stand.
        for host in ("github", "gitlab"):
            _document, script = snippet(set_up.server, host, origin=live_server.url)
            assert_said(pipeline.run(["bash", "-euo", "pipefail", "-c", script]), 0, f"{ref} {NAME}: match.")
            log = json.loads((tmp_path / "register.sarif").read_text())
            assert [one["ruleId"] for one in log["runs"][0]["results"]] == ["mcp-match"]

        server = Server.objects.get(pk=set_up.server.pk)
        lifecycle.suspend(server, reason="To be sure.", by=people.bob, now=NOON)
        assert_said(pipeline.run(["bash", "-euo", "pipefail", "-c", script]), 1, "The server is suspended.")


def assert_said(found: tuple[int, str], code: int, expected: str) -> None:
    assert (found[0], expected in found[1]) == (code, True), found


def snippet(server: Server, host: str, *, origin: str) -> tuple[Any, str]:
    """Return a snippet as YAML is read, and the lines that it runs."""
    text = snippets.text(snippets.BY_NAME[host], server, origin=origin)
    document = yaml.safe_load(text)
    if host == "gitlab":
        [job] = document.values()
        return document, job["script"][0]
    [step] = [one for one in document["jobs"]["approval"]["steps"] if "run" in one]
    assert step["env"]["RISKREGISTER_TOKEN"] == "${{ secrets.RISKREGISTER_TOKEN }}"
    return document, step["run"]


def a_server(version: str, *kinds: str, name: str = NAME) -> Server:
    """Return a server of the words that a snippet is made of, without a database."""
    release = Release(version=version)
    packages = [Package(registry_type=kind) for kind in kinds]
    release._prefetched_objects_cache = {"packages": packages}  # type: ignore[attr-defined]
    return Server(number=12, name=name, pinned_release=release)


def test_what_is_asked_follows_from_the_packages_of_the_release():
    for server, arguments in (
        (a_server("1.2.3", "npm"), "S-12 --release 1.2.3 --only npm package-lock.json"),
        (a_server("1.2.3", "pypi", "npm", "oci"),
         "S-12 --release 1.2.3 --only npm --only pypi package-lock.json uv.lock"),
        (a_server("1.2.3", "oci"), "S-12 --release 1.2.3 --approval-only"),
        (a_server("1.2.3"), "S-12 --release 1.2.3 --approval-only"),
        (Server(number=12), "S-12 --approval-only"),
    ):  # fmt: skip
        assert " ".join(snippets.arguments(server)) == arguments


def test_what_vendors_choose_runs_nothing():
    for evil in ("1.0; curl evil.example", "${{ github.token }}", "1\n  evil: true", "$(id)", "1'\"", "`id`"):
        for host in snippets.BY_NAME:
            text = snippets.text(snippets.BY_NAME[host], a_server(evil, "npm", name=evil), origin="https://r.example")
            assert evil not in text, (host, evil)
            assert "ask_register.py S-12 --only npm package-lock.json --sarif register.sarif" in text
            assert len(re.findall(r"\$\{\{", text)) == (2 if host == "github" else 0)


def test_the_digest_in_a_snippet_is_that_of_the_script():
    text = snippets.text(snippets.BY_NAME["gitlab"], a_server("1.2.3"), origin="https://r.example")
    assert f'echo "{hashlib.sha256(snippets.script()).hexdigest()}  ask_register.py" | sha256sum --check' in text


def test_the_script_needs_nothing_but_the_standard_library():
    imported = re.findall(r"^(?:from|import) (\w+)", snippets.script().decode(), re.MULTILINE)
    assert set(imported) <= sys.stdlib_module_names
    assert "riskregister" not in imported


def test_what_the_script_says_again_of_the_register_is_as_the_register_has_it():
    assert set(ask_register.LOCK_FILES) == set(reading.READERS)
    assert set(ask_register.ALGORITHMS) == set(integrity.SIZES)
    assert set(ask_register.OUT_OF_USE) == {status.value for status in Server.OUT_OF_USE}
    assert ask_register.EXIT_CODES == verify_pins.EXIT_CODES
