"""Pages of assessments: who sees what, what is kept, what is refused, and that a refusal changes nothing."""

import re
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from assessments import lifecycle
from assessments.answers import answering, scored_lines
from assessments.drafts import previous
from assessments.models import Answer, Assessment
from audit.models import Event
from decisions.approvals import preview
from decisions.models import Approval
from decisions.ratings import ratings
from evidence import records
from evidence.models import Evidence
from findings.models import Finding
from tests.assessments import scenes
from tests.cast import Cast
from tests.web import forms
from tests.web.signed_in import PASSWORD, SigningClient
from vendors.registering import registration
from web.forms.assessments import answers as posted
from web.page_parts import history
from web.templatetags.ui import percent

DIMENSION = "provenance"


class Pages(TestCase):
    """A draft of a server of Payments that alice has just started."""

    client_class = SigningClient
    scene: ClassVar[scenes.Scene]
    people: ClassVar[Cast]
    now: ClassVar[datetime]
    draft: Assessment

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people = cls.scene.people
        cls.now = timezone.now()
        cls.draft = lifecycle.start(cls.scene.server, kind="initial", by=cls.people.alice, now=cls.now)

    def sign_in(self, person: User) -> None:
        self.client.force_login(person)

    def get(self, name: str, *args: Any, **query: str) -> Any:
        return self.client.get(reverse(f"web:{name}", args=args), query)

    def post(self, name: str, *args: Any, data: dict[str, Any] | None = None, query: str = "") -> Any:
        return self.client.post(reverse(f"web:{name}", args=args) + query, data or {})

    def row(self, position: int = 0, assessment: Assessment | None = None) -> Answer:
        asked = scored_lines.applicable(self.draft, scored_lines.answers_of(assessment or self.draft))
        return [row for row in asked if row.question.dimension == DIMENSION][position]

    def fields(self, row: Answer, **changes: Any) -> dict[str, Any]:
        """Return what the page posts for a question, with some of it changed."""
        typed = posted.as_kept(row)
        shown = {
            "choice": typed.value,
            "reason": typed.reason,
            "comment": typed.comment,
            "version": typed.version,
            "was": typed.mark,
        }
        return {f"{row.question.key}-{name}": value for name, value in (shown | changes).items()}

    def submitted(self, choices: scenes.Choices = scenes.NOTHING) -> Assessment:
        scenes.fill_in(self.draft, by=self.people.alice, at=self.now, choices=choices)
        return lifecycle.submit(self.draft, by=self.people.alice, now=self.now)


def option_of(row: Answer) -> str:
    """Return the radio of the question's best option."""
    return f"option:{row.question.options.order_by('-quarters')[0].key}"


class ItsDueDay(Pages):
    """The day by which it is asked for."""

    def test_none_is_said_the_same_way_before_and_after_it_is_submitted(self) -> None:
        self.sign_in(self.people.alice)
        none = "<dt>Due</dt><dd>No due date</dd>"
        self.assertContains(self.get("assessment-detail", self.draft.pk), none)
        self.submitted()
        self.assertContains(self.get("assessment-detail", self.draft.pk), none)


class TheList(Pages):
    """All assessments that a person may see."""

    def test_shows_assessments_of_own_units_only(self) -> None:
        self.sign_in(self.people.alice)
        self.assertContains(self.get("assessment-list"), self.draft.ref)
        self.sign_in(self.people.eve)
        self.assertNotContains(self.get("assessment-list"), self.draft.ref)

    def test_narrows_by_every_filter(self) -> None:
        self.sign_in(self.people.alice)
        found = ({"q": self.draft.ref}, {"q": "first"}, {"assignee": "me"}, {"status": "open"}, {"kind": "initial"})
        for query in found:
            self.assertContains(self.get("assessment-list", **query), "1 of 1 assessment<", msg_prefix=str(query))
        for query in ({"q": "A-999"}, {"status": "final"}, {"kind": "periodic"}, {"is_overdue": "true"}):
            self.assertContains(self.get("assessment-list", **query), "Nothing fits these filters")

    def test_downloads_what_it_shows(self) -> None:
        self.sign_in(self.people.alice)
        lines_of = self.get("assessment-list", format="csv").getvalue().decode("utf-8-sig").splitlines()
        assert len(lines_of) == 2
        assert self.draft.ref in lines_of[1]

    def test_takes_the_same_statements_for_one_row_and_for_many(self) -> None:
        for person, expected in ((self.people.ada, 7), (self.people.alice, 7)):
            self.sign_in(person)
            with CaptureQueriesContext(connection) as few:
                self.get("assessment-list")
            while self.scene.spare_names:
                server = self.scene.another_server()
                lifecycle.start(server, kind="initial", by=self.people.alice, now=self.now)
            with CaptureQueriesContext(connection) as many:
                self.get("assessment-list")
            assert (len(few), len(many)) == (expected, expected), person.name


