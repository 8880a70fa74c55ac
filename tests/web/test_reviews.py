"""The pages of reviews, as the cast sees them."""

from datetime import date, timedelta
from typing import Any

import time_machine
from django.test import TestCase
from django.urls import reverse

from assessments.models import Assessment
from audit.models import Event
from decisions.models import Review
from decisions.reviews import reviews
from tests.assessments import scenes
from tests.cast import NOON, TODAY, Cast
from tests.web import forms
from tests.web.signed_in import as_
from vendors.models import Server

SOON = TODAY + timedelta(days=20)


class Reviews(TestCase):
    """A server of Payments with a review that alice asked for."""

    scene: scenes.Scene
    people: Cast
    review: Review

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people = cls.scene.people
        cls.review = cls.ask_for("An incident.", due_on=SOON)

    @classmethod
    def ask_for(cls, reason: str, *, due_on: date, server: Server | None = None) -> Review:
        asked = server or cls.scene.server
        return reviews.request_review(asked, reason=reason, due_on=due_on, by=cls.people.alice, now=NOON)

    def setUp(self) -> None:
        clock = time_machine.travel(NOON, tick=False)
        clock.start()
        self.addCleanup(clock.stop)
        self.events = Event.objects.count()

    def url(self, step: str = "detail") -> str:
        return reverse(f"web:review-{step}", args=[self.review.pk])

    def get(self, step: str = "detail", *, who: str = "alice") -> Any:
        return as_(self.people.everybody[who]).get(self.url(step))

    def post(self, step: str, fields: dict[str, Any], *, who: str = "alice") -> Any:
        client, at = as_(self.people.everybody[who]), self.url(step)
        return client.post(at, forms.version(client, at) | fields)

    def listed(self, query: str = "", *, who: str = "alice") -> list[str]:
        page = as_(self.people.everybody[who]).get(f"{reverse('web:review-list')}?{query}")
        assert page.status_code == 200
        return [row.server.title for row in page.context["list"].rows]

    def assert_nothing_happens(self, response: Any, status: int) -> None:
        assert response.status_code == status
        assert Event.objects.count() == self.events
        assert Review.objects.get(pk=self.review.pk).status == self.review.status

    def test_the_list_groups_by_the_month_they_are_due(self) -> None:
        self.ask_for("A change.", due_on=TODAY + timedelta(days=70), server=self.scene.another_server())
        page = as_(self.people.alice).get(reverse("web:review-list"))
        months = [(month, len(rows)) for month, rows in page.context["groups"]]
        assert months == [(date(2026, 3, 1), 1), (date(2026, 5, 1), 1)]
        self.assertContains(page, "March 2026")

    def test_filters_narrow_the_list(self) -> None:
        for query in (
            "state=scheduled",
            "q=first",
            f"q={self.review.ref}",
            "assignee=none",
            "trigger=request",
            "state=all",
        ):
            with self.subTest(query):
                assert self.listed(query) == ["First"]
        for query in ("state=overdue", "state=open", "state=done", "assignee=me", "trigger=cadence", "q=elsewhere"):
            with self.subTest(query):
                assert self.listed(query) == []

    def test_overdue_is_asked_of_the_clock(self) -> None:
        with time_machine.travel(NOON + timedelta(days=21), tick=False):
            assert self.listed("state=overdue") == ["First"]
            self.assertContains(self.get(), "1 day overdue")

    def test_every_order_and_nonsense_shows_the_list(self) -> None:
        for sort in ("due_on", "-due_on", "server", "-server", "assignee", "number", "nothing"):
            with self.subTest(sort):
                assert self.listed(f"sort={sort}") == ["First"]

    def test_statements_do_not_grow_with_the_rows(self) -> None:
        for _ in range(3):
            self.ask_for("A change.", due_on=SOON, server=self.scene.another_server())
        for who in ("ada", "alice"):
            client = as_(self.people.everybody[who])
            client.get(reverse("web:review-list"))
            with self.subTest(who), self.assertNumQueries(7):
                client.get(reverse("web:review-list"))

    def test_another_unit_sees_nothing_of_it(self) -> None:
        assert self.listed(who="eve") == []
        for step in ("detail", "assign", "start", "skip"):
            with self.subTest(step):
                assert self.get(step, who="eve").status_code == 404

    def test_starting_it_leads_to_its_assessment(self) -> None:
        self.assertContains(self.get("start"), "Start the assessment")
        response = self.post("start", {})
        assessment = Assessment.objects.get(reviews=self.review)
        self.assertRedirects(response, reverse("web:assessment-detail", args=[assessment.pk]))
        self.assertContains(self.get(), "under way")
        self.assertNotContains(self.get(), self.url("start"))

    def test_a_second_start_changes_nothing(self) -> None:
        self.post("start", {})
        self.review.refresh_from_db()
        self.events = Event.objects.count()
        self.assert_nothing_happens(self.post("start", {}), 422)

    def test_a_manager_assigns_and_skips(self) -> None:
        self.assertRedirects(self.post("assign", {"assignee": self.people.bob.pk}, who="mia"), self.url())
        self.assertRedirects(self.post("skip", {"reason": "Out of use soon."}, who="mia"), self.url())
        self.review.refresh_from_db()
        assert (self.review.assignee, self.review.status) == (self.people.bob, "skipped")
        self.assertContains(self.get(), "Out of use soon.")

    def test_bad_input_changes_nothing(self) -> None:
        self.assert_nothing_happens(self.post("skip", {"reason": " "}, who="mia"), 422)
        self.assert_nothing_happens(self.post("assign", {"assignee": self.people.carol.pk}, who="mia"), 422)

    def test_wrong_roles_are_refused(self) -> None:
        for step, who in (
            ("skip", "alice"),
            ("skip", "carol"),
            ("start", "mia"),
            ("start", "carol"),
            ("assign", "carol"),
        ):
            with self.subTest(step=step, who=who):
                self.assert_nothing_happens(self.post(step, {"reason": "x"}, who=who), 403)

    def test_offers_what_the_person_may_do(self) -> None:
        for who, offered in (("alice", (True, True, False)), ("mia", (False, True, True)), ("carol", (False,) * 3)):
            page = self.get(who=who).context
            with self.subTest(who):
                assert (page["can_start"], page["can_assign"], page["can_skip"]) == offered

    def test_a_review_can_be_asked_for_once_at_a_time(self) -> None:
        url = reverse("web:review-request", args=[self.scene.server.pk])
        fields = {"reason": "New owner.", "due_on": SOON}
        self.assertContains(as_(self.people.alice).post(url, fields), "was asked for already", status_code=422)
        for who, status in (("carol", 403), ("ada", 403), ("eve", 404)):
            with self.subTest(who):
                self.assert_nothing_happens(as_(self.people.everybody[who]).post(url, fields), status)
        later = {"reason": "New owner.", "due_on": TODAY + timedelta(days=400)}
        self.assert_nothing_happens(as_(self.people.mia).post(url, later), 422)
