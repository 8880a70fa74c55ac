from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import TestCase

from audit.models import Event
from decisions.approvals import approvals, conditions
from decisions.models import Approval, Condition
from findings import remediation
from findings.models import Finding
from tests import cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time, verbs
from tests.cast import TODAY
from vendors.registering import registration

IN_A_MONTH = TODAY + timedelta(days=30)
IN_TEN_DAYS = TODAY + timedelta(days=10)


class MissingACondition(TestCase):
    scene: Scene
    approval: Approval

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.approval = cls.scene.approved(
            decision=Approval.Decision.APPROVE_WITH_CONDITIONS, conditions=[("Rotate the token.", IN_TEN_DAYS)]
        )

    def test_on_its_day_a_condition_is_not_missed(self):
        assert conditions.record_missed(now=in_time(10)) == 0
        assert not Finding.objects.exists()

    def test_the_day_after_it_becomes_a_high_finding_of_the_servers_owner(self):
        assert conditions.record_missed(now=in_time(11)) == 1

        finding = Finding.objects.get()
        assert (finding.source, finding.get_severity_display(), finding.status) == ("condition", "High", "open")
        assert (finding.description, finding.owner) == ("Rotate the token.", self.scene.people.alice)
        assert finding.due_on == TODAY + timedelta(days=41)
        assert Condition.objects.get().finding == finding
        assert verbs(finding) == ["finding.opened"]
        assert verbs(Condition.objects.get()) == ["condition.missed"]

    def test_after_weeks_of_downtime_it_is_missed_once(self):
        assert conditions.record_missed(now=in_time(60)) == 1
        assert conditions.record_missed(now=in_time(61)) == 0
        assert Finding.objects.count() == 1

    def test_of_two_sweeps_at_once_one_raises_it(self):
        key = Condition.objects.get().pk
        assert conditions._miss(key, now=in_time(11)) is True
        assert conditions._miss(key, now=in_time(11)) is False

    def test_a_condition_that_was_met_is_not_missed(self):
        conditions.meet(Condition.objects.get(), note="Rotated.", by=self.scene.people.bob, now=in_time(5))
        assert conditions.record_missed(now=in_time(11)) == 0

    def test_a_missed_condition_is_met_by_a_verified_fix_only(self):
        conditions.record_missed(now=in_time(11))
        missed, finding = Condition.objects.get(), Finding.objects.get()
        alice, bob = self.scene.people.alice, self.scene.people.bob
        with pytest.raises(conditions.ConditionMissed, match=finding.ref):
            conditions.meet(missed, note="Rotated.", by=bob, now=in_time(12))
        assert Condition.objects.get().met_at is None

        remediation.plan(finding, description="Rotate.", target_on=IN_A_MONTH, by=alice, now=in_time(12))
        claim = remediation.claim_fixed(finding, note="Rotated.", by=alice, now=in_time(13))
        remediation.pass_fix(claim, note="Seen.", by=bob, now=in_time(14))

        met = Condition.objects.get()
        assert (met.met_at, met.met_by, met.met_note) == (in_time(14), bob, "Rotated.")
        assert verbs(self.approval)[-1] == "condition.met"
        # The one who verified it is who says so then: the other did nothing on that day.
        assert Event.objects.get(verb="condition.met").actor_label == "Bob"
        with pytest.raises(conditions.MetAlready, match="already"):
            conditions.meet(met, note="Again.", by=bob, now=in_time(15))

    def test_a_withdrawn_approval_binds_nobody(self):
        approvals.withdraw(self.approval, reason="It was breached.", by=self.scene.people.bob, now=in_time(5))
        assert conditions.record_missed(now=in_time(11)) == 0
        assert conditions._miss(Condition.objects.get().pk, now=in_time(11)) is False
        assert not Finding.objects.exists()

    def test_of_an_approval_that_is_over_no_condition_is_met(self):
        approvals.withdraw(self.approval, reason="It was breached.", by=self.scene.people.bob, now=in_time(5))
        with pytest.raises(conditions.ApprovalOver, match=f"{self.approval.ref} was withdrawn"):
            self.meet(in_time(6))
        assert Condition.objects.get().met_at is None

    def test_after_its_day_a_condition_is_not_met_in_time_whether_a_sweep_saw_it_or_not(self):
        with pytest.raises(conditions.ConditionMissed, match="Its day has passed"):
            self.meet(in_time(11))
        assert (Condition.objects.get().met_at, verbs(self.approval)) == (None, ["approval.granted"])
        self.meet(in_time(10))

    def meet(self, now: datetime) -> None:
        conditions.meet(Condition.objects.get(), note="Rotated.", by=self.scene.people.bob, now=now)

    def test_is_met_by_the_word_of_another_than_its_submitter_and_the_servers_owner(self):
        alice = self.scene.people.alice
        with pytest.raises(conditions.OwnCondition, match="You submitted"):
            conditions.meet(Condition.objects.get(), note="Rotated.", by=alice, now=in_time(1))
        ann = cast.person("ann", role="analyst", unit=self.scene.people.payments)
        registration.edit_server(self.scene.server, changes={"owner": ann}, by=alice, now=in_time(1))
        with pytest.raises(conditions.OwnCondition, match="You own"):
            conditions.meet(Condition.objects.get(), note="Rotated.", by=ann, now=in_time(1))
        assert Condition.objects.get().met_at is None

    def test_a_decision_without_conditions_takes_none(self):
        for decision in (Approval.Decision.APPROVE, Approval.Decision.REJECT):
            with self.subTest(decision), pytest.raises(approvals.DecisionInvalid) as refusal:
                approvals.decide(
                    self.approval.assessment,
                    decision=decision,
                    reason="So.",
                    valid_until=IN_A_MONTH,
                    conditions=[("Rotate it.", IN_TEN_DAYS)],
                    replaces=self.approval,
                    by=self.scene.people.bob,
                    now=in_time(1),
                )
            assert refusal.value.field == "conditions"
        assert Approval.objects.get() == self.approval

    def decided_again(self, decision: str, *, at: int = 1, **how: Any) -> Approval:
        standing = Approval.objects.get(status="granted")
        return approvals.decide(
            self.approval.assessment,
            decision=decision,
            reason="Looked at anew.",
            valid_until=None if decision == Approval.Decision.REJECT else IN_A_MONTH,
            replaces=standing,
            by=self.scene.people.bob,
            now=in_time(at),
            **how,
        )

    def test_an_unmet_condition_holds_on_in_the_approval_that_replaces_the_former(self):
        former = Condition.objects.get()
        tighter = self.decided_again(
            Approval.Decision.APPROVE_WITH_CONDITIONS, conditions=[("Sign it.", IN_TEN_DAYS + timedelta(days=1))]
        )
        self.approval.refresh_from_db()
        assert (self.approval.status, verbs(self.approval)[-1]) == ("superseded", "approval.superseded")
        held_on, new = tighter.conditions.all()
        assert (held_on.text, held_on.due_on, held_on.carried_from) == (former.text, former.due_on, former)
        assert (new.text, new.carried_from) == ("Sign it.", None)

        assert conditions.record_missed(now=in_time(11)) == 1
        held_on.refresh_from_db()
        assert (held_on.finding, Condition.objects.get(pk=former.pk).finding) == (Finding.objects.get(), None)

    def test_a_plain_approval_does_not_drop_it(self):
        with pytest.raises(approvals.DecisionInvalid, match=r"are not met: Rotate the token\.") as refusal:
            self.decided_again(Approval.Decision.APPROVE)
        assert refusal.value.field == "decision"
        assert Approval.objects.get() == self.approval

        conditions.meet(Condition.objects.get(), note="Rotated.", by=self.scene.people.bob, now=in_time(1))
        assert not self.decided_again(Approval.Decision.APPROVE, at=2).conditions.exists()

    def test_it_alone_makes_an_approval_with_conditions(self):
        again = self.decided_again(Approval.Decision.APPROVE_WITH_CONDITIONS)
        assert [one.text for one in again.conditions.all()] == ["Rotate the token."]

    def test_another_assessment_does_not_drop_it_either(self):
        again = self.scene.approved(at=in_time(2), decision=Approval.Decision.APPROVE_WITH_CONDITIONS)
        assert [one.text for one in again.conditions.all()] == ["Rotate the token."]

    def test_one_that_became_a_finding_is_settled_there_and_a_rejection_binds_nobody(self):
        conditions.record_missed(now=in_time(11))
        assert not self.decided_again(Approval.Decision.APPROVE, at=12).conditions.exists()
        assert not self.decided_again(Approval.Decision.REJECT, at=13).conditions.exists()
