"""Pipelines ask whether what they deploy is what was approved: by the command and over the API."""

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import TestCase

from tests import append_only, cast
from tests.api.caller import Caller, frozen
from tests.cast import INTEGRITY, NOON, OTHER_INTEGRITY
from tests.containment import approved
from tests.containment.approved import LAST_DAY
from vendors import lifecycle
from vendors.models import Package, Server
from vendors.registering import importing

SHARED = Path(settings.BASE_DIR).parent / "shared" / "data" / "lockfiles"
WEATHER = "@example/weather"
JSON = "application/json"
SHA512 = "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="


def lock(integrity: str = SHA512, version: str = "1.2.3", name: str = WEATHER) -> str:
    entry = {"version": version, "resolved": "https://npm.example/w.tgz", "integrity": integrity}
    return json.dumps({"lockfileVersion": 3, "packages": {"": {}, f"node_modules/{name}": entry}}, indent=1)


def is_sarif(document: dict[str, Any]) -> None:
    """Check what SARIF 2.1.0 asks of a log with such results, by the sections of the standard."""
    assert (document["version"], len(document["runs"])) == ("2.1.0", 1)  # 3.13.2
    [run] = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"]  # 3.19.8
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert run["results"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]  # 3.27.5, 3.27.6
        assert (result["level"] == "none") == (result["kind"] != "fail")  # 3.27.9, 3.27.10
        assert result["message"]["text"].endswith(".")  # 3.11.2
        [place] = result["locations"]
        physical = place.get("physicalLocation")
        assert physical is None or re.fullmatch(r"[\w%./-]+", physical["artifactLocation"]["uri"])  # 3.4.3
        assert physical is None or physical["region"]["startLine"] >= 1  # 3.30.5


