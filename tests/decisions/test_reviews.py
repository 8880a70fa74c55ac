import json
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import QueryDict
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from accounts import access, people
from accounts.models import User
from assessments import lifecycle
from assessments.models import Assessment
from audit.models import Event
from decisions.approvals import approvals
from decisions.lists import ReviewFilters
from decisions.models import Reminder, Review, ServerRating
from decisions.reviews import reassessment, review_schedule, reviews
from jobs import queue, runner
from jobs.models import Job
from riskregister import sweeps
from riskregister.refusals import Refused
from riskregister.transitions import IllegalTransition
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time, verbs
from tests.cast import NOON, TODAY
from vendors import lifecycle as server_lifecycle
from vendors.models import Server
from vendors.models.deployment import FACTS
from vendors.registering import importing, registration


class WithReview(TestCase):
    """A server whose review is due in a year; `days` count from the day on which it is due."""

    scene: Scene
    alice: User
    bob: User
    mia: User
    server: Server
    review: Review

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.alice, cls.bob, cls.mia, cls.server = (
            cls.scene.people.alice,
            cls.scene.people.bob,
            cls.scene.people.mia,
            cls.scene.server,
        )
        cls.set_tier(cls.server, 4)
        cls.review = reviews.schedule_next(cls.server, after=TODAY, now=NOON)

    @staticmethod
    def set_tier(server: Server, tier: int) -> None:
        server.inherent_tier = tier
        server.save(update_fields=["inherent_tier"])

    def due(self, days: int) -> datetime:
        return datetime.combine(self.review.due_on + timedelta(days=days), NOON.timetz())

    def now(self) -> Review:
        return Review.objects.get(pk=self.review.pk)


class Planning(WithReview):
    def test_the_cadence_follows_the_tier(self):
        for tier, months in ((1, (2026, 6, 2)), (2, (2026, 9, 2)), (3, (2027, 3, 2)), (4, (2027, 3, 2))):
            Review.objects.all().delete()
            self.set_tier(self.server, tier)
            with self.subTest(tier):
                due_on = reviews.schedule_next(self.server, after=TODAY, now=NOON).due_on
                assert (due_on.year, due_on.month, due_on.day) == months

    def test_planning_twice_plans_once(self):
        again = reviews.schedule_next(self.server, after=TODAY + timedelta(days=1), now=NOON)
        assert (again, again.due_on) == (self.review, self.review.due_on)
        assert Event.objects.filter(verb="review.scheduled").count() == 1

    def test_a_tier_that_grew_worse_brings_it_forward(self):
        self.set_tier(self.server, 1)
        reviews.schedule_next(self.server, after=TODAY, now=NOON)
        assert self.now().due_on.isoformat() == "2026-06-02"
        assert self.now().trigger_reason == "3 months after 2 Mar 2026, for tier 1"
        assert verbs(self.review) == ["review.scheduled", "review.scheduled"]
        reviews.schedule_next(self.server, after=TODAY, now=NOON)
        assert len(verbs(self.review)) == 2

    def test_the_database_holds_one_periodic_review_ahead(self):
        copy = self.now()
        copy.pk, copy.number, copy.occasion = None, 0, "another"
        with pytest.raises(IntegrityError), transaction.atomic():
            copy.save(force_insert=True)

    def test_an_approval_plans_the_next_and_settles_the_last(self):
        review_schedule.open_due(now=self.due(-30))
        self.scene.approved(at=self.due(-5))

        done, ahead = Review.objects.order_by("created_at")
        assert (done.status, done.done_at, ahead.status) == ("done", self.due(-5), "scheduled")
        assert done.assessment == Assessment.objects.get()
        assert ServerRating.objects.get().next_review_on == ahead.due_on

    def test_deciding_again_does_not_settle_the_review_that_the_decision_planned(self):
        self.scene.approved(at=in_time(1))
        planned = Review.objects.get(status="scheduled")
        assert reviews.complete(Assessment.objects.get(), by=self.bob, now=in_time(2)) == []
        assert Review.objects.get(status="scheduled") == planned

    def test_one_asked_for_a_later_day_outlives_an_earlier_assessment(self):
        asked = self.ask(TODAY + timedelta(days=200))
        self.scene.approved(at=in_time(1))
        assert Review.objects.get(pk=asked.pk).status == "scheduled"

    def test_one_review_is_asked_for_at_a_time(self):
        asked = self.ask(TODAY + timedelta(days=20))
        with pytest.raises(reviews.ReviewAlreadyRequested):
            self.ask(TODAY + timedelta(days=40))
        assert asked.trigger == "request"
        assert Review.objects.count() == 2

    def test_asking_for_a_past_day_or_without_a_reason_is_refused(self):
        with pytest.raises(reviews.ReviewInvalid):
            self.ask(TODAY - timedelta(days=1))
        with pytest.raises(Refused):
            reviews.request_review(self.server, reason=" ", due_on=TODAY, by=self.alice, now=NOON)
        with pytest.raises(access.NotPermitted):
            reviews.request_review(self.server, reason="So.", due_on=TODAY, by=self.scene.people.carol, now=NOON)
        assert Review.objects.get() == self.review

    def test_one_is_asked_for_from_today_to_a_year_ahead(self):
        for day in (TODAY, TODAY + timedelta(days=365)):
            Review.objects.filter(trigger="request").delete()
            assert self.ask(day).due_on == day
        Review.objects.filter(trigger="request").delete()
        with pytest.raises(reviews.ReviewInvalid):
            self.ask(TODAY + timedelta(days=366))

    def test_a_rejection_plans_none(self):
        assessment = self.scene.final(at=in_time(1))
        approvals.decide(assessment, decision="reject", reason="No.", by=self.bob, now=in_time(1))
        assert not Review.objects.filter(status__in=Review.WAITING).exists()

    def ask(self, due_on) -> Review:
        return reviews.request_review(self.server, reason="An incident.", due_on=due_on, by=self.mia, now=NOON)


