"""Assessments: started, answered, submitted, decided; with progress, score, snapshot and preview."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.principals import Principal
from api.fields import Body, Choice, Known, Reason, Text
from api.steps import takes
from api.v1.assessments.answers import AnswerOut
from api.v1.assessments.approvals import ApprovalOut
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.v1.endpoint_parts.scores import (
    Progress,
    RatingPreview,
    ScoreInterval,
    SnapshotOut,
    interval_shown,
    preview_shown,
)
from api.views import Noun, part, step
from assessments import lifecycle, vendor_starts
from assessments.answers import answering, scored_lines
from assessments.drafts import moving
from assessments.lists import ASSESSMENTS
from assessments.models import Assessment, Snapshot
from catalogue.models import Dimension
from decisions.approvals import approvals, preview
from decisions.approvals.approval_needs import Missing, Need
from decisions.models import Approval, Review
from decisions.ratings import ratings
from decisions.reviews import reassessment
from vendors.models import Release, Server, Vendor

PEOPLE = ("assignee", "created_by", "submitted_by", "returned_by", "finalised_by")


class AssessmentOut(Out):
    """An assessment of a server at a release, or of a vendor: then without `server`, `release` and `unit`.

    The vendor of a server's assessment is its publisher; `answers_digest` is of the answers as submitted.
    """

    ref = serializers.CharField()
    unit = refs.UnitRef()
    server = refs.ServerRef()
    vendor = refs.VendorRef()
    release = refs.ReleaseRef()
    assignee = refs.PersonRef()
    created_by = refs.PersonRef()
    submitted_by = refs.PersonRef()
    returned_by = refs.PersonRef()
    finalised_by = refs.PersonRef()
    methodology = serializers.CharField(source="methodology_id")

    class Meta:
        model = Assessment
        fields = (
            "id", "ref", "unit", "server", "vendor", "release", "manifest_digest", "question_set", "methodology",
            "kind", "status", "facts", "depth", "assignee", "due_on", "created_by", "created_at", "submitted_by",
            "submitted_at", "answers_digest", "returned_by", "return_reason", "accepted_dimensions", "finalised_by",
            "finalised_at",
        )  # fmt: skip


class AssessmentBody(Body):
    """Which server is assessed, at which release (the newest unless given), or which vendor; why and by whom.

    With `review` the assessment is started for that review, and the server, kind, assignee and day come from it.
    """

    server = Known(Server, required=False)
    vendor = Known(Vendor, required=False)
    review = Known(Review, required=False)
    kind = Choice(choices=Assessment.Kind.choices, required=False)
    release = Known(Release, required=False, allow_null=True)
    assignee = Known(User, required=False, allow_null=True)
    due_on = serializers.DateField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse anything but a review alone, or a server or a vendor with what belongs to it."""
        if "review" in attrs and len(attrs) > 1:
            raise serializers.ValidationError({"review": "Leave out the rest: it comes from the review."})
        one = ("server" in attrs) != ("vendor" in attrs)
        if "review" not in attrs and not (one and "kind" in attrs):
            raise serializers.ValidationError({"server": "Give a server or a vendor, and a kind; or a review."})
        if "vendor" in attrs and "release" in attrs:
            raise serializers.ValidationError({"release": "Leave it out: a vendor has no release."})
        return attrs


class Assignee(Body):
    """Who does it."""

    assignee = Known(User)


class Submission(Body):
    """The digest of the answers that you looked at, from `digest` of the progress; empty: whatever they are."""

    answers_digest = Text(required=False, max_length=64)


class Finality(Body):
    """Dimensions that are rated although much of them does not apply, and the `answers_digest` that you reviewed."""

    accept_dimensions: Any = serializers.ListField(
        child=Choice(choices=Dimension.choices), required=False, max_length=5
    )
    answers_digest = Text(
        required=False, max_length=64, help_text="refused with 409 when other answers were submitted since; empty: none"
    )


class MissingOut(serializers.Serializer[Missing]):
    """Something that an approval lacks."""

    need = Choice(choices=[need.value for need in Need])
    subject = serializers.CharField(help_text="number of the object that it is about, or key of the question")
    text = serializers.CharField()
    can_wait = serializers.BooleanField(help_text="a conditional approval takes it as a condition")


class ConditionBody(Body):
    """Something that must be done by a day."""

    text = Text()
    due_on = serializers.DateField()


class DecisionBody(Finality):
    """The decision, its reason, until when it holds, its conditions, and the approval on the same assessment that it
    replaces: without it a second decision is refused with 409.
    """

    decision = Choice(choices=Approval.Decision.choices)
    reason = Text()
    valid_until = serializers.DateField(required=False, allow_null=True)
    conditions: Any = serializers.ListField(child=ConditionBody(), required=False, max_length=50)
    replaces = Known(Approval, required=False, allow_null=True)


