"""Two at once, in threads with connections of their own, on the engine of the run."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase

from accounts import access, holding, people
from accounts.models import User
from accounts.sign_in import passwords
from assessments import lifecycle
from assessments.answers import answering, scored_lines
from assessments.models import Answer, Assessment, Editor, Snapshot
from audit.models import Event
from catalogue.models import Dimension
from decisions.approvals import approvals, conditions, decision_window
from decisions.models import Approval, RatingRecord, Reminder, Review, ServerRating
from decisions.reviews import reassessment, review_schedule, reviews
from findings import acceptance, register
from findings.models import Finding, Occurrence, RiskAcceptance
from riskregister import nouns
from riskregister.refusals import Refused
from riskregister.transitions import IllegalTransition
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import in_time
from tests.cast import NOON, TODAY
from tests.interleaving import WHILE_THE_OTHER_COMES, at_once, overtaken
from tests.waiting import PATIENCE
from vendors import lifecycle as server_lifecycle
from vendors.models import Deployment, Server
from vendors.registering import deployments, exposure, registration
from work.in_hand import handover

pytestmark = pytest.mark.engine


class AtOnce(TransactionTestCase):
    def setUp(self) -> None:
        self.scene = scenes.set_up()

    def test_sweepers_open_and_remind_of_each_review_once(self):
        servers = [self.scene.server, *(self.scene.another_server() for _ in range(3))]
        for server in servers:
            reviews.schedule_next(server, after=TODAY, now=NOON)
        due_on = Review.objects.all()[0].due_on
        soon, later = NOON + (due_on - TODAY), NOON + (due_on - TODAY) + timedelta(days=3)

        opened = at_once(*[lambda: review_schedule.open_due(now=soon)] * 4)
        reminded = at_once(*[lambda: review_schedule.remind(now=later)] * 4)

        assert (sum(opened), sum(reminded)) == (4, 4)
        assert Reminder.objects.count() == 4
        told = Counter(Event.objects.filter(verb__startswith="review.").values_list("verb", flat=True))
        assert told == {"review.scheduled": 4, "review.opened": 4, "review.overdue": 4}

    def test_planning_the_next_review_plans_one(self):
        planned = at_once(*[lambda: reviews.schedule_next(self.scene.server, after=TODAY, now=NOON)] * 4)
        assert {review.pk for review in planned} == {Review.objects.get().pk}

    def test_a_review_is_either_skipped_or_assessed(self):
        people = self.scene.people
        for _ in range(4):
            server = self.scene.another_server() if Review.objects.exists() else self.scene.server
            review = reviews.schedule_next(server, after=TODAY, now=NOON)
            review_schedule.open_due(now=in_time(400))
            [skipped, started] = at_once(
                partial(reviews.skip, Review.objects.get(pk=review.pk), reason="Busy.", by=people.mia, now=NOON),
                partial(reassessment.start, Review.objects.get(pk=review.pk), by=people.alice, now=NOON),
            )
            now = Review.objects.get(pk=review.pk)
            lost, won = (started, skipped) if now.status == "skipped" else (skipped, started)
            assert isinstance(lost, IllegalTransition if now.status == "skipped" else reviews.BeingReviewed)
            assert not isinstance(won, Exception)
            assert (now.assessment is None) == (now.status == "skipped")
            assert Assessment.objects.filter(server=server).count() == (0 if now.status == "skipped" else 1)

    def test_of_two_who_hand_over_to_each_other_one_stays(self):
        self._finding_without_owner()
        who = {"alice": self.scene.people.alice, "ann": cast.person("ann", role="analyst", unit=self.scene.server.unit)}
        Finding.objects.update(owner=who["alice"])
        outcomes = at_once(
            *[
                partial(handover.deactivate, who[one], hand_over_to=who[other], by=self.scene.people.ada, now=NOON)
                for one, other in (("alice", "ann"), ("ann", "alice"))
            ]
        )
        assert sum(isinstance(outcome, handover.CannotTakeOver) for outcome in outcomes) == 1
        stays = User.objects.get(name__in=("Alice", "Ann"), is_active=True)
        assert Finding.objects.get().owner == stays

    def test_nobody_is_given_work_in_the_moment_in_which_they_leave(self):
        self._finding_without_owner()
        draft, mia, ada = self.scene.draft(), self.scene.people.mia, self.scene.people.ada
        alice = self.scene.people.alice
        review = reviews.schedule_next(self.scene.server, after=TODAY, now=NOON)
        leaver = cast.person("ann", role="analyst", unit=self.scene.server.unit)
        barred = threading.Event()
        gate: dict[str, Any] = {"by": mia, "now": NOON}

        def leave() -> None:
            with transaction.atomic():
                handover.deactivate(self._user("Ann"), by=ada, now=NOON)
                barred.set()
                time.sleep(WHILE_THE_OTHER_COMES)

        def after(step: Callable[[], Any]) -> Any:
            assert barred.wait(PATIENCE)
            return step()

        steps: list[Callable[[], Any]] = [
            partial(register.assign, Finding.objects.get(), owner=leaver, **gate),
            partial(lifecycle.assign, Assessment.objects.get(pk=draft.pk), assignee=leaver, **gate),
            partial(reviews.assign, Review.objects.get(pk=review.pk), assignee=leaver, **gate),
            partial(
                registration.edit_server,
                self.scene.server,
                changes={"owner": leaver},
                by=alice,
                now=NOON,
            ),
        ]
        access.of(leaver)
        outcomes = at_once(leave, *[partial(after, step) for step in steps])

        assert handover.of(leaver).is_empty
        assert not handover.of(leaver).owns_something
        assert all(isinstance(outcome, Refused) for outcome in outcomes[1:]), outcomes

    @pytest.mark.postgres
    def test_what_is_found_about_a_vendor_waits_for_nobody_who_holds_one_of_its_servers(self):
        self.scene.final()

        def find() -> Finding:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '3s'")
            return register.open_by_hand(
                self.scene.vendor,
                title="Breach",
                severity=1,
                dimension="provenance",
                by=self.scene.people.bob,
                now=NOON,
            )

        before = RatingRecord.objects.count()
        with transaction.atomic():
            nouns.hold(Server.objects.get())
            [found] = at_once(find)
        assert isinstance(found, Finding)
        assert RatingRecord.objects.count() == before + 1

    @pytest.mark.postgres
    def test_a_deployment_and_what_is_found_about_the_vendor_do_not_lock_each_other_out(self):
        self.scene.final()
        add = partial(
            deployments.add_deployment,
            self.scene.server,
            name="Desk",
            environment="development",
            agent="Desk agent",
            by=self.scene.people.alice,
            now=NOON,
        )
        find = partial(
            register.open_by_hand,
            self.scene.vendor,
            title="Breach",
            severity=1,
            dimension="provenance",
            by=self.scene.people.bob,
            now=NOON,
        )
        assert self._while_rating(add, find) == [Deployment, Finding]

    @pytest.mark.postgres
    def test_an_edit_of_a_deployment_and_its_hand_over_do_not_lock_each_other_out(self):
        how: dict[str, Any] = {"by": self.scene.people.alice, "now": NOON}
        registration.edit_server(self.scene.server, changes={"owner": self.scene.people.alice}, **how)
        desk = deployments.add_deployment(
            self.scene.server,
            name="Desk",
            environment="development",
            agent="Desk agent",
            owner=self.scene.people.alice,
            **how,
        )
        ann = cast.person("ann", role="analyst", unit=self.scene.server.unit)
        edit = partial(deployments.edit_deployment, desk, changes={"name": "Second desk"}, **how)
        leave = partial(handover.deactivate, self._user("Alice"), hand_over_to=ann, by=self.scene.people.ada, now=NOON)
        assert self._while_rating(edit, leave) == [Deployment, type(None)]
        desk = Deployment.objects.get(pk=desk.pk)
        assert (desk.name, desk.owner) == ("Second desk", ann)

    def _while_rating(self, first: Callable[[], Any], second: Callable[[], Any]) -> list[type]:
        """Return what came of two steps, the second begun while the first holds what it rates a deployment by."""
        return [type(outcome) for outcome in overtaken(first, second, at=(exposure, "rate"))]

    def test_of_two_who_close_a_finding_one_wins(self):
        self._finding_without_owner()
        outcomes = at_once(*[lambda: self._close(Finding.objects.get())] * 2)
        assert sum(isinstance(outcome, IllegalTransition) for outcome in outcomes) == 1
        assert Event.objects.filter(verb="finding.closed").count() == 1

    def test_of_a_grant_and_a_refusal_one_counts(self):
        finding = self._finding_without_owner()
        asked = acceptance.request(
            finding,
            reason="So.",
            compensating_control="Isolated.",
            expires_on=TODAY,
            by=self.scene.people.alice,
            now=NOON,
        )
        bob = User.objects.get(name="Bob")
        outcomes = at_once(
            lambda: acceptance.grant(RiskAcceptance.objects.get(pk=asked.pk), by=bob, now=NOON),
            lambda: acceptance.refuse(RiskAcceptance.objects.get(pk=asked.pk), note="No.", by=bob, now=NOON),
        )
        assert sum(isinstance(outcome, IllegalTransition) for outcome in outcomes) == 1
        decided = RiskAcceptance.objects.get().status
        assert Finding.objects.get().status == ("accepted" if decided == "granted" else "open")

    def test_of_two_deciders_one_decides(self):
        self.scene.another_server()
        submitted = self._submitted()
        ben = cast.person("ben", role="approver", unit=self.scene.people.payments)
        outcomes = at_once(*[lambda by=by: self._reject(submitted, by=by) for by in (self.scene.people.bob, ben)])
        refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        # The first decision stands: whoever comes second is told of it.
        assert [type(one) for one in refused] == [decision_window.AssessAgain]
        assert Approval.objects.count() == 1
        assert Approval.objects.filter(status="granted").count() == 1
        assert Snapshot.objects.count() == 1
        assert Event.objects.filter(verb="assessment.finalised").count() == 1

    def test_no_server_is_resumed_on_an_approval_that_is_being_withdrawn(self):
        approval = self.scene.approved()
        bob = self.scene.people.bob
        server_lifecycle.suspend(approval.server, reason="To be sure.", by=bob, now=NOON)
        at_once(
            lambda: approvals.withdraw(Approval.objects.get(), reason="It was breached.", by=bob, now=NOON),
            lambda: approvals.resume_server(Server.objects.get(), reason="", by=bob, now=NOON),
        )
        assert (Approval.objects.get().status, Server.objects.get().status) == ("withdrawn", "suspended")

    def test_of_two_who_finalise_one_does(self):
        submitted = self._submitted()
        ben = cast.person("ben", role="approver", unit=self.scene.people.payments)
        outcomes = at_once(*[lambda by=by: self._finalise(submitted, by=by) for by in (self.scene.people.bob, ben)])
        assert sum(isinstance(outcome, IllegalTransition) for outcome in outcomes) == 1
        assert Snapshot.objects.count() == 1

    def test_an_edit_and_a_submission_at_once_leave_no_answer_that_nobody_submitted(self):
        bob = self.scene.people.bob
        for _ in range(4):
            draft = self.scene.draft(self.scene.another_server() if Assessment.objects.exists() else self.scene.server)
            row = draft.answers.earliest("pk")
            change: dict[str, Any] = {"choice": "dont_know", "version": row.version, "by": bob, "now": NOON}
            edited, submitted = at_once(
                partial(answering.answer, Answer.objects.get(pk=row.pk), **change),
                partial(lifecycle.submit, Assessment.objects.get(pk=draft.pk), by=self.scene.people.alice, now=NOON),
            )
            assert not isinstance(submitted, Exception)
            now = Assessment.objects.get(pk=draft.pk)
            assert now.answers_digest == answering.answers_digest(now, scored_lines.answers_of(now))
            assert isinstance(edited, Exception) or Editor.objects.filter(assessment=draft, user__name="Bob").exists()

    def test_giving_back_and_finalising_at_once_freeze_what_was_submitted(self):
        submitted = self._submitted()
        ben = cast.person("ben", role="approver", unit=self.scene.people.payments)
        outcomes = at_once(
            lambda: self._finalise(submitted, by=self.scene.people.bob),
            lambda: lifecycle.return_to_draft(Assessment.objects.get(pk=submitted.pk), reason="Why?", by=ben, now=NOON),
        )
        assert sum(isinstance(outcome, IllegalTransition) for outcome in outcomes) == 1
        final = Assessment.objects.get(pk=submitted.pk).status == "final"
        assert Snapshot.objects.count() == (1 if final else 0)

    def test_two_administrators_do_not_take_the_role_from_each_other(self):
        ada = self.scene.people.ada
        grace = cast.person("grace", role="administrator", unit=None)
        for one in (ada, grace):
            passwords.set_password(one, password="correct horse battery staple", by=one, now=NOON)
        # Both were let in before the other began, as two requests at once are.
        assert all(access.of(one).everywhere == {"administrator"} for one in (ada, grace))
        outcomes = at_once(
            lambda: people.deactivate(self._user("Grace"), by=ada, now=NOON),
            lambda: people.deactivate(self._user("Ada"), by=grace, now=NOON),
        )
        assert sum(isinstance(outcome, holding.RolesChanged) for outcome in outcomes) == 1
        assert User.objects.filter(memberships__role="administrator", is_active=True).count() == 1

    def _user(self, name: str) -> User:
        return User.objects.get(name=name)

    def _submitted(self) -> Assessment:
        return lifecycle.submit(self.scene.draft(), by=self.scene.people.alice, now=NOON)

    def _finalise(self, assessment: Assessment, *, by: User) -> Snapshot:
        seen = Assessment.objects.get(pk=assessment.pk)
        return lifecycle.finalise(seen, by=by, now=NOON, accept_dimensions=Dimension.values)

    def _reject(self, assessment: Assessment, *, by: User) -> Approval:
        seen = Assessment.objects.get(pk=assessment.pk)
        return approvals.decide(seen, decision="reject", reason="No.", by=by, now=NOON)

    def test_two_assessments_of_one_vendor_open_one_finding_about_it(self):
        question = scenes.question("vendor")
        bad = {question.key: scenes.worst(question)}
        other = self.scene.another_server(publisher=self.scene.vendor)
        drafts = [self.scene.draft(server, choices=bad) for server in (self.scene.server, other)]
        for draft in drafts:
            lifecycle.submit(draft, by=self.scene.people.alice, now=NOON)

        outcomes = at_once(*[lambda draft=draft: self.scene.finalise(draft) for draft in drafts])

        assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
        assert Finding.objects.get().vendor == self.scene.vendor
        assert Occurrence.objects.count() == 2

    def test_a_finding_on_a_vendor_counts_for_a_server_that_is_being_finalised(self):
        draft = self._submitted()
        opened, done = threading.Event(), threading.Event()

        def finding() -> None:
            with transaction.atomic():
                register.open_by_hand(
                    self.scene.vendor,
                    title="Breach",
                    severity=1,
                    dimension="security_posture",
                    by=self.scene.people.alice,
                    now=NOON,
                )
                opened.set()
                done.wait(timeout=WHILE_THE_OTHER_COMES)

        def finalise() -> None:
            assert opened.wait(PATIENCE)
            self._finalise(draft, by=self.scene.people.bob)
            done.set()

        assert at_once(finding, finalise) == [None, None]
        assert ServerRating.objects.get(server=self.scene.server).band == "unacceptable"

    def test_sweepers_record_a_missed_condition_and_an_expiry_once(self):
        finding = self._finding_without_owner()
        asked = acceptance.request(
            finding,
            reason="So.",
            compensating_control="Isolated.",
            expires_on=TODAY,
            by=self.scene.people.alice,
            now=NOON,
        )
        acceptance.grant(asked, by=self.scene.people.bob, now=NOON)
        self.scene.approved(
            self.scene.another_server(),
            decision=Approval.Decision.APPROVE_WITH_CONDITIONS,
            conditions=[("Rotate the token.", TODAY)],
        )

        expired = at_once(*[lambda: acceptance.record_expired(now=in_time(1))] * 3)
        missed = at_once(*[lambda: conditions.record_missed(now=in_time(1))] * 3)

        assert (sum(expired), sum(missed)) == (1, 1)
        assert Finding.objects.filter(source="condition").count() == 1

    def _finding_without_owner(self) -> Finding:
        finding = self.scene.finding()
        finding.owner = None
        finding.save(update_fields=["owner"])
        return finding

    def _close(self, finding: Finding) -> Finding:
        return register.close(finding, reason="Gone.", by=User.objects.get(name="Bob"), now=NOON)
