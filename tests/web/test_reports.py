"""The pages of reports, as the cast sees them; the PDFs themselves are proved in tests/reports."""

import hashlib
import io
from datetime import timedelta
from typing import Any

import time_machine
from django.test import TestCase
from django.urls import reverse

from assessments.models import Assessment
from audit.models import Event
from evidence import store
from jobs.models import Job
from reports import requests
from reports.models import Report, ReportPart
from riskregister import transitions
from tests.assessments import scenes
from tests.cast import NOON, Cast
from tests.evidence.places import place_of
from tests.web.signed_in import as_

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


class Reports(TestCase):
    """A final assessment of a server of Payments, and a report on it that waits to be drawn."""

    assessment: Assessment

    scene: scenes.Scene
    people: Cast
    report: Report

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people = cls.scene.people
        cls.assessment = cls.scene.final()
        cls.report = requests.request_assessment_report(cls.assessment, by=cls.people.alice, now=NOON)

    def setUp(self) -> None:
        clock = time_machine.travel(NOON, tick=False)
        clock.start()
        self.addCleanup(clock.stop)
        self.events = Event.objects.count()

    def issued(self) -> Report:
        """Return the report as its job leaves it."""
        blob = store.put(io.BytesIO(PDF), name="report.pdf", now=NOON)
        transitions.move(self.report, Report.Status.RENDERING)
        ReportPart.objects.create(report=self.report, position=1, blob=blob, file_name="RP-1.pdf", pages=1)
        transitions.move(self.report, Report.Status.ISSUED, data_digest="d" * 64, issued_at=NOON)
        return self.report

    def url(self, step: str = "detail", *args: object) -> str:
        return reverse(f"web:report-{step}", args=[self.report.pk, *args])

    def get(self, step: str = "detail", *args: object, who: str = "alice") -> Any:
        return as_(self.people.everybody[who]).get(self.url(step, *args))

    def assert_nothing_happens(self, response: Any, status: int) -> None:
        assert response.status_code == status
        assert Event.objects.count() == self.events

    def test_shows_how_far_it_is_and_asks_again_by_itself(self) -> None:
        Job.objects.filter(payload__report=str(self.report.pk)).update(progress=40, note="Part 1 is drawn")
        for page in (self.get(), as_(self.people.alice).get(reverse("web:report-list"))):
            self.assertContains(page, "40 %")
            self.assertContains(page, 'hx-trigger="every 2s"')
            self.assertContains(page, ">Refresh</a>")

    def test_stops_asking_once_it_is_issued(self) -> None:
        self.issued()
        for page in (self.get(), as_(self.people.alice).get(reverse("web:report-list"))):
            self.assertNotContains(page, "every 2s")
            self.assertContains(page, self.url("part", 1))
        self.assertContains(self.get(), "d" * 64)

    def test_hands_out_the_same_bytes_each_time(self) -> None:
        self.issued()
        for who in ("alice", "carol", "ada"):
            with self.subTest(who):
                answer = self.get("part", 1, who=who)
                body = b"".join(answer.streaming_content)
                assert hashlib.sha256(body).digest() == hashlib.sha256(PDF).digest()
                assert answer["Content-Type"] == "application/pdf"
                assert answer["Content-Disposition"] == 'attachment; filename="RP-1.pdf"'
        assert self.get("part", 2).status_code == 404

    def test_hands_out_nothing_before_or_after(self) -> None:
        self.assertContains(self.get("part", 1), "is not issued", status_code=409)
        self.issued()
        response = as_(self.people.alice).post(self.url("withdraw"), {"reason": "Wrong unit."})
        self.assertRedirects(response, self.url())
        self.assertContains(self.get("part", 1), "Wrong unit.", status_code=409)
        self.assertContains(self.get(), "no longer handed out")

    def test_a_part_that_is_gone_from_the_disk_is_told_with_what_to_do(self) -> None:
        blob = self.issued().parts.get().blob
        place_of(blob).unlink()
        self.assertContains(self.get("part", 1), "restore it from the backup", status_code=404)
        store.put(io.BytesIO(PDF), name="report.pdf", now=NOON)
        assert self.get("part", 1).status_code == 200

    def test_another_unit_sees_nothing_of_it(self) -> None:
        self.issued()
        for step in ("detail", "withdraw", "retry"):
            with self.subTest(step):
                assert self.get(step, who="eve").status_code == 404
        assert self.get("part", 1, who="eve").status_code == 404
        page = as_(self.people.eve).get(reverse("web:report-list"))
        assert page.context["list"].rows == []

    def test_a_button_that_is_pressed_twice_makes_one_report_and_says_so(self) -> None:
        url = reverse("web:report-request-assessment", args=[self.assessment.pk])
        with time_machine.travel(NOON + timedelta(seconds=1), tick=False):
            for who, sentence in (
                ("alice", "You asked for it just before."),
                ("bob", "Alice asked for it just before."),
            ):
                response = as_(self.people.everybody[who]).post(url, follow=True)
                self.assertRedirects(response, self.url())
                self.assertContains(response, sentence)
                self.assertContains(response, "You are told when it is ready.", count=0 if who == "alice" else 1)
        assert Report.objects.count() == 1
        # What bob waits for is recorded, so that he is told how it ends.
        assert Event.objects.count() == self.events + 1
        assert Event.objects.filter(verb="report.awaited").count() == 1

    def test_asks_for_a_report_on_a_final_assessment(self) -> None:
        self.issued()
        url = reverse("web:report-request-assessment", args=[self.assessment.pk])
        self.assertContains(as_(self.people.alice).get(url), "Issue the report")
        response = as_(self.people.alice).post(url)
        asked = Report.objects.order_by("-number")[0]
        self.assertRedirects(response, reverse("web:report-detail", args=[asked.pk]))
        assert asked.pk != self.report.pk
        assert Job.objects.filter(payload__report=str(asked.pk)).exists()

    def test_refuses_a_report_on_a_draft(self) -> None:
        draft = self.scene.draft(self.scene.another_server())
        self.events = Event.objects.count()
        url = reverse("web:report-request-assessment", args=[draft.pk])
        self.assert_nothing_happens(as_(self.people.alice).post(url), 422)

    def test_the_register_of_all_units_is_for_those_with_a_role_in_all(self) -> None:
        url = reverse("web:report-request-register")
        self.assert_nothing_happens(as_(self.people.alice).post(url, {"unit": ""}), 422)
        self.assert_nothing_happens(as_(self.people.alice).post(url, {"unit": self.people.research.pk}), 422)
        as_(self.people.ada).post(url, {"unit": ""})
        assert Report.objects.order_by("-number")[0].unit is None
        as_(self.people.mia).post(url, {"unit": self.people.payments.pk})
        assert Report.objects.order_by("-number")[0].unit == self.people.payments

    def test_an_auditor_asks_for_reports_and_withdraws_none(self) -> None:
        self.issued()
        carol = as_(self.people.carol)
        assert b"Withdraw" not in self.get(who="carol").content
        assert carol.get(reverse("web:report-choose")).status_code == 200
        assert carol.get(self.url("withdraw")).status_code == 403
        self.assert_nothing_happens(carol.post(self.url("withdraw"), {"reason": "x"}), 403)

        carol.post(reverse("web:report-request-register"), {"unit": self.people.payments.pk})

        assert Report.objects.order_by("-number")[0].requested_by == self.people.carol

    def test_a_failed_one_can_be_tried_again(self) -> None:
        transitions.move(self.report, Report.Status.FAILED, error="It could not be drawn.")
        self.assertContains(self.get(), "It could not be drawn.")
        self.assertRedirects(as_(self.people.alice).post(self.url("retry")), self.url())
        self.report.refresh_from_db()
        assert self.report.status == Report.Status.REQUESTED

    def test_a_step_that_its_state_does_not_allow_changes_nothing(self) -> None:
        self.assert_nothing_happens(as_(self.people.alice).post(self.url("retry")), 422)
        self.assert_nothing_happens(as_(self.people.alice).post(self.url("withdraw"), {"reason": "x"}), 422)

    def test_the_choice_finds_final_assessments(self) -> None:
        page = as_(self.people.alice).get(reverse("web:report-choose") + "?q=fir")
        self.assertContains(page, reverse("web:report-request-assessment", args=[self.assessment.pk]))
        self.assertNotContains(as_(self.people.eve).get(reverse("web:report-choose")), str(self.assessment.pk))

    def test_statements_do_not_grow_with_the_rows(self) -> None:
        self.issued()
        for _ in range(4):
            requests.request_register_report(unit=self.people.payments, by=self.people.alice, now=NOON)
        for who in ("ada", "alice"):
            client = as_(self.people.everybody[who])
            client.get(reverse("web:report-list"))
            with self.subTest(who), self.assertNumQueries(10):
                client.get(reverse("web:report-list"))

    def test_filters_narrow_the_list(self) -> None:
        for query, count in (("kind=assessment", 1), ("kind=register", 0), ("status=issued", 0), ("q=first", 1)):
            with self.subTest(query):
                page = as_(self.people.alice).get(f"{reverse('web:report-list')}?{query}")
                assert len(page.context["list"].rows) == count
