"""Evidence speaks for a statement: what somebody found in a document counts for the answer that it was found for."""

import json
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.test import TestCase

from accounts.access import NotPermitted
from accounts.models import Role, User
from assessments import lifecycle
from assessments.answers import answering, scored_lines, supports, verifying
from assessments.drafts import previous
from assessments.models import Answer, Assessment, Snapshot, Verification
from audit.models import Event
from evidence import checks, records
from evidence.models import Evidence
from riskregister.refusals import Refused
from scoring.scales import Band
from tests import cast
from tests.assessments import scenes
from tests.assessments.documents import SHOWS, behind, document, upload, verify
from tests.cast import NOON, TODAY

TOMORROW = TODAY + timedelta(days=1)


class Statements(TestCase):
    """A draft of alice; ben is another analyst."""

    scene: scenes.Scene
    alice: User
    ben: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.alice = cls.scene.people.alice
        cls.ben = cast.person("ben", role=Role.ANALYST, unit=cls.scene.people.payments)

    def setUp(self) -> None:
        self.draft = self.scene.draft()
        self.rows = list(self.draft.answers.select_related("question", "option", "assessment").order_by("pk")[:3])

    def levels(self, *rows: Answer) -> list[int]:
        known = {one.pk: one for one in scored_lines.answers_of(self.draft)}
        return [scored_lines.evidence_level(known[row.pk], today=TODAY) for row in rows or self.rows]

    def refused(self, row: Answer, evidence: Evidence, **statement: Any) -> Refused:
        with pytest.raises(Refused) as refusal:
            verify(row, evidence, by=self.ben, **statement)
        assert not Verification.objects.exists()
        return refusal.value


class Verifying(Statements):
    """The step."""

    def test_it_lifts_the_one_answer_and_no_other_that_rests_on_the_same_document(self) -> None:
        report = behind(self.rows[0], by=self.alice, issuer="independent")
        answering.attach(self.rows[1], report, by=self.alice, now=NOON)
        made = verify(self.rows[0], report, by=self.ben)

        assert self.levels() == [3, 1, 0]
        assert (made.verified_by, made.verified_at, str(made)) == (self.ben, NOON, f"p. 12: {SHOWS}")
        data = json.loads(Event.objects.get(verb="evidence.verified").body)["data"]
        assert data == {
            "question": self.rows[0].question.key,
            "evidence": report.ref,
            "shows": SHOWS,
            "location": "p. 12",
            "document_date": "2026-03-02",
        }

    def test_it_speaks_for_the_answer_that_was_chosen_then(self) -> None:
        row = self.rows[0]
        report = behind(row, by=self.alice)
        verify(row, report, by=self.alice)
        assert self.levels(row) == [2]
        row.refresh_from_db()
        best = row.option
        assert best
        other = row.question.options.exclude(pk=best.pk).first()
        assert other
        for option, level, state in ((other, 1, "outdated"), (best, 2, "verified")):
            row = answering.answer(
                row, choice="option", option_key=option.key, version=row.version, by=self.alice, now=NOON
            )
            fresh = next(one for one in scored_lines.answers_of(self.draft) if one.pk == row.pk)
            assert self.levels(row) == [level]
            assert [one.state(today=TODAY) for one in supports.of(fresh)] == [state]

    def test_it_says_what_where_and_of_which_day(self) -> None:
        report = behind(self.rows[0], by=self.alice)
        wrong: dict[str, list[Any]] = {
            "shows": ["", "ok", "checked", "." * 40, "ok ok ok ok ok ok ok ok", f"{SHOWS}\u202e"],
            "location": ["", " \t"],
            "document_date": [TOMORROW],
        }
        for field, values in wrong.items():
            for value in values:
                with self.subTest(field=field, value=value):
                    assert self.refused(self.rows[0], report, **{field: value}).field == field

    def test_a_note_and_what_is_not_attached_show_nothing(self) -> None:
        note = records.add_note("Called.", title="Call", unit=self.draft.unit, by=self.alice, now=NOON)
        answering.attach(self.rows[0], note, by=self.alice, now=NOON)
        assert isinstance(self.refused(self.rows[0], note), checks.NothingToVerify)
        elsewhere = behind(self.rows[1], by=self.alice)
        assert isinstance(self.refused(self.rows[0], elsewhere), verifying.NotAttached)

    def test_nothing_is_shown_of_a_question_that_nobody_answered(self) -> None:
        row = self.rows[0]
        report = behind(row, by=self.alice)
        for choice in ("", "dont_know"):
            row.refresh_from_db()
            answering.answer(row, choice=choice, version=row.version, by=self.alice, now=NOON)
            assert isinstance(self.refused(row, report), verifying.NothingSaid)

    def test_only_people_of_the_unit_who_may_write_verify(self) -> None:
        report = behind(self.rows[0], by=self.alice)
        people = self.scene.people
        for person in (people.eve, people.carol, people.mia):
            with pytest.raises(NotPermitted):
                verify(self.rows[0], report, by=person)
        assert not Verification.objects.exists()

    def test_what_is_frozen_is_not_lifted_afterwards(self) -> None:
        report = behind(self.rows[0], by=self.alice)
        lifecycle.submit(self.draft, by=self.alice, now=NOON)
        self.scene.finalise(self.draft)
        assert isinstance(self.refused(self.rows[0], report), verifying.AnswersFrozen)


