"""Reviews: the occasions to assess a server again."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.principals import Principal
from api.description.described import described
from api.fields import Body, Choice, Known, Reason, Text
from api.steps import takes
from api.v1.assessments.assessments import AssessmentOut, Assignee
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, step, together
from assessments.models import Assessment
from decisions.lists import REVIEWS
from decisions.models import Review
from decisions.reviews import reassessment, reviews
from riskregister import looks
from vendors.models import Server
from work.in_hand import assigning


class ReviewOut(Out):
    """An occasion to assess a server again."""

    ref = serializers.CharField()
    unit = refs.UnitRef()
    server = refs.ServerRef()
    assignee = refs.PersonRef()
    assessment = refs.AssessmentRef()
    state = serializers.SerializerMethodField()

    class Meta:
        model = Review
        fields = (
            "id", "ref", "unit", "server", "trigger", "trigger_reason", "status", "state", "due_on", "assignee",
            "assessment", "created_at", "opened_at", "done_at", "skip_reason",
        )  # fmt: skip

    @extend_schema_field(Choice(choices=list(looks.kinds()["review"])))
    def get_state(self, review: Review) -> str:
        """Return how it stands today: its status, or "overdue"."""
        return review.state(today=timezone.localdate())


class ReviewBody(Body):
    """Which server is to be assessed again, why and by when."""

    server = Known(Server)
    reason = Text()
    due_on = serializers.DateField()


class GivenReviews(Body):
    """Reviews, and who does all of them from now on."""

    reviews = serializers.ListField(child=Known(Review), min_length=1, max_length=assigning.MOST)
    assignee = Known(User)


class Reviews(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Review]):
    """Scheduled and requested reviews; the register opens them 30 days before they are due."""

    serializer_class, body_class = ReviewOut, ReviewBody
    of, orders = REVIEWS, ("due_on", "-number")

    def get_queryset(self) -> "QuerySet[Review]":
        """Return the reviews that the caller may see."""
        seen = Review.objects.visible_to(self.person)
        return seen.select_related("unit", "server", "assignee", "assessment")

    @takes(reviews.request_review)
    def create(self, request: Request) -> Response:
        """Ask for a review, e.g. after an incident."""
        data = self.body(ReviewBody)
        server: Server = data.pop("server")
        return self.made(reviews.request_review(server, by=self.by, now=timezone.now(), **data))

    @described(request=GivenReviews, responses=ReviewOut(many=True))
    @together("give")
    @takes(reviews.assign)
    def give(self, request: Request) -> Response:
        """Give several waiting reviews to one person, all of them or none; the answer has them as they are then."""
        data = self.body(GivenReviews)
        assigning.reviews_of(data["reviews"], assignee=data["assignee"], by=self.by, now=timezone.now())
        given = self.get_queryset().filter(pk__in=[one.pk for one in data["reviews"]]).order_by("number")
        return Response(ReviewOut(given, many=True, context=self.get_serializer_context()).data)

    @step("assign", takes=reviews.assign, body=Assignee)
    def assign(self, review: Review, *, by: Principal, now: datetime, version: str | None, assignee: User) -> None:
        """Give a waiting review to an analyst or approver of its unit."""
        reviews.assign.over(version)(review, assignee=assignee, by=by, now=now)

    @step("skip", takes=reviews.skip, body=Reason)
    def skip(self, review: Review, *, by: Principal, now: datetime, reason: str) -> None:
        """Leave it out, as a manager; after a periodic one the next is planned."""
        reviews.skip(review, reason=reason, by=by, now=now)

    @step("start", takes=reassessment.start, shows=AssessmentOut, status=201)
    def start(self, review: Review, *, by: Principal, now: datetime) -> Assessment:
        """Start the assessment that it is the occasion for."""
        return reassessment.start(review, by=by, now=now)
