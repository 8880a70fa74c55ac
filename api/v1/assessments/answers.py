"""Answers of an assessment, named by the key of their question; a change names the version that it was made on."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, cast

from django.db.models import QuerySet
from django.http import Http404
from django.urls import URLPattern, path
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.steps import Step
from api import offers
from api.description.described import described
from api.fields import Body, Choice, Known, Nothing, Text, Whole
from api.filters import refuse_parameters
from api.steps import takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.refs import Out
from api.views import Noun
from assessments.answers import answering, scored_lines, supports, verifying
from assessments.answers.supports import Support
from assessments.drafts import previous
from assessments.facts import comparing
from assessments.models import Answer, Assessment, Verification
from collectors import taking
from evidence.models import Evidence
from riskregister import looks

F = TypeVar("F", bound=Callable[..., Any])


class VerificationOut(Out):
    """What somebody found in a document of an answer: what it shows, where, and of which day the document is."""

    verified_by = refs.PersonRef()

    class Meta:
        model = Verification
        fields = ("id", "shows", "location", "document_date", "verified_by", "verified_at")


class AttachedEvidence(serializers.Serializer[Support]):
    """Evidence of an answer, with the level 0 to 3 that the answer has from it today, and what was found in it."""

    id = serializers.UUIDField(source="evidence.pk", read_only=True)
    ref = serializers.CharField(source="evidence.ref", read_only=True)
    title = serializers.CharField(source="evidence.title", read_only=True)
    kind = Choice(source="evidence.kind", choices=Evidence.Kind.choices, read_only=True)
    level = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()
    attached_by = refs.PersonRef(source="attachment.attached_by", read_only=True, allow_null=True)
    verifications = VerificationOut(
        source="checks", many=True, read_only=True, help_text="those that speak for the answer as it is"
    )

    def get_level(self, support: Support) -> int:
        """Return the level."""
        return scored_lines.level_now(support, today=timezone.localdate())

    @extend_schema_field(Choice(choices=list(looks.kinds()["support"])))
    def get_state(self, support: Support) -> str:
        """Return how it stands today: verified, seen by the register, not verified, a bare link, or expired."""
        return support.state(today=timezone.localdate())


class AnswerOut(Out):
    """What is said to one question; `option` is the key of the chosen option, empty for none.

    `key` names it in addresses: the question, and for one that is answered for each deployment its number, "a.b@D-3".
    """

    key = serializers.CharField()
    question = serializers.CharField(source="question.key")
    deployment = refs.DeploymentRef()
    event = serializers.CharField(source="question.event", help_text="what it tells of happened on a day; empty: none")
    dimension = serializers.CharField(source="question.dimension")
    text = serializers.CharField(source="question.text")
    option = serializers.SerializerMethodField()
    evidence = serializers.SerializerMethodField()
    edited_by = refs.PersonRef()
    na_confirmed_by = refs.PersonRef()
    is_reused = serializers.SerializerMethodField()
    register = serializers.SerializerMethodField(help_text="what the register knows that bears on it, in words")
    contradicted = serializers.SerializerMethodField(
        help_text="what the register knows otherwise than the answer says; empty: nothing"
    )
    seen = serializers.SerializerMethodField(
        help_text="the key of the option that a look of the register shows; empty: none"
    )

    class Meta:
        model = Answer
        fields = (
            "id", "key", "question", "deployment", "dimension", "text", "choice", "option", "reason", "comment",
            "event", "event_on", "evidence", "version",
            "edited_by", "edited_at", "na_confirmed_by", "is_reused", "register", "contradicted", "seen",
        )  # fmt: skip

    @extend_schema_field(AttachedEvidence(many=True))
    def get_evidence(self, row: Answer) -> Any:
        """Return what the answer rests on."""
        rows: Any = supports.of(row)
        return AttachedEvidence(rows, many=True, context=self.context).data

    def get_option(self, row: Answer) -> str:
        """Return the key of the chosen option."""
        return row.option.key if row.option else ""

    def get_register(self, row: Answer) -> list[str]:
        """Return what the register knows."""
        return comparing.beside(row, row.assessment)

    def get_contradicted(self, row: Answer) -> str:
        """Return what it knows otherwise."""
        against = scored_lines.contradiction(row, row.assessment)
        return against.says if against else ""

    def get_seen(self, row: Answer) -> str:
        """Return the option that was seen."""
        found = comparing.shown(row, row.assessment)
        return found.option if found else ""

    def get_is_reused(self, row: Answer) -> bool:
        """Return whether it was taken over from another assessment of the same vendor."""
        return row.reused_from_id is not None


class AnswerBody(Body):
    """An answer; an empty choice takes it back. `version` is the one that you read."""

    choice = Choice(choices=Answer.Choice.choices, allow_blank=True)
    option = Text(required=False, max_length=60, help_text="the option's key, for the choice `option`")
    reason = Text(required=False, help_text="why the question does not apply")
    comment = Text(required=False)
    event_on = serializers.DateField(
        required=False, allow_null=True, help_text="day of the scan, test or drill that the answer tells of"
    )
    version = Whole(min_value=0)


class Version(Body):
    """The version that you read."""

    version = Whole(min_value=0)


class EvidenceChosen(Body):
    """Which evidence."""

    evidence = Known(Evidence)


class VerificationBody(EvidenceChosen):
    """What the document shows of the answer, where, and its date."""

    shows = Text(help_text="a sentence that somebody else can look up")
    location = Text(max_length=200, help_text="page or section")
    document_date = serializers.DateField()


class AnswerChanged(APIException):
    """Somebody else changed the answer first (409); the problem has it as `current`."""

    status_code = 409
    default_code = "conflict"

    def __init__(self, message: str, current: dict[str, Any]) -> None:
        """Keep the answer as it is now."""
        super().__init__(message)
        self.members, self.places = {"current": current}, [("version", message)]


# A single answer, with its steps.
_WRITTEN = offers.with_steps(AnswerOut)


def _below(name: str, step: Step[Any, Any], body: type[Body]) -> Callable[[F], F]:
    """Make a method the endpoint of a step below the address of an answer."""

    def decorate(method: F) -> F:
        made = action(detail=True, methods=["post"], url_path=name)(takes(step)(method))
        return cast(F, described(request=body, responses=_WRITTEN)(made))

    return decorate


class Answers(Noun[Assessment]):
    """One answer of an assessment, by its key: `/assessments/{id}/answers/{question}/`."""

    serializer_class = AnswerOut
    pagination_class = None
    filter_backends = ()

    def get_queryset(self) -> "QuerySet[Assessment]":
        """Return the assessments that the caller may see."""
        return Assessment.objects.visible_to(self.person).select_related("server")

    @described(operation_id="assessments_answer_retrieve", responses=_WRITTEN)
    def show(self, request: Request, pk: Any, question: str) -> Response:
        """Return one answer."""
        refuse_parameters(request)
        return Response(self._written(self._answer()))

    @takes(answering.answer)
    @described(request=AnswerBody, responses=_WRITTEN)
    def change(self, request: Request, pk: Any, question: str) -> Response:
        """Give or change an answer; 409 with the `current` one when somebody else changed it first."""
        row, data = self._answer(), self.body(AnswerBody)
        option = data.pop("option", "")
        return self._after(lambda now: answering.answer(row, option_key=option, by=self.by, now=now, **data))

    @_below("keep", previous.keep, Version)
    def keep(self, request: Request, pk: Any, question: str) -> Response:
        """Give the answer of the server's last final assessment again, with its evidence."""
        row, data = self._answer(), self.body(Version)
        return self._after(lambda now: previous.keep(row, version=data["version"], by=self.by, now=now))

    @_below("take", taking.take, Version)
    def take(self, request: Request, pk: Any, question: str) -> Response:
        """Give the answer that the register saw, with what was seen as its evidence."""
        row, data = self._answer(), self.body(Version)
        return self._after(lambda now: taking.take(row, version=data["version"], by=self.by, now=now))

    @_below("confirm-not-applicable", answering.confirm_not_applicable, Nothing)
    def confirm(self, request: Request, pk: Any, question: str) -> Response:
        """Confirm, as the reviewer of a submitted assessment, that the question does not apply."""
        row, _nothing = self._answer(), self.body(Nothing)
        return self._after(lambda now: answering.confirm_not_applicable(row, by=self.by, now=now))

    @_below("attach", answering.attach, EvidenceChosen)
    def attach(self, request: Request, pk: Any, question: str) -> Response:
        """Attach evidence to the answer."""
        row, data = self._answer(), self.body(EvidenceChosen)
        return self._after(lambda now: answering.attach(row, data["evidence"], by=self.by, now=now))

    @_below("detach", answering.detach, EvidenceChosen)
    def detach(self, request: Request, pk: Any, question: str) -> Response:
        """Take evidence off the answer; the evidence stays on record."""
        row, data = self._answer(), self.body(EvidenceChosen)
        return self._after(lambda now: answering.detach(row, data["evidence"], by=self.by, now=now))

    @_below("verify", verifying.verify, VerificationBody)
    def verify(self, request: Request, pk: Any, question: str) -> Response:
        """Say what an attached document shows of the answer, and where."""
        row, data = self._answer(), self.body(VerificationBody)
        return self._after(lambda now: verifying.verify(row, data.pop("evidence"), by=self.by, now=now, **data))

    def _answer(self) -> Answer:
        """Return the answer that the address names. Raises Http404, also for a question that does not apply."""
        assessment = self.get_object()
        row = scored_lines.answer_of(assessment, self.kwargs["question"])
        if row is None or not scored_lines.applies(row, assessment):
            raise Http404
        return row

    def _after(self, take_step: Callable[[datetime], object]) -> Response:
        """Return the answer after a step. Raises AnswerChanged when somebody else was first."""
        try:
            take_step(timezone.now())
        except answering.EditConflict as conflict:
            raise AnswerChanged(conflict.message, self._written(self._answer())) from conflict
        return Response(self._written(self._answer()))

    def _written(self, row: Answer) -> dict[str, Any]:
        return dict(_WRITTEN(row, context=self.get_serializer_context()).data)


def addresses() -> list[URLPattern]:
    """Return the addresses of an answer and of its steps."""
    at = "assessments/<uuid:pk>/answers/<str:question>/"
    one = Answers.as_view({"get": "show", "patch": "change"}, basename="answer")
    steps: list[Any] = Answers.get_extra_actions()
    below = [
        path(
            f"{at}{step.url_path}/",
            Answers.as_view({"post": step.__name__}, basename="answer", **step.kwargs),
            name=f"answer-{step.url_path}",
        )
        for step in steps
    ]
    return [path(at, one, name="answer-detail"), *below]
