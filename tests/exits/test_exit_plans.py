"""Exit plans: written once a server, shown to work by a trial alone, and somebody hears when a trial fails."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import TestCase
from django.urls import reverse

from alerts import relay
from alerts.models import Alert
from audit.models import Event
from exits import plans
from exits.models import ExitPlan
from jobs import dated
from riskregister.refusals import Conflict, Refused
from tests.api.caller import Caller, frozen
from tests.assessments import scenes
from tests.cast import NOON, Cast
from tests.web.signed_in import as_
from vendors.models import Server

FACTS: dict[str, Any] = {"plan": "Point the agents at the files of the mirror.", "replacement": "Mirror", "days": 2}
TODAY = NOON.date()


class ExitPlans(TestCase):
    """A server of Payments, whose analyst alice plans how to leave it."""

    people: Cast
    server: Server

    @classmethod
    def setUpTestData(cls) -> None:
        scene = scenes.set_up()
        cls.people, cls.server = scene.people, scene.server

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)

    def written(self) -> ExitPlan:
        return plans.write(self.server, **FACTS, by=self.people.alice, now=NOON)

    def test_a_new_plan_is_not_shown_to_work(self) -> None:
        plan = self.written()
        assert (plan.status, plan.tried_on, plan.unit) == ("draft", None, self.people.payments)
        assert Event.objects.get(object_id=plan.pk).verb == "exit_plan.written"

    def test_a_server_has_one_plan(self) -> None:
        self.written()
        with pytest.raises(Conflict):
            self.written()
        assert ExitPlan.objects.count() == 1

    def test_only_a_trial_that_worked_makes_it_ready_and_another_text_needs_another_trial(self) -> None:
        plan = self.written()
        plans.record_success(plan, tried_on=TODAY, note="Agents went on in a day.", by=self.people.alice, now=NOON)
        assert (plan.status, plan.tried_on) == ("ready", TODAY)
        plans.rewrite(plan, **FACTS | {"days": 3}, by=self.people.alice, now=NOON)
        assert (plan.status, plan.days) == ("draft", 3)

    def test_a_trial_of_tomorrow_is_refused(self) -> None:
        plan = self.written()
        with pytest.raises(Refused, match="today at the latest"):
            plans.record_success(plan, tried_on=TODAY + timedelta(days=1), note="So.", by=self.people.alice, now=NOON)
        plan.refresh_from_db()
        assert (plan.status, plan.tried_on) == ("draft", None)

    def test_a_trial_counts_for_a_year_which_is_told_ahead_and_late_until_it_is_tried_again(self) -> None:
        plan, bob = self.written(), self.people.bob
        Server.objects.filter(pk=self.server.pk).update(owner=bob)
        plans.record_success(plan, tried_on=TODAY, note="Agents went on.", by=self.people.alice, now=NOON)
        assert plan.counts_until == TODAY.replace(year=2027)
        told = next(one for one in dated.every() if one.word == "exit trial")
        found = [day for day in range(400) if dated.tell(told, now=NOON + timedelta(days=day))]
        assert found == [335, 358, 365, 366]
        relay.relay(now=NOON + timedelta(days=366))
        alerts = Alert.objects.filter(recipient=bob, is_action=True).order_by("event_id")
        assert [one.title for one in alerts] == [
            f"The exit plan of {self.server} is to be tried again in 30 days",
            f"The exit plan of {self.server} is to be tried again in 7 days",
            f"The exit plan of {self.server} is to be tried again today",
            f"The exit plan of {self.server} was last tried more than a year ago: try it again",
        ]
        assert not plans.instead_of(self.server, today=TODAY).count("again")
        late = NOON + timedelta(days=366)
        assert plans.instead_of(self.server, today=late.date()) == "Instead: Mirror (2 days, to be tried again)"
        with frozen(late):
            page = as_(self.people.alice).get(reverse("web:exit-plan-detail", args=[plan.pk]))
            self.assertContains(page, "To be tried again")
            self.assertContains(as_(self.people.alice).get(reverse("web:exit-plan-list")), "To be tried again")
        plans.record_success(plan, tried_on=late.date(), note="Again.", by=self.people.alice, now=late)
        relay.relay(now=late)
        assert not alerts.filter(settled_at=None).exists()

    def test_what_was_shown_to_work_no_more_grows_no_older(self) -> None:
        plan = self.written()
        plans.record_success(plan, tried_on=TODAY, note="Agents went on.", by=self.people.alice, now=NOON)
        plans.record_failure(plan, tried_on=TODAY, note="They did not.", by=self.people.alice, now=NOON)
        assert plan.counts_until is None
        told = next(one for one in dated.every() if one.word == "exit trial")
        assert dated.tell(told, now=NOON + timedelta(days=366)) == 0

    def test_a_failed_trial_is_told_to_the_managers_and_leads_to_the_plan(self) -> None:
        plan = self.written()
        plans.record_failure(plan, tried_on=TODAY, note="The mirror was empty.", by=self.people.alice, now=NOON)
        relay.relay(now=NOON)
        alert = Alert.objects.get(recipient=self.people.mia)
        assert alert.title == f"The exit plan of {self.server} did not hold"
        assert (alert.object_id, alert.is_action) == (plan.pk, True)

    def test_the_page_writes_it_and_shows_what_can_be_done(self) -> None:
        alice = as_(self.people.alice)
        written = alice.post(reverse("web:exit-plan-write", args=[self.server.pk]), FACTS)
        plan = ExitPlan.objects.get()
        self.assertRedirects(written, reverse("web:exit-plan-detail", args=[plan.pk]))
        page = alice.get(reverse("web:exit-plan-detail", args=[plan.pk]))
        self.assertContains(page, "Record a trial that worked")
        self.assertContains(page, "Not shown to work")
        self.assertContains(page, reverse("web:field-history", args=["exitplan", plan.pk]))
        self.assertNotContains(as_(self.people.carol).get(page.request["PATH_INFO"]), "Record a trial")

    def test_the_api_takes_the_same_steps(self) -> None:
        alice = Caller(self.people.alice)
        made = alice.made("/exit-plans/", server=str(self.server.pk), **FACTS)
        trial = {"tried_on": TODAY.isoformat(), "note": "It held."}
        assert alice.done(f"/exit-plans/{made['id']}/record-success/", **trial)["status"] == "ready"
        assert [row["ref"] for row in alice.read("/exit-plans/", status="ready")["results"]] == [made["ref"]]