class Starting(Pages):
    """The way to a draft."""

    def test_starts_at_the_chosen_release(self) -> None:
        server = self.scene.another_server()
        self.sign_in(self.people.alice)
        self.assertContains(self.get("assessment-choose"), reverse("web:assessment-start", args=[server.pk]))
        page = self.get("assessment-start", server.pk)
        self.assertContains(page, "1.0.0")
        release = server.releases.get()
        data = {"release": release.pk, "kind": "initial", "assignee": self.people.alice.pk, "due_on": ""}
        response = self.post("assessment-start", server.pk, data=data)
        started = Assessment.objects.get(server=server)
        self.assertRedirects(response, reverse("web:assessment-detail", args=[started.pk]))
        assert (started.release, started.assignee) == (release, self.people.alice)

    def test_refuses_bad_input_and_starts_nothing(self) -> None:
        server = self.scene.another_server()
        self.sign_in(self.people.alice)
        data = {"release": str(uuid4()), "kind": "whim", "assignee": self.people.eve.pk, "due_on": "tomorrow"}
        response = self.post("assessment-start", server.pk, data=data)
        assert response.status_code == 422
        assert set(response.context["form"].errors) == {"release", "kind", "assignee", "due_on"}
        assert not Assessment.objects.filter(server=server).exists()

    def test_leads_to_the_open_one_instead_of_starting_a_second(self) -> None:
        self.sign_in(self.people.alice)
        page = self.get("assessment-start", self.scene.server.pk)
        self.assertContains(page, reverse("web:assessment-detail", args=[self.draft.pk]))
        data = {"release": self.draft.release_id, "kind": "initial", "assignee": self.people.alice.pk}
        assert self.post("assessment-start", self.scene.server.pk, data=data).status_code == 422
        assert Assessment.objects.filter(server=self.scene.server).count() == 1

    def test_is_not_for_strangers_and_auditors(self) -> None:
        for person, status in ((self.people.eve, 404), (self.people.carol, 403), (self.people.mia, 403)):
            self.sign_in(person)
            assert self.get("assessment-start", self.scene.server.pk).status_code == status, person.name


class Access(Pages):
    """Who may open the pages of an assessment."""

    def test_a_stranger_finds_nothing(self) -> None:
        row = self.row()
        evidence = [self.draft.pk, row.pk]
        self.sign_in(self.people.eve)
        for name, args in (
            ("assessment-detail", [self.draft.pk]),
            ("assessment-dimension", [self.draft.pk, DIMENSION]),
            ("assessment-progress", [self.draft.pk, DIMENSION]),
            ("assessment-check", [self.draft.pk]),
            ("assessment-review", [self.draft.pk]),
            ("assessment-decide", [self.draft.pk]),
            ("assessment-assign", [self.draft.pk]),
            ("assessment-cancel", [self.draft.pk]),
            ("answer-evidence", evidence),
        ):
            assert self.get(name, *args).status_code == 404, name
        assert self.post("answers-save", self.draft.pk, data=self.fields(row)).status_code == 404

    def test_an_auditor_reads_and_changes_nothing(self) -> None:
        row = self.row()
        self.sign_in(self.people.carol)
        page = self.get("assessment-dimension", self.draft.pk, DIMENSION)
        self.assertContains(page, row.question.text)
        self.assertNotContains(page, "data-autosave=")
        for name, args in (
            ("assessment-dimension", [self.draft.pk, DIMENSION]),
            ("answers-save", [self.draft.pk]),
            ("assessment-check", [self.draft.pk]),
            ("assessment-cancel", [self.draft.pk]),
            ("assessment-assign", [self.draft.pk]),
            ("assessment-return", [self.draft.pk]),
            ("answer-evidence", [self.draft.pk, row.pk]),
            ("answer-confirm", [self.draft.pk, row.pk]),
        ):
            response = self.post(name, *args, data=self.fields(row, choice="dont_know") | {"reason": "No."})
            assert response.status_code == 403, name
        row.refresh_from_db()
        self.draft.refresh_from_db()
        assert (row.choice, self.draft.status) == ("", "draft")

    def test_a_dimension_that_does_not_exist_is_not_found(self) -> None:
        self.sign_in(self.people.alice)
        assert self.get("assessment-dimension", self.draft.pk, "charm").status_code == 404


