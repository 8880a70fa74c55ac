from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import TestCase

from accounts import access
from accounts.models import User
from decisions.models import ServerRating
from decisions.ratings import ratings
from evidence import records
from evidence.models import Evidence
from findings import register, remediation
from findings.models import Finding, FixClaim, Milestone, Overlay, RemediationPlan
from riskregister.refusals import Conflict, Refused
from riskregister.transitions import IllegalTransition
from tests import append_only, cast
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time, verbs
from tests.cast import NOON, TODAY
from tests.findings.settling import closed_by_two

IN_A_MONTH = TODAY + timedelta(days=30)


class WithFinding(TestCase):
    scene: Scene
    alice: User
    bob: User
    finding: Finding

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.alice, cls.bob = cls.scene.people.alice, cls.scene.people.bob
        cls.finding = cls.scene.finding()

    def plan(self, **how: Any) -> RemediationPlan:
        standard: dict[str, Any] = {
            "description": "Ask the vendor for a tag.",
            "target_on": IN_A_MONTH,
            "by": self.alice,
            "now": NOON,
        }
        return remediation.plan(self.finding, **standard | how)


class Planning(WithFinding):
    def test_a_plan_begins_the_remediation(self):
        made = self.plan(milestones=[("Write to the vendor", TODAY), ("Check the tag", IN_A_MONTH)])

        assert self.finding.status == "remediating"
        assert [row.title for row in made.milestones.all()] == ["Write to the vendor", "Check the tag"]
        assert verbs(self.finding)[-1] == "finding.planned"

    def test_a_new_plan_replaces_the_former_which_stays_on_record(self):
        former, new = self.plan(), self.plan(description="Fork it.")

        assert RemediationPlan.objects.get(is_current=True) == new
        assert RemediationPlan.objects.get(is_current=False) == former

    def test_dates_in_the_wrong_order_are_refused(self):
        wrong = (
            {"target_on": TODAY - timedelta(days=1)},
            {"target_on": TODAY + timedelta(days=366)},
            {"target_on": date.max},
            {"milestones": [("Too late", IN_A_MONTH + timedelta(days=1))]},
            {"milestones": [("Too early", TODAY - timedelta(days=1))]},
        )
        for how in wrong:
            with self.subTest(how), pytest.raises(remediation.PlanInvalid):
                self.plan(**how)
        assert Finding.objects.get().status == "open"
        assert not RemediationPlan.objects.exists()

    def test_a_target_is_today_at_the_earliest_and_a_year_ahead_at_the_latest(self):
        for day in (TODAY, TODAY + timedelta(days=365)):
            made = self.plan(target_on=day, milestones=[("Write to the vendor", TODAY), ("All of it", day)])
            assert made.target_on == day

    def test_a_plan_for_a_finding_that_was_closed_meanwhile_is_refused(self):
        self.plan()
        stale = Finding.objects.get(pk=self.finding.pk)
        remediation.claim_fixed(self.finding, note="Done.", new_option_key="public_commit", by=self.alice, now=NOON)
        self.finding = stale
        with pytest.raises(IllegalTransition), transaction.atomic():
            self.plan(description="Another.")
        assert RemediationPlan.objects.count() == 1

    def test_a_milestone_is_done_once(self):
        milestone = self.plan(milestones=[("Write", TODAY)]).milestones.get()
        same = Milestone.objects.select_related("plan__finding").get()
        remediation.complete_milestone(milestone, by=self.alice, now=in_time(1))
        with pytest.raises(Conflict):
            remediation.complete_milestone(same, by=self.bob, now=in_time(2))

        assert Milestone.objects.get().done_by == self.alice
        assert verbs(self.finding).count("finding.milestone_completed") == 1

    def test_a_milestone_of_a_replaced_plan_cannot_be_done(self):
        milestone = self.plan(milestones=[("Write", TODAY)]).milestones.get()
        self.plan(description="Another.")
        milestone.refresh_from_db()
        with pytest.raises(Conflict):
            remediation.complete_milestone(Milestone.objects.get(), by=self.alice, now=NOON)
        assert Milestone.objects.get().done_at is None


