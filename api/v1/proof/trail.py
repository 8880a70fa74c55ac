"""The seal of the trail: how it stands, its signed checkpoints, and proofs that others check without the register."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounts import access
from api.description.described import described
from api.fields import Body, Known
from api.filters import refuse_parameters
from api.pagination import LIMIT, LIMIT_MAX
from api.v1.endpoint_parts.refs import Out
from api.views import Door
from audit.models import Event
from seal import proofs, state
from seal.models import Checkpoint, Export, Stamp, TrailCheck

# Beyond all integers of a database nothing is kept.
_MOST = 2**63 - 1


class CheckOut(Out):
    """One check of the whole trail; `holds`: every entry and row was as it was sealed."""

    holds = serializers.BooleanField()

    class Meta:
        model = TrailCheck
        fields = ("began_at", "ended_at", "size", "waiting", "rows", "problem_count", "holds")


class CheckpointOut(Out):
    """What was signed when the tree had `size` entries; `note` is a C2SP checkpoint, `root` its hash in hexadecimal."""

    class Meta:
        model = Checkpoint
        fields = ("size", "root", "at", "note")


class ExportOut(Out):
    """How far checkpoints got to a place outside the database, and why not further."""

    class Meta:
        model = Export
        fields = ("target", "size", "tried_at", "error")


class StampOut(Out):
    """That an authority saw the checkpoint of this size at a moment; `answer` is what it said, DER in base64."""

    class Meta:
        model = Stamp
        fields = ("size", "at", "answer")


class StandingOut(serializers.Serializer[Any]):
    """How the seal stands. Keep `key` where nobody who owns the database can change it."""

    key = serializers.CharField(help_text="name+id+key, as tools for C2SP notes take it")
    newest = CheckpointOut(allow_null=True)
    stamp = StampOut(allow_null=True)
    check = CheckOut(allow_null=True)
    exports = ExportOut(many=True)


class CheckpointsOut(serializers.Serializer[Any]):
    """Checkpoints, the newest first; `next` leads to older ones."""

    next = serializers.URLField(allow_null=True)
    results = CheckpointOut(many=True)


class InclusionOut(serializers.Serializer[Any]):
    """That an event is in the tree of a checkpoint; `script/verify_trail.py proof` checks it as it stands.

    `path` is the proof of RFC 9162 (2.1.3), each hash in base64; the leaf is the event's `body`.
    """

    format = serializers.CharField()
    body = serializers.CharField(help_text="canonical JSON, byte for byte")
    position = serializers.IntegerField()
    path: Any = serializers.ListField(child=serializers.CharField())
    checkpoint = serializers.CharField()


class ConsistencyOut(serializers.Serializer[Any]):
    """That the tree of the second checkpoint begins with that of the first: the proof of RFC 9162 (2.1.4)."""

    first = serializers.CharField()
    second = serializers.CharField()
    path: Any = serializers.ListField(child=serializers.CharField())


def _size(**how: Any) -> Any:
    return serializers.IntegerField(min_value=1, max_value=_MOST, **how)


class _Paging(Body):
    below = _size(required=False)
    limit = serializers.IntegerField(min_value=1, max_value=LIMIT_MAX, default=LIMIT)


class _Inclusion(Body):
    event = Known(Event)
    size = _size(required=False)


class _Consistency(Body):
    first, second = _size(), _size()


class _ForMembers(Door):
    """What everybody with a role may read."""

    asks: type[Body]

    def check_permissions(self, request: Request) -> None:
        """Raise NotPermitted for somebody without a role."""
        super().check_permissions(request)
        if not access.of(self.person).is_member:
            raise access.NotPermitted("This is for those who have a role in the register.")

    def asked(self) -> dict[str, Any]:
        """Return what the address asks for. Raises ValidationError."""
        read = self.asks(data=self.request.query_params.dict(), context={"request": self.request})
        if not read.is_valid():
            raise ValidationError(read.errors)
        return dict(read.validated_data)


def _parameter(name: str, kind: type, words: str, *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, kind, required=required, description=words)


class Standing(_ForMembers):
    """The seal."""

    @described(responses=StandingOut)
    def get(self, request: Request) -> Response:
        """Return how the seal stands: its key, the newest checkpoint, the last check, and where checkpoints went."""
        refuse_parameters(request)
        return Response(StandingOut(state.now()).data)


class Checkpoints(_ForMembers):
    """What was signed."""

    asks = _Paging

    @described(
        parameters=[
            _parameter("below", int, "Only checkpoints of fewer entries."),
            _parameter("limit", int, f"How many, {LIMIT_MAX} at most."),
        ],
        responses={200: CheckpointsOut, 422: None},
    )
    def get(self, request: Request) -> Response:
        """Return the checkpoints, the newest first."""
        asked = self.asked()
        rows = Checkpoint.objects.defer("subtrees")
        rows = rows.filter(size__lt=asked["below"]) if "below" in asked else rows
        found = list(rows[: asked["limit"] + 1])
        shown, more = found[: asked["limit"]], None
        if len(found) > len(shown):
            more = replace_query_param(request.build_absolute_uri(), "below", shown[-1].size)
        return Response(CheckpointsOut({"next": more, "results": shown}).data)


class Inclusion(_ForMembers):
    """Proofs of inclusion."""

    asks = _Inclusion

    @described(
        parameters=[
            _parameter("event", str, "Id of an event that you may read.", required=True),
            _parameter("size", int, "Size of the checkpoint; without it the newest."),
        ],
        responses={200: InclusionOut, 422: None},
    )
    def get(self, request: Request) -> Response:
        """Return the proof that an event is sealed. 422 within the minute before it is."""
        asked = self.asked()
        return Response(InclusionOut(proofs.of_event(asked["event"], size=asked.get("size"))).data)


class Consistency(_ForMembers):
    """Proofs of consistency."""

    asks = _Consistency

    @described(
        parameters=[
            _parameter("first", int, "Size of the older checkpoint.", required=True),
            _parameter("second", int, "Size of the newer one.", required=True),
        ],
        responses={200: ConsistencyOut, 422: None},
    )
    def get(self, request: Request) -> Response:
        """Return the proof that nothing was changed or removed between two checkpoints."""
        asked = self.asked()
        return Response(ConsistencyOut(proofs.between(asked["first"], asked["second"])).data)