class Answering(Pages):
    """A page of questions."""

    def setUp(self) -> None:
        self.sign_in(self.people.alice)

    def save(self, data: dict[str, Any], query: str = "") -> Any:
        return self.post("assessment-dimension", self.draft.pk, DIMENSION, data=data, query=query)

    def test_shows_every_question_that_applies_with_its_options(self) -> None:
        page = self.get("assessment-dimension", self.draft.pk, DIMENSION)
        for row in scored_lines.applicable(self.draft, scored_lines.answers_of(self.draft)):
            if row.question.dimension == DIMENSION:
                self.assertContains(page, row.question.text)
                for option in row.question.options.all():
                    self.assertContains(page, f'value="option:{option.key}"')

    def test_autosave_keeps_one_answer_and_says_when(self) -> None:
        row = self.row()
        response = self.post(
            "answers-save", self.draft.pk, data=self.fields(row, choice=option_of(row), comment="Seen.")
        )
        assert (response.status_code, response.json()["version"]) == (200, 1)
        assert re.fullmatch(r"\d\d:\d\d", response.json()["saved"])
        row.refresh_from_db()
        assert (row.choice, row.comment, row.edited_by) == ("option", "Seen.", self.people.alice)

    def test_autosave_says_when_somebody_else_was_first(self) -> None:
        row = self.row()
        mine = self.fields(row, choice=option_of(row))
        answering.answer(self.row(), choice="dont_know", version=0, by=self.people.bob, now=self.now)
        response = self.post("answers-save", self.draft.pk, data=mine)
        assert (response.status_code, response.json()["theirs"]) == (409, "Don't know")
        assert "Bob changed this answer" in response.json()["message"]
        assert self.row().choice == "dont_know"

    def test_autosave_refuses_what_cannot_be_given(self) -> None:
        row = self.row()
        for changes in ({"choice": "not_applicable"}, {"choice": "option:none_of_these"}, {"choice": "maybe"}):
            response = self.post("answers-save", self.draft.pk, data=self.fields(row, **changes))
            assert response.status_code == 422, changes
            assert response.json()["errors"]
        for data in ({}, {"provenance.unheard_of-version": "0"}, self.fields(row, version="-1")):
            assert self.post("answers-save", self.draft.pk, data=data).status_code == 422, data
        assert (self.row().choice, self.row().version) == ("", 0)

    def test_one_button_saves_all_questions_and_goes_on(self) -> None:
        first, second = self.row(0), self.row(1)
        data = self.fields(first, choice=option_of(first)) | self.fields(second, choice="dont_know")
        response = self.save(data | {"then": "next"})
        self.assertRedirects(response, reverse("web:assessment-dimension", args=[self.draft.pk, "permission_scope"]))
        assert (self.row(0).choice, self.row(1).choice) == ("option", "dont_know")

    def test_leaves_alone_what_nobody_touched(self) -> None:
        first, second = self.row(0), self.row(1)
        data = self.fields(first) | self.fields(second, choice="dont_know")
        answering.answer(self.row(0), choice="dont_know", comment="Bob's", version=0, by=self.people.bob, now=self.now)
        assert self.save(data).status_code == 302
        assert (self.row(0).comment, self.row(0).version, self.row(1).choice) == ("Bob's", 1, "dont_know")

    def test_shows_both_answers_when_somebody_else_was_first_and_saves_the_others(self) -> None:
        first, second = self.row(0), self.row(1)
        data = self.fields(first, comment="Mine <b>bold</b>") | self.fields(second, choice="dont_know")
        answering.answer(self.row(0), choice="", comment="Theirs", version=0, by=self.people.bob, now=self.now)
        response = self.save(data)
        self.assertContains(response, "Theirs", status_code=409)
        self.assertContains(response, "Mine &lt;b&gt;bold&lt;/b&gt;", status_code=409)
        assert (self.row(0).comment, self.row(1).choice) == ("Theirs", "dont_know")
        shown = response.context["asked"][0]
        again = self.fields(self.row(0), comment=shown.typed.comment, version=shown.typed.version, was=shown.mark)
        assert self.save(again).status_code == 302
        assert self.row(0).comment == "Mine <b>bold</b>"

    def test_an_autosaved_answer_that_is_taken_back_on_the_page_is_saved_again(self) -> None:
        row = self.row()
        shown = self.fields(row)
        kept = self.post("answers-save", self.draft.pk, data=self.fields(row, choice="dont_know")).json()
        self.save(shown | {f"{row.question.key}-version": kept["version"], f"{row.question.key}-was": kept["mark"]})
        assert (self.row().choice, self.row().version) == ("", 2)

    def test_an_autosaved_answer_that_somebody_else_changed_since_is_left_alone(self) -> None:
        row = self.row()
        mine = self.fields(row, choice="dont_know")
        kept = self.post("answers-save", self.draft.pk, data=mine).json()
        answering.answer(self.row(), choice="", comment="Theirs", version=1, by=self.people.bob, now=self.now)
        marked = {f"{row.question.key}-version": kept["version"], f"{row.question.key}-was": kept["mark"]}
        assert self.save(mine | marked).status_code == 302
        assert (self.row().choice, self.row().comment) == ("", "Theirs")

    def test_keeps_what_was_typed_when_it_is_refused(self) -> None:
        row = self.row()
        response = self.save(self.fields(row, choice="not_applicable", comment="Typed."))
        self.assertContains(response, "Say why this question does not apply.", status_code=422)
        self.assertContains(response, "Typed.", status_code=422)
        assert (self.row().choice, self.row().comment) == ("", "")

    def test_refuses_answers_after_submission(self) -> None:
        row = self.row()
        lifecycle.submit(self.draft, by=self.people.alice, now=self.now)
        assert self.save(self.fields(row, choice="dont_know")).status_code == 409
        response = self.post("answers-save", self.draft.pk, data=self.fields(row, choice="dont_know"))
        assert response.status_code == 409
        assert self.row().choice == ""

    def test_change_links_lead_back_to_checking(self) -> None:
        response = self.save(self.fields(self.row(), choice="dont_know"), query="?back=check")
        self.assertRedirects(response, reverse("web:assessment-check", args=[self.draft.pk]))

    def test_takes_an_answer_back(self) -> None:
        row = self.row()
        answering.answer(row, choice="dont_know", version=0, by=self.people.alice, now=self.now)
        self.save(self.fields(self.row()) | {"then": f"clear {row.question.key}"})
        assert self.row().choice == ""

    def test_progress_follows(self) -> None:
        before = self.get("assessment-progress", self.draft.pk, DIMENSION).context["tasks"][0].done
        answering.answer(self.row(), choice="dont_know", version=0, by=self.people.alice, now=self.now)
        assert self.get("assessment-progress", self.draft.pk, DIMENSION).context["tasks"][0].done == before + 1

    def test_takes_as_many_statements_with_evidence_as_without(self) -> None:
        self.get("assessment-dimension", self.draft.pk, DIMENSION)
        with CaptureQueriesContext(connection) as plain:
            self.get("assessment-dimension", self.draft.pk, DIMENSION)
        for position in range(3):
            attach_note(self.row(position), self.people.alice, self.now)
        with CaptureQueriesContext(connection) as proven:
            self.get("assessment-dimension", self.draft.pk, DIMENSION)
        assert len(plain) <= 22
        assert len(proven) <= len(plain) + 4