class FollowingTheServer(TestCase):
    scene: Scene
    server: Server

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        low = dict.fromkeys(FACTS, "low")
        registration.set_exposure(cls.scene.server, facts=low, by=cls.scene.people.alice, now=NOON)
        cls.capture(NOON, "read")
        cls.scene.approved()
        cls.server = Server.objects.get(pk=cls.scene.server.pk)

    @classmethod
    def capture(cls, at: datetime, *tools: str) -> None:
        listed = {"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in tools]}
        release = cls.scene.server.releases.order_by("created_at", "revision").last()
        assert release is not None
        importing.import_tools(
            release, json.dumps(listed), captured_at=at, command="tools/list", by=cls.scene.people.alice, now=at
        )

    def test_a_worse_tier_brings_the_periodic_review_forward(self):
        assert Review.objects.get().due_on.isoformat() == "2027-03-02"
        self.grow_worse(at=in_time(10))
        assert Review.objects.get().due_on.isoformat() == "2026-06-02"
        assert Review.objects.get().trigger_reason == "It is of tier 1 now."
        assert ServerRating.objects.get().next_review_on == Review.objects.get().due_on

    def test_but_never_closer_than_the_lead_time(self):
        self.grow_worse(at=in_time(200))
        assert Review.objects.get().due_on == TODAY + timedelta(days=230)

    def test_tools_that_differ_from_the_approved_ones_are_an_occasion_once(self):
        self.capture(in_time(5), "read", "delete")
        self.capture(in_time(6), "read", "delete")

        review = Review.objects.get(trigger="event")
        assert review.due_on == TODAY + timedelta(days=35)
        assert review_schedule.open_due(now=in_time(6)) == 1
        assert review.trigger_reason.endswith("differ from those that were approved.")
        caps = ServerRating.objects.get().caps
        assert [cap["subject"] for cap in caps if cap["id"] == "stale"] == ["tools"]

    def test_the_same_tools_captured_again_are_none(self):
        self.capture(in_time(5), "read")
        assert not Review.objects.filter(trigger="event").exists()
        assert "stale" not in {cap["id"] for cap in ServerRating.objects.get().caps}

    def grow_worse(self, *, at: datetime) -> None:
        worst = dict.fromkeys(FACTS, "severe")
        registration.set_exposure(self.server, facts=worst, by=self.scene.people.alice, now=at)


class Listed(WithReview):
    def test_by_the_state_of_today_an_overdue_one_among_others_only_where_it_is_asked_for(self):
        rows = Review.objects.filter(pk=self.review.pk)
        rows.update(due_on=TODAY - timedelta(days=1), status="open")
        found = {
            asked: ReviewFilters(QueryDict(asked), queryset=rows, now=NOON).qs.count()
            for asked in ("state=overdue", "state=overdue&state=done", "state=done", "state=done&state=skipped")
        }
        assert list(found.values()) == [1, 1, 0, 0]


class Opening(WithReview):
    def test_it_opens_thirty_days_before_and_not_earlier(self):
        assert review_schedule.open_due(now=self.due(-31)) == 0
        assert review_schedule.open_due(now=self.due(-30)) == 1

        assert (self.now().status, self.now().opened_at) == ("open", self.due(-30))
        assert verbs(self.review) == ["review.scheduled", "review.opened"]

    def test_a_day_of_downtime_loses_nothing(self):
        assert review_schedule.open_due(now=self.due(+3)) == 1

    def test_opening_again_opens_nothing(self):
        review_schedule.open_due(now=self.due(-30))
        assert review_schedule.open_due(now=self.due(-30)) == 0
        assert review_schedule._open(self.review.pk, now=self.due(-30)) is False
        assert verbs(self.review).count("review.opened") == 1

    def test_the_servers_owner_gets_it(self):
        review_schedule.open_due(now=self.due(-30))
        assert self.now().assignee == self.alice

    def test_an_owner_who_only_reads_or_left_does_not(self):
        ann = cast.person("ann", role="analyst", unit=self.scene.people.payments)
        Server.objects.filter(pk=self.server.pk).update(owner=self.mia)
        people.deactivate(self.alice, by=self.scene.people.ada, now=NOON)
        review_schedule.open_due(now=self.due(-30))
        assert self.now().assignee == ann

    def test_without_an_owner_the_analysts_take_turns(self):
        cast.person("ann", role="analyst", unit=self.scene.people.payments)
        for name in range(3):
            server = scenes.register(self.scene.people, f"com.example/more{name}")
            reviews.schedule_next(server, after=TODAY, now=NOON)
        Server.objects.update(owner=None)
        review_schedule.open_due(now=in_time(400))

        names = sorted(Review.objects.values_list("assignee__name", flat=True))
        assert names == ["Alice", "Alice", "Ann", "Ann"]

    def test_of_equally_busy_analysts_it_is_the_turn_of_whoever_had_one_longest_ago(self):
        cast.person("ann", role="analyst", unit=self.scene.people.payments)
        review_schedule.open_due(now=self.due(-30))
        reviews.skip(self.now(), reason="Being replaced.", by=self.mia, now=self.due(-29))
        Server.objects.update(owner=None)
        review_schedule.open_due(now=in_time(900))
        assert str(Review.objects.get(status="open").assignee) == "Ann"

    def test_a_unit_without_analysts_still_opens_it(self):
        Server.objects.update(owner=None)
        people.deactivate(self.alice, by=self.scene.people.ada, now=NOON)
        assert review_schedule.open_due(now=self.due(-30)) == 1
        assert self.now().assignee is None

    def test_who_was_named_before_keeps_it(self):
        reviews.assign(self.review, assignee=self.bob, by=self.mia, now=NOON)
        review_schedule.open_due(now=self.due(-30))
        assert self.now().assignee == self.bob

    def test_a_retired_servers_review_is_dropped(self):
        self.scene.approved(at=in_time(1))
        server_lifecycle.retire(Server.objects.get(pk=self.server.pk), reason="Replaced.", by=self.bob, now=in_time(2))
        assert review_schedule.open_due(now=in_time(800)) == 0
        assert review_schedule.drop_out_of_use(now=in_time(3)) == 1
        assert review_schedule.drop_out_of_use(now=in_time(3)) == 0
        assert Review.objects.get(status="skipped").skip_reason == "The server is retired."

    def test_of_a_server_that_is_asked_for_again_meanwhile_none_is_dropped(self):
        Server.objects.filter(pk=self.server.pk).update(status="rejected")
        key = self.review.pk
        server_lifecycle.request_again(Server.objects.get(pk=self.server.pk), by=self.alice, now=in_time(1))
        assert review_schedule._drop(key, now=in_time(1)) is False
        assert self.now().status == "scheduled"

    def test_many_are_walked_in_batches(self):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sweeps, "BATCH", 2)
            for name in range(4):
                reviews.schedule_next(
                    scenes.register(self.scene.people, f"com.example/more{name}"), after=TODAY, now=NOON
                )
            assert review_schedule.open_due(now=in_time(400)) == 5


