"""Results of other scanners: each taken in as a claim of that scanner, whole, or refused with the place."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import TestCase
from django.urls import reverse

from audit.models import Event
from decisions.approvals import preview
from evidence import store
from findings.models import Finding
from inspection import drift, scanner_results
from inspection.scanners import reading
from inspection.scanners.claims import MOST, Claim, ResultsInvalid
from monitoring.models import Collector, Observation, Run
from scoring.scales import Severity
from tests import cast
from tests.api.caller import Caller
from tests.assessments import scenes
from tests.cast import NOON
from tests.collectors import documents
from tests.tables import for_each
from tests.web.signed_in import as_
from vendors.models import Server
from vendors.registering import importing

SAFE = {"severity": "SAFE", "threat_names": [], "threat_summary": "No threats detected", "total_findings": 0}
UNSAFE = {
    "severity": "HIGH", "threat_names": ["CREDENTIAL HARVESTING"], "total_findings": 1,
    "threat_summary": "Detected 1 threat: credential harvesting", "mcp_taxonomies": [{"aitech": "AITech-8.2"}],
}  # fmt: skip


def cisco(*rows: dict[str, Any]) -> dict[str, Any]:
    """Return what Cisco's scanner writes of these tools."""
    return {"server_url": "https://mcp.example.com/mcp", "scan_results": list(rows), "requested_analyzers": ["yara"]}


def scanned(name: str, *, status: str = "completed", **found: Any) -> dict[str, Any]:
    findings = {f"{analyzer}_analyzer": one for analyzer, one in found.items()}
    return {
        "status": status, "is_safe": all(one == SAFE for one in found.values()), "findings": findings,
        "tool_name": name, "tool_description": "", "item_type": "tool",
    }  # fmt: skip