class Assessments(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Assessment]):
    """Judgements of servers, each at one release and one time, and of vendors."""

    serializer_class, body_class = AssessmentOut, AssessmentBody
    of, orders = ASSESSMENTS, ("-created_at", "number", "due_on")

    def get_queryset(self) -> "QuerySet[Assessment]":
        """Return the assessments that the caller may see."""
        seen = Assessment.objects.visible_to(self.person).select_related("unit", "server", "vendor", "release")
        # Documents as long as their publishers made them, of which nothing is shown here.
        return seen.defer("release__server_json", "release__instructions", "server__purpose", "vendor__notes")

    def paginate_queryset(self, queryset: Any) -> Any:
        """Return the rows of the page, with the people whom they name."""
        return refs.with_people(super().paginate_queryset(queryset) or [], *PEOPLE)

    def _as_it_is(self, row: Assessment) -> dict[str, Any]:
        refs.with_people([row], *PEOPLE)
        return super()._as_it_is(row)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return an assessment."""
        return Response(self._as_it_is(self.get_object()))

    @takes(lifecycle.start, reassessment.start, vendor_starts.start)
    def create(self, request: Request) -> Response:
        """Start an assessment; answers about the vendor that are fresh are taken over."""
        data, now = self.body(AssessmentBody), timezone.now()
        if "review" in data:
            return self.made(reassessment.start(data["review"], by=self.by, now=now))
        if "vendor" in data:
            return self.made(vendor_starts.start(data.pop("vendor"), by=self.by, now=now, **data))
        server: Server = data.pop("server")
        return self.made(lifecycle.start(server, by=self.by, now=now, **data))

    @step("assign", takes=lifecycle.assign, body=Assignee)
    def assign(
        self, assessment: Assessment, *, by: Principal, now: datetime, version: str | None, assignee: User
    ) -> None:
        """Give a draft to another analyst of the unit."""
        lifecycle.assign.over(version)(assessment, assignee=assignee, by=by, now=now)

    @step("move", takes=moving.move)
    def move(self, assessment: Assessment, *, by: Principal, now: datetime) -> None:
        """Move a draft to the newest question set and method; answers to unchanged questions come along."""
        moving.move(assessment, by=by, now=now)

    @step("submit", takes=lifecycle.submit, body=Submission)
    def submit(self, assessment: Assessment, *, by: Principal, now: datetime, answers_digest: str = "") -> None:
        """Hand the draft to the approvers."""
        lifecycle.submit(assessment, answers_digest=answers_digest or None, by=by, now=now)

    @step("return", takes=lifecycle.return_to_draft, body=Reason)
    def give_back(self, assessment: Assessment, *, by: Principal, now: datetime, reason: str) -> None:
        """Give a submitted assessment back."""
        lifecycle.return_to_draft(assessment, reason=reason, by=by, now=now)

    @step("finalise", takes=lifecycle.finalise, body=Finality)
    def finalise(self, assessment: Assessment, *, by: Principal, now: datetime, **data: Any) -> None:
        """Freeze a submitted assessment; its findings and the rating of its server follow."""
        lifecycle.finalise(assessment, by=by, now=now, **data)

    @step("decide", takes=approvals.decide, body=DecisionBody, shows=ApprovalOut, status=201)
    def decide(
        self, assessment: Assessment, *, by: Principal, now: datetime, valid_until: date | None = None, **data: Any
    ) -> Approval:
        """Approve, approve with conditions or reject; a submitted assessment is finalised in the same step."""
        conditions = [(one["text"], one["due_on"]) for one in data.pop("conditions", ())]
        return approvals.decide(assessment, valid_until=valid_until, conditions=conditions, by=by, now=now, **data)

    @step("cancel", takes=lifecycle.cancel, body=Reason)
    def cancel(self, assessment: Assessment, *, by: Principal, now: datetime, reason: str) -> None:
        """Give up a draft; it stays on record."""
        lifecycle.cancel(assessment, reason=reason, by=by, now=now)

    @part("answers", shows=AnswerOut, many=True)
    def answers(self, assessment: Assessment, *, now: datetime) -> Any:
        """Return the answers to the questions that apply, in their order."""
        return scored_lines.applicable(assessment, scored_lines.answers_of(assessment))

    @part("progress", shows=Progress)
    def progress(self, assessment: Assessment, *, now: datetime) -> dict[str, Any]:
        """Return how far each dimension is, and the digest of the answers to submit with."""
        rows = scored_lines.answers_of(assessment)
        return {
            "digest": answering.answers_digest(assessment, rows),
            "dimensions": answering.progress(assessment, rows),
        }

    @part("score", shows=ScoreInterval)
    def score(self, assessment: Assessment, *, now: datetime) -> dict[str, Any]:
        """Return where the score can still end: what is unanswered counts nothing at the least, fully at the most."""
        rows = scored_lines.answers_of(assessment)
        return interval_shown(answering.live_score(assessment, rows, today=timezone.localdate(now)))

    @part("preview", shows=RatingPreview)
    def preview(self, assessment: Assessment, *, now: datetime) -> dict[str, Any]:
        """Return the rating that finalising would bring now; nothing is stored. A vendor has none: 404."""
        if assessment.server is None:
            raise Http404
        rows = scored_lines.answers_of(assessment)
        return preview_shown(preview.if_final(assessment, rows, now=now))

    @part("missing", shows=MissingOut, many=True)
    def missing(self, assessment: Assessment, *, now: datetime) -> Any:
        """Return what an approval by you would lack now, as a refused one names it; nothing where none is to be."""
        ended = (Assessment.Status.CANCELLED, Assessment.Status.SUPERSEDED)
        if assessment.server is None or assessment.status in ended:
            return []
        rows = scored_lines.answers_of(assessment)
        final = assessment.status == Assessment.Status.FINAL
        server = assessment.server
        would_be = ratings.current(server, now=now) if final else preview.if_final(assessment, rows, now=now)
        return preview.missing(assessment, rows, would_be, by=self.person, now=now)

    @part("snapshot", shows=SnapshotOut)
    def snapshot(self, assessment: Assessment, *, now: datetime) -> dict[str, Any]:
        """Return the frozen answers of a final assessment with the sheet that they are scored by."""
        row = Snapshot.objects.filter(assessment=assessment).first()
        if row is None:
            raise Http404
        return {"digest": row.digest, "created_at": row.created_at, "body": row.data}
