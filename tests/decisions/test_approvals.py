"""An approval in date lets agents use a server; without one it stays suspended."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import TestCase

from accounts import people
from assessments.answers import second_person
from assessments.models import Assessment
from audit.models import Event
from decisions.approvals import approvals, decision_window
from decisions.approvals.approval_needs import ApprovalLacks
from decisions.models import Approval
from findings import register
from riskregister.transitions import IllegalTransition
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time, verbs
from tests.cast import NOON, TODAY
from vendors import lifecycle
from vendors.models import Server
from vendors.registering import importing


class Approvals(TestCase):
    scene: Scene
    approval: Approval
    server: Server

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.approval = cls.scene.approved(valid_until=TODAY + timedelta(days=10))
        cls.server = Server.objects.get(pk=cls.scene.server.pk)

    def suspended(self) -> Server:
        return lifecycle.suspend(self.server, reason="To be sure.", by=self.scene.people.bob, now=in_time(5))

    def resume(self, *, days: int) -> Server:
        return approvals.resume_server(self.suspended(), reason="", by=self.scene.people.bob, now=in_time(days))

    def test_a_suspended_server_is_used_again_up_to_the_last_day(self):
        assert self.resume(days=10).status == "approved"

    def test_the_day_after_it_is_not(self):
        with pytest.raises(approvals.DecisionInvalid, match="in date"):
            self.resume(days=11)
        assert Server.objects.get(pk=self.server.pk).status == "suspended"

    def test_withdrawn_it_suspends_the_server_for_good(self):
        bob = self.scene.people.bob
        approvals.withdraw(self.approval, reason="It was breached.", by=bob, now=in_time(1))
        server = Server.objects.get(pk=self.server.pk)
        assert (server.status, verbs(self.approval)[-1]) == ("suspended", "approval.withdrawn")
        with pytest.raises(approvals.DecisionInvalid, match="in date"):
            approvals.resume_server(server, reason="", by=bob, now=in_time(2))

    def test_it_ends_tomorrow_at_the_earliest(self):
        for days in (1, 550):
            server = self.scene.another_server()
            made = self.scene.approved(server, valid_until=TODAY + timedelta(days=days))
            assert made.valid_until == TODAY + timedelta(days=days)

    def test_a_condition_is_due_from_today_to_the_end_of_the_approval(self):
        how: dict[str, Any] = {"decision": "approve_with_conditions", "valid_until": TODAY + timedelta(days=10)}
        for due_on in (TODAY - timedelta(days=1), TODAY + timedelta(days=11)):
            with self.subTest(due_on), pytest.raises(approvals.DecisionInvalid) as refusal:
                self.scene.approved(self.scene.another_server(), conditions=[("Rotate it.", due_on)], **how)
            assert refusal.value.field == "conditions"
        allowed = [("Rotate it.", TODAY), ("Sign it.", TODAY + timedelta(days=10))]
        made = self.scene.approved(self.scene.another_server(), conditions=allowed, **how)
        assert list(made.conditions.order_by("due_on").values_list("text", "due_on")) == allowed

    def test_it_ends_after_tomorrow_and_within_eighteen_months(self):
        for days in (0, 551):
            with self.subTest(days), pytest.raises(approvals.DecisionInvalid) as refusal:
                approvals.decide(
                    self.approval.assessment,
                    decision="approve",
                    reason="So.",
                    valid_until=TODAY + timedelta(days=days),
                    replaces=self.approval,
                    by=self.scene.people.bob,
                    now=in_time(0),
                )
            assert refusal.value.field == "valid_until"
        assert Approval.objects.get() == self.approval

    def test_tools_captured_since_the_assessment_began_are_not_approved_with_it(self):
        people, server = self.scene.people, self.scene.another_server()
        self.scene.captures = False
        assessment = self.scene.final(server)
        release = server.releases.get()
        importing.import_tools(
            release, cast.tools("wipe"), captured_at=NOON, command="tools/list", by=people.alice, now=NOON
        )
        standard: dict[str, Any] = {"reason": "So.", "by": people.bob, "now": in_time(1)}
        fresh = Assessment.objects.get(pk=assessment.pk)
        with pytest.raises(ApprovalLacks) as refused:
            approvals.decide(fresh, decision="approve", valid_until=TODAY + timedelta(days=30), **standard)
        tools = next(one for one in refused.value.missing if one.need == "tools")
        assert tools.text == (
            "The tools of 1.0.0 were captured after the answers were submitted. Assess the server again."
        )
        assert not Approval.objects.filter(server=server).exists()
        assert approvals.decide(fresh, decision="reject", **standard).decision == "reject"


class DecidingAgain(TestCase):
    """An assessment that bob approved."""

    scene: Scene
    approval: Approval

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.approval = cls.scene.approved()

    def decide(self, decision: str = "approve", *, days: int = 30, at: int = 1, **how: Any) -> Approval:
        standard: dict[str, Any] = {"reason": "So.", "by": self.scene.people.bob, "now": in_time(at)}
        seen = Assessment.objects.get(pk=self.approval.assessment_id)
        return approvals.decide(seen, decision=decision, valid_until=TODAY + timedelta(days=days), **standard | how)

    def refused(self, why: type[Exception], match: str, decision: str = "approve", **how: Any) -> None:
        before = (Event.objects.count(), list(Approval.objects.values_list("number", "status")))
        with pytest.raises(why, match=match):
            self.decide(decision, **how)
        assert (Event.objects.count(), list(Approval.objects.values_list("number", "status"))) == before

    def test_is_refused_to_whoever_does_not_name_the_decision_that_stands(self):
        self.refused(decision_window.DecidedAlready, f"Bob has decided on it: {self.approval.ref}, approve")

    def test_is_refused_to_whoever_names_a_later_decision_on_another(self):
        other = self.scene.approved(self.scene.another_server(), at=in_time(1))
        self.refused(decision_window.DecidedAlready, f"decided on it: {self.approval.ref}", replaces=other, at=2)

    def test_replaces_the_decision_that_it_names_once(self):
        tighter = self.decide(replaces=self.approval)
        self.approval.refresh_from_db()
        assert (self.approval.status, tighter.status) == ("superseded", "granted")
        self.refused(decision_window.DecidedAlready, tighter.ref, replaces=self.approval)

    def test_is_not_for_whoever_had_a_hand_in_it(self):
        alice = self.scene.people.alice
        people.give_role(alice, role="approver", unit=self.scene.people.payments, by=self.scene.people.ada, now=NOON)
        self.refused(second_person.FourEyes, "edited or submitted", replaces=self.approval, by=alice)

    def test_can_reject_what_was_approved(self):
        self.decide("reject", replaces=self.approval)
        assert Server.objects.get(pk=self.scene.server.pk).status == "rejected"

    def test_a_rejection_is_replaced_by_another_assessment_only(self):
        rejected = self.decide("reject", replaces=self.approval)
        for decision in ("approve", "reject"):
            self.refused(decision_window.AssessAgain, "Assess the server again", decision, replaces=rejected)
        with pytest.raises(approvals.DecisionInvalid, match="Assess the server again"):
            approvals.withdraw(rejected, reason="A mistake.", by=self.scene.people.bob, now=in_time(2))
        assert Approval.objects.get(pk=rejected.pk).status == "granted"

    def test_after_a_withdrawal_the_server_is_assessed_again(self):
        gone = approvals.withdraw(self.approval, reason="It was breached.", by=self.scene.people.bob, now=in_time(1))
        self.refused(decision_window.AssessAgain, "was withdrawn", replaces=gone, at=2)

    def test_makes_what_was_judged_no_younger(self):
        self.refused(approvals.DecisionInvalid, "18 months after", replaces=self.approval, days=551, at=180)
        assert self.decide(replaces=self.approval, days=550, at=180).valid_until == TODAY + timedelta(days=550)

    def test_answers_older_than_the_cadence_are_approved_no_more(self):
        last_day = (date(2026, 9, 2) - TODAY).days
        self.refused(
            decision_window.AssessAgain,
            r"of 2 Mar 2026, and for tier 2 they count for 6 months\. Assess the server again",
            replaces=self.approval,
            days=400,
            at=last_day + 1,
        )
        assert self.decide(replaces=self.approval, days=400, at=last_day).status == "granted"
        standing = Approval.objects.get(status="granted")
        assert self.decide("reject", replaces=standing, at=last_day + 1).decision == "reject"

    def test_is_not_for_whoever_made_less_of_a_severe_finding_since(self):
        people, server = self.scene.people, self.scene.server
        raised = register.open_by_hand(
            server, title="Open to all", severity=1, dimension="provenance", by=people.alice, now=in_time(1)
        )
        register.change_severity(raised, severity=3, reason="It is small.", by=people.bob, now=in_time(1))
        self.refused(decision_window.OwnLeniency, f"You lowered {raised.ref} since", replaces=self.approval, at=2)
        ben = cast.person("ben", role="approver", unit=people.payments)
        assert self.decide(replaces=self.approval, by=ben, at=2).decided_by == ben

    def test_nor_for_whoever_made_less_of_one_of_its_vendor(self):
        people, vendor = self.scene.people, self.scene.vendor
        raised = register.open_by_hand(
            vendor, title="Keys leaked", severity=1, dimension="provenance", by=people.alice, now=in_time(1)
        )
        register.change_severity(raised, severity=3, reason="It is small.", by=people.bob, now=in_time(1))
        self.refused(decision_window.OwnLeniency, f"You lowered {raised.ref} since", replaces=self.approval, at=2)

    def test_a_finding_that_was_never_severe_bars_nobody(self):
        people = self.scene.people
        raised = register.open_by_hand(
            self.scene.server, title="A typo", severity=3, dimension="provenance", by=people.alice, now=in_time(1)
        )
        register.close(raised, reason="Gone.", by=people.bob, now=in_time(1))
        assert self.decide(replaces=self.approval, at=2).status == "granted"

    def test_a_superseded_assessment_is_not_decided_on(self):
        self.scene.final(at=in_time(2))
        self.refused(IllegalTransition, "from superseded to decided", replaces=self.approval, at=3)

    def test_a_first_decision_replaces_nothing(self):
        other = self.scene.final(self.scene.another_server(), at=in_time(1))
        with pytest.raises(decision_window.DecidedAlready, match=f"no decision on {other.ref}"):
            approvals.decide(
                other, decision="reject", reason="No.", replaces=self.approval, by=self.scene.people.bob, now=in_time(1)
            )
        assert Approval.objects.get() == self.approval