class Reminding(WithReview):
    def setUp(self) -> None:
        review_schedule.open_due(now=self.due(-30))

    def test_it_reminds_at_fourteen_seven_and_no_days_and_escalates_once(self):
        told = {day: review_schedule.remind(now=self.due(day)) for day in range(-20, 60)}

        assert [day for day, count in told.items() if count] == [-14, -7, 0, 1]
        assert verbs(self.review)[-4:] == ["review.reminded"] * 3 + ["review.overdue"]
        assert list(Reminder.objects.values_list("step", flat=True)) == ["14", "7", "0", "overdue"]

    def test_twice_on_one_day_reminds_once(self):
        assert [review_schedule.remind(now=self.due(-14)) for _ in range(3)] == [1, 0, 0]

    def test_after_forty_days_of_downtime_there_is_one_reminder_not_three(self):
        assert review_schedule.remind(now=self.due(10)) == 1
        assert review_schedule.remind(now=self.due(11)) == 0
        assert Reminder.objects.get().step == "overdue"

    def test_of_two_sweeps_at_once_one_escalates(self):
        assert review_schedule._remind(self.review.pk, now=self.due(1)) is True
        assert review_schedule._remind(self.review.pk, now=self.due(1)) is False

    def test_a_missed_first_reminder_is_made_up_by_the_next(self):
        assert review_schedule.remind(now=self.due(-6)) == 1
        assert Reminder.objects.get().step == "7"

    def test_nobody_is_reminded_of_what_is_done(self):
        self.scene.approved(at=self.due(-20))
        assert review_schedule.remind(now=self.due(5)) == 0

    def test_what_was_escalated_is_not_looked_at_again(self):
        review_schedule.remind(now=self.due(1))
        with CaptureQueriesContext(connection) as asked:
            review_schedule.remind(now=self.due(2))
        assert len(asked) == 1