def attach_note(row: Answer, by: User, now: datetime) -> None:
    """Attach a note to an answer."""
    note = records.add_note("Looked.", title="Note", unit=row.assessment.unit, by=by, now=now)
    answering.attach(row, note, by=by, now=now)


class EvidenceOfAnswers(Pages):
    """Adding, verifying and removing evidence."""

    def setUp(self) -> None:
        self.sign_in(self.people.alice)
        self.answer = self.row()

    def add(self, kind: str, **data: Any) -> Any:
        standard = {"title": "Audit report", "issuer": "vendor", "issued_on": "", "valid_until": ""}
        return self.post("answer-evidence", self.draft.pk, self.answer.pk, data=standard | data, query=f"?kind={kind}")

    def test_attaches_a_file_and_counts_it_as_a_vendor_document(self) -> None:
        response = self.add("file", file=SimpleUploadedFile("report.txt", b"All is well."))
        assert response.status_code == 302
        item = self.answer.evidence.get()
        assert (item.kind, item.file_name, item.blob and item.blob.size) == ("file", "report.txt", 12)
        assert scored_lines.evidence_level(self.row(), today=timezone.localdate()) == 1

    def test_attaches_a_link_a_note_and_what_is_on_record(self) -> None:
        self.add("link", url="https://example.com/soc2")
        self.add("note", note="Seen in the console.")
        known = Evidence.objects.get(kind="link")
        answering.detach(self.answer, known, by=self.people.alice, now=self.now)
        self.add("record", evidence=known.pk)
        assert set(self.answer.evidence.values_list("kind", flat=True)) == {"link", "note"}

    def test_refuses_bad_evidence_and_keeps_none(self) -> None:
        fake = SimpleUploadedFile("report.pdf", b"MZ\x90\x00 a program")
        for kind, data in (
            ("file", {"file": fake}),
            ("link", {"url": "javascript:alert(1)"}),
            ("note", {"note": ""}),
            ("link", {"url": "https://example.com", "issuer": "register"}),
            ("link", {"url": "https://example.com", "issued_on": "2026-03-02", "valid_until": "2026-03-01"}),
        ):
            assert self.add(kind, **data).status_code == 422, (kind, data)
        assert (Evidence.objects.count(), self.answer.evidence.count()) == (0, 0)

    def test_what_cannot_be_attached_any_more_is_not_on_record_either(self) -> None:
        note = records.prepare_note(
            "Seen.", title="Note", unit=self.people.payments, by=self.people.alice, now=self.now
        )
        self.submitted()
        with pytest.raises(answering.AssessmentNotOpen):
            answering.attach(self.answer, note, by=self.people.alice, now=self.now)
        assert self.add("note", note="Seen.").status_code == 422
        assert (Evidence.objects.count(), Event.objects.filter(verb="evidence.added").count()) == (0, 0)

    def test_does_not_offer_evidence_of_another_unit(self) -> None:
        foreign = records.add_note(
            "Theirs.", title="Secret", unit=self.people.research, by=self.people.eve, now=self.now
        )
        page = self.get("answer-evidence", self.draft.pk, self.answer.pk, kind="record")
        self.assertNotContains(page, "Secret")
        assert self.add("record", evidence=foreign.pk).status_code == 422
        assert self.answer.evidence.count() == 0

    def test_says_beside_the_button_what_the_answer_counts_and_what_would_lift_it(self) -> None:
        weight = self.answer.question.weight
        at = ("assessment-dimension", self.draft.pk, DIMENSION)
        self.assertContains(self.get(*at), f"Without evidence an answer counts {weight * 0.6:.2f} of {weight} at most.")
        self.add("file", file=SimpleUploadedFile("own.txt", b"Our rule."), issuer="organisation")
        sentence = f"On evidence of level E0 an answer counts {weight * 0.6:.2f} of {weight} at most."
        self.assertContains(
            self.get(*at), f"{sentence} Nobody has said what the document shows of this answer: verify it."
        )
        self.add("file", file=SimpleUploadedFile("theirs.txt", b"Their rule."))
        sentence = f"On evidence of level E1 an answer counts {weight * 0.75:.2f} of {weight} at most."
        self.assertContains(
            self.get(*at), f"{sentence} Nobody has said what the document shows of this answer: verify it."
        )

    def test_what_a_document_shows_of_the_answer_lifts_its_level(self) -> None:
        self.add("file", file=SimpleUploadedFile("report.txt", b"All is well."))
        item = self.answer.evidence.get()
        choice: dict[str, Any] = {
            "choice": "option",
            "option_key": self.answer.question.options.earliest("position").key,
        }
        answering.answer(self.answer, **choice, version=self.answer.version, by=self.people.alice, now=self.now)
        at = ("answer-verify", self.draft.pk, self.answer.pk, item.pk)
        data = {"document_date": "2026-01-05", "location": "§ 4.2", "shows": "ok"}
        tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
        refused = self.post(*at, data=data | {"document_date": tomorrow})
        assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["shows", "document_date"])
        self.assertContains(self.get(*at), "At least 20 characters")
        assert scored_lines.evidence_level(self.row(), today=timezone.localdate()) == 1
        shows = "Section 4.2 names what is encrypted, and how."
        assert self.post(*at, data=data | {"shows": shows}).status_code == 302
        assert scored_lines.evidence_level(self.row(), today=timezone.localdate()) == 2
        page = self.get("assessment-dimension", self.draft.pk, DIMENSION)
        self.assertContains(page, shows)
        self.assertContains(page, "§ 4.2")

    def test_a_bare_link_offers_to_keep_a_copy(self) -> None:
        self.add("link", url="https://example.com/soc2")
        item = self.answer.evidence.get()
        page = self.get("assessment-dimension", self.draft.pk, DIMENSION)
        self.assertContains(page, reverse("web:evidence-keep-copy", args=[item.pk]))
        self.assertContains(page, "Link without a copy")

    def test_takes_evidence_off_and_keeps_it_on_record(self) -> None:
        self.add("link", url="https://example.com/soc2")
        item = self.answer.evidence.get()
        then = {"then": f"detach {self.answer.question.key} {item.pk}"}
        self.post("assessment-dimension", self.draft.pk, DIMENSION, data=self.fields(self.row()) | then)
        assert (self.answer.evidence.count(), Evidence.objects.count()) == (0, 1)

    def test_adding_evidence_first_saves_what_was_typed(self) -> None:
        then = {"then": f"evidence {self.answer.question.key}"}
        data = self.fields(self.answer, choice="dont_know") | then
        response = self.post("assessment-dimension", self.draft.pk, DIMENSION, data=data)
        self.assertRedirects(response, reverse("web:answer-evidence", args=[self.draft.pk, self.answer.pk]))
        assert self.row().choice == "dont_know"


