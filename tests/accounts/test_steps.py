"""What the declaration above a step does for it."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.db import connection, transaction
from django.test import TestCase, TransactionTestCase

from accounts import access, holding, people, tokens
from accounts.models import ApiToken, User
from accounts.sign_in import passwords
from assessments import lifecycle
from assessments.answers import answering
from audit.models import Event
from decisions.reviews import reviews
from findings import register, remediation
from findings.models import Finding
from riskregister.refusals import Refused
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import in_time, verbs
from tests.cast import NOON, TODAY
from tests.waiting import PATIENCE, until
from vendors import lifecycle as lifecycle_of_servers
from vendors.registering import registration


class AStep(TestCase):
    scene: scenes.Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()

    def test_writes_what_it_moved_on_its_way_once(self):
        finding = self.scene.finding()
        before = LogEntry.objects.get_for_object(finding).count()
        target = TODAY + timedelta(days=9)
        remediation.plan(finding, description="Ask.", target_on=target, by=self.scene.people.alice, now=NOON)
        assert Finding.objects.get().status == "remediating"
        assert LogEntry.objects.get_for_object(finding).count() == before + 1

    def test_is_followed_by_what_comes_after_its_event(self):
        approval = self.scene.approved()
        review = approval.server.reviews.get()
        before = set(Event.objects.values_list("pk", flat=True))
        reviews.skip(review, reason="It is new.", by=self.scene.people.mia, now=in_time(1))
        after = Event.objects.exclude(pk__in=before).order_by("id").values_list("verb", flat=True)
        assert list(after)[:2] == ["review.skipped", "review.scheduled"]

    def test_says_in_its_own_words_that_the_state_is_another(self):
        draft = self.scene.draft()
        lifecycle.submit(draft, by=self.scene.people.alice, now=NOON)
        with pytest.raises(answering.AssessmentNotOpen, match="Only a draft"):
            lifecycle.assign(draft, assignee=self.scene.people.alice, by=self.scene.people.mia, now=NOON)
        offer = lifecycle.assign.offer(draft, self.scene.people.mia)
        assert (offer.is_possible, offer.why_not) == (False, "Only a draft can be given to somebody else.")

    def test_says_in_words_in_which_state_it_found_what_it_cannot_change(self):
        server = lifecycle_of_servers.start_review(self.scene.server, by=self.scene.people.alice, now=NOON)
        again = lifecycle_of_servers.start_review.offer(server, self.scene.people.alice)
        assert again.why_not == f"{server} is in review already."
        back = lifecycle_of_servers.request_again.offer(server, self.scene.people.alice)
        assert back.why_not == f"{server} cannot go from in review to requested."
        finding = self.scene.finding()
        Finding.objects.filter(pk=finding.pk).update(status="closed", closed_at=NOON)
        finding.refresh_from_db()
        assigned = register.assign.offer(finding, self.scene.people.alice)
        assert assigned.why_not == f"{finding} is closed: this cannot be done now."

    def test_as_part_of_another_still_asks_the_state(self):
        draft = self.scene.draft()
        with pytest.raises(Exception, match="from draft to final"):
            lifecycle.finalise.within(draft, by=self.scene.people.bob, now=NOON)
        assert verbs(draft)[-1] == "assessment.edited"

    def test_gives_nothing_to_somebody_who_has_left_since_they_were_chosen(self):
        server, made = self.scene.server, self.scene.people
        chosen = User.objects.get(pk=made.bob.pk)
        people.deactivate(made.bob, by=made.ada, now=NOON)
        with pytest.raises(Refused, match="active person"):
            registration.edit_server(server, changes={"owner": chosen}, by=made.alice, now=NOON)


class BeforeARowIsChosen(TestCase):
    """Whether a step can be taken somewhere: what links, choices of units and guards of pages are drawn from."""

    people: cast.Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()

    def test_who_may_and_where_follows_from_what_the_step_needs(self):
        step, everybody = registration.register_server, self.people.everybody
        assert {name for name, person in everybody.items() if step.may_somewhere(person)} == {"alice", "bob", "eve"}
        units = {name: [unit.code for unit in step.units(person)] for name, person in everybody.items()}
        assert units == {
            "alice": ["payments"],
            "bob": ["payments"],
            "eve": ["research"],
            "mia": [],
            "carol": [],
            "ada": [],
        }
        assert not any(step.may_everywhere(person) for person in everybody.values())

    def test_whoever_has_a_role_in_the_whole_organisation_may_everywhere(self):
        ann = cast.person("ann", role="analyst", unit=None)
        assert registration.register_server.may_everywhere(ann)
        assert {unit.code for unit in registration.register_server.units(ann)} == {"payments", "research"}

    def test_one_capability_of_several_will_do(self):
        retire = lifecycle_of_servers.retire
        assert retire.may_somewhere(self.people.bob)
        assert retire.may_somewhere(self.people.mia)
        assert [unit.code for unit in retire.units(self.people.mia)] == ["payments"]
        assert not retire.may_somewhere(self.people.alice)

    def test_what_decides_besides_opens_nothing_by_itself(self):
        approver_who_may_not_write = {access.Capability.DECIDE}
        bob = User.objects.get(pk=self.people.bob.pk)
        access.narrow(bob, approver_who_may_not_write)
        assert register.change_due_date.rule.capabilities == ("write", "decide")
        assert not register.change_due_date.may_somewhere(bob)

    def test_what_is_ones_own_asks_the_credentials_and_no_role(self):
        reader = User.objects.get(pk=self.people.carol.pk)
        assert tokens.revoke.may_somewhere(reader)
        access.narrow(reader, ["read"])
        assert not tokens.revoke.may_somewhere(reader)


class WhatIsOnesOwn(TestCase):
    """Steps that people take with what is theirs, whatever their roles."""

    people: cast.Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()

    def token_of_alice(self) -> ApiToken:
        alice = self.people.alice
        token, _key = tokens.issue(
            alice, name="Export", scopes=["read"], lifetime=timedelta(days=9), by=alice, now=NOON
        )
        return token

    def test_is_offered_to_them_and_to_whoever_administers(self):
        alice, token = self.people.alice, self.token_of_alice()
        who = {name: tokens.revoke.offer(token, person).may for name, person in self.people.everybody.items()}
        assert {name for name, may in who.items() if may} == {"alice", "ada"}
        assert people.end_sessions.offer(alice, alice).may
        assert not people.end_sessions.offer(alice, self.people.bob).may

    def test_is_not_for_credentials_that_only_read(self):
        alice, token = self.people.alice, self.token_of_alice()
        reader = User.objects.get(pk=alice.pk)
        access.narrow(reader, ["read"])
        for step in (
            lambda: tokens.revoke(token, by=reader, now=NOON),
            lambda: people.rename(alice, name="Mallory", by=reader, now=NOON),
            lambda: passwords.set_password(alice, password="correct horse battery staple", by=reader, now=NOON),
        ):
            with pytest.raises(access.ScopeMissing, match="'write'"):
                step()
        alice.refresh_from_db()
        assert (alice.name, alice.has_usable_password(), ApiToken.objects.get().revoked_at) == ("Alice", False, None)

    def test_that_is_so_already_is_not_recorded_again(self):
        token = self.token_of_alice()
        for _ in range(2):
            tokens.revoke(token, by=self.people.alice, now=NOON)
        assert Event.objects.filter(verb="token.revoked").count() == 1


@pytest.mark.postgres
class HoldingInOrder(TransactionTestCase):
    """Whoever hands over holds people first: a step that held its row before them would lock the other out."""

    def test_who_is_given_something_is_held_before_it(self):
        scene = scenes.set_up()
        finding = scene.finding()
        ann = cast.person("ann", role="analyst", unit=scene.people.payments)
        give = self.beginning(lambda: register.assign(finding, owner=ann, by=scene.people.mia, now=NOON))
        with transaction.atomic():
            holding.person(ann)
            give.start()
            self.wait_until_somebody_waits()
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE:.0f}s'")
            assert Finding.objects.select_for_update().get().owner == scene.people.alice
        give.join()
        assert Finding.objects.get().owner == ann

    def beginning(self, step: Callable[[], object]) -> threading.Thread:
        """Return a thread that takes a step, on a connection of its own."""

        def run() -> None:
            try:
                step()
            finally:
                connection.close()

        return threading.Thread(target=run)

    def wait_until_somebody_waits(self) -> None:
        """Wait until another connection asks for a lock that it does not get."""
        until(_somebody_waits, what="a step that waits for a lock")


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])
