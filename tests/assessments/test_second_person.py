"""Who decides on an assessment has no hand in it, whatever way their hand would come in."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import TestCase

from accounts.models import Role, User
from assessments import lifecycle
from assessments.answers import answering, scored_lines, second_person
from assessments.models import Answer, AnswerEvidence, Assessment, Editor, Snapshot
from decisions.approvals import approvals
from evidence import records
from evidence.models import Evidence
from riskregister.refusals import Refused
from riskregister.transitions import IllegalTransition
from scoring import assurance
from tests import cast
from tests.assessments import documents, scenes
from tests.cast import NOON, TODAY
from vendors.models import ServerSupplier
from vendors.registering import registration
from work.in_hand import waiting

pytestmark = pytest.mark.engine
HOUR = timedelta(hours=1)


class SecondPerson(TestCase):
    """bob and ben are approvers of Payments."""

    scene: scenes.Scene
    alice: User
    bob: User
    ben: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.ben = cast.person("ben", role=Role.APPROVER, unit=cls.scene.people.payments)
        cls.alice, cls.bob = cls.scene.people.alice, cls.scene.people.bob

    def refused(self, assessment: Assessment, *, to: User) -> None:
        """Check that the person can neither finalise, nor decide, nor confirm, and is not asked to."""
        seen = Assessment.objects.get(pk=assessment.pk)
        with pytest.raises(second_person.FourEyes):
            lifecycle.finalise(seen, by=to, now=NOON + 9 * HOUR)
        with pytest.raises(second_person.FourEyes):
            approvals.decide(seen, decision="reject", reason="No.", by=to, now=NOON + 9 * HOUR)
        with pytest.raises(second_person.FourEyes):
            answering.confirm_not_applicable(seen.answers.earliest("pk"), by=to, now=NOON + 9 * HOUR)
        assert not Snapshot.objects.filter(assessment=assessment).exists()
        assert to.pk in second_person.hands(seen)

    def document(self, assessment: Assessment) -> Evidence:
        """Return a vendor's document that alice attached to an answer of the draft."""
        link = records.add_link(
            "https://example.com/soc2", title="SOC 2", issuer="vendor", unit=assessment.unit, by=self.alice, now=NOON
        )
        answering.attach(assessment.answers.earliest("pk"), link, by=self.alice, now=NOON)
        return link

    def check(self, document: Evidence, *, by: User, hours: int) -> None:
        """Record that somebody checked a document so many hours after noon."""
        row = document.answers.select_related("question").get()
        documents.verify(row, document, by=by, now=NOON + hours * HOUR)

    def test_whoever_submitted_once_does_not_decide_when_another_submits_again(self) -> None:
        draft = self.scene.draft()
        lifecycle.submit(draft, by=self.ben, now=NOON)
        lifecycle.return_to_draft(draft, reason="Once more.", by=self.bob, now=NOON + HOUR)
        lifecycle.submit(draft, by=self.alice, now=NOON + 2 * HOUR)
        self.refused(draft, to=self.ben)
        assert draft not in waiting.assessments_to_decide(self.ben)
        lifecycle.finalise(draft, by=self.bob, now=NOON + 3 * HOUR)

    def test_whoever_submitted_what_others_wrote_does_not_decide(self) -> None:
        draft = self.scene.draft()
        lifecycle.submit(draft, by=self.ben, now=NOON)
        assert not Editor.objects.filter(assessment=draft, user=self.ben).exists()
        self.refused(draft, to=self.ben)
        assert draft not in waiting.assessments_to_decide(self.ben)

    def test_whoever_gave_it_back_may_decide_later(self) -> None:
        draft = self.scene.draft()
        lifecycle.submit(draft, by=self.alice, now=NOON)
        lifecycle.return_to_draft(draft, reason="Once more.", by=self.bob, now=NOON + HOUR)
        lifecycle.submit(draft, by=self.alice, now=NOON + 2 * HOUR)
        assert draft in waiting.assessments_to_decide(self.bob)
        lifecycle.finalise(draft, by=self.bob, now=NOON + 3 * HOUR)

    def test_what_is_final_waits_for_its_decision(self) -> None:
        final = self.scene.final()
        assert final in waiting.assessments_to_decide(self.bob)
        assert final in waiting.assessments_to_decide(self.ben)
        assert final not in waiting.assessments_to_decide(self.alice)
        approvals.decide(final, decision="reject", reason="No.", by=self.bob, now=NOON + HOUR)
        assert final not in waiting.assessments_to_decide(self.ben)

    def test_an_editor_whose_every_answer_was_changed_again_still_does_not_decide(self) -> None:
        draft = self.scene.draft()
        row = draft.answers.earliest("pk")
        answering.answer(row, choice="dont_know", version=row.version, by=self.bob, now=NOON)
        answering.answer(row, choice="", version=row.version, by=self.alice, now=NOON)
        lifecycle.submit(draft, by=self.alice, now=NOON)
        self.refused(draft, to=self.bob)

    def test_answers_that_were_taken_over_keep_their_author_from_deciding(self) -> None:
        first = self.scene.draft()
        about_vendor = first.answers.filter(question__subject="vendor", choice="option").earliest("pk")
        answering.answer(
            about_vendor,
            choice="option",
            option_key=scenes.worst(about_vendor.question),
            version=about_vendor.version,
            by=self.ben,
            now=NOON,
        )
        lifecycle.submit(first, by=self.alice, now=NOON)
        self.scene.finalise(first)
        again = lifecycle.start(
            self.scene.another_server(publisher=self.scene.vendor), kind="initial", by=self.alice, now=NOON
        )
        assert again.answers.get(question=about_vendor.question).edited_by == self.ben
        lifecycle.submit(again, by=self.alice, now=NOON)
        self.refused(again, to=self.ben)
        assert again not in waiting.assessments_to_decide(self.ben)
        self.scene.finalise(again)

    def test_whoever_checks_a_document_after_the_submission_does_not_decide(self) -> None:
        draft = self.scene.draft()
        document = self.document(draft)
        lifecycle.submit(draft, by=self.alice, now=NOON + HOUR)
        assert draft in waiting.assessments_to_decide(self.bob)
        self.check(document, by=self.bob, hours=2)
        self.refused(draft, to=self.bob)
        assert draft not in waiting.assessments_to_decide(self.bob)
        lifecycle.finalise(draft, by=self.ben, now=NOON + 3 * HOUR)

    def test_a_check_that_the_submitter_could_see_is_theirs_to_stand_for(self) -> None:
        draft = self.scene.draft()
        document = self.document(draft)
        lifecycle.submit(draft, by=self.alice, now=NOON + HOUR)
        self.check(document, by=self.bob, hours=2)
        lifecycle.return_to_draft(draft, reason="I have checked E-1.", by=self.bob, now=NOON + 3 * HOUR)
        lifecycle.submit(draft, by=self.alice, now=NOON + 4 * HOUR)
        lifecycle.finalise(draft, by=self.bob, now=NOON + 5 * HOUR)

    def test_a_decision_is_about_the_submission_that_was_seen(self) -> None:
        draft = self.scene.draft()
        seen = lifecycle.submit(draft, by=self.alice, now=NOON).answers_digest
        stale = Assessment.objects.get(pk=draft.pk)
        lifecycle.return_to_draft(draft, reason="Once more.", by=self.ben, now=NOON)
        row = draft.answers.earliest("pk")
        answering.answer(row, choice="dont_know", version=row.version, by=self.alice, now=NOON)
        lifecycle.submit(draft, by=self.alice, now=NOON)
        with pytest.raises(lifecycle.AnswersChanged):
            lifecycle.finalise(stale, answers_digest=seen, by=self.bob, now=NOON)
        with pytest.raises(lifecycle.AnswersChanged):
            approvals.decide(stale, answers_digest=seen, decision="reject", reason="No.", by=self.bob, now=NOON)
        assert Assessment.objects.get(pk=draft.pk).status == "submitted"

    def test_a_reviewer_confirms_the_words_that_they_read(self) -> None:
        draft = self.scene.draft()
        row = draft.answers.filter(choice="option").earliest("pk")
        answering.answer(row, choice="not_applicable", reason="None.", version=row.version, by=self.alice, now=NOON)
        lifecycle.submit(draft, by=self.alice, now=NOON)
        read = Answer.objects.get(pk=row.pk)
        lifecycle.return_to_draft(draft, reason="Why?", by=self.bob, now=NOON)
        answering.answer(row, choice="not_applicable", reason="So.", version=row.version, by=self.alice, now=NOON)
        lifecycle.submit(draft, by=self.alice, now=NOON)
        with pytest.raises(answering.EditConflict):
            answering.confirm_not_applicable(read, by=self.bob, now=NOON)
        assert Answer.objects.get(pk=row.pk).na_confirmed_by is None

    def test_a_weighty_question_leaves_the_score_only_when_the_reviewer_agrees(self) -> None:
        draft = self.scene.draft()
        weighty = draft.answers.filter(choice="option", question__weight__gte=3, question__is_critical=False)
        row = weighty.earliest("pk")
        answering.answer(row, choice="not_applicable", reason="None.", version=row.version, by=self.alice, now=NOON)
        lifecycle.submit(draft, by=self.alice, now=NOON)

        def scored() -> assurance.Line:
            now = next(one for one in scored_lines.answers_of(draft) if one.pk == row.pk)
            return scored_lines.line_of(now, draft, today=TODAY)

        assert (scored().state, scored().na_confirmed) == (assurance.State.NOT_APPLICABLE, False)
        answering.confirm_not_applicable(Answer.objects.get(pk=row.pk), by=self.bob, now=NOON)
        assert scored().na_confirmed is True

    def test_two_submissions_cannot_be_had_by_a_stale_page(self) -> None:
        draft = self.scene.draft()
        stale = Assessment.objects.get(pk=draft.pk)
        lifecycle.submit(draft, by=self.alice, now=NOON)
        with pytest.raises(IllegalTransition):
            lifecycle.submit(stale, by=self.ben, now=NOON)
        assert Assessment.objects.get(pk=draft.pk).submitted_by == self.alice


