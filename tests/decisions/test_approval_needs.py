"""What an approval needs by tier: what is missing is named and refused, or becomes a condition where it can wait."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import TestCase, override_settings
from django.urls import reverse

from assessments import lifecycle
from assessments.answers import answering
from assessments.facts import comparing
from assessments.models import Assessment
from decisions.approvals import approval_needs, approvals, preview
from decisions.approvals.approval_needs import ApprovalLacks, Missing, Need
from decisions.models import Approval
from findings.models import Finding
from scoring import methodology
from scoring.approval_rules import ApprovalNeeds, EvidenceNeed
from tests.api.caller import Caller, accepted
from tests.assessments import scenes
from tests.cast import NOON, TODAY
from tests.web.signed_in import as_
from vendors.models.deployment import FACTS
from vendors.registering import deployments, registration

ROUTE = "permission_scope.approved_route"
A_YEAR = TODAY + timedelta(days=365)
LOW = dict.fromkeys(FACTS, "low")
OF_TIER: dict[int, dict[str, str]] = {
    4: LOW,
    3: LOW | {"egress": "high"},
    2: LOW | {"egress": "severe"},
    1: LOW | {"egress": "severe", "dependents": "severe"},
}


def needs(found: list[Missing]) -> dict[str, int]:
    """Return how much is missing of each kind."""
    kinds = [one.need.value for one in found]
    return {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}


def test_the_rule_asks_more_the_worse_the_tier_is() -> None:
    rules = methodology.load().approvals
    assert dict(rules.needs) == {
        1: ApprovalNeeds(True, True, True, EvidenceNeed(level=2, from_weight=3, critical_only=False)),
        2: ApprovalNeeds(True, True, True, EvidenceNeed(level=2, from_weight=5, critical_only=True)),
        3: ApprovalNeeds(tools=True, facts=True, deployment=True),
        4: ApprovalNeeds(tools=True, facts=True),
    }
    assert (rules.as_condition, rules.within_days) == (frozenset({"deployment", "evidence"}), 30)
    assert dict(methodology.load(1).approvals.needs) == {}


def test_of_many_findings_to_be_judged_five_are_named_and_the_rest_counted() -> None:
    found = [Missing(Need.JUDGEMENT, "So.", Finding(number=number)) for number in range(1, 8)]
    words = approval_needs.in_words(found)
    assert words == "Missing for an approval: a judgement of F-1, F-2, F-3, F-4, F-5, and 2 more."


class Needs(TestCase):
    """A server of Payments of which nothing but a release is on record, with the best answers everywhere."""

    scene: scenes.Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.scene.captures = False

    def submitted(self, *, choices: scenes.Choices = scenes.NOTHING) -> Assessment:
        draft = self.scene.draft(choices=choices)
        return lifecycle.submit(draft, by=self.scene.people.alice, now=NOON)

    def of_tier(self, tier: int, **facts: str) -> None:
        alice = self.scene.people.alice
        registration.set_exposure(self.scene.server, facts=OF_TIER[tier] | facts, by=alice, now=NOON)

    def missing(self, assessment: Assessment) -> list[Missing]:
        return preview.missing_of_server(assessment.judged_server, assessment, now=NOON)

    def decide(self, assessment: Assessment, decision: str = "approve", **how: Any) -> Approval:
        standard: dict[str, Any] = {"reason": "So.", "valid_until": A_YEAR, "by": self.scene.people.bob, "now": NOON}
        return approvals.decide(assessment, decision=decision, **standard | how)

    def weighty(self, assessment: Assessment, *, weight: int = 3, **only: Any) -> int:
        """Return how many answers of such questions the register does not know better."""
        rows = assessment.answers.filter(question__weight__gte=weight, **only).select_related("question", "option")
        return sum(1 for row in rows if row.option and comparing.contradiction(row, assessment) is None)

    def test_each_tier_lacks_what_its_rule_names(self) -> None:
        assessment = self.submitted()
        for tier in (1, 2, 3, 4):
            with self.subTest(tier):
                self.lacks_what_the_rule_names(assessment, tier)

    def lacks_what_the_rule_names(self, assessment: Assessment, tier: int) -> None:
        self.of_tier(tier)
        assessment = Assessment.objects.get(pk=assessment.pk)
        expected: dict[str, int] = {"tools": 1}
        if tier < 4:
            expected["deployment"] = 1
        if tier == 2:
            expected["evidence"] = self.weighty(assessment, question__is_critical=True)
        if tier == 1:
            expected["evidence"] = self.weighty(assessment)
        assert needs(self.missing(assessment)) == expected
        with pytest.raises(ApprovalLacks) as refused:
            self.decide(assessment)
        assert needs(list(refused.value.missing)) == expected
        assert not Approval.objects.exists()
        assert Assessment.objects.get(pk=assessment.pk).status == "submitted"

    def test_facts_that_nobody_knows_are_named_and_cannot_wait(self) -> None:
        self.of_tier(4, egress="", autonomy="")
        scenes.make_ready(self.scene.server, by=self.scene.people.alice, at=NOON)
        assessment = self.submitted()
        [facts] = [one for one in self.missing(assessment) if one.need == "facts"]
        deployment = self.scene.server.deployments.get()
        assert (facts.text, facts.subject) == (f"Not known of {deployment}: Autonomy, Egress.", deployment.ref)
        with pytest.raises(ApprovalLacks) as refused:
            self.decide(assessment, "approve_with_conditions", conditions=[("Say it.", A_YEAR)])
        assert [one.need for one in refused.value.missing] == ["facts"]
        assert refused.value.message == "Missing for an approval: exposure facts that nobody knows yet."

    @override_settings(QUESTION_SET=0)
    def test_asks_for_evidence_of_each_deployment_once_the_answers_are_frozen_too(self) -> None:
        scenes.make_ready(self.scene.server, by=self.scene.people.alice, at=NOON)
        other = deployments.add_deployment(
            self.scene.server, name="Desk", environment="production", agent="Desk", by=self.scene.people.alice,
            now=NOON, **OF_TIER[1],
        )  # fmt: skip
        draft = self.scene.draft()
        row = draft.answers.named(f"{ROUTE}@{other.ref}").select_related("question").get()
        answering.answer(
            row, choice="option", option_key="free", version=row.version, by=self.scene.people.alice, now=NOON
        )
        assessment = lifecycle.submit(draft, by=self.scene.people.alice, now=NOON)
        waiting = {one.question for one in self.missing(assessment)}
        # One deployment has a bad answer, of which no proof is asked; the other has a good one that nothing proves.
        assert ROUTE in waiting
        self.scene.finalise(assessment)
        final = Assessment.objects.get(pk=assessment.pk)
        assert {one.question for one in self.missing(final)} == waiting
        with pytest.raises(ApprovalLacks) as refused:
            self.decide(final)
        assert ROUTE in {one.question for one in refused.value.missing}

    def test_nothing_is_asked_of_a_rejection(self) -> None:
        assert self.decide(self.submitted(), "reject").decision == "reject"

    def test_a_server_that_has_everything_is_approved(self) -> None:
        self.scene.ready()
        assessment = self.submitted()
        assert self.missing(assessment) == []
        assert self.decide(assessment).status == "granted"

    def test_a_bad_answer_needs_no_evidence(self) -> None:
        key = "provenance.publisher_identity"
        proven = [
            one.question for one in self.missing(self.submitted(choices={key: "one_way"})) if one.need == "evidence"
        ]
        assert key not in proven
        assert "security_posture.known_vulnerabilities" in proven

    def test_what_can_wait_becomes_a_condition_of_its_own(self) -> None:
        alice, server = self.scene.people.alice, self.scene.server
        self.of_tier(4)
        scenes.make_ready(server, by=alice, at=NOON)
        self.of_tier(2)
        assessment = self.submitted()
        assert needs(self.missing(assessment)) == {
            "deployment": 1, "evidence": self.weighty(assessment, question__is_critical=True)
        }  # fmt: skip
        approval = self.decide(assessment, "approve_with_conditions")
        places = approval_needs.places(assessment)
        asked = assessment.answers.filter(question__is_critical=True, option__isnull=False)
        numbers = sorted(places[row.question.key] for row in asked.select_related("question"))
        assert list(approval.conditions.order_by("text").values_list("text", "due_on")) == [
            (
                f"Have the evidence checked that {len(numbers)} answers should rest on: "
                f"{', '.join(f'Q{number}' for number in numbers)}.",
                TODAY + timedelta(days=30),
            ),
            ("Record where it runs and who uses it, as a deployment.", TODAY + timedelta(days=30)),
        ]

    def test_a_condition_that_stands_for_it_ends_with_the_approval_at_the_latest(self) -> None:
        self.of_tier(4)
        scenes.make_ready(self.scene.server, by=self.scene.people.alice, at=NOON)
        self.of_tier(3)
        until = TODAY + timedelta(days=9)
        approval = self.decide(self.submitted(), "approve_with_conditions", valid_until=until)
        assert [one.due_on for one in approval.conditions.all()] == [until]

    def test_a_condition_that_the_approver_wrote_so_stands_for_it_alone(self) -> None:
        self.of_tier(4)
        scenes.make_ready(self.scene.server, by=self.scene.people.alice, at=NOON)
        self.of_tier(3)
        wrote = ("Record where it runs and who uses it, as a deployment.", TODAY + timedelta(days=5))
        approval = self.decide(self.submitted(), "approve_with_conditions", conditions=[wrote])
        assert list(approval.conditions.values_list("text", "due_on")) == [wrote]

    def test_conditions_are_still_asked_for_when_nothing_is_missing(self) -> None:
        self.scene.ready()
        with pytest.raises(approvals.DecisionInvalid, match="Name at least one condition"):
            self.decide(self.submitted(), "approve_with_conditions")

    def test_tools_captured_while_it_is_answered_are_pinned_when_it_is_submitted(self) -> None:
        draft = self.scene.draft()
        scenes.make_ready(self.scene.server, by=self.scene.people.alice, at=NOON)
        assert draft.manifest_digest == ""
        lifecycle.submit(draft, by=self.scene.people.alice, now=NOON)
        digest = self.scene.server.releases.get().manifest_digest
        assert (len(digest), Assessment.objects.get(pk=draft.pk).manifest_digest) == (64, digest)

    def test_the_pages_list_what_is_missing_and_lead_to_where_it_is_done(self) -> None:
        assessment, server = self.submitted(), self.scene.server
        release = server.releases.get()
        review = reverse("web:assessment-review", args=[assessment.pk])
        links = [
            reverse("web:release-tools-import", args=[release.pk]),
            reverse("web:deployment-add", args=[server.pk]),
            f"{review}#security_posture.known_vulnerabilities",
        ]
        bob = as_(self.scene.people.bob)
        for page in (reverse("web:assessment-decide", args=[assessment.pk]), review):
            shown = bob.get(page).content.decode()
            assert [f'href="{link}"' in shown for link in links] == [True, True, True], page
            assert (
                "Approve with conditions, and what can be a condition becomes one, to be met within 30 days." in shown
            )
        shown = bob.get(reverse("web:server-detail", args=[server.pk])).content.decode()
        assert [f'href="{link}"' in shown for link in links] == [True, True, True]
        count = self.weighty(assessment, question__is_critical=True)
        home = bob.get("/").content.decode()
        assert f"Missing for an approval: captured tools; a deployment; checked evidence for {count} answers." in home

    def test_whoever_can_do_nothing_about_it_is_not_shown_the_list(self) -> None:
        self.submitted()
        page = reverse("web:server-detail", args=[self.scene.server.pk])
        assert "Missing before it can be approved" in as_(self.scene.people.alice).get(page).content.decode()
        assert "Missing before it can be approved" not in as_(self.scene.people.carol).get(page).content.decode()

    def test_the_api_gives_the_same_list_before_and_in_the_refusal(self) -> None:
        self.of_tier(3)
        assessment = self.submitted()
        bob = Caller(self.scene.people.bob)
        # Without captured tools a critical question fails, whose risk would have to be accepted, too.
        listed = bob.read(f"/assessments/{assessment.pk}/missing/")
        others = [one for one in listed if one["need"] != "acceptance"]
        assert others == [
            {
                "need": "tools",
                "subject": "",
                "text": "The tools of 1.0.0 were never captured: nobody knows what agents could call.",
                "can_wait": False,
            },
            {
                "need": "deployment",
                "subject": self.scene.server.ref,
                "text": "Nobody said where it runs and who uses it: it has no deployment.",
                "can_wait": True,
            },
        ]
        body = {"decision": "approve", "reason": "So.", "valid_until": A_YEAR.isoformat()}
        problem = accepted(bob.post(f"/assessments/{assessment.pk}/decide/", **body), 422)
        assert problem["missing"] == others
        assert problem["detail"] == "Missing for an approval: captured tools; a deployment."
