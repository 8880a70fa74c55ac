"""Pages of assessments by question set 2: an answer for each deployment, days of events, scope, and moving a draft."""

import re
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from assessments import lifecycle
from assessments.answers import answering
from assessments.models import Answer, Assessment
from evidence import records
from evidence.models import Evidence
from tests.api.caller import Caller
from tests.assessments import documents, scenes
from tests.cast import Cast
from tests.web.signed_in import sign_in
from vendors.models import Deployment
from vendors.models.deployment import FACTS
from vendors.registering import deployments
from web.forms.assessments import answers as posted

ROUTE = "permission_scope.approved_route"
SCAN = "security_posture.known_vulnerabilities"
second_set = override_settings(QUESTION_SET=0)


class Pages(TestCase):
    """A server of Payments with two deployments in use and one that is planned."""

    scene: ClassVar[scenes.Scene]
    people: ClassVar[Cast]
    now: ClassVar[datetime]
    desk: Deployment
    research: Deployment
    plan: Deployment

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people, cls.now = cls.scene.people, timezone.now()
        cls.desk, cls.research = cls.deploy("Desk", in_use=True), cls.deploy("Research", in_use=True)
        cls.plan = cls.deploy("Plan", in_use=False)

    @classmethod
    def deploy(cls, name: str, *, in_use: bool) -> Deployment:
        return deployments.add_deployment(
            cls.scene.server,
            name=name,
            environment="production",
            agent=name,
            in_use_since=timezone.localdate(cls.now) if in_use else None,
            by=cls.people.alice,
            now=cls.now,
            **dict.fromkeys(FACTS, "high"),
        )

    def begun(self) -> Assessment:
        return lifecycle.start(self.scene.server, kind="initial", by=self.people.alice, now=self.now)

    def setUp(self) -> None:
        sign_in(self.client, self.people.alice)

    def page(self, name: str, *args: Any) -> str:
        return self.client.get(reverse(f"web:{name}", args=args)).content.decode()

    def save(self, draft: Assessment, key: str, **changes: Any) -> Any:
        row = Answer.objects.named(key).select_related("question", "option", "deployment").get(assessment=draft)
        typed = posted.as_kept(row)
        shown = {
            "choice": typed.value, "reason": typed.reason, "comment": typed.comment, "event": typed.event,
            "version": typed.version, "was": typed.mark,
        }  # fmt: skip
        fields = {f"{key}-{name}": value for name, value in (shown | changes).items()}
        return self.client.post(reverse("web:answers-save", args=[draft.pk]), fields)


@second_set
class EachDeployment(Pages):
    def test_has_its_own_fields_under_its_own_name(self):
        draft = self.begun()
        page = self.page("assessment-dimension", draft.pk, "permission_scope")
        for deployment in (self.desk, self.research, self.plan):
            assert f'name="{ROUTE}@{deployment.ref}-choice"' in page
            assert f"{deployment.ref} {deployment.name}, production" in page
        assert page.count("Planned: counts once it is in use") == 11

    def test_is_saved_on_its_own(self):
        draft = self.begun()
        assert self.save(draft, f"{ROUTE}@{self.desk.ref}", choice="option:list").status_code == 200
        answers = {row.key: str(row) for row in draft.answers.filter(question__key=ROUTE)}
        assert answers == {
            f"{ROUTE}@{self.desk.ref}": "A managed allow-list by address or command, without network rules",
            f"{ROUTE}@{self.research.ref}": "Not answered",
            f"{ROUTE}@{self.plan.ref}": "Not answered",
        }

    def test_is_named_where_it_is_the_worst_of_a_final_assessment(self):
        draft = self.begun()
        scenes.fill_in(draft, by=self.people.alice, at=self.now, choices=scenes.NOTHING)
        self.save(draft, f"{ROUTE}@{self.research.ref}", choice="option:free")
        lifecycle.submit(draft, by=self.people.alice, now=self.now)
        assert f"{self.research.ref} Research" in self.page("assessment-review", draft.pk)
        self.scene.finalise(draft, at=self.now)
        page = " ".join(self.page("assessment-detail", draft.pk).split())
        named = f'<span class="tag">{self.research.ref} Research</span> <span class="soft">the worst of 2</span>'
        assert page.count(named) == 1
        assert "Depth 3 of 3: 90 of 90 questions" in page

    def test_is_where_leads_what_an_approval_lacks_of_its_answer(self):
        draft = self.begun()
        scenes.fill_in(draft, by=self.people.alice, at=self.now, choices=scenes.NOTHING)
        lifecycle.submit(draft, by=self.people.alice, now=self.now)
        sign_in(self.client, self.people.bob)
        review = reverse("web:assessment-review", args=[draft.pk])
        places = re.findall(f'href="{review}#([^"]+)"', self.page("assessment-decide", draft.pk))
        shown = self.page("assessment-review", draft.pk)
        assert [place for place in places if "@" in place]
        assert [place for place in places if f'id="{place}"' not in shown] == []