def sarif(*results: dict[str, Any], rules: Any = (), name: str = "Skim", **run: Any) -> dict[str, Any]:
    """Return SARIF 2.1.0 of one run of a scanner."""
    driver = {"name": name, "version": "1.2", "rules": list(rules)}
    return {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": list(results)} | run]}


def result(rule: str = "R1", message: str = "It is so.", **more: Any) -> dict[str, Any]:
    where = [{"logicalLocations": [{"name": "look_up"}]}]
    return {"ruleId": rule, "message": {"text": message}, "locations": where} | more


def claims(document: Any) -> list[tuple[str, str, str, Severity | None]]:
    read = reading.read(json.dumps(document))
    return [(one.rule, one.place, one.message, one.severity) for one in read.claims]


def test_what_cisco_found_is_a_claim_by_analyzer_and_what_it_did_not_scan_is_not_safe():
    document = cisco(
        scanned("look_up", yara=SAFE), scanned("warn", yara=UNSAFE, llm=SAFE), scanned("slow", status="failed")
    )
    read = reading.read(json.dumps(document))

    assert (read.format, read.by, read.looked_at) == ("Cisco MCP Scanner JSON", "Cisco MCP Scanner", 3)
    assert read.claims == (
        Claim(
            "Cisco MCP Scanner", "yara: CREDENTIAL HARVESTING", "warn", "Detected 1 threat: credential harvesting",
            Severity.HIGH,
        ),
        Claim("Cisco MCP Scanner", "not scanned", "slow", "was not scanned: failed", None),
    )  # fmt: skip


def test_the_bare_list_of_cisco_is_read_too():
    assert claims([scanned("warn", yara=UNSAFE)]) == claims(cisco(scanned("warn", yara=UNSAFE)))


@for_each(
    "given, severity",
    [
        ({"level": "error"}, Severity.HIGH),
        ({"level": "warning"}, Severity.MEDIUM),
        ({"level": "note"}, Severity.LOW),
        ({"level": "none"}, None),
        ({}, Severity.MEDIUM),
        ({"kind": "review"}, None),
        ({"level": "note", "properties": {"security-severity": "9.8"}}, Severity.CRITICAL),
        ({"level": "error", "suppressions": [{"kind": "external"}]}, None),
    ],
)
def test_a_level_of_sarif_is_a_severity(given: dict[str, Any], severity: Severity | None):
    [(_rule, _place, _message, found)] = claims(sarif(result(**given)))

    assert found == severity


def test_a_rule_of_sarif_says_what_its_results_leave_out():
    rule = {
        "id": "R9", "defaultConfiguration": {"level": "error"},
        "messageStrings": {"hides": {"text": "{0} hides {1} characters."}},
    }  # fmt: skip
    document = sarif(
        {"ruleIndex": 0, "message": {"id": "hides", "arguments": ["look_up", "3"]},
         "locations": [{"physicalLocation": {"artifactLocation": {"index": 0}, "region": {"startLine": 4}}}]},
        rules=[rule], artifacts=[{"location": {"uri": "tools.json"}}],
    )  # fmt: skip

    assert claims(document) == [("R9", "tools.json:4", "look_up hides 3 characters.", Severity.HIGH)]


def test_what_sarif_passes_or_no_longer_finds_is_no_claim():
    assert claims(sarif(result(kind="pass"), result(kind="notApplicable"), result(baselineState="absent"))) == []


def test_several_scanners_in_one_file_are_each_named():
    document = sarif(result())
    document["runs"] += sarif(result(), name="Scour")["runs"]

    assert reading.read(json.dumps(document)).by == "Skim 1.2, Scour 1.2"


@for_each(
    "document, path, words",
    [
        ({"version": "2.0.0", "runs": []}, "version", "Only SARIF 2.1.0 is read"),
        ({"version": "2.1.0", "runs": []}, "runs", "nothing was scanned"),
        (sarif() | {"runs": [{"tool": {"driver": {"name": "S"}}}]}, "runs[0].results", "nothing was scanned"),
        (sarif(name=""), "runs[0].tool.driver.name", "does not say which scanner"),
        (sarif(invocations=[{"executionSuccessful": False}]), "runs[0].invocations", "says that it failed"),
        (sarif(results=["x"]), "runs[0].results[0]", "Expected an object"),
        (cisco(), "scan_results", "nothing was scanned"),
        ({"scan_results": {}}, "scan_results", "Expected a list"),
        ({"scan_results": [{"tool_name": "x"}]}, "scan_results[0]", "Expected is_safe"),
        (cisco(scanned("x") | {"findings": {"a": 1}}), "scan_results[0].findings.a", "Expected an object"),
        ({"tools": []}, "", "It is no result of Cisco"),
        ([], "", "It is no result of Cisco"),
        ({"repo": {"name": "a/b/c"}, "checks": []}, "checks", "nothing was assessed"),
        (sarif(*[result(message=str(n)) for n in range(1500)], runs=0) | {
            "runs": [sarif(*[result()] * 1500)["runs"][0] for _twice in range(2)]}, "", f"more than {MOST} results"),
    ],
)  # fmt: skip
def test_what_is_no_whole_result_is_refused_with_its_place(document: Any, path: str, words: str):
    with pytest.raises(ResultsInvalid) as refused:
        reading.read(json.dumps(document))

    [problem] = refused.value.problems
    assert problem.path == path
    assert words in problem.message


@for_each("raw", [b"\xff\xfe", "{", '{"a": NaN}', '{"a": 1, "a": 2}', " " * 5_000_000, "[" * 100 + "]" * 100])
def test_what_is_no_document_is_refused(raw: str | bytes):
    with pytest.raises(ResultsInvalid):
        reading.read(raw)


class TakingIn(TestCase):
    """A server of Payments with the tools look_up and warn, of which alice brings what scanners say."""

    scene: scenes.Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        release = cls.scene.server.releases.get()
        importing.import_tools(
            release, cast.tools("look_up", "warn"), captured_at=NOON, command="", by=cls.scene.people.alice, now=NOON
        )

    def take(self, document: Any, *, days: int = 0) -> Run:
        now = NOON + timedelta(days=days)
        text = json.dumps(document)
        return scanner_results.import_results(self.scene.server, text, by=self.scene.people.alice, now=now)

    def claimed(self) -> dict[str, tuple[str, int | None, bool]]:
        rows = Observation.objects.filter(collector=Collector.SCANNER)
        return {one.words: (one.value, one.severity, one.is_seen) for one in rows}

    def test_it_is_kept_whole_with_who_and_when_and_each_result_as_a_claim(self) -> None:
        document = sarif(result(), result("R2", "Odd\u200b.", level="note"))
        run = self.take(document)

        raw = json.dumps(document).encode()
        assert (run.collector, run.version, run.status) == ("scanner", "Skim 1.2", "complete")
        assert (run.asked_by, run.asked_at, run.captured) == (self.scene.people.alice, NOON, None)
        assert run.raw_digest == hashlib.sha256(raw).hexdigest()
        assert run.raw is not None
        with store.open_blob(run.raw) as kept:
            assert kept.read() == raw
        assert self.claimed() == {
            "Skim claims: R1": ("look_up: It is so.", Severity.MEDIUM, True),
            "Skim claims: R2": ("look_up: Odd[U+200B].", Severity.LOW, True),
        }
        event = Event.objects.get(verb="run.imported")
        assert json.loads(event.body)["data"] | {"sha256": ""} == {
            "format": "SARIF 2.1.0", "scanner": "Skim 1.2", "results": 2, "sha256": "",
        }  # fmt: skip

    def test_what_the_register_knows_nothing_by_is_said(self) -> None:
        self.take(cisco(scanned("other_tool", yara=UNSAFE)))

        [(value, _severity, _seen)] = self.claimed().values()
        assert value.startswith("other_tool (nothing that the register knows by this name): Detected 1 threat")

    def test_a_newer_result_of_one_scanner_says_nothing_of_what_another_claimed(self) -> None:
        self.take(sarif(result(), result("R2")))
        self.take(sarif(result(), name="Scour"), days=1)
        self.take(sarif(result("R2")), days=2)

        assert {words: seen for words, (_value, _severity, seen) in self.claimed().items()} == {
            "Skim claims: R1": False, "Skim claims: R2": True, "Scour claims: R1": True,
        }  # fmt: skip

    def test_it_is_no_look_and_raises_nothing(self) -> None:
        before = drift.newest(self.scene.server)
        missing = preview.missing_of_server(self.scene.server, None, now=NOON)
        self.take(cisco(scanned("warn", yara=UNSAFE)), days=1)

        assert drift.newest(self.scene.server) == before
        assert preview.missing_of_server(self.scene.server, None, now=NOON) == missing
        assert not Finding.objects.exists()
        page = as_(self.scene.people.alice).get(reverse("web:server-tools", args=[self.scene.server.pk]))
        assert "The register has not looked at this server itself." in page.content.decode()

    def test_an_uploaded_scorecard_is_a_claim_of_its_own_day_and_shows_no_answer(self) -> None:
        Server.objects.filter(pk=self.scene.server.pk).update(repository_url="https://github.com/Example/weather.git")
        made_at = datetime(2026, 1, 2, 10, tzinfo=UTC)
        self.scene.server.refresh_from_db()
        run = self.take(documents.scorecard(date="2026-01-02T10:00:00Z"))

        assert (run.version, run.as_of) == ("OpenSSF Scorecard v5.5.0", made_at)
        words = "OpenSSF Scorecard claims: Signed-Releases"
        assert self.claimed()[words] == ("github.com/example/weather: Not assessed: no releases found", None, True)
        rows = Observation.objects.filter(collector=Collector.SCANNER)
        assert {one.words for one in rows if not one.is_assessed} == {words}
        assert {one.fact for one in rows} == {""}
        states = [rows.exclude(words=words)[0].state(now=made_at + timedelta(days=days)) for days in (90, 91)]
        assert states == ["fresh", "stale"]

    def test_the_scorecard_of_another_repository_or_of_a_day_to_come_is_refused(self) -> None:
        Server.objects.filter(pk=self.scene.server.pk).update(repository_url="https://github.com/example/climate")
        self.scene.server.refresh_from_db()
        with pytest.raises(ResultsInvalid, match=r"repo\.name.*comes from github\.com/example/climate"):
            self.take(documents.scorecard(date="2026-01-02"))
        Server.objects.filter(pk=self.scene.server.pk).update(repository_url="")
        self.scene.server.refresh_from_db()
        with pytest.raises(ResultsInvalid, match="It is of a day to come"):
            self.take(documents.scorecard(date="2999-01-02"))
        assert not Run.objects.of(Collector.SCANNER).exists()

    def test_a_refused_document_leaves_nothing(self) -> None:
        with pytest.raises(ResultsInvalid):
            self.take({"version": "2.1.0", "runs": []})

        assert not Run.objects.of(Collector.SCANNER).exists()
        assert not Event.objects.filter(verb="run.imported").exists()

    def test_a_person_looks_at_it_first_and_then_takes_it(self) -> None:
        browser, address = as_(self.scene.people.alice), reverse("web:scan-import", args=[self.scene.server.pk])
        text = json.dumps(cisco(scanned("other_tool", yara=UNSAFE)))
        looked = browser.post(address, {"document": text, "look": "yes"}).content.decode()
        assert "Is it the result of this one?" in looked
        assert not Run.objects.of(Collector.SCANNER).exists()
        taken = browser.post(address, {"document": text}, follow=True).content.decode()

        assert "Claims of Cisco MCP Scanner" in taken
        assert "The register did not see any of it." in taken

    def test_the_api_takes_it_and_hands_it_out_again(self) -> None:
        caller, document = Caller(self.scene.people.alice), sarif(result())
        made = caller.made(f"/servers/{self.scene.server.pk}/import-scan/", document=document)

        assert (made["collector"], made["version"], made["status"]) == ("scanner", "Skim 1.2", "complete")
        handed = caller.get(f"/runs/{made['id']}/answers/")
        assert json.loads(b"".join(handed.streaming_content)) == document
        refused = caller.post(
            f"/servers/{self.scene.server.pk}/import-scan/", document={"version": "2.1.0", "runs": []}
        )
        assert refused.status_code == 422