class CheckingAndSubmitting(Pages):
    """Check your answers, then submit."""

    def setUp(self) -> None:
        self.sign_in(self.people.alice)

    def test_names_every_question_without_an_answer(self) -> None:
        page = self.get("assessment-check", self.draft.pk)
        asked = len(scored_lines.applicable(self.draft, scored_lines.answers_of(self.draft)))
        assert len(page.context["missing"]) == asked
        self.assertContains(page, f"Submit with {asked} unanswered")

    def test_says_what_is_open_of_what_is_answered(self) -> None:
        scenes.fill_in(self.draft, by=self.people.alice, at=self.now, choices={scenes.SERVER_QUESTION: "dont_know"})
        page = self.get("assessment-check", self.draft.pk)
        assert page.context["missing"] == []
        share = percent(page.context["sheet"].interval.coverage)
        assert share != "100\u00a0%"
        self.assertContains(page, f"{share} of the weight is settled.")
        self.assertContains(page, "Open is a question without an answer, one answered “don’t know”")
        self.assertContains(self.get("assessment-detail", self.draft.pk), "Outlined: still open.")
        lifecycle.submit(self.draft, by=self.people.alice, now=self.now)
        submitted = self.get("assessment-detail", self.draft.pk)
        self.assertContains(submitted, "Outlined: not answered, not known or not confirmed; it counts 0 unless")

    def test_submits_what_was_shown(self) -> None:
        seen = self.get("assessment-check", self.draft.pk).context["sheet"].digest
        response = self.post("assessment-check", self.draft.pk, data={"digest": seen})
        self.assertRedirects(response, reverse("web:assessment-detail", args=[self.draft.pk]))
        self.draft.refresh_from_db()
        assert (self.draft.status, self.draft.answers_digest) == ("submitted", seen)

    def test_refuses_when_an_answer_changed_since(self) -> None:
        seen = self.get("assessment-check", self.draft.pk).context["sheet"].digest
        answering.answer(self.row(), choice="dont_know", version=0, by=self.people.bob, now=self.now)
        response = self.post("assessment-check", self.draft.pk, data={"digest": seen})
        self.assertContains(response, "Somebody changed an answer, or what is asked, since you looked", status_code=409)
        self.draft.refresh_from_db()
        assert self.draft.status == "draft"

    def test_refuses_to_submit_unseen_answers_and_a_second_time(self) -> None:
        assert self.post("assessment-check", self.draft.pk).status_code == 409
        lifecycle.submit(self.draft, by=self.people.alice, now=self.now)
        seen = self.get("assessment-check", self.draft.pk).context["sheet"].digest
        assert self.post("assessment-check", self.draft.pk, data={"digest": seen}).status_code == 409
        assert Event.objects.filter(verb="assessment.submitted").count() == 1

    def test_cancels_with_a_reason_only(self) -> None:
        assert self.post("assessment-cancel", self.draft.pk, data={"reason": " "}).status_code == 422
        self.draft.refresh_from_db()
        assert self.draft.status == "draft"
        self.post("assessment-cancel", self.draft.pk, data={"reason": "Wrong server."})
        self.draft.refresh_from_db()
        assert self.draft.status == "cancelled"
        self.assertContains(self.get("assessment-detail", self.draft.pk), "Wrong server.")

    def test_assigns_to_analysts_of_the_unit_only(self) -> None:
        assert self.post("assessment-assign", self.draft.pk, data={"assignee": self.people.eve.pk}).status_code == 422
        seen = forms.version(self.client, reverse("web:assessment-assign", args=[self.draft.pk]))
        self.post("assessment-assign", self.draft.pk, data=seen | {"assignee": self.people.bob.pk})
        self.draft.refresh_from_db()
        assert self.draft.assignee == self.people.bob