class OnesOwnWord(Statements):
    """What was tried: evidence declared independent and verified with "ok", by whoever brought it, lifted all to E3."""

    def test_links_that_one_adds_and_another_attaches_and_verifies_stay_e1(self) -> None:
        metadata: dict[str, Any] = {"issuer": "independent", "unit": self.draft.unit, "now": NOON}
        link = records.add_link("https://example.org/", title="Audit", by=self.alice, **metadata)
        for row in self.rows:
            answering.attach(row, link, by=self.ben, now=NOON)
            verify(row, link, by=self.ben)
            verify(row, link, by=self.scene.people.bob)
        assert self.levels() == [1, 1, 1]

    def test_kept_as_a_copy_neither_who_added_attached_or_kept_it_makes_it_e3(self) -> None:
        metadata: dict[str, Any] = {"issuer": "independent", "unit": self.draft.unit, "now": NOON}
        link = records.add_link("https://example.org/", title="Audit", by=self.alice, **metadata)
        records.keep_copy(link, upload(), by=self.alice, now=NOON)
        for row in self.rows:
            answering.attach(row, link, by=self.ben, now=NOON)
        verify(self.rows[0], link, by=self.alice)
        verify(self.rows[1], link, by=self.ben)
        verify(self.rows[2], link, by=self.scene.people.bob)
        assert self.levels() == [2, 2, 3]

    def test_two_links_of_oneself_do_not_make_a_strong_rating(self) -> None:
        metadata: dict[str, Any] = {"issuer": "independent", "unit": self.draft.unit, "now": NOON}
        links = [
            records.add_link(f"https://example.org/{n}", title=f"Audit {n}", by=self.alice, **metadata) for n in (1, 2)
        ]
        for row in self.draft.answers.select_related("question", "assessment"):
            for link in links:
                answering.attach(row, link, by=self.alice, now=NOON)
                verify(row, link, by=self.alice)
        lifecycle.submit(self.draft, by=self.alice, now=NOON)
        score = self.scene.finalise(self.draft).score
        assert {one.line.evidence_level for one in score.lines if one.applies} == {1}
        assert score.overall == Fraction(75)
        assert score.band is Band.ADEQUATE


