"""Answers about a vendor are given once and taken over while they are fresh."""

from datetime import datetime

import pytest
from django.test import TestCase, override_settings

from assessments import lifecycle
from assessments.answers import answering
from assessments.models import Answer, Assessment
from catalogue.models import Question
from tests.assessments import scenes
from tests.assessments.scenes import Scene, in_time
from tests.cast import NOON

pytestmark = pytest.mark.engine


class TakingOver(TestCase):
    scene: Scene
    question: Question

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.scene.final()
        cls.question = scenes.question("vendor")

    def begun(self, at: datetime) -> Assessment:
        server = self.scene.another_server(publisher=self.scene.vendor)
        return lifecycle.start(server, kind="initial", by=self.scene.people.alice, now=at)

    def row(self, assessment: Assessment) -> Answer:
        return assessment.answers.get(question=self.question)

    def test_they_come_with_who_gave_them_and_when(self):
        first, later = Answer.objects.get(question=self.question), self.row(self.begun(in_time(100)))
        assert (later.option, later.reused_from) == (first.option, first)
        assert (later.edited_by, later.edited_at) == (self.scene.people.alice, NOON)

    def test_answers_about_the_release_are_given_anew(self):
        begun = self.begun(in_time(100))
        assert {row.choice for row in begun.answers.filter(question__subject="release")} == {""}

    def test_they_are_fresh_for_a_year_and_no_day_longer(self):
        assert self.row(self.begun(in_time(365))).reused_from is not None
        assert self.row(self.begun(in_time(366))).choice == ""

    def test_taking_them_over_makes_them_no_younger(self):
        between = self.begun(in_time(300))
        scenes.fill_in(between, by=self.scene.people.alice, at=in_time(300), choices={})
        lifecycle.submit(between, by=self.scene.people.alice, now=in_time(300))
        self.scene.finalise(between, at=in_time(300))
        assert self.row(between).edited_at == NOON

        assert self.row(self.begun(in_time(400))).choice == ""

    def test_one_that_was_changed_meanwhile_is_fresh_again(self):
        between = self.begun(in_time(300))
        scenes.fill_in(
            between,
            by=self.scene.people.alice,
            at=in_time(300),
            choices={self.question.key: scenes.worst(self.question)},
        )
        lifecycle.submit(between, by=self.scene.people.alice, now=in_time(300))
        self.scene.finalise(between, at=in_time(300))

        again = self.row(self.begun(in_time(400)))
        assert again.option is not None
        assert (again.option.key, again.reused_from) == (scenes.worst(self.question), self.row(between))

    @override_settings(QUESTION_SET=0)
    def test_only_to_questions_that_still_ask_the_same(self):
        begun = self.begun(in_time(100))
        rows = begun.answers.filter(question__subject="vendor").select_related("question")
        kept = {row.question.key: row.option.key for row in rows.select_related("option") if row.option}
        assert kept == {
            "data_handling.retention_deletion": "contract_full",
            "operational_resilience.security_sla": "hours_24",
        }

    def test_a_draft_lends_nothing(self):
        other = self.begun(in_time(300))
        row = self.row(other)
        answering.answer(
            row,
            choice="option",
            option_key=scenes.worst(self.question),
            version=row.version,
            by=self.scene.people.alice,
            now=in_time(300),
        )
        assert self.row(self.begun(in_time(310))).reused_from == Answer.objects.get(
            question=self.question, assessment__status="final"
        )
