"""Evidence: files, links and notes, and the copies that are kept of links."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Unit
from accounts.principals import Principal
from api.description.described import described
from api.fields import Body, Choice, Known, Text
from api.filters import refuse_parameters
from api.parsers import JSONParser
from api.steps import takes
from api.v1.endpoint_parts import downloads, refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.v1.proof.reports import BlobOut
from api.views import Noun, step
from assessments.lists import EVIDENCE, state, with_uses
from evidence import records
from evidence.models import Evidence, KeptCopy
from riskregister import looks


class CopyOut(Out):
    """What stood at the address of a link, as somebody kept it."""

    blob = BlobOut()
    media_type = serializers.CharField(help_text="by the name of the file")
    kept_by = refs.PersonRef()

    class Meta:
        model = KeptCopy
        fields = ("id", "file_name", "media_type", "blob", "kept_by", "kept_at")


class EvidenceOut(Out):
    """A piece of evidence; what it shows, and how much it counts, each answer says that rests on it."""

    ref = serializers.CharField()
    unit = refs.UnitRef()
    added_by = refs.PersonRef()
    blob = BlobOut()
    media_type = serializers.CharField(help_text="by the name of the file; empty for a link or a note")
    copy = CopyOut(allow_null=True, help_text="of a link; without one it counts as E1 at most")
    state = serializers.SerializerMethodField()
    uses = serializers.IntegerField(help_text="answers that you see resting on it")
    verified = serializers.IntegerField(help_text="those of them for which somebody found in it what they say")

    class Meta:
        model = Evidence
        fields = (
            "id", "ref", "unit", "kind", "title", "issuer", "file_name", "media_type", "blob", "url", "note",
            "issued_on", "valid_until", "copy", "state", "uses", "verified", "added_by", "added_at",
        )  # fmt: skip

    @extend_schema_field(Choice(choices=list(looks.kinds()["evidence"])))
    def get_state(self, row: Evidence) -> str:
        """Return how it stands today: verified for an answer that you see, not verified, or expired."""
        return state(row, today=timezone.localdate())


class _EvidenceFacts(Body):
    title = Text()
    issued_on = serializers.DateField(required=False, allow_null=True)
    valid_until = serializers.DateField(required=False, allow_null=True)
    unit = Known(Unit, required=False, allow_null=True, help_text="empty: the whole organisation")


class EvidenceBody(_EvidenceFacts):
    """A link with its issuer, or a note."""

    kind = Choice(choices=[("link", "Link"), ("note", "Note")])
    issuer = Choice(choices=records.ISSUERS, required=False)
    url = Text(required=False)
    note = Text(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what does not belong to the kind."""
        needed = {"url", "issuer"} if attrs["kind"] == "link" else {"note"}
        other = {"note"} if attrs["kind"] == "link" else {"url"}
        if missing := needed - attrs.keys():
            raise serializers.ValidationError(dict.fromkeys(missing, f"A {attrs['kind']} needs it."))
        if surplus := other & attrs.keys():
            raise serializers.ValidationError(dict.fromkeys(surplus, f"A {attrs['kind']} takes none."))
        return attrs


class EvidenceFileBody(_EvidenceFacts):
    """A file with its issuer."""

    file = serializers.FileField(max_length=200)
    issuer = Choice(choices=records.ISSUERS)


class CopyBody(Body):
    """What stands at the link, as a file."""

    file = serializers.FileField(max_length=200)


class EvidenceRecords(ListModelMixin, RetrieveModelMixin, WithFieldHistory, Noun[Evidence]):
    """What statements rest on."""

    serializer_class = EvidenceOut
    body_class = EvidenceBody
    parser_classes = (JSONParser, MultiPartParser)
    of, orders = EVIDENCE, ("-number", "valid")

    def get_queryset(self) -> "QuerySet[Evidence]":
        """Return the evidence that the caller may see."""
        seen = with_uses(Evidence.objects.visible_to(self.person), self.person)
        return seen.select_related("unit", "added_by", "blob", "kept_copy__blob", "kept_copy__kept_by")

    @takes(records.add)
    @described(request={"application/json": EvidenceBody, "multipart/form-data": EvidenceFileBody})
    def create(self, request: Request) -> Response:
        """Add a link or a note as JSON, or upload a file as multipart/form-data."""
        now = timezone.now()
        if (request.content_type or "").startswith("multipart/"):
            data = self.body(EvidenceFileBody)
            return self.made(records.add_file(data.pop("file"), by=self.by, now=now, **data))
        data = self.body(EvidenceBody)
        if data.pop("kind") == Evidence.Kind.LINK:
            return self.made(records.add_link(data.pop("url"), by=self.by, now=now, **data))
        return self.made(records.add_note(data.pop("note"), by=self.by, now=now, **data))

    @step("keep-copy", takes=records.keep, body=CopyBody, parser_classes=(MultiPartParser,))
    def keep_copy(self, evidence: Evidence, *, by: Principal, now: datetime, file: Any) -> None:
        """Keep what stands at a link as a file beside it, uploaded as multipart/form-data; once."""
        records.keep_copy(evidence, file, by=by, now=now)

    @described(responses={(200, "*/*"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], url_path="file", url_name="file", pagination_class=None, filter_backends=())
    def file(self, request: Request, pk: Any) -> Any:
        """Download the file, in its media type."""
        refuse_parameters(request)
        row = self.get_object()
        return downloads.blob(row.blob, name=row.file_name, media_type=row.media_type)

    @described(responses={(200, "*/*"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], url_path="copy", url_name="copy", pagination_class=None, filter_backends=())
    def kept_copy(self, request: Request, pk: Any) -> Any:
        """Download the copy that is kept of a link, in its media type."""
        refuse_parameters(request)
        copy = self.get_object().copy
        if copy is None:
            raise Http404
        return downloads.blob(copy.blob, name=copy.file_name, media_type=copy.media_type)