class Working(WithReview):
    def test_a_manager_or_analyst_assigns_it_to_somebody_who_can_do_it(self):
        reviews.assign(self.review, assignee=self.bob, by=self.mia, now=NOON)
        assert self.now().assignee == self.bob
        for person in (self.scene.people.carol, self.scene.people.eve):
            with self.subTest(person), pytest.raises(reviews.ReviewInvalid):
                reviews.assign(self.review, assignee=person, by=self.mia, now=NOON)
            with self.subTest(person), pytest.raises(access.NotPermitted):
                reviews.assign(self.review, assignee=self.alice, by=person, now=NOON)

    def test_a_skipped_review_is_not_assigned(self):
        same = self.now()
        reviews.skip(self.review, reason="Being replaced.", by=self.mia, now=NOON)
        with pytest.raises(IllegalTransition):
            reviews.assign(same, assignee=self.bob, by=self.mia, now=NOON)

    def test_skipping_needs_a_manager_and_a_reason_and_plans_the_next(self):
        with pytest.raises(access.NotPermitted):
            reviews.skip(self.review, reason="Busy.", by=self.bob, now=NOON)
        with pytest.raises(Refused):
            reviews.skip(self.review, reason="", by=self.mia, now=NOON)
        reviews.skip(self.review, reason="It is being replaced.", by=self.mia, now=NOON)

        ahead = Review.objects.get(status="scheduled")
        assert (ahead.due_on.isoformat(), self.now().status) == ("2028-03-02", "skipped")

    def test_an_assessment_for_it_opens_and_settles_it(self):
        started = reassessment.start(self.review, by=self.alice, now=in_time(100))
        assert (started.kind, started.due_on, self.now().status) == ("periodic", self.review.due_on, "open")
        assert self.now().assessment == started
        with pytest.raises(reviews.BeingReviewed):
            reviews.skip(self.now(), reason="Busy.", by=self.mia, now=in_time(101))
        with pytest.raises(Refused):
            reassessment.start(self.now(), by=self.alice, now=in_time(101))
        assert Assessment.objects.count() == 1

    def test_after_a_cancelled_assessment_another_can_be_started(self):
        first = reassessment.start(self.review, by=self.alice, now=in_time(100))
        lifecycle.cancel(first, reason="Wrong release.", by=self.alice, now=in_time(101))
        second = reassessment.start(self.now(), by=self.alice, now=in_time(102))
        assert self.now().assessment == second

    def test_what_is_being_assessed_is_not_skipped_by_whoever_looked_before(self):
        review_schedule.open_due(now=self.due(-30))
        stale = self.now()
        started = reassessment.start(self.now(), by=self.alice, now=self.due(-20))
        with pytest.raises(reviews.BeingReviewed, match=started.ref):
            reviews.skip(stale, reason="Busy.", by=self.mia, now=self.due(-19))
        assert (self.now().status, self.now().assessment) == ("open", started)
        assert Review.objects.count() == 1

    def test_what_was_skipped_is_not_assessed_by_whoever_looked_before(self):
        review_schedule.open_due(now=self.due(-30))
        stale = self.now()
        reviews.skip(self.now(), reason="Busy.", by=self.mia, now=self.due(-20))
        with pytest.raises(IllegalTransition, match="is skipped: this cannot be done now"):
            reassessment.start(stale, by=self.alice, now=self.due(-19))
        assert (self.now().status, Assessment.objects.count()) == ("skipped", 0)

    def test_what_is_settled_is_offered_to_nobody_for_another_assessment(self):
        assert reassessment.start.offer(self.now(), self.alice).may
        reviews.skip(self.now(), reason="Busy.", by=self.mia, now=NOON)
        offer = reassessment.start.offer(self.now(), self.alice)
        assert (offer.is_possible, offer.may) == (False, False)

    def test_an_assessment_of_another_server_is_not_linked(self):
        draft = self.scene.draft(self.scene.another_server())
        with pytest.raises(reviews.ReviewInvalid):
            reviews.link(self.review, draft, by=self.alice, now=NOON)


class TheClockAlone(WithReview):
    def test_the_planned_jobs_open_the_review_and_a_killed_one_is_made_up(self):
        self.review.due_on = TODAY
        self.review.save(update_fields=["due_on"])
        queue.plan(now=NOON)
        kinds = {job.kind: job.pk for job in Job.objects.filter(kind__regex=r"^(findings|decisions|work)\.")}
        assert set(kinds) == {
            "decisions.reviews",
            "findings.acceptances",
            "decisions.approvals",
            "decisions.conditions",
            "work.handover",
            "work.levels",
            "work.health_day",
            "decisions.ratings",
        }
        for key in kinds.values():
            assert runner.run(key, now=NOON)

        assert self.now().status == "open"
        assert set(Job.objects.filter(pk__in=kinds.values()).values_list("status", flat=True)) == {"done"}
        assert Event.objects.get(verb="review.opened").actor_kind == "system"