class Deciding(Pages):
    """The second person's pages."""

    def decision(self, **changes: Any) -> dict[str, Any]:
        until = timezone.localdate() + timedelta(days=300)
        decision = {"decision": "approve", "reason": "Well kept.", "valid_until": until, "password": PASSWORD}
        return decision | changes

    def decide(self, **changes: Any) -> Any:
        return self.post("assessment-decide", self.draft.pk, data=self.decision(**changes))

    def make_ready(self) -> None:
        """Bring what an approval needs beside the answers."""
        scenes.make_ready(self.scene.server, by=self.people.alice, at=self.now)
        scenes.fill_in(self.draft, by=self.people.alice, at=self.now, choices=scenes.NOTHING)
        scenes.show(self.draft, by=self.people.alice, at=self.now)

    def review_as_bob(self, choices: scenes.Choices = scenes.NOTHING) -> Any:
        self.submitted(choices)
        self.sign_in(self.people.bob)
        return self.get("assessment-review", self.draft.pk)

    def test_shows_the_rating_as_it_would_be(self) -> None:
        scenes.capture(self.scene.server, by=self.people.alice, at=self.now)
        page = self.review_as_bob()
        would_be = page.context["would_be"]
        lifecycle.finalise(self.draft, by=self.people.bob, now=self.now)
        score = ratings.current(self.scene.server, now=self.now).score
        assert score is not None
        assert (would_be.score.lines, would_be.score.dimensions) == (score.lines, score.dimensions)
        assert would_be.score.overall == score.overall == Fraction(60)

    def test_a_cap_that_takes_nothing_away_says_so(self) -> None:
        self.review_as_bob()
        idle = "It takes nothing away now"
        self.assertContains(self.client.get(reverse("web:assessment-decide", args=[self.draft.pk])), idle)

    def test_a_cap_that_asks_for_an_acceptance_is_no_idle_one_however_low_the_score(self) -> None:
        self.review_as_bob(
            {row.question.key: scenes.worst(row.question) for row in scored_lines.answers_of(self.draft)}
        )
        page = self.client.get(reverse("web:assessment-decide", args=[self.draft.pk]))
        assert {cap.id for cap in page.context["would_be"].held_by} == {"critical-question", "open-critical"}
        assert page.content.decode().count('class="cap-note"') == len(page.context["would_be"].held_by)

    def test_the_preview_counts_the_findings_that_the_answers_raise(self) -> None:
        critical = Answer.objects.filter(assessment=self.draft, question__finding_severity="critical").first()
        assert critical is not None
        self.review_as_bob({critical.question.key: "dont_know"})
        would_be = preview.if_final(self.draft, scored_lines.answers_of(self.draft), now=self.now)
        lifecycle.finalise(self.draft, by=self.people.bob, now=self.now)
        now = ratings.current(self.scene.server, now=self.now)
        assert (would_be.overall, would_be.band) == (now.overall, now.band)

    def test_caps_name_their_question_in_words_where_it_is_decided(self) -> None:
        critical = scenes.questions().filter(is_critical=True, applies_when__isnull=True).order_by("key")[0]
        self.review_as_bob({critical.key: "dont_know"})
        for name in ("assessment-review", "assessment-decide"):
            page = self.client.get(reverse(f"web:{name}", args=[self.draft.pk]))
            self.assertContains(page, f"<p>{critical.text}</p>", html=True)
            self.assertContains(page, '<div class="cap-note">')
            self.assertContains(page, f"Cap <code>critical-question</code> for <code>{critical.key}</code>")

    def test_approves_with_the_password(self) -> None:
        self.make_ready()
        self.review_as_bob()
        response = self.decide()
        self.assertRedirects(response, reverse("web:assessment-detail", args=[self.draft.pk]))
        approval = Approval.objects.get()
        assert (approval.decision, approval.decided_by) == ("approve", self.people.bob)
        self.draft.refresh_from_db()
        assert self.draft.status == "final"

    def test_refuses_a_wrong_password_and_decides_nothing(self) -> None:
        self.review_as_bob()
        response = self.decide(password="wrong horse")
        self.assertContains(response, "This is not your password.", status_code=422)
        self.assertContains(response, "Well kept.", status_code=422)
        self.draft.refresh_from_db()
        assert (self.draft.status, Approval.objects.count()) == ("submitted", 0)

    def test_refuses_to_decide_on_other_answers_than_the_page_showed(self) -> None:
        self.make_ready()
        self.review_as_bob()
        form = self.get("assessment-decide", self.draft.pk).context["form"]
        shown = form["answers_digest"].value()
        self.draft.refresh_from_db()
        lifecycle.return_to_draft(self.draft, reason="Why?", by=self.people.bob, now=self.now)
        row = self.row()
        answering.answer(row, choice="dont_know", version=row.version, by=self.people.alice, now=self.now)
        lifecycle.submit(self.draft, by=self.people.alice, now=self.now)
        response = self.decide(answers_digest=shown)
        self.assertContains(response, "Review those, then decide.", status_code=422)
        self.draft.refresh_from_db()
        assert (self.draft.status, Approval.objects.count()) == ("submitted", 0)
        fresh = self.get("assessment-decide", self.draft.pk).context["form"]["answers_digest"].value()
        assert self.decide(answers_digest=fresh).status_code == 302

    def test_says_that_a_submission_asks_otherwise_since_and_decides_nothing(self) -> None:
        self.make_ready()
        self.review_as_bob()
        says = "What it asks has changed since it was submitted."
        for page in ("assessment-review", "assessment-decide"):
            self.assertNotContains(self.get(page, self.draft.pk), says)
        by_now = {"is_vendor_hosted": False}
        registration.edit_server(self.draft.judged_server, changes=by_now, by=self.people.alice, now=self.now)
        for page in ("assessment-review", "assessment-decide"):
            self.assertContains(self.get(page, self.draft.pk), says)
        self.assertContains(self.decide(), f"{says} Give it back, to be submitted again.", status_code=422)
        self.draft.refresh_from_db()
        assert (self.draft.status, Approval.objects.count()) == ("submitted", 0)

    def test_a_page_that_is_sent_twice_decides_once_and_then_replaces_what_it_shows(self) -> None:
        self.make_ready()
        self.review_as_bob()
        self.decide()
        [first] = Approval.objects.all()
        again = self.decide()
        self.assertContains(again, f"Bob has decided on it: {first.ref}", status_code=422)
        self.assertContains(again, f'name="replaces" value="{first.pk}"', status_code=422)
        assert [row.status for row in Approval.objects.all()] == ["granted"]
        assert self.decide(replaces=first.pk, decision="reject").status_code == 302
        assert [(row.decision, row.status) for row in Approval.objects.order_by("number")] == [
            ("approve", "superseded"),
            ("reject", "granted"),
        ]
        self.assertContains(self.get("assessment-decide", self.draft.pk), "Assess the server again to decide anew.")
        assert self.decide().status_code == 403

    def test_the_history_calls_a_rejection_no_approval(self) -> None:
        self.review_as_bob()
        page = self.client.get(self.decide(decision="reject", valid_until="").url)
        self.assertContains(page, "First is rejected. AP-1 is on record.")
        told = [line.sentence for line in history.of(self.people.bob, self.draft.judged_server)]
        assert f"Decision signed: {Approval.objects.get().ref} {self.draft.server} rejected" in told
        assert not [sentence for sentence in told if "pproval granted" in sentence]

    def test_conditions_are_rows_of_text_and_day(self) -> None:
        self.make_ready()
        self.review_as_bob()
        due = timezone.localdate() + timedelta(days=30)
        self.decide(decision="approve_with_conditions", condition_1="Pin the image.", condition_1_due=due)
        condition = Approval.objects.get().conditions.get()
        assert (condition.text, condition.due_on) == ("Pin the image.", due)

    def test_refuses_half_a_condition_and_dates_in_the_wrong_order(self) -> None:
        self.review_as_bob()
        today = timezone.localdate()
        for changes in (
            {"decision": "approve_with_conditions", "condition_1": "Pin the image."},
            {"decision": "approve_with_conditions"},
            {"condition_2": "Pin the image.", "condition_2_due": today},
            {"valid_until": today - timedelta(days=1)},
            {"decision": "perhaps"},
            {"reason": " "},
        ):
            assert self.decide(**changes).status_code == 422, changes
        self.draft.refresh_from_db()
        assert (self.draft.status, Approval.objects.count()) == ("submitted", 0)

    def test_whoever_submitted_or_edited_is_told_why_not(self) -> None:
        answering.answer(self.row(), choice="dont_know", version=0, by=self.people.bob, now=self.now)
        self.submitted()
        for person in (self.people.alice, self.people.bob):
            self.sign_in(person)
            why = "edited or submitted" if person == self.people.bob else "do not let you"
            self.assertContains(self.get("assessment-review", self.draft.pk), why)
            assert self.decide().status_code == 403, person.name
        self.draft.refresh_from_db()
        assert (self.draft.status, Approval.objects.count()) == ("submitted", 0)

    def test_makes_final_first_when_the_decision_must_wait_for_accepted_risks(self) -> None:
        worst = {row.question.key: scenes.worst(row.question) for row in scored_lines.answers_of(self.draft)}
        scenes.make_ready(self.scene.server, by=self.people.alice, at=self.now)
        self.review_as_bob(worst)
        refused = self.decide()
        self.assertContains(refused, "Make the assessment final and decide later", status_code=422)
        assert not re.search(r"F-\d", refused.content.decode())
        assert Finding.objects.count() == 0
        self.decide(decision="finalise")
        self.draft.refresh_from_db()
        assert (self.draft.status, Approval.objects.count()) == ("final", 0)
        assert Finding.objects.count() > 0
        self.assertContains(self.get("assessment-decide", self.draft.pk), "Rating now")
        named = self.decide()
        self.assertContains(named, "The rating is unacceptable. Missing for an approval: ", status_code=422)
        self.assertContains(named, Finding.objects.order_by("severity")[0].ref, status_code=422)

    def test_confirms_that_a_weighty_question_does_not_apply(self) -> None:
        row = Answer.objects.filter(assessment=self.draft, question__weight=5).first()
        assert row is not None
        self.submitted()
        Answer.objects.filter(pk=row.pk).update(choice="not_applicable", option=None, reason="No such thing here.")
        self.sign_in(self.people.bob)
        self.assertContains(self.get("assessment-review", self.draft.pk), "To confirm: does not apply")
        asked = self.get("answer-confirm", self.draft.pk, row.pk)
        self.assertContains(asked, row.question.text)
        self.assertContains(asked, "No such thing here.")
        confirmed = Answer.objects.filter(pk=row.pk, na_confirmed_by=self.people.bob)
        assert not confirmed.exists()
        self.post("answer-confirm", self.draft.pk, row.pk)
        assert confirmed.exists()
        self.sign_in(self.people.alice)
        assert self.post("answer-confirm", self.draft.pk, row.pk).status_code == 403

    def test_says_before_the_decision_what_nobody_confirmed_with_a_link_to_confirm_it(self) -> None:
        row = Answer.objects.filter(assessment=self.draft, question__weight=5).first()
        assert row is not None
        scenes.fill_in(self.draft, by=self.people.alice, at=self.now, choices=scenes.NOTHING)
        Answer.objects.filter(pk=row.pk).update(choice="not_applicable", option=None, reason="No such thing here.")
        lifecycle.submit(self.draft, by=self.people.alice, now=self.now)
        self.sign_in(self.people.bob)
        confirm = reverse("web:answer-confirm", args=[self.draft.pk, row.pk])
        for name in ("assessment-review", "assessment-decide"):
            page = self.get(name, self.draft.pk)
            self.assertContains(page, "each of these counts 0 and raises its finding.")
            self.assertContains(page, "No such thing here.")
            self.assertContains(page, f'href="{confirm}"', count=1)
        self.post("answer-confirm", self.draft.pk, row.pk)
        self.assertNotContains(self.get("assessment-decide", self.draft.pk), "To confirm: does not apply")

    def test_gives_back_with_a_reason_that_the_authors_read(self) -> None:
        self.review_as_bob()
        assert self.post("assessment-return", self.draft.pk, data={"reason": ""}).status_code == 422
        self.post("assessment-return", self.draft.pk, data={"reason": "Attach the audit report."})
        self.sign_in(self.people.alice)
        page = self.get("assessment-detail", self.draft.pk)
        self.assertContains(page, "Bob gave this back.")
        self.assertContains(page, "Attach the audit report.")

    def test_tells_the_reviewer_what_was_asked_for_and_whether_anything_was_done(self) -> None:
        unchanged = "No answer and no evidence has changed since."
        self.assertNotContains(self.review_as_bob(), "gave this back before")
        for comment, same in (("", True), ("See the report.", False)):
            with self.subTest(comment):
                lifecycle.return_to_draft(self.draft, reason="Attach the report.", by=self.people.bob, now=self.now)
                if comment:
                    Answer.objects.filter(pk=self.row().pk).update(comment=comment)
                lifecycle.submit(self.draft, by=self.people.alice, now=self.now)
                page = self.get("assessment-review", self.draft.pk)
                self.assertContains(page, "Attach the report.")
                assert (unchanged in page.content.decode()) is same


