"""What the database itself refuses, whoever asks: tried with bare SQL and bare rows, past every step."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import TestCase

from assessments import lifecycle
from assessments.answers import answering
from assessments.models import Answer, Assessment, Editor, Snapshot, Verification
from audit import triggers
from audit.models import Event
from catalogue.models import Question, QuestionSet
from decisions.models import Approval, RatingRecord
from evidence import records
from evidence.models import Evidence, KeptCopy
from tests.assessments import documents, scenes
from tests.cast import NOON, TODAY
from vendors.models import Server

pytestmark = pytest.mark.engine


class Guards(TestCase):
    """A server with a final, approved assessment."""

    scene: scenes.Scene
    final: Assessment

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.scene.approved()
        cls.final = Assessment.objects.get(server=cls.scene.server)

    def refused(self, change: Any, *, says: str) -> None:
        """Check that the database refuses the change with this sentence and that the block is undone."""
        with pytest.raises(DatabaseError, match=says), transaction.atomic():
            change()

    def submitted_by_alice(self) -> Assessment:
        draft = self.scene.draft(self.scene.another_server())
        return lifecycle.submit(draft, by=self.scene.people.alice, now=NOON)

    def submitted_by_alice_unanswered(self) -> Assessment:
        """Return an assessment that alice submitted and nobody edited."""
        alice = self.scene.people.alice
        draft = lifecycle.start(self.scene.another_server(), kind="initial", by=alice, now=NOON)
        assert not Editor.objects.filter(assessment=draft).exists()
        return lifecycle.submit(draft, by=alice, now=NOON)

    def test_whoever_edited_an_answer_cannot_be_the_one_who_finalised(self) -> None:
        waiting = self.submitted_by_alice()
        Editor.objects.create(assessment=waiting, user=self.scene.people.bob)
        rows = Assessment.objects.filter(pk=waiting.pk)
        self.refused(
            lambda: rows.update(status="final", finalised_by=self.scene.people.bob, finalised_at=NOON),
            says="whoever_finalises_edited_nothing",
        )
        assert rows.get().status == "submitted"

    def test_whoever_submitted_cannot_be_the_one_who_finalised(self) -> None:
        waiting = self.submitted_by_alice_unanswered()
        self.refused(
            lambda: Assessment.objects.filter(pk=waiting.pk).update(
                status="final", finalised_by=self.scene.people.alice, finalised_at=NOON
            ),
            says="whoever_finalises_did_not_submit",
        )

    def test_whoever_wrote_an_answer_that_was_taken_over_cannot_be_the_one_who_finalised(self) -> None:
        waiting, bob = self.submitted_by_alice_unanswered(), self.scene.people.bob
        Answer.objects.filter(assessment=waiting).update(edited_by=bob)
        self.refused(
            lambda: Assessment.objects.filter(pk=waiting.pk).update(
                status="final", finalised_by=bob, finalised_at=NOON
            ),
            says="whoever_finalises_edited_nothing",
        )

    def approval(self, waiting: Assessment, *, by: Any) -> None:
        Approval.objects.create(
            unit=waiting.judged_server.unit,
            server=waiting.judged_server,
            assessment=waiting,
            release=waiting.judged_release,
            decision="approve",
            reason="Mine.",
            valid_until=TODAY + timedelta(days=9),
            decided_by=by,
            decided_at=NOON,
        )

    def test_whoever_edited_or_submitted_cannot_approve(self) -> None:
        waiting = self.submitted_by_alice_unanswered()
        self.refused(lambda: self.approval(waiting, by=self.scene.people.alice), says="whoever_decides_edited_nothing")
        Editor.objects.create(assessment=waiting, user=self.scene.people.bob)
        self.refused(lambda: self.approval(waiting, by=self.scene.people.bob), says="whoever_decides_edited_nothing")
        assert not Approval.objects.filter(assessment=waiting).exists()

    def test_answers_of_a_final_assessment_neither_change_nor_come_nor_go(self) -> None:
        answers = Answer.objects.filter(assessment=self.final)
        row = answers.earliest("pk")
        self.refused(lambda: answers.update(comment="Better."), says="answers_of_a_final_assessment_are_frozen")
        self.refused(lambda: answers._raw_delete("default"), says="no_answer_leaves_a_final_assessment")
        spare = scenes.questions().exclude(answers__assessment=self.final).first() or row.question
        self.refused(
            lambda: Answer(assessment=self.final, question=spare).save(force_insert=True),
            says="no_answer_joins_a_final_assessment",
        )

    def test_an_answer_moves_to_no_other_assessment(self) -> None:
        draft = self.scene.draft(self.scene.another_server())
        answers = Answer.objects.filter(assessment=draft)
        self.refused(lambda: answers.update(assessment=self.final), says="an_answer_stays_in_its_assessment")

    def test_answers_of_a_cancelled_assessment_do_not_change(self) -> None:
        draft = self.scene.draft(self.scene.another_server())
        lifecycle.cancel(draft, reason="It goes.", by=self.scene.people.alice, now=NOON)
        answers = Answer.objects.filter(assessment=draft)
        self.refused(lambda: answers.update(comment="Better."), says="answers_of_a_final_assessment_are_frozen")

    def test_what_a_final_assessment_judged_does_not_change(self) -> None:
        rows = Assessment.objects.filter(pk=self.final.pk)
        for change in ({"manifest_digest": "f" * 64}, {"status": "draft"}, {"finalised_by": self.scene.people.mia}):
            self.refused(lambda change=change: rows.update(**change), says="a_final_assessment_is_frozen")
        rows.update(status="superseded")

    def test_a_decision_is_neither_extended_nor_put_in_another_name_nor_revived(self) -> None:
        rows = Approval.objects.filter(assessment=self.final)
        for change in (
            {"valid_until": TODAY + timedelta(days=999)},
            {"valid_until": None, "decision": "reject"},
            {"decided_by": self.scene.people.mia},
            {"reason": "Another."},
            {"manifest_digest": "f" * 64},
        ):
            self.refused(lambda change=change: rows.update(**change), says="a_decision_does_not_change")
        rows.update(status="superseded")
        self.refused(lambda: rows.update(status="granted"), says="a_decision_does_not_change")

    def test_what_evidence_says_does_not_change(self) -> None:
        alice, unit = self.scene.people.alice, self.scene.people.payments
        link = records.add_link("https://e.org", title="SOC 2", issuer="vendor", unit=unit, by=alice, now=NOON)
        copy = records.keep_copy(link, documents.upload(), by=alice, now=NOON)
        row = self.scene.draft(self.scene.another_server()).answers.select_related("question").earliest("pk")
        answering.attach(row, link, by=alice, now=NOON)
        documents.verify(row, link, by=alice)
        # Its last day and its issuer move with a certificate; without an event the check of the trail says so.
        settled: tuple[dict[str, Any], ...] = ({"title": "SOC 3"}, {"url": "https://e.org/3"}, {"unit": None})
        for column in settled:
            evidence: Any = Evidence.objects.filter(pk=link.pk)
            self.refused(lambda rows_=evidence, column=column: rows_.update(**column), says="evidence_stays_what_it_is")
        for rows, change in (
            (KeptCopy.objects.filter(pk=copy.pk), {"file_name": "another.txt"}),
            (Verification.objects.filter(evidence=link), {"verified_by": self.scene.people.bob}),
            (Verification.objects.filter(evidence=link), {"shows": "Everything that anybody could ask for."}),
        ):
            rows_: Any = rows
            self.refused(lambda rows_=rows_, change=change: rows_.update(**change), says="is append-only")

    def test_records_that_only_grow_cannot_be_changed_or_removed(self) -> None:
        for model in (Event, Editor, Snapshot, RatingRecord, QuestionSet, Question):
            table = model._meta.db_table
            rows: Any = model._default_manager.all()
            column = next(field.attname for field in model._meta.concrete_fields if not field.primary_key)
            assert rows.exists(), table
            self.refused(lambda rows=rows, column=column: rows.update(**{column: rows.values(column)[:1]}), says=table)
            self.refused(lambda rows=rows: rows._raw_delete("default"), says=table)

    def test_an_event_cannot_be_replaced_or_truncated(self) -> None:
        connection.check_constraints()  # PostgreSQL truncates no table that waits for a deferred check.
        with connection.cursor() as cursor:
            statement = (
                "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event"
                if connection.vendor == "sqlite"
                else "TRUNCATE audit_event CASCADE"
            )
            self.refused(lambda: cursor.execute(statement), says="append-only")

    def test_a_server_does_not_become_demo(self) -> None:
        self.refused(lambda: Server.objects.update(is_demo=True), says="a_server_does_not_become_demo")

    def test_a_guard_that_went_is_in_place_again_after_a_migration(self) -> None:
        connection.check_constraints()
        on = "" if connection.vendor == "sqlite" else " ON findings_overlay"
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER findings_overlay_no_{'update' if not on else 'change'}{on}")
        assert len(triggers.amiss(connection)) == 1
        call_command("migrate", verbosity=0)
        assert triggers.amiss(connection) == []
