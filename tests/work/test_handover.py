"""What somebody has in hand does not stay behind when they leave: it goes to others with them, or nobody leaves."""

from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.test import TestCase

from accounts import access, people
from accounts.models import Membership, User
from alerts import relay
from alerts.models import Alert, Delivery
from assessments import vendor_starts
from assessments.models import Assessment
from audit.models import Event
from catalogue.models import Control
from controls import statuses
from controls.models import ControlStatus, TierPlan
from decisions.models import Review
from decisions.reviews import reviews
from findings.models import Finding
from jobs import runner
from jobs.models import Job
from tests import append_only, cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene, verbs
from tests.cast import NOON, TODAY
from vendors.models import Deployment, Server, Vendor
from vendors.registering import deployments
from work.in_hand import handover


class Leaving(TestCase):
    """alice has a draft, two findings and a review in hand; ann is an analyst too."""

    scene: Scene
    alice: User
    ann: User
    ada: User
    draft: Assessment
    review: Review

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.alice, cls.ada = cls.scene.people.alice, cls.scene.people.ada
        question = scenes.question("vendor")
        other = scenes.SERVER_QUESTION
        cls.scene.final(choices={other: "closed", question.key: scenes.worst(question)})
        Finding.objects.update(owner=cls.alice)
        cls.draft = cls.scene.draft(cls.scene.another_server())
        cls.review = reviews.schedule_next(cls.scene.server, after=TODAY, now=NOON)
        reviews.assign(cls.review, assignee=cls.alice, by=cls.scene.people.mia, now=NOON)
        cls.ann = cast.person("ann", role="analyst", unit=cls.scene.people.payments)
        relay.relay_without_mail(now=NOON)

    def leave(self, **how: User | None) -> None:
        handover.deactivate(User.objects.get(pk=self.alice.pk), by=self.ada, now=NOON, **how)

    def holders(self) -> set[str | None]:
        """Return who has what alice had."""
        return {
            *Finding.objects.values_list("owner__name", flat=True),
            Assessment.objects.values_list("assignee__name", flat=True).get(pk=self.draft.pk),
            Review.objects.values_list("assignee__name", flat=True).get(pk=self.review.pk),
        }

    def test_the_assessment_of_a_vendor_goes_to_the_owner_of_the_relationship(self) -> None:
        vendor = self.scene.vendor
        Vendor.objects.filter(pk=vendor.pk).update(relationship_owner=self.scene.people.eve)
        begun = vendor_starts.start(vendor, kind="initial", by=self.alice, now=NOON)
        self.leave()
        assert Assessment.objects.get(pk=begun.pk).assignee == self.scene.people.eve

    def test_it_goes_to_the_person_who_is_named(self) -> None:
        assert Finding.objects.count() == 2
        self.leave(hand_over_to=self.scene.people.bob)
        assert self.holders() == {"Bob"}
        assert handover.of(self.alice).is_empty
        events = Event.objects.filter(verb__endswith=".assigned", reason__startswith="Alice can no longer sign in.")
        assert sorted(events.values_list("verb", flat=True)) == [
            "assessment.assigned", "finding.assigned", "finding.assigned", "review.assigned",
        ]  # fmt: skip
        assert {event.actor_label for event in events} == {"Ada"}

    def test_what_they_own_goes_with_it_to_whoever_is_named_and_to_nobody_by_turn(self) -> None:
        vendor, server = self.scene.vendor, self.scene.server
        Vendor.objects.filter(pk=vendor.pk).update(relationship_owner=self.alice)
        desk = deployments.add_deployment(
            server,
            name="Desk",
            environment="development",
            agent="Desk agent",
            owner=self.alice,
            by=self.alice,
            now=NOON,
        )
        with transaction.atomic():
            self.leave()
            assert (Server.objects.get(pk=server.pk).owner, self.holders()) == (self.alice, {"Ann"})
            transaction.set_rollback(True)
        self.leave(hand_over_to=self.ann)
        assert set(Server.objects.values_list("owner__name", flat=True)) == {"Ann"}
        assert Deployment.objects.get(pk=desk.pk).owner == self.ann
        assert Vendor.objects.get(pk=vendor.pk).relationship_owner == self.ann
        assert (verbs(server)[-1], verbs(vendor)[-1]) == ("server.handed_over", "vendor.handed_over")
        assert Event.objects.get(object_id=desk.pk, verb="deployment.handed_over").unit_id == server.unit_id

    def test_control_statuses_and_tier_plans_go_with_it_while_there_is_something_to_do(self) -> None:
        server = self.scene.server
        how: dict[str, Any] = {"owner": self.alice, "by": self.alice, "now": NOON}
        first, second = Control.objects.filter(framework__key="finos-mi-20", framework__status="current")[:2]
        stated = statuses.state_for_server(server, control=first, state="in_place", **how)
        how |= {"by": cast.person("olga", role="analyst", unit=None)}
        gone = statuses.state_for_organisation(control=second, state="missing", **how)
        statuses.withdraw(gone, reason="A mistake.", by=how["by"], now=NOON)
        plan = TierPlan.objects.create(
            number=1, unit=server.unit, server=server, from_tier=0, to_tier=1, revision="draft", owner=self.alice,
            made_by=self.alice, made_at=NOON,
        )  # fmt: skip
        self.leave(hand_over_to=self.ann)
        owners = ControlStatus.objects.values_list("pk", "owner__name")
        assert dict(owners) == {stated.pk: "Ann", gone.pk: "Alice"}
        assert TierPlan.objects.get(pk=plan.pk).owner == self.ann
        assert (verbs(stated)[-1], verbs(plan)) == ("control_status.handed_over", ["tier_plan.handed_over"])

    def test_otherwise_it_goes_to_the_analysts(self) -> None:
        self.leave()
        assert self.holders() == {"Ann"}

    def test_whoever_gets_it_finds_all_of_it_and_one_mail(self) -> None:
        self.leave(hand_over_to=self.ann)
        relay.relay(now=NOON)
        assert Alert.objects.filter(recipient=self.ann).count() == 4 + 2
        assert Delivery.objects.filter(recipient=self.ann).count() == 1

    def test_whoever_gets_a_deployment_first_is_told_of_it_by_mail(self) -> None:
        deployments.add_deployment(
            self.scene.server,
            name="Desk",
            environment="development",
            agent="Desk agent",
            owner=self.alice,
            by=self.alice,
            now=NOON,
        )
        Server.objects.update(owner=None)
        relay.relay_without_mail(now=NOON)
        self.leave(hand_over_to=self.ann)
        relay.relay(now=NOON)
        mailed = Alert.objects.get(delivery=Delivery.objects.get(recipient=self.ann))
        assert mailed.title.endswith(f"Desk (development) of {self.scene.server} is yours now")
        assert Alert.objects.filter(recipient=self.ann).count() == 4 + 1

    def test_where_nobody_can_do_it_the_managers_are_told(self) -> None:
        people.deactivate(self.ann, by=self.ada, now=NOON)
        people.deactivate(self.scene.people.eve, by=self.ada, now=NOON)
        self.leave()
        assert self.holders() == {None}
        assert verbs(self.draft)[-1] == "assessment.released"
        relay.relay(now=NOON)
        titles = set(Alert.objects.filter(recipient=self.scene.people.mia).values_list("title", flat=True))
        assert f"{self.draft} has nobody to answer it" in titles
        assert len(titles) == 4

    def test_whoever_cannot_do_all_of_it_is_not_offered_and_refused_and_then_nobody_leaves(self) -> None:
        offered = {person.name for person in handover.who_can_take(handover.of(self.alice))}
        assert offered == {"Ann", "Bob"}
        gone = people.add(email="gone@example.org", name="Gone", by=self.ada, now=NOON)
        people.deactivate(gone, by=self.ada, now=NOON)
        before = Event.objects.count()
        for to in (self.scene.people.eve, self.scene.people.mia, self.ada, gone, self.alice):
            with self.subTest(to.name), pytest.raises(handover.CannotTakeOver, match="of Payments") as refusal:
                self.leave(hand_over_to=to)
            assert refusal.value.field == "hand_over_to"
        assert User.objects.get(pk=self.alice.pk).is_active
        assert (self.holders(), Event.objects.count()) == ({"Alice"}, before)

    def test_somebody_with_much_work_is_barred_at_once_and_a_job_gives_on_the_rest(self) -> None:
        with mock.patch.object(handover, "AT_ONCE", 4):
            self.leave(hand_over_to=self.ann)
            assert not User.objects.get(pk=self.alice.pk).is_active
            assert self.holders() == {"Alice", "Ann"}
            assert runner.run_due(now=NOON) == 1
        assert self.holders() == {"Ann"}
        assert (Job.objects.get(kind=handover.REST).status, handover.of(self.alice).owns_something) == ("done", False)
        # Two servers, a draft and a finding; then a finding and a review.
        events = Event.objects.filter(reason__startswith="Alice can no longer sign in.")
        assert (events.filter(actor_label="Ada").count(), events.count()) == (4, 6)
        assert {event.actor_label for event in events} == {"Ada", "Job work.hand_over"}

    def test_the_rest_goes_by_turn_when_whoever_was_named_has_left_too(self) -> None:
        with mock.patch.object(handover, "AT_ONCE", 4):
            self.leave(hand_over_to=self.scene.people.bob)
            people.deactivate(self.scene.people.bob, by=self.ada, now=NOON)
            runner.run_due(now=NOON)
        assert handover.of(self.alice).is_empty
        assert "Ann" in self.holders()

    def test_only_an_administrator_does_it(self) -> None:
        for by in (self.scene.people.mia, self.alice):
            with pytest.raises(access.NotPermitted):
                handover.deactivate(self.alice, by=by, now=NOON, hand_over_to=self.ann)
        assert self.holders() == {"Alice"}

    def take(self, held: Membership, **how: User | None) -> None:
        handover.take_role(Membership.objects.get(pk=held.pk), by=self.ada, now=NOON, **how)

    def test_with_their_last_role_for_it_goes_what_they_cannot_do_without_it(self) -> None:
        held = Membership.objects.get(user=self.alice)
        Vendor.objects.update(relationship_owner=self.alice)
        with transaction.atomic():
            self.take(held)
            assert self.holders() == {"Ann"}
            assert (Server.objects.filter(owner=self.alice).exists(), User.objects.get(pk=self.alice.pk).is_active) == (
                True, True,
            )  # fmt: skip
            transaction.set_rollback(True)
        self.take(held, hand_over_to=self.ann)
        assert (self.holders(), handover.of(self.alice).owns_something) == ({"Ann"}, False)
        events = Event.objects.filter(verb="finding.assigned", reason__startswith="Alice has no role for it any more.")
        assert events.count() == 2

    def test_what_another_role_covers_stays(self) -> None:
        research, held = self.scene.people.research, Membership.objects.get(user=self.alice)
        with append_only.lifted(connection, Finding):
            Finding.objects.update(unit=None, server=None, vendor=self.scene.vendor)
        Vendor.objects.update(relationship_owner=self.alice)
        elsewhere = people.give_role(self.alice, role="analyst", unit=research, by=self.ada, now=NOON)
        left = handover.left_by(held)
        # A role in any unit is enough for what was found about a vendor, and to answer for the vendor.
        assert (left.rows(Finding).count(), left.rows(Vendor).count()) == (0, 0)
        assert (left.rows(Assessment).count(), left.rows(Review).count()) == (1, 1)
        assert handover.left_by(elsewhere).is_empty
        people.give_role(self.alice, role="approver", unit=None, by=self.ada, now=NOON)
        self.take(held)
        self.take(elsewhere)
        assert self.holders() == {"Alice"}

    def test_a_role_to_read_covers_what_they_own_and_not_what_they_work_on(self) -> None:
        people.give_role(self.alice, role="manager", unit=self.scene.people.payments, by=self.ada, now=NOON)
        left = handover.left_by(Membership.objects.get(user=self.alice, role="analyst"))
        owns = (left.owns_something, handover.of(self.alice).owns_something)
        assert (left.rows(Finding).count(), *owns) == (2, False, True)

    def test_who_cannot_take_it_is_refused_and_then_the_role_stays(self) -> None:
        held, before = Membership.objects.get(user=self.alice), Event.objects.count()
        for to in (self.scene.people.eve, self.alice):
            with self.subTest(to.name), pytest.raises(handover.CannotTakeOver):
                self.take(held, hand_over_to=to)
        with pytest.raises(access.NotPermitted):
            handover.take_role(held, by=self.scene.people.mia, now=NOON, hand_over_to=self.ann)
        assert Membership.objects.filter(pk=held.pk).exists()
        assert (self.holders(), Event.objects.count()) == ({"Alice"}, before)

    def test_what_is_settled_keeps_its_name(self) -> None:
        Finding.objects.update(status="closed", closed_at=NOON)
        self.leave(hand_over_to=self.ann)
        assert set(Finding.objects.values_list("owner__name", flat=True)) == {"Alice"}
