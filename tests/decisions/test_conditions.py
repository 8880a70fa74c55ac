from datetime import datetime, timedelta

import pytest
from django.test import TestCase

from decisions import approvals, conditions
from decisions.models import Approval, Condition
from findings import remediation
from findings.models import Finding
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time, verbs
from tests.cast import TODAY

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
            conditions.meet(missed, note="Rotated.", by=alice, now=in_time(12))
        assert Condition.objects.get().met_at is None

        remediation.plan(finding, description="Rotate.", target_on=IN_A_MONTH, by=alice, now=in_time(12))
        claim = remediation.claim_fixed(finding, note="Rotated.", by=alice, now=in_time(13))
        remediation.pass_fix(claim, note="Seen.", by=bob, now=in_time(14))

        met = Condition.objects.get()
        assert (met.met_at, met.met_by, met.met_note) == (in_time(14), alice, "Rotated.")
        assert verbs(self.approval)[-1] == "condition.met"
        with pytest.raises(conditions.MetAlready, match="already"):
            conditions.meet(met, note="Again.", by=alice, now=in_time(15))

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
        conditions.meet(Condition.objects.get(), note="Rotated.", by=self.scene.people.alice, now=now)

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

    def test_a_further_decision_supersedes_the_former_and_its_conditions(self):
        approvals.decide(
            self.approval.assessment,
            decision=Approval.Decision.APPROVE,
            reason="It was rotated.",
            valid_until=IN_A_MONTH,
            replaces=self.approval,
            by=self.scene.people.bob,
            now=in_time(1),
        )
        self.approval.refresh_from_db()
        assert self.approval.status == "superseded"
        assert verbs(self.approval)[-1] == "approval.superseded"
        assert conditions.record_missed(now=in_time(11)) == 0