class OtherUnits(TestCase):
    """eva is an analyst of Payments and of Research."""

    scene: scenes.Scene
    eva: User
    theirs: Evidence

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        people = cls.scene.people
        cls.eva = cast.person("eva", role=Role.ANALYST, unit=people.payments)
        from_research: dict[str, Any] = {"unit": people.research, "by": people.eve, "now": NOON}
        cls.eva.memberships.create(unit=people.research, role=Role.ANALYST)
        cls.theirs = records.add_note("Secret of Research.", title="Plan of Research", **from_research)

    def test_evidence_of_one_unit_supports_nothing_of_another(self) -> None:
        draft = self.scene.draft()
        with pytest.raises(records.EvidenceOfAnotherUnit):
            answering.attach(draft.answers.earliest("pk"), self.theirs, by=self.eva, now=NOON)
        assert not AnswerEvidence.objects.exists()
        assert not Editor.objects.filter(user=self.eva).exists()

    def test_evidence_of_a_unit_is_not_taken_over_into_another(self) -> None:
        people = self.scene.people
        draft = self.scene.draft()
        rows = draft.answers.filter(question__subject="vendor", choice="option").order_by("pk")
        of_unit = records.add_note("Ours.", title="Ours", unit=people.payments, by=people.alice, now=NOON)
        of_all = records.add_note("All.", title="All", unit=None, by=people.alice, now=NOON)
        for item in (of_unit, of_all):
            answering.attach(rows[0], item, by=people.alice, now=NOON)
        lifecycle.submit(draft, by=people.alice, now=NOON)
        self.scene.finalise(draft)
        server = registration.register_server(
            unit=people.research, name="com.example/theirs", title="Theirs", by=people.eve, now=NOON
        )
        registration.add_release(server, "1", by=people.eve, now=NOON)
        ServerSupplier.objects.create(server=server, vendor=self.scene.vendor, role="publisher")
        theirs = lifecycle.start(server, kind="initial", by=people.eve, now=NOON)
        taken_over = theirs.answers.get(question=rows[0].question)
        assert taken_over.option == rows[0].option
        assert list(taken_over.evidence.all()) == [of_all]

    def test_an_assessment_is_filled_in_by_people_of_its_unit(self) -> None:
        people = self.scene.people
        for stranger in (people.eve, people.carol, people.ada):
            with pytest.raises(Refused, match="no analyst"):
                lifecycle.start(self.scene.server, kind="initial", assignee=stranger, by=people.alice, now=NOON)
        with pytest.raises(Refused, match="from today on"):
            lifecycle.start(self.scene.server, kind="initial", due_on=TODAY - HOUR * 24, by=people.alice, now=NOON)
        with pytest.raises(Refused, match="Choose initial"):
            lifecycle.start(self.scene.server, kind="secret", by=people.alice, now=NOON)
        assert not Assessment.objects.exists()