class KeepingCopies(Statements):
    """A copy beside a link."""

    def link(self) -> Evidence:
        return records.add_link(
            "https://example.org/", title="Audit", issuer="vendor", unit=self.draft.unit, by=self.alice, now=NOON
        )

    def test_one_copy_is_kept_and_stays(self) -> None:
        link = self.link()
        copy = records.keep_copy(link, upload("As it stood"), by=self.ben, now=NOON)
        assert (copy.kept_by, copy.file_name, copy.media_type) == (self.ben, "report.txt", "text/plain")
        with pytest.raises(records.CopyKept):
            records.keep_copy(Evidence.objects.get(pk=link.pk), upload("Another"), by=self.ben, now=NOON)
        assert Evidence.objects.get(pk=link.pk).copy == copy
        assert scenes.verbs(link) == ["evidence.added", "evidence.copy_kept"]

    def test_only_of_a_link_and_only_by_people_of_the_unit_who_may_write(self) -> None:
        with pytest.raises(records.NotALink):
            records.keep_copy(document(by=self.alice, unit=None), upload(), by=self.alice, now=NOON)
        link = self.link()
        for person in (self.scene.people.eve, self.scene.people.carol, self.scene.people.mia):
            with pytest.raises(NotPermitted):
                records.keep_copy(link, upload(), by=person, now=NOON)
        assert Evidence.objects.get(pk=link.pk).is_bare_link


class TakenOver(Statements):
    """An answer that is given again keeps what was found for it, of the same person and moment."""

    def final(self, *rows: Answer) -> Assessment:
        for row in rows:
            report = behind(row, by=self.alice, issuer="independent")
            verify(row, report, by=self.ben)
        lifecycle.submit(self.draft, by=self.alice, now=NOON)
        self.scene.finalise(self.draft)
        return self.draft

    def test_an_answer_kept_from_the_last_assessment(self) -> None:
        row = self.draft.answers.select_related("question", "assessment").get(question__key=scenes.SERVER_QUESTION)
        self.final(row)
        self.draft = lifecycle.start(self.scene.server, kind="periodic", by=self.alice, now=scenes.in_time(30))
        for _again in range(2):
            kept = self.draft.answers.select_related("question", "assessment").get(question=row.question)
            previous.keep(kept, version=kept.version, by=self.alice, now=scenes.in_time(30))
        assert self.levels(kept) == [3]
        check = Verification.objects.get(answer=kept)
        assert (check.verified_by, check.verified_at, check.shows) == (self.ben, NOON, SHOWS)
        assert check.carried_from == Verification.objects.get(answer=row)

    def test_an_answer_about_the_vendor_that_another_server_reuses(self) -> None:
        about = self.draft.answers.filter(question__subject="vendor", choice="option")
        row = about.select_related("question", "assessment").order_by("pk")[0]
        report = document(by=self.alice, unit=None, issuer="independent")
        answering.attach(row, report, by=self.alice, now=NOON)
        verify(row, report, by=self.ben)
        self.final()
        server = self.scene.another_server(publisher=self.scene.vendor)
        self.draft = lifecycle.start(server, kind="initial", by=self.ben, now=scenes.in_time(30))
        taken_over = self.draft.answers.get(question=row.question)
        assert self.levels(taken_over) == [3]
        attachment = taken_over.attachments.get()
        assert (attachment.attached_by, attachment.attached_at) == (self.alice, NOON)


class InTheSnapshot(Statements):
    """What is frozen with the answers."""

    def test_says_of_each_pair_what_was_found_by_whom_and_how_far_it_carries(self) -> None:
        row = self.rows[0]
        report = behind(row, by=self.alice, issuer="independent")
        verify(row, report, by=self.ben, location="§ 4.2")
        answering.attach(self.rows[1], report, by=self.alice, now=NOON)
        lifecycle.submit(self.draft, by=self.alice, now=NOON)
        self.scene.finalise(self.draft)

        answers = {one["question"]: one for one in Snapshot.objects.get().data["answers"]}
        (first,), (second,) = (answers[one.question.key]["evidence"] for one in self.rows[:2])
        assert (first["ref"], first["level"], first["attached_by"]) == (report.ref, 3, "Alice")
        assert first["verified"] == [
            {
                "shows": SHOWS,
                "location": "§ 4.2",
                "document_date": "2026-03-02",
                "by": "Ben",
                "at": "2026-03-02T12:00:00+00:00",
            }
        ]
        assert (second["ref"], second["level"], second["verified"]) == (report.ref, 1, [])