@second_set
class DaysOfEvents(Pages):
    def test_a_question_about_a_scan_asks_for_its_day(self):
        page = self.page("assessment-dimension", self.begun().pk, "security_posture")
        assert f'<label for="{SCAN}-event">Day of the scan</label>' in page
        assert "It speaks for 7 days" in page

    def test_the_day_is_kept_and_says_until_when_it_is_fresh(self):
        draft, today = self.begun(), timezone.localdate(self.now)
        assert self.save(draft, SCAN, choice="option:clean", event=today.isoformat()).status_code == 200
        assert draft.answers.named(SCAN).get().event_on == today
        page = self.page("assessment-dimension", draft.pk, "security_posture")
        assert f'value="{today.isoformat()}"' in page
        assert "Fresh until" in page

    def test_an_answer_without_the_day_says_what_that_costs(self):
        draft = self.begun()
        self.save(draft, SCAN, choice="option:clean")
        page = self.page("assessment-dimension", draft.pk, "security_posture")
        assert page.count("Without the day it counts one level less already.") == 1

    def test_a_day_that_is_none_or_has_not_come_is_refused_and_nothing_is_kept(self):
        draft = self.begun()
        tomorrow = (timezone.localdate(self.now) + timedelta(days=1)).isoformat()
        for day, error in (
            ("31.5.2026", "Give the day as 2026-05-31."),
            (tomorrow, "This day has not come yet. Give the day of the scan."),
        ):
            answer = self.save(draft, SCAN, choice="option:clean", event=day)
            assert (answer.status_code, answer.json()["errors"]) == (422, {"event_on": [error]})
        assert draft.answers.named(SCAN).get().choice == ""

    def scanned(self, *, days: int) -> tuple[Assessment, Evidence]:
        """Return a draft that tells of a scan so many days ago, and the document that shows it."""
        draft = self.begun()
        how: dict[str, Any] = {"by": self.people.alice, "now": self.now}
        row = draft.answers.named(SCAN).select_related("question", "deployment").get()
        event = timezone.localdate(self.now) - timedelta(days=days)
        answering.answer(row, choice="option", option_key="clean", version=row.version, event_on=event, **how)
        scan = records.add_file(
            documents.upload("Nothing found."), title="Scan", issuer="vendor", unit=draft.unit, **how
        )
        answering.attach(row, scan, **how)
        return draft, scan

    def uses(self, scan: Evidence) -> Any:
        return self.client.get(reverse("web:evidence-detail", args=[scan.pk])).context["uses"]

    def test_a_document_of_what_speaks_no_more_counts_one_level_less_behind_every_door(self):
        for days, level in ((7, 1), (8, 0)):
            draft, scan = self.scanned(days=days)
            [use] = self.uses(scan)
            answers = Caller(self.people.alice).read(f"/assessments/{draft.pk}/answers/")
            [row] = [one for one in answers if one["question"] == SCAN]
            assert (use.level, row["evidence"][0]["level"]) == (level, level)
            lifecycle.cancel(draft, reason="Again.", by=self.people.alice, now=self.now)

    def test_a_document_does_not_show_answers_that_were_put_aside(self):
        draft, scan = self.scanned(days=1)
        assert [use.answer.key for use in self.uses(scan)] == [SCAN]
        draft.answers.named(SCAN).update(put_aside_at=self.now)
        assert self.uses(scan) == []


class Moving(Pages):
    def test_is_offered_on_a_draft_by_an_older_set(self):
        draft = self.begun()
        assert reverse("web:assessment-move", args=[draft.pk]) not in self.page("assessment-detail", draft.pk)
        with second_set:
            assert reverse("web:assessment-move", args=[draft.pk]) in self.page("assessment-detail", draft.pk)

    def test_says_beforehand_what_comes_along_and_what_does_not(self):
        draft = self.begun()
        row = draft.answers.select_related("question").get(question__key="provenance.chain_of_custody")
        answering.answer(row, choice="option", option_key="ci_log", version=0, by=self.people.alice, now=self.now)
        with second_set:
            page = " ".join(self.page("assessment-move", draft.pk).split())
        assert "1 answer comes along" in page
        assert "What keeps our data apart from that of the vendor&#x27;s other customers?" in page
        assert "The question is new." in page

    def test_moves_and_leads_back_to_the_draft(self):
        draft = self.begun()
        with second_set:
            answer = self.client.post(reverse("web:assessment-move", args=[draft.pk]), follow=True)
        moved = Assessment.objects.get(pk=draft.pk)
        assert moved.question_set.version == 2
        assert f"{moved.ref} has the new questions." in answer.content.decode()

    def test_a_draft_with_the_newest_questions_is_sent_back_with_the_reason(self):
        draft = self.begun()
        answer = self.client.get(reverse("web:assessment-move", args=[draft.pk]), follow=True)
        assert "This assessment has the newest questions already." in answer.content.decode()
