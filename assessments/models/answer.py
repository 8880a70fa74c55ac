"""The answers of assessments, what they rest on, and what people found in that."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.access import SharedQuerySet
from accounts.models import User
from assessments.models.assessment import Assessment
from catalogue.models import Option, Question
from evidence.models import Evidence
from riskregister.ids import uuid7
from scoring import assurance
from vendors.models import Deployment


class AnswerQuerySet(SharedQuerySet["Answer"]):
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
