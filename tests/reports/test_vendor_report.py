"""The report on the assessment of a vendor: what it prints, and who may have it; a server's names its suppliers."""

import json
from io import BytesIO
from typing import Any

import pytest
from django.test import TestCase
from pypdf import PdfReader

from assessments import lifecycle, vendor_starts
from assessments.models import Assessment
from findings.models import Finding
from reports import builders, issuing, render, requests, verification
from reports.builders import assessment as of_server
from reports.models import Report
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time
from tests.cast import NOON
from vendors.models import Vendor
from vendors.registering import relations

PINNING = "provenance.model_pinning"
LATER = in_time(10)


class VendorReport(TestCase):
    base: Scene
    provider: Vendor
    assessment: Assessment
    report: Report
    data: dict[str, Any]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.base = scenes.set_up()
        alice = cls.base.people.alice
        cls.provider = cast.a_vendor(cls.base.people, "Model Works", kinds=["model_provider"], criticality="high")
        relations.add_sub_processor(cls.provider, cls.base.vendor, purpose="hosting", by=alice, now=NOON)
        begun = vendor_starts.start(cls.provider, kind="initial", by=alice, now=NOON)
        scenes.fill_in(begun, by=alice, at=NOON, choices={PINNING: "unreported"})
        lifecycle.submit(begun, by=alice, now=NOON)
        cls.base.finalise(begun)
        cls.assessment = Assessment.objects.get(pk=begun.pk)
        cls.report = requests.request_assessment_report(cls.assessment, by=alice, now=LATER)
        issuing.read(cls.report, now=LATER)
        cls.data = json.loads(cls.report.data)

    def test_its_pages_print_each_answer_and_no_server(self) -> None:
        [part] = render.parts(self.data, ref=self.report.ref, data_digest="d" * 64, text=self.report.data)
        _pages, pdf = render.pdf(part)
        text = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())
        for answer in self.data["snapshot"]["answers"]:
            assert " ".join(answer["text"].split()) in text
        assert "Vendor assessment report" in text
        assert "a vendor is not approved" in text
        assert "2 Mar 2027" in text
        assert "Never assessed" in text
        assert f"Contracts with {self.provider.ref} Model Works" in text
        assert f"Certificates and reports of {self.provider.ref} Model Works" in text
        for word in ("Deployments", "Manifest digest", "None None"):
            assert word not in text

    def test_it_holds_the_frozen_record_and_how_long_it_counts(self) -> None:
        assert self.data["snapshot"] == self.assessment.snapshot.data
        assert (self.data["rests_on"], self.data["standing"], self.data["due_on"]) == (
            self.assessment.ref,
            "Assessed",
            "2027-03-02",
        )
        assert (len(self.data["snapshot"]["answers"]), len(self.data["not_asked"])) == (20, 21)
        [one] = self.data["sub_processors"]
        assert (one["name"], one["standing"]) == ("Example Ltd", "Never assessed")

    def test_its_finding_stands_in_it_with_the_assessment_that_raised_it(self) -> None:
        [finding] = self.data["findings"]
        assert finding["ref"] == Finding.objects.get(vendor=self.provider).ref
        assert finding["raised_in"] == self.assessment.ref

    def test_what_it_says_is_verified_against_the_snapshot(self) -> None:
        found = {one.what: one.holds for one in verification.checks(self.report) if "napshot" in one.what}
        assert found
        assert all(found.values())

    def test_everybody_with_a_role_sees_it_and_a_stranger_does_not(self) -> None:
        people = self.base.people
        assert (self.report.kind, self.report.unit) == ("vendor", None)
        for person in (people.eve, people.carol, people.ada):
            assert self.report in Report.objects.visible_to(person)
        register = requests.request_register_report(unit=None, by=people.ada, now=LATER)
        assert register not in Report.objects.visible_to(people.eve)

    def test_an_auditor_withdraws_none_and_an_analyst_does(self) -> None:
        self.report.status = "issued"
        assert requests.auditors_withdraw_none(self.report, self.base.people.carol)
        assert requests.auditors_withdraw_none(self.report, self.base.people.alice) is None
        assert requests.reports_not_on_all_units(self.report, self.base.people.alice) is None

    def test_there_is_none_before_it_is_final(self) -> None:
        begun = vendor_starts.start(self.base.vendor, kind="initial", by=self.base.people.alice, now=NOON)
        with pytest.raises(requests.NothingToReport):
            requests.request_assessment_report(begun, by=self.base.people.alice, now=NOON)

    def test_the_report_on_a_server_names_the_suppliers_that_nobody_assessed(self) -> None:
        final = self.base.final()
        report = requests.request_assessment_report(final, by=self.base.people.alice, now=LATER)
        built = of_server.build(report, now=LATER)
        assert built.suppliers.gaps == ("1 of 1 suppliers was never assessed itself: Example Ltd.",)
        assert [one.name for one in built.suppliers.every] == ["Example Ltd"]
        assert built.agreements is not None
        assert (built.agreements.vendor, built.agreements.in_force) == (f"{self.base.vendor.ref} Example Ltd", ())
        assert builders.build(report, now=LATER)["suppliers"]["every"][0]["standing"] == "Never assessed"
