"""The report on one assessment: what it prints, that the score follows from it, and that it is frozen."""

import hashlib
import json
import re
from fractions import Fraction
from io import BytesIO
from typing import Any
from unittest.mock import patch

import time_machine
from django.test import TestCase
from pypdf import PdfReader

from assessments.models import Assessment
from decisions.approvals import approvals
from evidence.models import Blob
from findings import register
from findings.models import Finding
from inspection.checks import table
from reports import issuing, render, requests
from reports.builders import assessment
from reports.models import Report
from tests import forgeries
from tests.assessments import scenes
from tests.cast import EXPOSURE, NOON
from tests.reports import scene, standards
from tests.reports.scene import DAY
from vendors import lifecycle, tiers
from vendors.registering import registration
from vendors.tiers import TIERS

LATER = NOON + 10 * DAY
# "Q12 permission_scope.tool_inventory 3 1 E0 3/5 9/5 1.80"; a dash without a choice, (2) where it does not apply
LINE = re.compile(r"Q\d+ ([a-z_]+\.[a-z_0-9]+) (\(?\d\)?) (\S+) E(\d) (\S+) (\S+) (\S+)\n")
TOTAL = re.compile(r"Overall assurance before caps = (\S+) = (\S+), (\w+)")
SHARE = re.compile(r"^(?:[A-Z][a-z]+ [a-z]+) (\d+) (\S+) (\S+) (\S+) \S+$", re.MULTILINE)