class FinalAssessments(Pages):
    """The frozen record, and the next assessment beside it."""

    def test_prints_arithmetic_digest_and_signatures(self) -> None:
        self.submitted()
        snapshot = lifecycle.finalise(self.draft, by=self.people.bob, now=self.now)
        self.sign_in(self.people.carol)
        page = self.get("assessment-detail", self.draft.pk)
        for words in (snapshot.digest, "5 × min(1, 0.60) = 3", "Recomputed when this page opened", "Alice", "Bob"):
            self.assertContains(page, words)
        assert page.context["is_intact"]

    def test_leads_from_a_frozen_answer_to_its_evidence(self) -> None:
        alice = self.people.alice
        unit = self.draft.unit
        tag = records.add_note("Seen in the log.", title="The signed tag", unit=unit, by=alice, now=self.now)
        answering.attach(self.row(), tag, by=alice, now=self.now)
        self.submitted()
        lifecycle.finalise(self.draft, by=self.people.bob, now=self.now)
        self.sign_in(self.people.carol)
        link = f"{reverse('web:search')}?q={tag.ref}"
        self.assertContains(self.get("assessment-detail", self.draft.pk), f'<a href="{link}">{tag}</a>', html=True)
        self.assertRedirects(self.client.get(link), reverse("web:evidence-detail", args=[tag.pk]))
        found = self.client.get(reverse("web:search"), {"q": "signed tag"})
        self.assertContains(found, str(tag))

    def test_a_former_answer_is_shown_and_kept_with_one_button(self) -> None:
        self.submitted()
        lifecycle.finalise(self.draft, by=self.people.bob, now=self.now)
        second = lifecycle.start(self.scene.server, kind="periodic", by=self.people.alice, now=self.now)
        row = second.answers.filter(question__subject="release", choice="").first()
        assert row is not None
        self.sign_in(self.people.alice)
        dimension = row.question.dimension
        page = self.get("assessment-dimension", second.pk, dimension)
        self.assertContains(page, "Last assessment")
        then = {"then": f"keep {row.question.key}"}
        self.post("assessment-dimension", second.pk, dimension, data=self.fields(row) | then)
        row.refresh_from_db()
        before = self.draft.answers.select_related("option").get(question__key=row.question.key)
        assert previous.says_the_same(row, before)

    @pytest.mark.engine
    def test_takes_a_bounded_number_of_statements(self) -> None:
        self.submitted()
        lifecycle.finalise(self.draft, by=self.people.bob, now=self.now)
        self.sign_in(self.people.alice)
        self.get("assessment-detail", self.draft.pk)
        with CaptureQueriesContext(connection) as final:
            self.get("assessment-detail", self.draft.pk)
        assert len(final) <= 26