class ClaimingAFix(WithFinding):
    def setUp(self) -> None:
        self.plan()

    def test_a_claim_names_the_answer_that_is_true_now(self):
        for key in ("", "closed", "bundle_only", "nonsense"):
            with self.subTest(key), pytest.raises(remediation.FixInvalid):
                self.claim(new_option_key=key)
        assert Finding.objects.get().status == "remediating"

        claim = self.claim(new_option_key="public_untied")
        assert claim.new_option_key == "public_untied"

    def test_a_claim_waits_for_a_verdict(self):
        self.claim()
        assert self.finding.status == "awaiting_verification"
        assert verbs(self.finding)[-1] == "finding.fix_claimed"
        with pytest.raises(IllegalTransition):
            self.claim()
        assert FixClaim.objects.count() == 1

    def test_evidence_of_another_unit_cannot_be_named(self):
        secret = records.add_note(
            title="Ours", note="Of Research.", unit=self.scene.people.research, by=self.scene.people.eve, now=NOON
        )
        with pytest.raises(access.NotPermitted):
            self.claim(evidence=secret)
        assert Finding.objects.get().status == "remediating"

    def test_prepared_evidence_is_on_record_exactly_when_the_claim_is(self):
        details: dict[str, Any] = {
            "title": "The tag",
            "unit": self.scene.people.payments,
            "by": self.alice,
            "now": NOON,
        }
        with pytest.raises(remediation.FixInvalid):
            self.claim(evidence=records.prepare_note("Tagged.", **details), new_option_key="closed")
        assert not Evidence.objects.exists()
        assert self.claim(evidence=records.prepare_note("Tagged.", **details)).evidence == Evidence.objects.get()

    def test_a_claim_says_what_was_done(self):
        with pytest.raises(Refused):
            self.claim(note=" ")

    def claim(self, **how: Any) -> FixClaim:
        standard: dict[str, Any] = {"note": "Tagged.", "new_option_key": "public_commit", "by": self.alice, "now": NOON}
        return remediation.claim_fixed(self.finding, **standard | how)


class VerifyingAFix(WithFinding):
    claim: FixClaim

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.claim = cls.scene.claimed(cls.finding)

    def test_a_passed_fix_closes_the_finding_and_raises_the_rating(self):
        before = ServerRating.objects.get().score_percent or 0
        remediation.pass_fix(self.claim, note="The tag matches.", by=self.bob, now=in_time(3))

        finding = Finding.objects.get()
        assert (finding.status, finding.closed_at, finding.close_reason) == ("closed", in_time(3), "The tag matches.")
        assert finding.is_observed is False
        overlay = Overlay.objects.get()
        assert (overlay.kind, str(overlay.option and overlay.option.key), overlay.author, overlay.at) == (
            "remediated",
            "public_commit",
            self.bob,
            in_time(3),
        )
        assert (ServerRating.objects.get().score_percent or 0) > before
        assert verbs(finding)[-2:] == ["finding.fix_passed", "finding.closed"]

    def test_a_failed_fix_goes_back_under_the_same_due_date(self):
        due_on = self.finding.due_on
        remediation.fail_fix(self.claim, note="The tag is of another commit.", by=self.bob, now=in_time(3))

        finding = Finding.objects.get()
        assert (finding.status, finding.due_on) == ("remediating", due_on)
        assert not Overlay.objects.exists()
        assert verbs(finding)[-1] == "finding.fix_failed"

    def test_after_a_failed_fix_another_can_be_claimed(self):
        remediation.fail_fix(self.claim, note="No.", by=self.bob, now=in_time(3))
        self.claim.finding.refresh_from_db()
        remediation.claim_fixed(
            self.claim.finding, note="Now.", new_option_key="public_commit", by=self.alice, now=in_time(4)
        )
        assert list(FixClaim.objects.values_list("verdict", flat=True)) == ["", "failed"]

    def test_the_claimer_does_not_verify_not_even_as_approver(self):
        remediation.fail_fix(self.claim, note="No.", by=self.bob, now=NOON)
        own = remediation.claim_fixed(
            self.claim.finding, note="Mine.", new_option_key="public_commit", by=self.bob, now=NOON
        )
        for step in (remediation.pass_fix, remediation.fail_fix):
            with self.subTest(step), pytest.raises(remediation.OwnFix):
                step(own, note="Fine.", by=self.bob, now=NOON)
        assert Finding.objects.get().status == "awaiting_verification"

    def test_the_database_refuses_it_too(self):
        row = FixClaim.objects.filter(pk=self.claim.pk)
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(verdict="passed", verified_by=self.alice, verified_at=NOON)

    def test_an_analyst_does_not_verify(self):
        person = cast.person("ann", role="analyst", unit=self.scene.people.payments)
        with pytest.raises(access.NotPermitted):
            remediation.pass_fix(self.claim, note="Fine.", by=person, now=NOON)

    def test_of_two_verdicts_at_once_one_counts(self):
        same = FixClaim.objects.select_related("finding").get()
        remediation.pass_fix(self.claim, note="Fine.", by=self.bob, now=NOON)
        with pytest.raises(IllegalTransition), transaction.atomic():
            remediation.fail_fix(same, note="Not fine.", by=self.bob, now=NOON)
        assert FixClaim.objects.get().verdict == "passed"
        assert Overlay.objects.count() == 1