class AssessmentReport(TestCase):
    scene: scene.Scene
    report: Report
    pdf: bytes
    text: str
    data: dict[str, Any]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scene.build()
        with time_machine.travel(LATER, tick=False):
            cls.report = scene.issued(cls.scene)
        cls.pdf = scene.pdf(cls.report)
        cls.text = scene.text(cls.pdf)
        cls.data = json.loads(cls.report.data)

    def test_says_of_an_approval_that_ran_out_that_it_did(self) -> None:
        with time_machine.travel(NOON + 201 * DAY, tick=False):
            built = assessment.build(self.report, now=NOON + 201 * DAY)
        assert [one.status for one in built.decisions] == ["Expired"]
        assert built.server["status"] == "Approval expired"
        assert [one["id"] for one in built.rating["caps"] if one["subject"] == "approval"] == ["approval-lapsed"]
        assert (self.data["decisions"][0]["status"], self.data["server"]["status"]) == ("In force", "Approved")

    def test_prints_who_accepted_a_lower_governance_tier_and_who_let_the_server_be_used_again(self) -> None:
        server, people = self.scene.base.server, self.scene.people
        forgeries.accept_lower(server, people)
        server.refresh_from_db()
        lifecycle.suspend(server, reason="Look.", by=people.mia, now=NOON + 9 * DAY)
        approvals.resume_server(server, reason="Looked.", by=people.bob, now=NOON + 9 * DAY)
        with time_machine.travel(LATER, tick=False):
            built = assessment.build(self.report, now=LATER)
        rows = [(one.act, one.who) for one in built.signoffs]
        for act, who in (
            ("Lower governance tier asked for", "Alice"),
            ("Lower governance tier accepted", "Bob"),
            ("Server suspended", "Mia"),
            ("Server resumed", "Bob"),
        ):
            assert rows.count((act, who)) == 1, act

    def test_prints_every_line_of_the_snapshot(self) -> None:
        printed = {key: rest for key, *rest in LINE.findall(self.text)}
        sheet = self.data["snapshot"]["sheet"]
        for line in sheet["lines"]:
            weight, value, level, _ceiling, credit, _decimal = printed[line["question"]]
            assert weight.strip("()") == str(line["weight"])
            assert value == (line["value"] or "–")
            assert level == str(line["evidence_level"])
            assert credit == (line["credit"] if line["applies"] else "–")
        assert len(printed) == len(sheet["lines"]) == 59
        for answer in self.data["snapshot"]["answers"]:
            assert " ".join(answer["text"].split()) in " ".join(self.text.split())

    def test_the_score_recomputes_from_the_text_alone(self) -> None:
        sums: dict[str, list[Fraction]] = {}
        for key, weight, value, _level, ceiling, credit, _decimal in LINE.findall(self.text):
            if weight.startswith("("):
                continue
            counted = int(weight) * min(Fraction(value.replace("–", "0")), Fraction(ceiling))
            assert counted == Fraction(credit)
            of = sums.setdefault(key.split(".")[0], [Fraction(0), Fraction(0)])
            of[0], of[1] = of[0] + counted, of[1] + int(weight)
        table = self.text[self.text.index("Share × score") : self.text.index("Overall assurance before caps")]
        shares = [(Fraction(share), Fraction(score)) for _weight, share, score, _part in SHARE.findall(table)]
        scores = [100 * credits / weights for credits, weights in sums.values()]
        total = TOTAL.search(self.text)

        assert [score for _share, score in shares] == scores
        assert total is not None
        assert sum(share * score for share, score in shares) == Fraction(total[1])
        assert self.scene.assessment.snapshot.score.overall == Fraction(total[1])
        assert total[2] == "71.55"

    def test_prints_every_cap_with_what_lifts_it(self) -> None:
        text = " ".join(self.text.split())
        caps = [*self.data["rating"]["caps"], *self.data["rating"]["lifted"]]
        assert {cap["id"] for cap in caps} == {"weakest-dimension", "critical-question", "open-critical"}
        for cap in caps:
            question = f" {cap['question']} {cap['subject']}" if cap["id"] == "critical-question" else ""
            assert f"{cap['id']} {cap['at_most']} {'yes' if cap['binds'] else 'no'} {cap['reason']}{question}" in text
            assert cap["lifted_by"] in text

    def test_prints_every_digest(self) -> None:
        snapshot = self.data["snapshot"]
        evidence = [item["sha256"] for row in snapshot["answers"] for item in row["evidence"] if item["sha256"]]
        digests = {
            self.report.data_digest,
            self.scene.assessment.snapshot.digest,
            snapshot["answers_digest"],
            snapshot["release"]["manifest_digest"],
            snapshot["question_set"]["digest"],
            snapshot["sheet"]["methodology"]["digest"],
            *evidence,
        }
        assert len(digests) == 7
        assert {digest for digest in digests if digest not in self.text} == set()

    def test_carries_its_data_under_the_digest_on_its_cover(self) -> None:
        attached = PdfReader(BytesIO(self.pdf)).attachments["RP-1.json"][0]
        assert hashlib.sha256(attached).hexdigest() == self.report.data_digest
        assert attached.decode() == self.report.data

    def test_prints_who_did_what(self) -> None:
        text = " ".join(self.text.split())
        for line in (
            "Assessment submitted Alice In person 2 Mar 2026, 12:00 UTC A-1 First 1.0.0",
            "Assessment finalised Bob In person 2 Mar 2026, 13:00 UTC A-1 First 1.0.0",
            "Decision signed Bob In person 2 Mar 2026, 16:00 UTC AP-1 S-1 First approved with conditions",
            "Acceptance granted Dora In person 2 Mar 2026, 15:00 UTC RA-1 for F-",
        ):
            assert line in text, line

    def test_prints_findings_with_status_age_plan_and_verdict(self) -> None:
        text = " ".join(self.text.split())
        critical, fixed = Finding.objects.get(severity=1), Finding.objects.get(status="closed")
        assert f"{critical.ref} {critical.title} Critical Risk accepted 10 Alice 9 Mar 2026" in text
        assert f"{fixed.ref} {fixed.title} Medium Closed 8 Alice 31 May 2026" in text
        assert "Plan by Alice, target 16 Mar 2026: Ask the vendor, check the answer, record it." in text
        assert "Passed, Bob, 10 Mar 2026, 12:00 UTC: Seen in the release." in text

    def test_prints_accepted_risks_in_full(self) -> None:
        text = " ".join(self.text.split())
        assert "In force · expires 1 May 2026" in text
        assert "Compensating control: It runs without credentials, in a container of its own." in text
        assert "Asked for by Alice, 2 Mar 2026, 14:00 UTC. Granted by Dora, 2 Mar 2026, 15:00 UTC." in text

    def test_prints_the_withdrawn_control_with_its_successors(self) -> None:
        text = " ".join(self.text.split())
        assert "SA-12 Supply Chain Protection Withdrawn into SR-3, SR-5, SR-6, SR-8, SR-11." in text
        assert "Revision 5" in text
        # Of all that NIST ever withdrew nobody asks here.
        assert [row["ref"] for row in self.data["controls"] if row["status"] == "Withdrawn"] == ["SA-12"]

    def test_prints_of_a_deployment_at_which_governance_tier_it_runs(self) -> None:
        row = {
            "ref": "D-7", "name": "Desk", "tier": "1", "revision": "MI-20 draft", "proposed": 3, "reason": "It acts.",
            "accepted": "", "held_against": 1, "in_place": ["2 of 9", "2 of 12", "2 of 20"], "missing": [],
        }  # fmt: skip
        parts = render.parts(self.data | {"governance_tiers": [row]}, ref="RP-1", data_digest="", text="")
        text = "".join(part.html for part in parts)
        assert "D-7 Desk" in text
        assert "Runs at governance tier 1 of the MI-20 draft; tier 3 is proposed. It acts." in text
        assert "In place for tiers 1, 2 and 3: 2 of 9, 2 of 12, 2 of 20." in text

    def test_prints_what_each_control_came_to(self) -> None:
        lines = {line["question"]: line for line in self.data["snapshot"]["sheet"]["lines"]}
        unsettled = Finding.objects.filter(status__in=Finding.UNSETTLED)
        text = " ".join(self.text.split())
        with_results = 0
        for row in self.data["controls"]:
            applying = [lines[key] for key in row["questions"] if key in lines and lines[key]["applies"]]
            values = [Fraction(line["value"]) for line in applying if line["state"] == "option"]
            raised = unsettled.filter(question_key__in=row["questions"]).order_by("number")
            assert (row["asked"], row["answered"]) == (len(applying), len(values))
            assert row["lowest"] == (str(min(values)) if values else "")
            assert sorted(row["open_findings"]) == sorted(one.ref for one in raised)
            with_results += bool(row["open_findings"])
            if row["questions"]:
                answered = f"{row['answered']} of {row['asked']}" if row["asked"] else "Not asked"
                assert f"{answered} {row['lowest'] or '–'}" in text
        assert with_results > 3

    def test_prints_the_tools_the_address_and_the_eight_facts(self) -> None:
        text = " ".join(self.text.split())
        offered = self.data["offered"]
        assert [tool["name"] for tool in offered["tools"]] == ["read", "write"]
        assert all(tool["digest"] in self.text for tool in offered["tools"])
        assert "2 tools, captured 2 Mar 2026, 12:00 UTC with npx first." in text
        assert offered["addresses"] == []

    def test_prints_what_came_of_every_check_of_the_tools(self) -> None:
        offered, text = self.data["offered"], " ".join(self.text.split())
        assert len(offered["checks"]) == len(table.CHECKS)
        assert "Hidden characters (gates) OWASP MCP03 Passed Nothing" in text
        assert (
            "Name shadowing (gates) OWASP MCP03 Not assessed No deployment says which agent uses this server." in text
        )
        assert "None over a network: it runs where it is installed." in text
        assert [fact["title"] for fact in self.data["exposure"]][:2] == ["Data reached", "Most powerful tool"]
        assert len(self.data["exposure"]) == 8
        assert "Data reached High confidential, personal" in text

    def test_the_tier_follows_from_the_facts_and_the_rules_that_it_prints(self) -> None:
        text = " ".join(self.text.split())
        assert [f"{tier} {TIERS[tier]} {reason}" in text for tier, reason in self.data["tier_rules"]["rules"]] == [
            True
        ] * 7
        printed = text.split("Exposure of S-1 ")[1]
        levels = {
            fact.key: re.search(rf"{fact.title} (Low|Moderate|High|Severe) ", printed)[1].lower()  # type: ignore[index]
            for fact in tiers.load().facts
        }
        tiering = tiers.inherent_tier(levels, tiers.load())
        assert (tiering.tier, tiering.at_best) == (2, 2)
        assert f"Tier 2 High when frozen. {tiering.reason}" in text

    def test_keeps_and_prints_the_facts_that_the_frozen_tier_followed_from(self) -> None:
        facts = {"egress": "", "data_reached": "low"}
        registration.set_exposure(self.scene.base.server, facts=facts, by=self.scene.people.alice, now=LATER)
        report = requests.request_assessment_report(self.scene.assessment, by=self.scene.people.bob, now=LATER)
        with time_machine.travel(LATER, tick=False):
            issuing.read(report, now=LATER)
        data = issuing.data_of(report)
        [was] = data["exposure_frozen"]
        assert (was["of"], [fact["level"] for fact in was["facts"]][:2]) == ("S-1", ["High", "High"])
        assert data["snapshot"]["inherent_tier"]["facts"] == {"S-1": dict(EXPOSURE)}
        html = next(iter(render.parts(data, ref=report.ref, data_digest=report.data_digest, text=report.data))).html
        assert "It is another today. The tier that was frozen follows from these facts." in html
        assert "<td>Not known</td><td>Counts as severe</td>" in html
        assert self.data["exposure_frozen"] == []

    def test_prints_the_frozen_answer_beside_what_counts_now(self) -> None:
        text = " ".join(self.text.split())
        assert "Assurance before caps 71.55 (exactly 553275/7733), Adequate 72.23 (exactly 1117095/15466)" in text
        assert "0 at E1 1 at E0 Remediated" in text

    def test_says_how_many_changes_of_the_rating_it_leaves_out(self) -> None:
        changes = self.data["rating_changes"]
        assert len(self.data["rating_history"]) == changes > 1
        with time_machine.travel(LATER + DAY, tick=False), patch.object(assessment, "RATINGS", 1):
            shorter = scene.issued(self.scene)
        assert f"The latest 1 of {changes} changes." in scene.text(scene.pdf(shorter))
        assert "The latest" not in self.text

    def test_counts_what_it_covers_and_what_not(self) -> None:
        population = self.data["population"]
        states = ("answered", "not_applicable", "dont_know", "unanswered")
        assert population["questions"] == population["asked"] + len(self.data["not_asked"]) == 59
        assert population["asked"] == sum(population[state] for state in states)
        assert (population["dont_know"], population["not_applicable"]) == (1, 1)
        assert "of these not assessed, and not covered by this report 0" in self.text

    def test_counts_the_events_and_lists_them(self) -> None:
        history = self.data["history"]
        assert history["count"] == history["quiet"] + len(history["listed"])
        assert (history["first_at"], history["last_at"]) == ("2026-03-02T12:00:00+00:00", "2026-03-12T12:00:00+00:00")
        assert (
            f"{history['count']} events, the first 2 Mar 2026, 12:00 UTC, the last 12 Mar 2026, 12:00 UTC" in self.text
        )

    def test_tells_the_history_in_the_words_of_the_pages(self) -> None:
        assert "Decision signed" in self.text
        assert "Fix claimed" in self.text
        assert "Finding fix claimed" not in self.text

    def test_names_the_days_for_a_finding_from_the_worst_severity_on(self) -> None:
        days = "7 days (Critical), 30 days (High), 90 days (Medium), 180 days (Low)"
        assert days in " ".join(self.text.split())

    def test_numbers_its_pages_and_names_itself_on_each(self) -> None:
        pages = [page.extract_text() for page in PdfReader(BytesIO(self.pdf)).pages]
        assert len(pages) == self.report.parts.get().pages > 10
        for number, page in enumerate(pages, start=1):
            assert f"Page {number} of {len(pages)}" in page
            assert "as of 12 Mar 2026, 12:00 UTC" in page
            assert "RP-1" in page
            assert "Confidential" in page

    def test_is_tagged_archivable_and_says_what_it_is(self) -> None:
        reader = PdfReader(BytesIO(self.pdf))
        root: Any = reader.trailer["/Root"].get_object()
        assert root["/Lang"] == "en"
        assert root["/MarkInfo"]["/Marked"]
        assert reader.metadata is not None
        assert reader.metadata.title == "RP-1 Assessment A-1 of S-1 First"
        xmp = root["/Metadata"].get_object().get_data().decode()
        assert re.search(r"pdfaid:part\W+3\b", xmp)
        assert re.search(r"pdfaid:conformance\W+A\b", xmp)
        assert standards.broken(self.pdf) == []

    def test_the_same_data_gives_the_same_bytes(self) -> None:
        parts = render.parts(self.data, ref=self.report.ref, data_digest=self.report.data_digest, text=self.report.data)
        assert [hashlib.sha256(render.pdf(part)[1]).hexdigest() for part in parts] == [self.report.parts.get().blob_id]

    def test_what_happens_later_changes_nothing_in_it(self) -> None:
        finding = Finding.objects.get(status="remediating")
        register.change_severity(finding, severity=1, reason="Worse.", by=self.scene.people.bob, now=LATER)
        self.scene.base.final(at=LATER + DAY)
        assert Assessment.objects.get(pk=self.scene.assessment.pk).status == "superseded"

        again = Report.objects.get(pk=self.report.pk)
        assert scene.pdf(again) == self.pdf
        assert again.data == self.report.data

    def test_a_superseded_assessment_says_what_the_rating_rests_on_now(self) -> None:
        self.scene.base.final(at=LATER + DAY)
        with time_machine.travel(LATER + 2 * DAY, tick=False):
            report = requests.request_assessment_report(self.scene.assessment, by=self.scene.people.bob, now=LATER)
            issuing.read(report, now=LATER + 2 * DAY)
        data = issuing.data_of(report)
        assert (data["status"], data["rests_on"]) == ("Superseded", "A-2")
        html = next(iter(render.parts(data, ref=report.ref, data_digest=report.data_digest, text=report.data))).html
        assert "The current rating rests on A-2, which superseded A-1." in html

    def test_its_bytes_are_kept_once(self) -> None:
        assert Blob.objects.filter(sha256=hashlib.sha256(self.pdf).hexdigest()).count() == 1


class NothingInIt(TestCase):
    def test_a_server_without_findings_or_evidence_is_reported(self) -> None:
        base = scenes.set_up()
        assessment = base.final()
        report = requests.request_assessment_report(assessment, by=base.people.alice, now=NOON)
        issuing.read(report, now=NOON)
        data = issuing.data_of(report)
        assert (data["findings"], data["acceptances"], data["decisions"]) == ([], [], [])
        part = next(iter(render.parts(data, ref=report.ref, data_digest=report.data_digest, text=report.data)))
        assert "There is none: no answer was bad enough to raise one" in part.html
        assert "No evidence is attached to any answer" in part.html
        assert "Nobody has decided on this assessment." in part.html
