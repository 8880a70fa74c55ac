"""From registration to a decision: what a first assessment does to a server, its findings, rating and review."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import TestCase
from django.utils import timezone

from assessments import lifecycle
from assessments.answers import answering, scored_lines, second_person
from assessments.models import Answer, Assessment, Snapshot
from audit.models import Event
from decisions.approvals import approvals
from decisions.models import Approval, RatingRecord, Review, ServerRating
from decisions.ratings import ratings
from decisions.reviews import reviews
from findings.models import Finding
from riskregister.transitions import IllegalTransition
from tests import cast
from tests.assessments import scenes
from tests.cast import NOON
from vendors.models import Release, Server
from vendors.registering import registration, relations

HOUR = timedelta(hours=1)


def server_with_release(people: cast.Cast, *, name: str = "com.example/weather") -> Server:
    """Return a requested server of Payments with a publisher and one release."""
    vendor = relations.register_vendor(name="Example Ltd", kinds=["mcp_publisher"], by=people.alice, now=NOON)
    server = registration.register_server(
        unit=people.payments, name=name, title="Weather", publisher=vendor, owner=people.alice,
        by=people.alice, now=NOON, **cast.EXPOSURE,
    )  # fmt: skip
    Release.objects.create(server=server, version="1.0.0", created_at=NOON)
    return server


def answer_all(assessment: Assessment, people: cast.Cast, *, best: bool = True) -> None:
    """Answer every question that applies, with its best or its worst option."""
    for row in scored_lines.applicable(assessment, scored_lines.answers_of(assessment)):
        options = sorted(row.question.options.all(), key=lambda option: (option.quarters, option.position))
        chosen = options[-1] if best else options[0]
        answering.answer(
            row, choice="option", option_key=chosen.key, version=row.version, by=people.alice, now=NOON + HOUR
        )


class FirstAssessment(TestCase):
    """A server that was never assessed."""

    people: cast.Cast
    server: Server
    draft: Assessment

    @classmethod
    def setUpTestData(cls) -> None:
        """Register a server and start its assessment."""
        cls.people = cast.assemble()
        cls.server = server_with_release(cls.people)
        cls.draft = lifecycle.start(cls.server, kind="initial", by=cls.people.alice, now=NOON)

    def make_ready(self) -> None:
        """Bring what an approval needs: tools are captured and the server deployed while it is being assessed."""
        scenes.make_ready(self.server, by=self.people.alice, at=NOON)
        answer_all(self.draft, self.people)
        scenes.show(self.draft, by=self.people.alice, at=NOON)

    def submitted(self, *, best: bool = True) -> Assessment:
        """Return the assessment, answered and submitted by alice."""
        answer_all(self.draft, self.people, best=best)
        return lifecycle.submit(self.draft, by=self.people.alice, now=NOON + HOUR)

    def submitted_as_it_is(self) -> Assessment:
        """Return the assessment, submitted by alice without further answers."""
        return lifecycle.submit(self.draft, by=self.people.alice, now=NOON + HOUR)

    def test_a_server_is_not_assessed_before_a_decision(self) -> None:
        rating = ServerRating.objects.get(server=self.server)
        assert (rating.residual, rating.band, rating.score_percent) == ("not_assessed", "not_assessed", None)

    def test_starting_puts_the_server_in_review_with_an_answer_for_each_question(self) -> None:
        self.server.refresh_from_db()
        assert self.server.status == Server.Status.IN_REVIEW
        assert self.draft.answers.count() == self.draft.question_set.questions.count()
        assert self.draft.answers.exclude(choice="").count() == 0

    def test_refuses_a_second_open_assessment(self) -> None:
        with pytest.raises(lifecycle.AssessmentAlreadyOpen):
            lifecycle.start(self.server, kind="initial", by=self.people.alice, now=NOON)
        assert Assessment.objects.filter(server=self.server).count() == 1

    def test_refuses_to_finalise_for_whoever_edited_an_answer(self) -> None:
        row = self.draft.answers.earliest("pk")
        answering.answer(row, choice="dont_know", version=0, by=self.people.bob, now=NOON)
        lifecycle.submit(self.draft, by=self.people.alice, now=NOON)
        with pytest.raises(second_person.FourEyes):
            lifecycle.finalise(self.draft, by=self.people.bob, now=NOON)
        assert not Snapshot.objects.exists()

    def test_refuses_to_submit_other_answers_than_were_seen(self) -> None:
        seen = answering.answers_digest(self.draft, scored_lines.answers_of(self.draft))
        row = self.draft.answers.earliest("pk")
        answering.answer(row, choice="dont_know", version=0, by=self.people.alice, now=NOON)
        with pytest.raises(lifecycle.AnswersChanged):
            lifecycle.submit(self.draft, answers_digest=seen, by=self.people.alice, now=NOON)
        self.draft.refresh_from_db()
        assert self.draft.status == "draft"

    def test_refuses_an_answer_to_a_version_that_is_gone(self) -> None:
        row = self.draft.answers.earliest("pk")
        answering.answer(row, choice="dont_know", version=0, by=self.people.alice, now=NOON)
        stale = Answer.objects.get(pk=row.pk)
        stale.version = 0
        with pytest.raises(answering.EditConflict):
            answering.answer(stale, choice="", version=0, by=self.people.bob, now=NOON)
        assert Answer.objects.get(pk=row.pk).choice == "dont_know"

    def test_refuses_answers_after_submission(self) -> None:
        submitted = self.submitted()
        row = submitted.answers.earliest("pk")
        with pytest.raises(answering.AssessmentNotOpen):
            answering.answer(row, choice="", version=row.version, by=self.people.alice, now=NOON)

    def test_refuses_to_submit_twice(self) -> None:
        twin = Assessment.objects.get(pk=self.draft.pk)
        self.submitted()
        with self.assertRaisesMessage(IllegalTransition, "is submitted already."):
            lifecycle.submit(twin, by=self.people.alice, now=NOON)
        assert Event.objects.filter(verb="assessment.submitted").count() == 1

    def test_a_good_assessment_is_approved_and_reviewed_again(self) -> None:
        self.make_ready()
        approval = approvals.decide(
            self.submitted(),
            decision="approve",
            reason="Well kept.",
            valid_until=timezone.localdate(NOON) + timedelta(days=365),
            by=self.people.bob,
            now=NOON + 2 * HOUR,
        )
        self.server.refresh_from_db()
        rating = ServerRating.objects.get(server=self.server)
        assert self.server.status == "approved"
        assert self.server.pinned_release == approval.release
        assert (rating.band, rating.score_percent) == ("weak", Decimal(65))
        review = Review.objects.get(server=self.server)
        assert (review.status, rating.next_review_on) == ("scheduled", review.due_on)
        assert approval.status == Approval.Status.GRANTED

    def test_bad_answers_raise_findings_and_hold_the_rating_down(self) -> None:
        lifecycle.finalise(self.submitted(best=False), by=self.people.bob, now=NOON + 2 * HOUR)
        asked = len(scored_lines.applicable(self.draft, scored_lines.answers_of(self.draft)))
        assert Finding.objects.count() == asked
        rating = ServerRating.objects.get(server=self.server)
        assert (rating.band, rating.residual) == ("unacceptable", "critical")

    def test_refuses_to_approve_what_is_unacceptable(self) -> None:
        scenes.make_ready(self.server, by=self.people.alice, at=NOON)
        with pytest.raises(approvals.AcceptanceMissing):
            approvals.decide(
                self.submitted(best=False),
                decision="approve",
                reason="We need it.",
                valid_until=timezone.localdate(NOON) + timedelta(days=30),
                by=self.people.bob,
                now=NOON + 2 * HOUR,
            )
        self.draft.refresh_from_db()
        assert (self.draft.status, Finding.objects.count()) == ("submitted", 0)

    def test_the_snapshot_recomputes_and_its_digest_binds_it(self) -> None:
        scenes.capture(self.server, by=self.people.alice, at=NOON)
        snapshot = lifecycle.finalise(self.submitted(), by=self.people.bob, now=NOON + 2 * HOUR)
        assert snapshot.score.overall == 60
        current = ratings.current(self.server, now=NOON + 2 * HOUR)
        assert current.score is not None
        assert current.score.overall == snapshot.score.overall
        assert RatingRecord.objects.filter(server=self.server).count() == 1

    def test_skipping_the_review_does_not_keep_the_rating_fresh(self) -> None:
        self.make_ready()
        approvals.decide(
            self.submitted(),
            decision="approve",
            reason="Well kept.",
            valid_until=timezone.localdate(NOON) + timedelta(days=365),
            by=self.people.bob,
            now=NOON + 2 * HOUR,
        )
        review = Review.objects.get(server=self.server)
        reviews.skip(review, reason="It is about to be retired.", by=self.people.mia, now=NOON + 3 * HOUR)
        after = NOON + timedelta(days=(review.due_on - timezone.localdate(NOON)).days + 1)
        assert "stale" in {cap.id for cap in ratings.current(self.server, now=after).caps}

    def test_refuses_to_approve_what_cannot_be_rated(self) -> None:
        scenes.make_ready(self.server, by=self.people.alice, at=NOON)
        for row in self.draft.answers.filter(question__dimension="provenance"):
            answering.answer(row, choice="not_applicable", reason="No code.", version=0, by=self.people.alice, now=NOON)
        submitted = self.submitted_as_it_is()
        for row in submitted.answers.filter(choice="not_applicable"):
            answering.confirm_not_applicable(row, by=self.people.bob, now=NOON + HOUR)
        with pytest.raises(approvals.DecisionInvalid):
            approvals.decide(
                submitted,
                decision="approve",
                reason="We need it.",
                valid_until=timezone.localdate(NOON) + timedelta(days=30),
                by=self.people.bob,
                now=NOON + 2 * HOUR,
            )
        assert not Snapshot.objects.exists()