class FixingWhatAVendorLacks(TestCase):
    def test_the_fix_counts_for_every_server_assessed_of_the_vendor(self):
        scene = scenes.set_up()
        question = scenes.question("vendor")
        bad = {question.key: scenes.worst(question)}
        other = scene.another_server(publisher=scene.vendor)
        scene.final(choices=bad)
        scene.final(other, at=in_time(1), choices=bad)
        before = [row.score_percent or 0 for row in ServerRating.objects.all()]
        finding = Finding.objects.get()
        best = question.options.order_by("-quarters")[0].key

        remediation.plan(finding, description="Ask.", target_on=IN_A_MONTH, by=scene.people.alice, now=NOON)
        claim = remediation.claim_fixed(finding, note="Done.", new_option_key=best, by=scene.people.alice, now=NOON)
        remediation.pass_fix(claim, note="Seen.", by=scene.people.bob, now=in_time(2))

        assert Overlay.objects.count() == 2
        after = [row.score_percent or 0 for row in ServerRating.objects.all()]
        assert min(after) > max(before)


class FixingWhatIsNotAsked(TestCase):
    def test_a_finding_by_hand_needs_no_answer_and_lays_none(self):
        scene = scenes.set_up()
        finding = scene.finding()
        with append_only.lifted(connection, Finding):
            Finding.objects.filter(pk=finding.pk).update(source="manual", question_key="")
        finding.refresh_from_db()
        remediation.plan(finding, description="Do.", target_on=IN_A_MONTH, by=scene.people.alice, now=NOON)
        claim = remediation.claim_fixed(finding, note="Done.", by=scene.people.alice, now=NOON)
        remediation.pass_fix(claim, note="Seen.", by=scene.people.bob, now=NOON)

        assert (finding.status, Overlay.objects.count()) == ("closed", 0)

    def test_the_critical_question_is_no_longer_held_against_the_server_once_its_fix_is_verified(self):
        scene = scenes.set_up()
        question = scenes.questions().filter(
            is_critical=True, applies_when__isnull=True, subject="release", options__quarters=0
        )[0]
        scene.final(choices={question.key: scenes.worst(question)})
        assert "critical-question" in {cap["id"] for cap in ServerRating.objects.get().caps}

        finding = Finding.objects.get()
        best = question.options.order_by("-quarters")[0].key
        remediation.plan(finding, description="Do.", target_on=IN_A_MONTH, by=scene.people.alice, now=NOON)
        claim = remediation.claim_fixed(finding, note="Done.", new_option_key=best, by=scene.people.alice, now=NOON)
        remediation.pass_fix(claim, note="Seen.", by=scene.people.bob, now=in_time(1))

        assert not {"critical-question", "open-critical"} & {cap["id"] for cap in ServerRating.objects.get().caps}

    def test_it_is_held_against_it_again_when_the_finding_opened_again_and_was_closed_without_a_fix(self):
        scene = scenes.set_up()
        question = scenes.questions().filter(
            is_critical=True, applies_when__isnull=True, subject="release", options__quarters=0
        )[0]
        scene.final(choices={question.key: scenes.worst(question)})
        finding, alice, bob = Finding.objects.get(), scene.people.alice, scene.people.bob
        best = question.options.order_by("-quarters")[0].key
        remediation.plan(finding, description="Do.", target_on=IN_A_MONTH, by=alice, now=NOON)
        claim = remediation.claim_fixed(finding, note="Done.", new_option_key=best, by=alice, now=NOON)
        remediation.pass_fix(claim, note="Seen.", by=bob, now=in_time(1))
        finding.refresh_from_db()
        register.reopen(finding, reason="It came back.", by=alice, now=in_time(2))
        ben = cast.person("ben", role="approver", unit=scene.people.payments)
        until = TODAY + timedelta(days=3)
        closed_by_two(finding, asked_by=alice, granted_by=ben, by=bob, until=until, at=in_time(3))

        assert "critical-question" in {cap.id for cap in ratings.current(scene.server, now=in_time(4)).caps}
