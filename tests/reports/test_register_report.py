"""The report on the risk register: its population, its parts, and long tables."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import TestCase, override_settings
from pypdf import PdfReader

from decisions.ratings import overriding
from findings import register
from findings.models import Finding
from reports import builders, issuing, render, requests
from reports.models import Report
from riskregister.refusals import Refused
from tests import append_only, cast, forgeries
from tests.assessments import scenes
from tests.cast import NOON, TODAY
from tests.reports import scene, standards
from vendors.models import Deployment
from vendors.registering import deployments, registration

DAY = timedelta(days=1)


class Register(TestCase):
    base: scenes.Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.base = scenes.set_up()

    def open(self, count: int, *, severity: int = 2, **facts: object) -> list[Finding]:
        return [
            register.open_by_hand(
                self.base.server,
                title=f"Finding number {number} of many with a title of usual length",
                severity=severity,
                dimension="data_handling",
                by=self.base.people.alice,
                now=NOON,
                **facts,  # type: ignore[arg-type]
            )
            for number in range(count)
        ]

    def test_prints_what_else_was_decided_until_a_day_while_it_counts(self) -> None:
        server, people = self.base.server, self.base.people
        self.base.final()
        forgeries.suppress(server, people)
        forgeries.accept_lower(server, people)
        asked = overriding.request(
            server, residual="medium", reason="It is off.", expires_on=TODAY + 10 * DAY, by=people.mia, now=NOON
        )
        overriding.grant(asked, by=people.bob, now=NOON)
        report = self.ask()

        def printed(day: int) -> list[tuple[str, str, str]]:
            rows = builders.build(report, now=NOON + day * DAY)["until"]
            return [(row["kind"], row["until"], row["decided_by"]) for row in rows]

        lower, by_hand, gone = (
            ("Lower governance tier", "2026-03-11", "Bob"), ("Residual risk by hand", "2026-03-12", "Bob"),
            ("Vulnerability that does not apply", "2026-05-31", "Bob"),
        )  # fmt: skip
        assert printed(9) == [lower, by_hand, gone]
        assert printed(10) == [by_hand, gone]
        assert printed(91) == []
        with time_machine.travel(NOON, tick=False):
            text = " ".join(scene.text(scene.pdf(scene.issue(report))).split())
        assert "Also decided until a day" in text
        assert "It never parses queries. Seen in the code." in text
        [deployment] = Deployment.objects.filter(server=server)
        assert f"was proposed: {deployment} of {server}" in text

    def found(self) -> list[Finding]:
        return list(Finding.objects.exclude(title="Elsewhere").order_by("number"))

    def ask(self, *, all_units: bool = False) -> Report:
        people = self.base.people
        if all_units:
            return requests.request_register_report(unit=None, by=people.ada, now=NOON)
        return requests.request_register_report(unit=people.payments, by=people.mia, now=NOON)

    def test_counts_everything_and_says_what_it_does_not_list(self) -> None:
        alice, bob = self.base.people.alice, self.base.people.bob
        (old, recent), (overdue, orphan) = self.open(2, severity=3), self.open(2)
        register.assign(overdue, owner=alice, by=alice, now=NOON)
        # As a finding is whose unit has no analyst left.
        with append_only.lifted(connection, Finding):
            Finding.objects.filter(pk=orphan.pk).update(owner=None)
        register.close(old, reason="The server is gone.", by=bob, now=NOON)
        later = NOON + 100 * DAY
        register.dismiss(recent, reason="It was none.", by=bob, now=later - DAY)

        report = self.ask()
        issuing.read(report, now=later)
        data = issuing.data_of(report)

        assert (data["total"], data["listed"], data["not_listed"]) == (4, 3, 1)
        assert old.ref not in {row["ref"] for row in data["findings"]}
        assert {row["label"]: row["count"] for row in data["by_status"] if row["count"]} == {
            "Open": 2,
            "Closed": 1,
            "Dismissed": 1,
        }
        assert data["by_unit"] == [{"unit": "Payments", "total": 4, "unsettled": 2, "overdue": 2}]
        assert [(row["owner"], row["overdue"], row["severe"], row["longest_days"]) for row in data["owners"]] == [
            ("Alice", 1, 1, 70),
            ("Nobody", 1, 1, 70),
        ]
        assert data["matrix"] == [{"tier": 2, "residual": "not_assessed", "count": 1}]
        assert {row["label"]: row["count"] for row in data["changes"]} == {"finding.dismissed": 1}

    def test_a_finding_that_was_reopened_is_as_old_as_the_day_it_was_found(self) -> None:
        (finding,) = self.open(1, severity=3)
        bob, later = self.base.people.bob, NOON + 100 * DAY
        register.close(finding, reason="The server is gone.", by=bob, now=NOON + DAY)
        register.reopen(finding, reason="It is back.", by=bob, now=later - DAY)
        report = self.ask()
        issuing.read(report, now=later)
        (row,) = issuing.data_of(report)["findings"]
        assert (row["found_at"], row["age_days"]) == (NOON.isoformat(), 100)

    def test_leaves_other_units_out_and_takes_vendors_findings_in(self) -> None:
        people = self.base.people
        self.open(1)
        register.open_by_hand(
            self.base.vendor, title="No SOC report", severity=3, dimension="data_handling", by=people.alice, now=NOON
        )
        other = registration.register_server(
            unit=people.research, name="com.example/other", title="Other", by=people.eve, now=NOON
        )
        theirs = register.open_by_hand(
            other, title="Elsewhere", severity=1, dimension="data_handling", by=people.eve, now=NOON
        )
        of_unit, of_all = self.ask(), self.ask(all_units=True)
        for report in (of_unit, of_all):
            issuing.read(report, now=NOON)

        data = issuing.data_of(of_unit)
        listed = {row["title"] for row in data["findings"]}
        assert len(listed) == 2
        assert [(row["label"], row["count"]) for row in data["changes"]] == [("finding.opened", 2)]
        assert [row["subject"] for row in data["history"]["listed"]] == [str(one) for one in self.found()]
        assert "No SOC report" in listed
        assert theirs.title not in of_unit.data
        assert issuing.data_of(of_all)["findings"][0]["title"] == "Elsewhere"
        assert issuing.data_of(of_all)["units"] == ["Payments", "Research"]

    def test_its_period_begins_with_the_chosen_day_of_the_organisation(self) -> None:
        self.open(1)
        mia, unit, later = self.base.people.mia, self.base.people.payments, NOON + 200 * DAY
        reports = [
            requests.request_register_report(unit=unit, since=day, by=mia, now=later)
            for day in (None, NOON.date() + DAY, NOON.date() + 2 * DAY)
        ]
        assert len({report.pk for report in reports}) == 3
        with override_settings(TIME_ZONE="Pacific/Auckland"):
            for report in reports:
                issuing.read(report, now=later)
        found = [issuing.data_of(report) for report in reports]
        # In Auckland the finding was opened at one in the morning of the 3rd.
        assert [data["since"] for data in found] == [
            "2026-06-20T12:00:00+00:00",
            "2026-03-02T11:00:00+00:00",
            "2026-03-03T11:00:00+00:00",
        ]
        assert [[row["count"] for row in data["changes"]] for data in found] == [[], [1], []]

    def test_a_period_does_not_begin_in_the_future(self) -> None:
        people = self.base.people
        with pytest.raises(Refused, match="has not come yet"):
            requests.request_register_report(unit=people.payments, since=NOON.date() + DAY, by=people.mia, now=NOON)
        assert not Report.objects.exists()

    def test_lists_the_servers_as_they_stand(self) -> None:
        people = self.base.people
        server = registration.register_server(
            unit=people.payments, name="com.example/other", title="Other", by=people.alice, now=NOON
        )
        report = self.ask()
        issuing.read(report, now=NOON)
        rows = issuing.data_of(report)["server_rows"]
        assert {(row["ref"], row["title"], row["status"], row["residual"], row["owner"]) for row in rows} == {
            (self.base.server.ref, "First", "Requested", "not_assessed", "Alice"),
            (server.ref, "Other", "Requested", "not_assessed", ""),
        }
        assert [row["vendors"] for row in rows if row["title"] == "First"] == [["Example Ltd"]]

    def test_prints_the_eight_facts_of_each_deployment_with_the_tier_at_best(self) -> None:
        alice, server = self.base.people.alice, self.base.server
        lone = self.base.another_server()
        deployed: dict[str, Any] = {"environment": "production", "by": alice, "now": NOON}
        calm = deployments.add_deployment(server, name="Desk", agent="Desk", **deployed, **cast.EXPOSURE)
        open_one = {**cast.EXPOSURE, "egress": ""}
        vague = deployments.add_deployment(server, name="Shop", agent="Shop", **deployed, **open_one)
        report = self.ask()
        issuing.read(report, now=NOON)
        data = issuing.data_of(report)
        high, known = ["High"] * 3, ["Moderate"] * 5
        assert [
            (row["server"], row["of"], row["what"], row["levels"], row["tier"]) for row in data["exposure_rows"]
        ] == [
            (server.ref, calm.ref, "Desk (Production)", [*high, *known], 2),
            (server.ref, vague.ref, "Shop (Production)", [*high, *known[:2], "", *known[3:]], 2),
            (lone.ref, lone.ref, "Second", [*high, *known], 2),
        ]
        html = next(iter(render.parts(data, ref=report.ref, data_digest=report.data_digest, text=report.data))).html
        assert "<td>Not known</td>" in html
        assert "One that nobody knows counts as severe" in html

    @override_settings(TIME_ZONE="Pacific/Auckland")
    def test_prints_days_and_times_of_the_organisation_and_names_its_zone(self) -> None:
        self.open(1)
        report = self.ask()
        issuing.read(report, now=NOON)
        data = issuing.data_of(report)
        with override_settings(TIME_ZONE="UTC"):
            parts = render.parts(data, ref=report.ref, data_digest=report.data_digest, text=report.data)
            html = next(iter(parts)).html
        assert data["head"]["as_of"] == "2026-03-02T12:00:00+00:00"
        assert 'data-as-of="3 Mar 2026, 01:00 NZDT"' in html
        assert "Days and times are those of Pacific/Auckland, then UTC+13:00." in html
        assert "UTC<" not in html

    def test_an_empty_register_is_a_report_too(self) -> None:
        pdf = scene.pdf(scene.issue(self.ask()))
        text = scene.text(pdf)
        assert standards.broken(pdf) == []
        for sentence in ("There is none to list.", "Nothing is overdue.", "There is no finding."):
            assert sentence in text

    def test_a_long_table_repeats_its_head_on_every_page(self) -> None:
        self.open(60)
        report = scene.issue(self.ask())
        pages = [page.extract_text() for page in PdfReader(BytesIO(scene.pdf(report))).pages]
        with_rows = [page for page in pages if "Finding number" in page and "Server or vendor" in page]
        assert len(with_rows) >= 3
        assert sum(page.count("Finding number") for page in with_rows) == 60

    def test_is_split_into_parts_that_say_so(self) -> None:
        self.open(5)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(render, "FINDINGS_A_PART", 2)
            report = scene.issue(self.ask())
        names = [part.file_name for part in report.parts.all()]
        pdfs = [scene.pdf(report, position) for position in (1, 2, 3)]
        texts = [scene.text(pdf) for pdf in pdfs]
        assert [standards.broken(pdf) for pdf in pdfs] == [[], [], []]
        assert names == [f"RP-1-register-{n}-of-3.pdf" for n in (1, 2, 3)]
        assert ["part 2 of 3" in text for text in texts] == [False, True, False]
        assert [text.count("Finding number") for text in texts] == [2, 2, 1]
        assert all(report.data_digest in text for text in texts)
        assert "6 Accepted risks" in texts[0]
        assert "Accepted risks" not in texts[2]


class OfAnAssessedServer(TestCase):
    def test_prints_the_day_found_the_dimension_the_controls_and_the_plan_of_a_finding(self) -> None:
        built = scene.build()
        later = NOON + 10 * DAY
        with time_machine.travel(later, tick=False):
            unit, mia = built.people.payments, built.people.mia
            report = scene.issue(requests.request_register_report(unit=unit, by=mia, now=later))
        pdf = scene.pdf(report)
        text = " ".join(scene.text(pdf).split())
        (row,) = (row for row in issuing.data_of(report)["findings"] if row["status"] == "Remediating")
        assert (row["milestones"], row["milestones_done"], row["plan_target_on"]) == (2, 0, "2026-03-16")
        assert row["controls"] == ["AC-3", "CM-7", "CM-7(5)", "MCP02:2025", "MI-20.5"]
        for line in (
            "Agent can call tools it does not need Permission scope · AC-3, CM-7, CM-7(5), MCP02:2025, "
            "MI-20.5 S-1 First Payments",
            "Medium Remediating 2 Mar 2026 10 Alice 31 May 2026",
            "Ask the vendor, check the answer, record it. by 16 Mar 2026 · 0 of 2 steps done",
            "S-1 First com.example/first · Payments Example Ltd Approved 2 High Medium 72.23 Alice",
            "Alice 18 Sep 2026 2 Sep 2026",
        ):
            assert line in text, line
        assert standards.broken(pdf) == []