class Verifying(TestCase):
    """A server approved at 1.2.3, with an npm package whose digest is on record, and captured tools."""

    set: approved.Approved
    caller: Caller

    @classmethod
    def setUpTestData(cls) -> None:
        cls.set = approved.set_up()
        cls.caller = cls.set.gateway()
        package = cls.set.release.packages.get()
        importing.record_package_digest(package, integrity=SHA512, by=cls.set.scene.people.alice, now=NOON)

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = tmp_path
        monkeypatch.chdir(tmp_path)

    def file(self, name: str, content: str) -> str:
        (self.folder / name).write_text(content)
        return name

    def run_command(self, *args: str) -> tuple[int, str]:
        """Return the exit code and what was printed, the last word of a refusal included."""
        printed = StringIO()
        try:
            call_command("verify_pins", self.set.server.ref, *args, stdout=printed)
        except CommandError as error:
            return error.returncode, f"{printed.getvalue()}{error}"
        return 0, printed.getvalue()

    def outcomes(self, *args: str) -> tuple[int, list[str]]:
        code, printed = self.run_command(*args, "--format", "json")
        document = json.JSONDecoder().raw_decode(printed)[0]
        return code, [row["outcome"] for row in document["checks"]]

    def asked(self, **body: Any) -> dict[str, Any]:
        return self.caller.done(f"/servers/{self.set.server.pk}/verify/", **body)  # type: ignore[no-any-return]

    def refused(self, **body: Any) -> list[str]:
        answer = self.caller.post(f"/servers/{self.set.server.pk}/verify/", **body)
        assert answer.status_code == 422, answer.content
        return [error["field"] for error in answer.json()["errors"]]

    def test_all_of_it_matches(self) -> None:
        tools = self.file("tools.json", cast.tools("look_up", "warn"))
        code, printed = self.run_command(self.file("package-lock.json", lock()), tools)
        assert code == 0
        assert printed.splitlines() == [
            f"{self.set.server}: match. All of it is what was approved.",
            f"  match    npm {WEATHER} 1.2.3 (package-lock.json:5): Its digest is the one on record.",
            "  match    tools/list (tools.json): Its digest is the one on record.",
        ]

    def test_what_differs_fails_and_what_is_not_known_fails_otherwise(self) -> None:
        same = self.file("package-lock.json", lock())
        tools = self.file("tools.json", cast.tools("look_up", "warn", "drop_tables"))
        wheel = self.file("weather-1.2.3.tgz", "another package")
        for args, code, outcomes in (
            ((same, "--only", "npm"), 0, ["match"]),
            ((same,), 3, ["match", "unknown"]),
            ((same, tools), 1, ["match", "mismatch"]),
            ((wheel, "--only", "npm"), 1, ["mismatch"]),
            ((self.file("yarn.lock", "# yarn lockfile v1\n"), "--only", "npm"), 3, ["unknown"]),
            (("--only", "npm"), 3, ["unknown"]),
            (("--artefact", "npm", f"{WEATHER}@1.2.3", SHA512, "--only", "npm"), 0, ["match"]),
            (("--artefact", "npm", f"{WEATHER}@1.2.3", f"sha512:{'a' * 128}", "--only", "npm"), 1, ["mismatch"]),
            (("--artefact", "npm", f"{WEATHER}@1.2.3", "a" * 64, "--only", "npm"), 3, ["unknown"]),
            (("--artefact", "npm", f"{WEATHER}@1.2.4", SHA512, "--only", "npm"), 1, ["mismatch"]),
            (("--artefact", "oci", "ghcr.io/example/weather:1", "a" * 64, "--only", "npm"), 1, ["unknown", "mismatch"]),
        ):
            assert self.outcomes(*args) == (code, outcomes), args

    def test_agents_must_be_allowed_to_use_the_server_now_and_at_this_release(self) -> None:
        path = self.file("package-lock.json", lock())
        assert self.run_command(path, "--release", "1.2.3", "--only", "npm")[0] == 0
        code, printed = self.run_command(path, "--release", "1.3.0")
        assert (code, printed.count("Approved is release 1.2.3, not 1.3.0.")) == (1, 2)
        with frozen(NOON.replace(day=LAST_DAY.day + 1)):
            code, printed = self.run_command(path)
        assert (code, "not approved. The approval has run out." in printed) == (1, True)
        server = Server.objects.get(pk=self.set.server.pk)
        lifecycle.suspend(server, reason="To be sure.", by=self.set.scene.people.bob, now=NOON)
        code, printed = self.run_command(path)
        assert (code, "not approved. The server is suspended." in printed) == (1, True)

    def test_what_cannot_be_read_is_wrong_usage_and_says_what_to_do(self) -> None:
        (self.folder / "package-lock.json").write_bytes(b"\x00\xff" * 9000)
        for args, words in (
            (("package-lock.json",), "is not UTF-8 text"),
            ((self.file("pnpm-lock.yaml", "a: ["),), "pnpm-lock.yaml: The file is not YAML"),
            ((self.file("tools.json", "{}"),), "No tools found"),
            (("missing.tgz",), "missing.tgz cannot be read: No such file or directory."),
            (("--artefact", "npm", WEATHER, "sha512-abc"), "'sha512-abc' is no digest. Write it as sha512-"),
            (("--artefact", "npm", WEATHER, f"sha1:{'a' * 40}"), "sha1 proves nothing any more."),
            (("--only", "oci"), "has no artefact of the kind 'oci'. It has npm, tools."),
        ):
            code, printed = self.run_command(*args)
            assert (code, words in printed) == (2, True), (args, printed)
        with pytest.raises(CommandError, match="There is no server S-999") as refusal:
            call_command("verify_pins", "S-999")
        assert refusal.value.returncode == 2

    def test_a_release_without_digests_is_never_a_match(self) -> None:
        with append_only.lifted(connection, Package):
            Package.objects.filter(release=self.set.release).update(integrity="")
        code, printed = self.run_command(self.file("package-lock.json", lock()), "--only", "npm")
        assert (code, "No digest of it is on record." in printed) == (3, True)

    def test_real_lock_files_are_compared_with_a_real_digest(self) -> None:
        if not SHARED.is_dir():
            pytest.skip("the lock files lie in ../shared/data/lockfiles, which is not here")
        ours, theirs = SHARED / "playwright-mcp/package-lock.json", SHARED / "notion-mcp-server/package-lock.json"
        name = "@modelcontextprotocol/sdk"
        entry = json.loads(ours.read_text())["packages"][f"node_modules/{name}"]
        known = {"identifier": name, "version": entry["version"], "integrity": entry["integrity"]}
        with append_only.lifted(connection, Package):
            Package.objects.filter(release=self.set.release).update(**known)
        assert self.outcomes(str(ours), "--only", "npm") == (0, ["match"])
        assert self.outcomes(str(theirs), "--only", "npm") == (1, ["mismatch"])

    def test_code_hosts_read_it_as_sarif(self) -> None:
        path = self.file("package lock.txt", f"weather==1 --hash={INTEGRITY}\n")
        for args in ((self.file("package-lock.json", lock(version="1.2.4")),), (path, "--release", "9"), ()):
            code, printed = self.run_command(*args, "--format", "sarif")
            assert code in (1, 3)
            is_sarif(json.JSONDecoder().raw_decode(printed)[0])
        code, printed = self.run_command("package-lock.json", "--format", "sarif")
        first, second = json.JSONDecoder().raw_decode(printed)[0]["runs"][0]["results"]
        assert (first["ruleId"], first["level"]) == ("mcp-mismatch", "error")
        assert first["message"]["text"] == (
            f"{self.set.server.ref} com.example/weather, npm {WEATHER} 1.2.3: It is 1.2.4; approved is 1.2.3."
        )
        place = first["locations"][0]["physicalLocation"]
        assert place == {"artifactLocation": {"uri": "package-lock.json"}, "region": {"startLine": 5}}
        assert (second["ruleId"], second["kind"], second["level"]) == ("mcp-unknown", "fail", "warning")

    def test_over_the_api_it_says_of_each_artefact_what_was_compared(self) -> None:
        found = self.asked(
            artefacts=[{"kind": "npm", "name": WEATHER, "version": "1.2.3", "digest": SHA512}],
            lock_files=[{"name": "package-lock.json", "content": lock(OTHER_INTEGRITY)}],
            manifest_digest=self.set.release.manifest_digest,
            release="1.2.3",
        )
        assert (found["outcome"], found["detail"]) == ("unknown", "Not all of it is known to be what was approved.")
        assert found["server"] == {"ref": self.set.server.ref, "name": "com.example/weather"}
        assert (found["approval"], found["release"]) == (self.set.approval.ref, "1.2.3")
        assert found["valid_until"] == LAST_DAY.isoformat()
        assert [(row["outcome"], row["where"], row["line"]) for row in found["checks"]] == [
            ("match", "artefacts[0]", 0), ("unknown", "package-lock.json", 5), ("match", "manifest_digest", 0),
        ]  # fmt: skip
        assert found["checks"][1]["given"] == [OTHER_INTEGRITY]

    def test_captured_tools_are_compared_as_they_are_imported(self) -> None:
        for names, outcome in ((("warn", "look_up"), "match"), (("look_up",), "mismatch")):
            found = self.asked(tools=json.loads(cast.tools(*names)), kinds=["tools"])
            assert (found["outcome"], len(found["checks"])) == (outcome, 1), names

    def test_it_answers_what_holds_now_whatever_key_the_request_names(self) -> None:
        path, headers = f"/api/v1/servers/{self.set.server.pk}/verify/", {"Idempotency-Key": "k-1"}
        body = {"kinds": ["npm"], "lock_files": [{"name": "package-lock.json", "content": lock()}]}
        assert self.caller.client.post(path, body, content_type=JSON, headers=headers).json()["outcome"] == "match"
        server = Server.objects.get(pk=self.set.server.pk)
        lifecycle.suspend(server, reason="To be sure.", by=self.set.scene.people.bob, now=NOON)
        found = self.caller.client.post(path, body, content_type=JSON, headers=headers).json()
        assert (found["outcome"], found["detail"]) == ("not_approved", "The server is suspended.")
        assert (found["approval"], found["checks"]) == (None, [])

    def test_what_cannot_be_read_is_refused_with_its_place(self) -> None:
        right = {"kind": "npm", "name": WEATHER, "digest": SHA512}
        assert self.refused(artefacts=[right, right | {"digest": "sha512-abc"}]) == ["artefacts[1]"]
        assert self.refused(lock_files=[{"name": "package.json", "content": "{}"}]) == ["lock_files[0]"]
        assert self.refused(tools={}) == ["tools"]
        assert self.refused(manifest_digest="abc") == ["manifest_digest"]
        assert self.refused(kinds=["oci"]) == ["kinds"]

    def test_a_lock_file_may_be_as_large_as_a_body(self) -> None:
        text = json.dumps(json.loads(lock()) | {"padding": "x" * 3_000_000})
        found = self.asked(lock_files=[{"name": "package-lock.json", "content": text}], kinds=["npm"])
        assert found["outcome"] == "match"
        answer = self.caller.post(
            f"/servers/{self.set.server.pk}/verify/", lock_files=[{"name": "yarn.lock", "content": "x" * 4_200_000}]
        )
        assert answer.status_code == 413

    def test_whoever_accepts_sarif_gets_it(self) -> None:
        path = f"/api/v1/servers/{self.set.server.pk}/verify/"
        headers = {"Accept": "application/sarif+json, application/json;q=0.5"}
        answer = self.caller.client.post(path, {}, content_type=JSON, headers=headers)
        assert answer["Content-Type"] == "application/sarif+json"
        is_sarif(answer.json())
        refused = self.caller.client.post(path, {"kinds": ["x"]}, content_type=JSON, headers=headers)
        assert (refused.status_code, refused["Content-Type"]) == (422, "application/problem+json")

    def test_of_a_server_of_others_nothing_is_told(self) -> None:
        eve = Caller(self.set.scene.people.eve, ["read"])
        assert eve.post(f"/servers/{self.set.server.pk}/verify/").status_code == 404
        assert self.caller.client.get(f"/api/v1/servers/{self.set.server.pk}/verify/").status_code == 405
