"""Assessments, their answers, their evidence and the frozen snapshot."""

import json
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from accounts.access import ScopedQuerySet
from accounts.models import Unit, User
from catalogue.models import MethodologyVersion, Option, Question, QuestionSet
from evidence.models import Evidence
from numbering.models import Numbered
from riskregister import transitions
from riskregister.ids import uuid7
from scoring import assurance, scoresheet
from vendors.models import Deployment, Release, Server, Vendor


class AssessmentQuerySet(ScopedQuerySet["Assessment"]):
    """Assessments of the units a person works in."""


class Assessment(Numbered):
    """One judgement of a server at its release and manifest, at one time; frozen from final on (triggers)."""

    class Kind(models.TextChoices):
        """Why it is made."""

        INITIAL = "initial"
        PERIODIC = "periodic"
        TRIGGERED = "triggered"

    class Status(models.TextChoices):
        """Where it is."""

        DRAFT = "draft"
        SUBMITTED = "submitted"
        FINAL = "final"
        SUPERSEDED = "superseded"
        CANCELLED = "cancelled"

    # Somebody is still to answer or to decide.
    WAITING = (Status.DRAFT, Status.SUBMITTED)
    TRANSITIONS = transitions.table(draft="submitted cancelled", submitted="draft final", final="superseded")

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="assessments")
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="assessments")
    vendor = models.ForeignKey(Vendor, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments")
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="assessments")
    manifest_digest = models.CharField(max_length=64, blank=True)
    question_set = models.ForeignKey(QuestionSet, on_delete=models.PROTECT, related_name="assessments")
    methodology = models.ForeignKey(MethodologyVersion, on_delete=models.PROTECT, related_name="assessments")
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    facts = models.JSONField(default=dict, help_text="what decides which questions apply")
    depth = models.PositiveSmallIntegerField(default=1, help_text="down to which depth its questions are asked")
    known = models.JSONField(default=dict, help_text="what the register knows beside its answers, by their keys")
    assignee = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="assigned")
    due_on = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    submitted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    former_answers_digest = models.CharField(max_length=64, blank=True, help_text="of the submission before this one")
    answers_digest = models.CharField(max_length=64, blank=True, help_text="of the answers as submitted")
    returned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    return_reason = models.TextField(blank=True)
    accepted_dimensions = models.JSONField(
        default=list, blank=True, help_text="dimensions rated although much of them is not applicable"
    )
    finalised_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    finalised_at = models.DateTimeField(null=True, blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=["unit", "status"], name="assessment_by_unit_status"),
            models.Index(fields=["status", "due_on"], name="assessment_by_due"),
            models.Index(fields=["due_on", "-number"], name="assessment_by_day"),
            models.Index(fields=["submitted_at", "number"], name="assessment_by_submission"),
            models.Index(fields=["kind"], name="assessment_by_kind"),
            models.Index(fields=["-created_at", "-id"], name="assessment_by_age"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["server"],
                name="a_server_has_one_open_assessment",
                condition=Q(status__in=["draft", "submitted"]),
            ),
            models.CheckConstraint(
                name="whoever_finalises_did_not_submit",
                condition=Q(finalised_by__isnull=True) | ~Q(finalised_by=F("submitted_by")),
            ),
            models.CheckConstraint(
                name="a_final_assessment_names_who_finalised_it",
                condition=~Q(status__in=["final", "superseded"])
                | Q(finalised_by__isnull=False, finalised_at__isnull=False, submitted_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        """Return e.g. "A-7 Filesystem 2026.8.31"."""
        return f"{self.ref} {self.server.title} {self.release}"

    @classmethod
    def overdue_on(cls, today: date) -> Q:
        """Return the condition that an assessment waits and its day has passed."""
        return Q(status__in=cls.WAITING, due_on__lt=today)

    @property
    def is_open(self) -> bool:
        """Return whether answers may still change: in draft only."""
        return self.status == self.Status.DRAFT

    @property
    def waits(self) -> bool:
        """Return whether somebody has still to answer or decide, so that its due day matters."""
        return self.status in self.WAITING


class Editor(models.Model):
    """Somebody who edited an answer of an assessment or once submitted it, and cannot finalise it; append-only."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="editors")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["assessment", "user"], name="an_editor_is_named_once"),)

    def __str__(self) -> str:
        """Return the editor's name."""
        return str(self.user)


class EditingSession(models.Model):
    """That somebody began to edit the answers of an assessment, which is told once for all that they change in it.

    Whoever acts is kept as events have them: a person in a browser and by a token edits in two sessions. Append-only.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="editing_sessions")
    actor_id = models.CharField(max_length=64)
    began_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["assessment", "actor_id", "-began_at"], name="editing_session_by_actor"),)

    def __str__(self) -> str:
        """Return when it began."""
        return str(self.began_at)


class AnswerQuerySet(ScopedQuerySet["Answer"]):
    """Answers of the assessments a person may see."""

    unit_path = "assessment__unit_id"

    def asked(self) -> Self:
        """Return the answers without those that were put aside, with a former question set or an ended deployment."""
        return self.filter(put_aside_at__isnull=True)

    def named(self, key: str) -> Self:
        """Return the answer with this key, if it is asked: a question, and after "@" the number of a deployment."""
        question, _, deployment = key.partition("@")
        number = deployment.removeprefix(f"{Deployment.ref_of(0)[:-1]}")
        if not deployment:
            return self.asked().filter(question__key=question, deployment__isnull=True)
        is_number = number.isascii() and number.isdigit() and len(number) < 10 and number != deployment
        if not is_number:
            return self.none()
        return self.asked().filter(question__key=question, deployment__number=int(number))


class Answer(models.Model):
    """What is said to one question in one assessment; made empty when the assessment starts.

    `version` counts changes, so that of two people editing at once the later one is told.
    """

    class Choice(models.TextChoices):
        """What kind of answer it is; empty while unanswered."""

        OPTION = "option"
        NOT_APPLICABLE = "not_applicable", "Not applicable"
        DONT_KNOW = "dont_know", "Don't know"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    deployment = models.ForeignKey(
        Deployment, on_delete=models.PROTECT, null=True, blank=True, related_name="answers",
        help_text="the one that a question about deployments is answered for",
    )  # fmt: skip
    choice = models.CharField(max_length=14, choices=Choice, blank=True)
    option = models.ForeignKey(Option, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True, help_text="why the question does not apply")
    comment = models.TextField(blank=True)
    put_aside_at = models.DateTimeField(
        null=True, blank=True, help_text="since when the assessment asks it no more, by another set or deployment"
    )
    event_on = models.DateField(null=True, blank=True, help_text="the day of the scan, test or drill it tells of")
    na_confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reused_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reused_by")
    version = models.PositiveIntegerField(default=0)
    edited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    edited_at = models.DateTimeField(null=True, blank=True)
    evidence: "models.ManyToManyField[Evidence, Any]" = models.ManyToManyField(
        Evidence, through="AnswerEvidence", related_name="answers"
    )

    objects = AnswerQuerySet.as_manager()

    class Meta:
        ordering = ("assessment", "question__position", "deployment__number")
        constraints = (
            models.UniqueConstraint(
                fields=["assessment", "question"],
                name="a_question_has_one_answer",
                condition=Q(deployment__isnull=True, put_aside_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["assessment", "question", "deployment"],
                name="a_question_has_one_answer_a_deployment",
                condition=Q(put_aside_at__isnull=True),
            ),
            models.CheckConstraint(
                name="an_answer_has_an_option_exactly_when_one_was_chosen",
                condition=Q(choice="option", option__isnull=False) | ~Q(choice="option") & Q(option__isnull=True),
            ),
        )

    @property
    def key(self) -> str:
        """Return the question's key, with the deployment where it is answered for one: "a.b@D-3"."""
        return assurance.key_of(self.question.key, self.deployment.ref if self.deployment else None)

    def __str__(self) -> str:
        """Return the answer as people read it."""
        if self.choice == self.Choice.OPTION:
            return str(self.option)
        return self.get_choice_display() if self.choice else "Not answered"


class AnswerEvidence(models.Model):
    """Evidence attached to an answer."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="attachments")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="attachments")
    attached_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    attached_at = models.DateTimeField()

    class Meta:
        ordering = ("answer", "evidence__number")
        constraints = (models.UniqueConstraint(fields=["answer", "evidence"], name="evidence_is_attached_once"),)

    def __str__(self) -> str:
        """Return the evidence."""
        return str(self.evidence)


class Verification(models.Model):
    """A record that somebody found in a document what an answer says: what it shows, where, of what date; append-only.

    It speaks for the answer that was chosen then (`choice`, `option`), not for another one that is chosen later.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="verifications")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="verifications")
    choice = models.CharField(max_length=14, choices=Answer.Choice)
    option = models.ForeignKey(Option, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    shows = models.TextField(help_text="what of the answer the document shows")
    location = models.CharField(max_length=200, help_text="page or section")
    document_date = models.DateField()
    verified_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    verified_at = models.DateTimeField()
    carried_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-verified_at", "-id")

    def __str__(self) -> str:
        """Return where in the document, and what it shows."""
        return f"{self.location}: {self.shows}"

    def speaks_for(self, answer: Answer) -> bool:
        """Return whether it is of the answer as it is now, and not of another one that was chosen before."""
        return (self.choice, self.option_id) == (answer.choice, answer.option_id)


class Snapshot(models.Model):
    """The frozen answers of a final assessment as canonical JSON, with its SHA-256; append-only (triggers)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    assessment = models.OneToOneField(Assessment, on_delete=models.PROTECT, related_name="snapshot")
    body = models.TextField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        """Return the digest's first characters."""
        return self.digest[:12]

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy gets: the row, without what was only read from it."""
        return {name: value for name, value in super().__getstate__().items() if name not in ("data", "score")}

    @cached_property
    def data(self) -> dict[str, Any]:
        """Return what is frozen; who has just written it need not read it again."""
        data: dict[str, Any] = json.loads(self.body)
        return data

    @cached_property
    def score(self) -> assurance.Score:
        """Return the score, recomputed from the frozen lines. Raises scoresheet.DoesNotRecompute when they disagree."""
        return scoresheet.recompute(self.data["sheet"])
