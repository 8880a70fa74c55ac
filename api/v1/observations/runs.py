"""Looks at servers, and what was observed in them."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request

from api.description.described import described
from api.fields import Choice, Moment
from api.filters import refuse_parameters
from api.v1.endpoint_parts import downloads, refs
from api.v1.endpoint_parts.refs import Out
from api.views import Noun, part
from monitoring.lists import OBSERVATIONS, RUNS
from monitoring.models import Observation, Run
from riskregister import looks


class RunOut(Out):
    """A look at a server. Unless `status` is complete it says nothing about the server, and `why` says why.

    One of the collector `scanner` is what another scanner claims, as `asked_by` brought it.
    """

    server = refs.ServerRef()
    release = refs.ReleaseRef()
    captured = refs.ReleaseRef()
    asked_by = refs.PersonRef()

    class Meta:
        model = Run
        fields = (
            "id", "collector", "version", "server", "release", "address", "status", "code", "why", "captured",
            "raw_digest",
            "asked_by", "asked_at", "began_at", "ended_at", "as_of",
        )  # fmt: skip


class Looks(serializers.Serializer[Any]):
    """The looks at a server that were asked for, one for each way in; one that was under way is among them."""

    runs = RunOut(many=True)


class ObservationOut(Out):
    """What a collector sees of a server; `finding` is what became of it, `run` the look that saw it last."""

    server = refs.ServerRef()
    finding = refs.FindingRef()
    fresh_until = Moment(read_only=True, help_text="until when it counts")
    state = serializers.SerializerMethodField()

    class Meta:
        model = Observation
        fields = (
            "id", "server", "collector", "address", "key", "words", "value", "value_since", "severity", "is_assessed",
            "fact", "holds", "first_seen_at", "last_seen_at", "is_seen", "fresh_until", "state", "run", "finding",
        )  # fmt: skip

    @extend_schema_field(Choice(choices=list(looks.kinds()["observation"])))
    def get_state(self, row: Observation) -> str:
        """Return how it stands now: fresh, stale, gone, or not assessed."""
        return row.state(now=timezone.now())


class Runs(ListModelMixin, RetrieveModelMixin, Noun[Run]):
    """Looks at servers."""

    serializer_class = RunOut
    of, orders = RUNS, ("-asked_at",)

    def get_queryset(self) -> "QuerySet[Run]":
        """Return the looks that the caller may see."""
        seen = Run.objects.visible_to(self.person)
        return seen.select_related("server", "release", "captured", "asked_by", "raw")

    @part("observations", shows=ObservationOut, many=True)
    def observations(self, run: Run, *, now: datetime) -> Any:
        """Return what this look was the last to see."""
        return run.observations.select_related("server", "finding", "run").order_by("key")

    @described(responses={(200, "application/json"): OpenApiTypes.ANY})
    @action(
        detail=True, methods=["get"], url_path="answers", url_name="answers", pagination_class=None, filter_backends=()
    )
    def answers(self, request: Request, pk: Any) -> Any:
        """Download the answers of the server, or the document of another scanner, as they came."""
        refuse_parameters(request)
        return downloads.blob(self.get_object().raw, name="answers.json", media_type="application/json")


class Observations(ListModelMixin, RetrieveModelMixin, Noun[Observation]):
    """What was observed of servers."""

    serializer_class = ObservationOut
    of, orders = OBSERVATIONS, ("-last_seen_at",)

    def get_queryset(self) -> "QuerySet[Observation]":
        """Return what was observed of the servers that the caller may see."""
        return Observation.objects.visible_to(self.person).select_related("server", "finding", "run")
