"""What question set 2 brings to assessments: answers for each deployment, depth by tier, days of events, facts."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import TestCase, override_settings

from assessments import lifecycle, snapshots
from assessments.answers import answering, scored_lines, verifying
from assessments.drafts import drafts, moving, previous
from assessments.facts import server_facts
from assessments.models import Answer, Assessment, Snapshot
from catalogue.models import QuestionSet
from decisions.models import Review
from decisions.ratings import ratings
from evidence import records
from evidence.models import Evidence
from findings import register, remediation
from findings.models import Finding, Overlay
from jobs import runner
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time
from tests.cast import NOON, TODAY
from vendors.models import Deployment, Server
from vendors.models.deployment import FACTS
from vendors.registering import deployments, registration, relations

pytestmark = pytest.mark.engine

ROUTE = "permission_scope.approved_route"
FAIL_SAFE = "operational_resilience.fail_safe"
SCAN = "security_posture.known_vulnerabilities"
TLS = "data_handling.tls_version"
LOW, HIGH = dict.fromkeys(FACTS, "low"), dict.fromkeys(FACTS, "high")
WORST = dict.fromkeys(FACTS, "severe")
# What the best answers about a deployment say, and the register would know otherwise.
APPROVES: dict[str, Any] = {"autonomy": "moderate", "egress": "moderate"}
second_set = override_settings(QUESTION_SET=0)


@second_set
class OnTheSecondSet(TestCase):
    scene: Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()

    def deploy(self, name: str, *, in_use: bool = True, server: Server | None = None, **facts: Any) -> Deployment:
        return deployments.add_deployment(
            server or self.scene.server,
            name=name,
            environment="production",
            agent=name,
            in_use_since=TODAY if in_use else None,
            by=self.scene.people.alice,
            now=NOON,
            **{**HIGH, **facts},
        )

    def begun(self, **how: Any) -> Assessment:
        return lifecycle.start(self.scene.server, kind="initial", by=self.scene.people.alice, now=NOON, **how)

    def answered(self, assessment: Assessment, key: str, option: str, *, on: date | None = None) -> Answer:
        row = Answer.objects.named(key).select_related("question", "deployment").get(assessment=assessment)
        return answering.answer(
            row,
            choice="option",
            option_key=option,
            version=row.version,
            event_on=on,
            by=self.scene.people.alice,
            now=NOON,
        )

    def final(self, assessment: Assessment) -> Assessment:
        lifecycle.submit(assessment, by=self.scene.people.alice, now=NOON)
        self.scene.finalise(assessment)
        return Assessment.objects.get(pk=assessment.pk)


def keys(rows: Iterable[Answer], question: str) -> list[str]:
    return [row.key for row in rows if row.question.key == question]


class EachDeployment(OnTheSecondSet):
    def test_has_an_answer_of_its_own_to_every_question_about_deployments(self):
        one, other = self.deploy("Desk"), self.deploy("Research")
        rows = scored_lines.answers_of(self.begun())
        about = {row.question.key for row in rows if row.question.subject == "deployment"}
        assert {row.key for row in rows if row.deployment} == {
            f"{key}@{deployment.ref}" for key in about for deployment in (one, other)
        }
        assert all(row.deployment is None for row in rows if row.question.subject != "deployment")
        assert len(about) == 36

    def test_counts_by_its_worst_which_is_named(self):
        one, other = self.deploy("Desk"), self.deploy("Research")
        draft = self.begun()
        self.answered(draft, f"{ROUTE}@{one.ref}", "list_and_network")
        self.answered(draft, f"{ROUTE}@{other.ref}", "free")
        scored = self.final(draft).snapshot.score.by_question[ROUTE]
        assert (scored.line.deployment, str(scored.line.value), len(scored.others)) == (other.ref, "0", 1)

    def test_counts_only_while_it_is_in_use_when_another_one_is(self):
        used, planned = self.deploy("Desk"), self.deploy("Plan", in_use=False)
        draft = self.begun()
        self.answered(draft, f"{ROUTE}@{used.ref}", "list")
        self.answered(draft, f"{ROUTE}@{planned.ref}", "free")
        frozen = self.final(draft).snapshot
        assert frozen.score.by_question[ROUTE].line.deployment == used.ref
        assert frozen.data["deployments"] == [used.ref]
        assert f"{ROUTE}@{planned.ref}" in {snapshots.key_of(row) for row in frozen.data["answers"]}

    def test_counts_while_planned_when_none_is_in_use(self):
        planned = self.deploy("Plan", in_use=False)
        draft = self.begun()
        self.answered(draft, f"{ROUTE}@{planned.ref}", "free")
        assert self.final(draft).snapshot.data["deployments"] == [planned.ref]

    def test_joins_an_open_assessment_and_leaves_it_when_it_ends(self):
        first = self.deploy("Desk")
        draft = self.begun()
        second = self.deploy("Research")
        assert keys(scored_lines.answers_of(draft), ROUTE) == [f"{ROUTE}@{first.ref}", f"{ROUTE}@{second.ref}"]
        deployments.end_deployment(first, on=TODAY, by=self.scene.people.alice, now=NOON)
        assert keys(scored_lines.answers_of(draft), ROUTE) == [f"{ROUTE}@{second.ref}"]
        second.refresh_from_db()
        deployments.end_deployment(second, on=TODAY, by=self.scene.people.alice, now=NOON)
        assert keys(scored_lines.answers_of(draft), ROUTE) == [ROUTE]
        aside = draft.answers.filter(put_aside_at=NOON, question__key=ROUTE).select_related("question", "deployment")
        assert {row.key for row in aside} == {f"{ROUTE}@{first.ref}", f"{ROUTE}@{second.ref}"}

    def test_takes_over_what_was_said_before_there_was_one(self):
        draft = self.begun()
        self.answered(draft, ROUTE, "list")
        first = self.deploy("Desk")
        row = draft.answers.named(f"{ROUTE}@{first.ref}").get()
        assert row.option is not None
        assert row.option.key == "list"

    def test_makes_the_rating_stale_and_opens_a_review_when_it_comes_into_use_later(self):
        self.deploy("Desk", **APPROVES)
        draft = self.scene.approved().assessment
        later = self.deploy("Research")
        rating = ratings.current(self.scene.server, now=NOON)
        assert ("stale", later.ref) in [(cap.id, cap.subject) for cap in rating.caps]
        review = Review.objects.get(occasion=f"deployment:{draft.ref}:{later.ref}")
        assert review.trigger_reason == f"{later.ref} is in use, and {draft.ref} did not count its answers."

    def test_whose_answers_did_not_count_while_it_was_planned_opens_a_review_when_it_comes_into_use(self):
        self.deploy("Desk", **APPROVES)
        planned = self.deploy("Plan", in_use=False, **APPROVES)
        draft = self.scene.approved().assessment
        deployments.edit_deployment(planned, changes={"in_use_since": TODAY}, by=self.scene.people.alice, now=NOON)
        review = Review.objects.get(occasion=f"deployment:{draft.ref}:{planned.ref}")
        assert review.trigger_reason == f"{planned.ref} is in use, and {draft.ref} did not count its answers."

    def test_raises_one_finding_that_names_each_which_is_not_good_enough(self):
        one, two, three = self.deploy("Desk"), self.deploy("Research"), self.deploy("Lab")
        draft = self.begun()
        for deployment, option in ((one, "free"), (two, "name_match"), (three, "list")):
            self.answered(draft, f"{ROUTE}@{deployment.ref}", option)
        self.final(draft)
        finding = Finding.objects.get(stable_key=ROUTE)
        assert finding.occurrences.get().answer_text == (
            f"{one.ref}: Users and agents can add any server themselves; "
            f"{two.ref}: A managed list that matches server names"
        )

    def test_whose_answer_was_good_enough_still_counts_once_the_others_are_fixed(self):
        one, two = self.deploy("Desk"), self.deploy("Research")
        draft = self.begun()
        self.answered(draft, f"{ROUTE}@{one.ref}", "free")
        self.answered(draft, f"{ROUTE}@{two.ref}", "list")
        self.final(draft)
        finding = Finding.objects.get(stable_key=ROUTE)
        people = self.scene.people
        remediation.plan(finding, description="Roll it out.", target_on=TODAY, by=people.alice, now=NOON)
        claim = remediation.claim_fixed(
            finding, note="Rolled out.", new_option_key="list_and_network", by=people.alice, now=NOON
        )
        remediation.pass_fix(claim, note="Seen.", by=people.bob, now=in_time(1))
        rating = ratings.current(self.scene.server, now=in_time(2))
        assert rating.score is not None
        now = rating.score.by_question[ROUTE].line
        # Both count 0.60 without evidence; the lesser fact stands for the question.
        assert (now.deployment, str(now.value)) == (two.ref, "3/4")
        assert {str(line.value) for line in rating.score.every_line if line.question == ROUTE} == {"1", "3/4"}


class Depth(OnTheSecondSet):
    def depth_and_count(self, assessment: Assessment) -> tuple[int, int]:
        fresh = Assessment.objects.get(pk=assessment.pk)
        asked = scored_lines.applicable(fresh, scored_lines.answers_of(fresh))
        return fresh.depth, len({row.question.key for row in asked})

    def test_follows_from_the_tier(self):
        found = []
        for facts in (LOW, {**LOW, "tool_power": "high"}, HIGH):
            registration.set_exposure(self.scene.server, facts=facts, by=self.scene.people.alice, now=NOON)
            draft = self.begun()
            found.append(self.depth_and_count(draft))
            lifecycle.cancel(draft, reason="Only looked.", by=self.scene.people.alice, now=NOON)
        assert found == [(1, 29), (2, 48), (3, 90)]

    def test_opens_the_missing_questions_of_a_draft_when_the_tier_worsens(self):
        registration.set_exposure(self.scene.server, facts=LOW, by=self.scene.people.alice, now=NOON)
        draft = self.begun()
        registration.set_exposure(self.scene.server, facts=WORST, by=self.scene.people.alice, now=NOON)
        assert self.depth_and_count(draft) == (3, 90)

    def test_follows_the_server_as_it_is_written_not_as_somebody_read_it_before(self):
        registration.set_exposure(self.scene.server, facts=LOW, by=self.scene.people.alice, now=NOON)
        draft, read_before = self.begun(), Server.objects.get(pk=self.scene.server.pk)
        registration.set_exposure(self.scene.server, facts=WORST, by=self.scene.people.alice, now=NOON)
        drafts.follow(read_before, reason="Its suppliers changed.", now=NOON)
        assert self.depth_and_count(draft) == (3, 90)

    def test_is_not_frozen_deeper_than_was_submitted(self):
        registration.set_exposure(self.scene.server, facts=LOW, by=self.scene.people.alice, now=NOON)
        draft, people = self.begun(), self.scene.people
        lifecycle.submit(draft, by=people.alice, now=NOON)
        registration.set_exposure(self.scene.server, facts=WORST, by=people.alice, now=NOON)
        with pytest.raises(lifecycle.AnswersChanged, match=r"What it asks has changed since .* Give it back"):
            self.scene.finalise(draft)
        assert Assessment.objects.get(pk=draft.pk).status == "submitted"
        assert not Snapshot.objects.exists()
        lifecycle.return_to_draft(draft, reason="More is asked.", by=people.bob, now=NOON)
        assert self.final(draft).snapshot.data["depth"] == 3

    def test_and_facts_are_those_of_the_server_as_it_is_written_though_somebody_begins_with_an_older_one(self):
        registration.set_exposure(self.scene.server, facts=LOW, by=self.scene.people.alice, now=NOON)
        read_before = Server.objects.get(pk=self.scene.server.pk)
        alike: dict[str, Any] = {"by": self.scene.people.alice, "now": NOON}
        now = Server.objects.get(pk=self.scene.server.pk)
        registration.edit_server(now, changes={"is_under_contract": True, "is_open_source": False}, **alike)
        begun = lifecycle.start(read_before, kind="initial", **alike)
        assert (begun.facts["under_contract"], begun.facts["open_source"]) == (True, False)

    def test_opens_a_review_and_makes_the_rating_stale_when_the_tier_worsens_later(self):
        registration.set_exposure(self.scene.server, facts=LOW, by=self.scene.people.alice, now=NOON)
        draft = self.scene.approved().assessment
        registration.set_exposure(self.scene.server, facts=WORST, by=self.scene.people.alice, now=NOON)
        rating = ratings.current(self.scene.server, now=NOON)
        assert [cap.reason for cap in rating.caps if cap.subject == "depth"] == [
            "The server's tier now asks for more questions than were asked."
        ]
        review = Review.objects.get(occasion=f"depth:{draft.ref}:3")
        assert review.trigger_reason == f"Tier 1 asks for questions that {draft.ref} left out."

    def test_is_frozen_with_what_it_left_out(self):
        registration.set_exposure(self.scene.server, facts=LOW, by=self.scene.people.alice, now=NOON)
        frozen = self.final(self.begun()).snapshot.data
        assert (frozen["depth"], len(frozen["not_asked"])) == (1, 61)


class FixesAcrossDeployments(OnTheSecondSet):
    """A verified fix, and what is left of it when its finding opens again."""

    def submitted_with(self, options: dict[str, str]) -> Assessment:
        """Return an assessment in which the route says this for each deployment; bob confirms what does not apply."""
        people, draft = self.scene.people, self.begun()
        for row in draft.answers.filter(question__key=ROUTE).select_related("question", "deployment"):
            option = options[row.deployment.name if row.deployment else ""]
            choice = "option" if option else "not_applicable"
            reason = "" if option else "It reads its list from a file."
            how: dict[str, Any] = {"choice": choice, "option_key": option, "reason": reason, "version": row.version}
            answering.answer(row, by=people.alice, now=NOON, **how)
        lifecycle.submit(draft, by=people.alice, now=NOON)
        for row in draft.answers.filter(question__key=ROUTE, choice="not_applicable").select_related("question"):
            answering.confirm_not_applicable(row, by=people.bob, now=NOON)
        self.scene.finalise(draft)
        return draft

    def fixed_and_opened_again(self) -> Finding:
        people, finding = self.scene.people, Finding.objects.get(stable_key=ROUTE)
        remediation.plan(finding, description="Roll it out.", target_on=TODAY, by=people.alice, now=NOON)
        claim = remediation.claim_fixed(
            finding, note="Rolled out.", new_option_key="list_and_network", by=people.alice, now=NOON
        )
        remediation.pass_fix(claim, note="Seen.", by=people.bob, now=in_time(1))
        finding = Finding.objects.get(pk=finding.pk)
        return register.reopen(finding, reason="It is open again.", by=people.alice, now=in_time(2))

    def test_leave_the_worst_answer_not_that_of_a_deployment_to_which_it_does_not_apply(self):
        self.deploy("Desk")
        till = self.deploy("Till")
        draft = self.submitted_with({"Desk": "", "Till": "name_match"})
        self.fixed_and_opened_again()
        laid = Overlay.objects.filter(assessment=draft).order_by("at").select_related("option")
        assert [(row.kind, row.option and row.option.key) for row in laid] == [
            ("remediated", "list_and_network"),
            ("contradicted", "name_match"),
        ]
        now = ratings.current(self.scene.server, now=in_time(3)).score
        assert now is not None
        assert (now.by_question[ROUTE].line.deployment, now.by_question[ROUTE].applies) == (till.ref, True)

    def test_leave_a_question_alone_that_does_not_apply_any_more(self):
        self.submitted_with({"": "free"})
        again = self.submitted_with({"": ""})
        self.fixed_and_opened_again()
        assert not Overlay.objects.filter(assessment=again).exists()
        now = ratings.current(self.scene.server, now=in_time(3)).score
        assert now is not None
        assert now.by_question[ROUTE].applies is False


class DaysOfEvents(OnTheSecondSet):
    def document(self) -> Evidence:
        """Return a document of the vendor that nobody verified: it lifts an answer to E1."""
        file = SimpleUploadedFile("scan.txt", b"Nothing found.\n")
        people = self.scene.people
        return records.add_file(file, title="Scan", issuer="vendor", unit=people.payments, by=people.alice, now=NOON)

    def level(self, on: date | None, *, today: date) -> int:
        draft = self.begun()
        row = self.answered(draft, SCAN, "clean", on=on)
        scan = self.document()
        answering.attach(row, scan, by=self.scene.people.alice, now=NOON)
        [known] = [one for one in scored_lines.answers_of(draft) if one.key == SCAN]
        return scored_lines.evidence_level(known, today=today)

    def test_evidence_counts_one_level_less_after_the_days_of_the_question(self):
        assert self.level(TODAY, today=TODAY + timedelta(days=7)) == 1

    def test_and_the_day_after_it_does(self):
        assert self.level(TODAY, today=TODAY + timedelta(days=8)) == 0

    def test_an_event_without_a_day_is_not_taken_as_fresh(self):
        assert self.level(None, today=TODAY) == 0

    def test_a_day_that_has_not_come_is_refused(self):
        draft = self.begun()
        with pytest.raises(answering.AnswerInvalid, match=r"has not come yet\. Give the day of the scan"):
            self.answered(draft, SCAN, "clean", on=TODAY + timedelta(days=1))
        assert draft.answers.named(SCAN).get().choice == ""

    def test_an_option_that_tells_of_no_event_keeps_no_day(self):
        draft = self.begun()
        assert self.answered(draft, FAIL_SAFE, "designed", on=TODAY).event_on is None
        assert self.answered(draft, FAIL_SAFE, "drilled_safe", on=TODAY).event_on == TODAY

    def test_it_is_frozen_and_runs_out_by_itself(self):
        draft = self.begun()
        row = self.answered(draft, SCAN, "clean", on=TODAY)
        note = self.document()
        answering.attach(row, note, by=self.scene.people.alice, now=NOON)
        frozen = self.final(draft).snapshot.data
        [answer] = [one for one in frozen["answers"] if one["question"] == SCAN]
        assert answer["event"] == {"of": "scan", "on": TODAY.isoformat(), "fresh_days": 7}
        assert snapshots.evidence_validity(frozen)[SCAN] == TODAY + timedelta(days=7)

    def test_a_new_draft_takes_over_no_answer_about_the_vendor_whose_event_is_over(self):
        key = "security_posture.security_policy"
        draft = self.begun()
        self.answered(draft, key, "full", on=TODAY - timedelta(days=300))
        self.final(draft)
        server = self.scene.another_server(publisher=self.scene.vendor)

        def taken_over(at: datetime) -> str:
            begun = lifecycle.start(server, kind="initial", by=self.scene.people.alice, now=at)
            choice = begun.answers.named(key).get().choice
            lifecycle.cancel(begun, reason="Only looked.", by=self.scene.people.alice, now=at)
            return choice

        assert (taken_over(in_time(65)), taken_over(in_time(66))) == ("option", "")

    def test_a_new_draft_takes_over_an_answer_about_the_vendor_that_tells_of_no_event(self):
        key = "security_posture.penetration_test"
        draft = self.begun()
        self.answered(draft, key, "none")
        self.final(draft)
        server = self.scene.another_server(publisher=self.scene.vendor)
        begun = lifecycle.start(server, kind="initial", by=self.scene.people.alice, now=in_time(100))
        row = begun.answers.named(key).select_related("option").get()
        assert row.option is not None
        assert (row.option.key, row.event_on) == ("none", None)


class KnownFacts(OnTheSecondSet):
    """Each fact can be true, false and unknown for a server, by what people and documents say of it."""

    def gathered(self, name: str) -> bool | None:
        server = Server.objects.get(pk=self.scene.server.pk)
        return server_facts.gather(server, server.releases.get())[name]

    def test_what_people_say_of_the_server(self):
        for field, fact in (
            ("is_open_source", "open_source"),
            ("is_vendor_hosted", "hosted_by_vendor"),
            ("is_under_contract", "under_contract"),
        ):
            found = [self.gathered(fact)]
            for value in (True, False, None):
                server = Server.objects.get(pk=self.scene.server.pk)
                registration.edit_server(server, changes={field: value}, by=self.scene.people.alice, now=NOON)
                found.append(self.gathered(fact))
            assert found == [None, True, False, None], fact

    def test_whether_the_vendor_does_it_as_a_business(self):
        found = [self.gathered("vendor_commercial")]
        for value in (True, False):
            relations.edit_vendor(
                self.scene.vendor, changes={"is_commercial": value}, by=self.scene.people.alice, now=NOON
            )
            found.append(self.gathered("vendor_commercial"))
        assert found == [None, True, False]

    def said_of_vendor(self, *, value: bool | None = False, **alike: Any) -> None:
        relations.edit_vendor(self.scene.vendor, changes={"is_commercial": value}, **alike)
        runner.run_due(now=NOON)

    def test_governance_tier_3(self):
        found = [self.gathered("governance_tier_3")]
        one = self.deploy("Desk")
        found.append(self.gathered("governance_tier_3"))
        for tier in (2, 3):
            changes = {"governance_tier": tier, "governance_revision": "draft"}
            deployments.edit_deployment(one, changes=changes, by=self.scene.people.alice, now=NOON)
            found.append(self.gathered("governance_tier_3"))
        assert found == [None, None, False, True]

    def test_an_open_assessment_asks_what_follows_from_them(self):
        draft = self.begun()

        def asks(key: str) -> bool:
            fresh = Assessment.objects.get(pk=draft.pk)
            return key in {row.question.key for row in scored_lines.applicable(fresh, scored_lines.answers_of(fresh))}

        assert asks("security_posture.certifications")
        relations.edit_vendor(self.scene.vendor, changes={"is_commercial": False}, by=self.scene.people.alice, now=NOON)
        runner.run_due(now=NOON)
        assert not asks("security_posture.certifications")
        assert asks("operational_resilience.audit_rights")
        server = Server.objects.get(pk=self.scene.server.pk)
        registration.edit_server(server, changes={"is_under_contract": False}, by=self.scene.people.alice, now=NOON)
        assert not asks("operational_resilience.audit_rights")

    def test_a_submission_is_bound_to_them_where_they_matter(self):
        desk = self.deploy("Desk", in_use=False)
        self.deploy("Till", in_use=False)
        alike: dict[str, Any] = {"by": self.scene.people.alice, "now": NOON}
        tier_3 = {"governance_tier": 3, "governance_revision": "draft"}
        for what, change in (
            ("raises a finding", lambda: deployments.edit_deployment(desk, changes=tier_3, **alike)),
            ("is asked", lambda: self.said_of_vendor(**alike)),
            ("counts", lambda: deployments.edit_deployment(desk, changes={"in_use_since": TODAY}, **alike)),
        ):
            with self.subTest(what), transaction.atomic():
                draft = self.begun()
                self.answered(draft, TLS, "tls12_strong", on=TODAY)
                seen = answering.answers_digest(draft, scored_lines.answers_of(draft))
                lifecycle.submit(draft, answers_digest=seen, **alike)
                change()
                with pytest.raises(lifecycle.AnswersChanged):
                    self.scene.finalise(draft)
                transaction.set_rollback(True)

    def test_a_submission_stands_while_other_facts_change(self):
        draft, people = self.begun(), self.scene.people
        lifecycle.submit(draft, by=people.alice, now=NOON)
        server = Server.objects.get(pk=self.scene.server.pk)
        registration.edit_server(server, changes={"is_open_source": True}, by=people.alice, now=NOON)
        assert self.scene.finalise(draft).data["facts"]["open_source"] is True

    def test_tls_1_2_raises_its_finding_only_under_governance_tier_3(self):
        one = self.deploy("Desk")
        raised = []
        for tier in (2, 3):
            changes = {"governance_tier": tier, "governance_revision": "draft"}
            deployments.edit_deployment(one, changes=changes, by=self.scene.people.alice, now=NOON)
            draft = self.begun()
            self.answered(draft, TLS, "tls12_strong", on=TODAY)
            self.final(draft)
            raised.append(Finding.objects.filter(stable_key=TLS).exists())
        assert raised == [False, True]


class MovingADraft(TestCase):
    scene: Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()

    def moved(self, draft: Assessment) -> Assessment:
        with second_set:
            moving.move(draft, by=self.scene.people.alice, now=NOON)
        return Assessment.objects.get(pk=draft.pk)

    def test_keeps_answers_to_questions_that_are_the_same(self):
        draft = self.scene.draft(choices={"provenance.chain_of_custody": "ci_log"})
        moved = self.moved(draft)
        row = moved.answers.named("provenance.chain_of_custody").select_related("option", "edited_by").get()
        assert (row.option and row.option.key, row.edited_by) == ("ci_log", self.scene.people.alice)
        assert row.option is not None
        assert row.option.question.question_set == moved.question_set
        assert (moved.question_set.version, moved.methodology_id, moved.depth) == (2, "2", 3)

    def test_says_what_must_be_answered_anew(self):
        draft = self.scene.draft()
        with second_set:
            planned = moving.plan(draft)
        why = {place.question.key: place.why_anew for place in planned.anew}
        assert why["security_posture.tenant_isolation"] == "The question is new."
        assert why["security_posture.known_vulnerabilities"] == "The question or its options changed."
        assert "provenance.chain_of_custody" not in why
        assert (len(planned.carried), len(planned.anew)) == (14, 76)
        assert {row.question.key for row in planned.dropped} == {
            "data_handling.location_subprocessors",
            "data_handling.response_validation",
        }

    def test_keeps_what_was_said_to_a_changed_question_as_its_comment_with_its_evidence(self):
        draft = self.scene.draft(choices={"security_posture.known_vulnerabilities": "high_open"})
        row = draft.answers.named("security_posture.known_vulnerabilities").get()
        note = records.add_note(
            "Seen.", title="Scan", unit=self.scene.people.payments, by=self.scene.people.alice, now=NOON
        )
        answering.attach(row, note, by=self.scene.people.alice, now=NOON)
        row = self.moved(draft).answers.named("security_posture.known_vulnerabilities").get()
        assert row.choice == ""
        assert row.comment == (
            "In MCP server assessment, version 1 the answer was: High ones that can be reached, with a date for the fix"
        )
        assert list(row.evidence.all()) == [note]

    def test_asks_again_for_each_of_several_deployments(self):
        people = self.scene.people
        for name in ("Desk", "Research"):
            deployments.add_deployment(
                self.scene.server, name=name, environment="production", agent=name, by=people.alice, now=NOON, **HIGH
            )
        draft = self.scene.draft()
        with second_set:
            planned = moving.plan(draft)
        [one, other] = [place for place in planned.anew if place.question.key == "provenance.pinned_artifact"]
        assert {one.why_anew, other.why_anew} == {"It is now answered for each deployment."}

    def test_happens_once_and_only_to_drafts(self):
        draft = self.scene.draft()
        moved = self.moved(draft)
        with second_set, pytest.raises(moving.NothingNewer, match="the newest questions already"):
            moving.move(moved, by=self.scene.people.alice, now=NOON)
        lifecycle.cancel(moved, reason="Again.", by=self.scene.people.alice, now=NOON)
        final = self.scene.final()
        with second_set, pytest.raises(moving.NothingNewer, match="Only a draft"):
            moving.move(final, by=self.scene.people.alice, now=NOON)
        assert QuestionSet.objects.get(key="mcp-server", version=1) == Assessment.objects.get(pk=final.pk).question_set

    def test_puts_the_former_answers_aside(self):
        draft = self.moved(self.scene.draft(choices={"provenance.chain_of_custody": "ci_log"}))
        aside = draft.answers.filter(put_aside_at=NOON)
        assert {row.question.question_set.version for row in aside.select_related("question__question_set")} == {1}
        assert (aside.count(), draft.answers.asked().count()) == (59, 90)

    def test_lets_the_mover_decide_on_nothing(self):
        draft = self.moved(self.scene.draft())
        assert self.scene.people.alice in {row.user for row in draft.editors.select_related("user")}

    def test_the_next_assessment_keeps_no_answer_to_a_question_that_changed(self):
        self.scene.final(choices={"provenance.change_review": "enforced_some", "provenance.chain_of_custody": "ci_log"})
        with second_set:
            begun = lifecycle.start(self.scene.server, kind="periodic", by=self.scene.people.alice, now=in_time(1))

        def keep(key: str) -> Answer:
            row = begun.answers.named(key).select_related("question", "assessment").get()
            return previous.keep(row, version=row.version, by=self.scene.people.alice, now=in_time(1))

        with pytest.raises(previous.NothingToKeep, match="changed since the last assessment"):
            keep("provenance.change_review")
        assert begun.answers.named("provenance.change_review").get().choice == ""
        kept = keep("provenance.chain_of_custody").option
        assert kept is not None
        assert kept.key == "ci_log"


@second_set
class PutAside(OnTheSecondSet):
    """An answer that was read before its deployment ended, and with it what was asked of it."""

    def test_takes_nothing_more(self):
        desk = self.deploy("Desk")
        self.deploy("Till")
        draft, people = self.begun(), self.scene.people
        row = self.answered(draft, f"{ROUTE}@{desk.ref}", "list")
        paper = records.add_note("Seen.", title="Seen", unit=people.payments, by=people.alice, now=NOON)
        answering.attach(row, paper, by=people.alice, now=NOON)
        deployments.end_deployment(desk, on=TODAY, by=people.alice, now=NOON)
        alike: dict[str, Any] = {"by": people.alice, "now": NOON}
        found: dict[str, Any] = {"shows": "It.", "location": "1", "document_date": TODAY}
        for what, change in (
            ("answer", lambda: answering.answer(row, choice="dont_know", version=row.version, **alike)),
            ("attach", lambda: answering.attach(row, paper, **alike)),
            ("detach", lambda: answering.detach(row, paper, **alike)),
            ("verify", lambda: verifying.verify(row, paper, **found, **alike)),
        ):
            with self.subTest(what), pytest.raises(answering.NotAskedAnyMore, match=f"{desk.ref} has ended"):
                change()
        row.refresh_from_db()
        assert (row.choice, list(row.evidence.all())) == ("option", [paper])


@second_set
class TheNextAssessment(OnTheSecondSet):
    def test_shows_what_was_said_last_time_for_the_same_deployment(self):
        one, two = self.deploy("Desk"), self.deploy("Research")
        draft = self.begun()
        self.answered(draft, f"{ROUTE}@{one.ref}", "list")
        self.answered(draft, f"{ROUTE}@{two.ref}", "free")
        self.final(draft)
        begun = self.begun()
        row = begun.answers.named(f"{ROUTE}@{one.ref}").select_related("question", "deployment").get()
        former = previous.of(row, previous.answers(previous.find(begun)))
        assert former is not None
        assert former.option is not None
        assert former.option.key == "list"
        kept = previous.keep(row, version=row.version, by=self.scene.people.alice, now=NOON)
        assert kept.option == former.option
