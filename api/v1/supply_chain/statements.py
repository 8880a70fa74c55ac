"""Statements on vulnerabilities in packages (VEX), and what is suppressed because of them."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Unit, User
from accounts.principals import Principal
from api.description.described import described
from api.fields import Body, Choice, Known, Reason, Text
from api.filters import refuse_parameters
from api.parsers import JSONParser
from api.steps import takes
from api.v1.endpoint_parts import downloads, refs
from api.v1.endpoint_parts.refs import Out
from api.v1.proof.reports import BlobOut
from api.views import Noun, step
from composition.models import Statement, Suppression
from composition.statements import suppressing, taking
from composition.statements.lists import STATEMENTS, SUPPRESSIONS
from composition.vex import reading
from findings.models import Finding
from riskregister import looks
from vendors.models import Release, Server


class StatementOut(Out):
    """What somebody says of a vulnerability in a package: in a document (VEX), or by hand.

    It holds for `release`, else for `server`, else for `unit`, and without any for the whole organisation. Without
    `versions` it speaks of all. `outcome` says what became of it here: what speaks of nothing yet is applied when that
    appears. `state` is its status, or `expired` from the day after the last on which it counts.
    """

    unit = refs.UnitRef()
    server = refs.ServerRef()
    release = refs.ReleaseRef()
    owner = refs.PersonRef()
    taken_by = refs.PersonRef()
    document = BlobOut()
    outcome = Choice(choices=Statement.Outcome.choices)
    state = serializers.SerializerMethodField()

    class Meta:
        model = Statement
        fields = (
            "id", "ref", "unit", "server", "release", "status", "state", "outcome", "says", "name", "names",
            "ecosystem", "package", "versions", "purl", "within", "justification", "impact", "action", "notes",
            "until", "owner", "author", "stated_at", "document", "form", "file_name", "document_name",
            "document_version", "place", "refusal", "taken_by", "taken_at", "ended_at", "end_reason",
        )  # fmt: skip

    @extend_schema_field({"type": "string", "enum": list(looks.kinds()["statement"])})
    def get_state(self, statement: Statement) -> str:
        """Return how it is today."""
        return statement.state(today=timezone.localdate())


class DocumentBody(Body):
    """A VEX document, and for what it holds: a server, one of its releases, a unit, or nothing for all."""

    file = serializers.FileField(max_length=200)
    server = Known(Server, required=False)
    release = Known(Release, required=False)
    unit = Known(Unit, required=False)


class StatementBody(Body):
    """What a person says of what a finding of a package is about, and for what it holds.

    `reason` says why; that something is not affected takes a justification and a last day besides.
    """

    finding = Known(Finding)
    says = Choice(choices=taking.BY_HAND)
    reason = Text()
    justification = Choice(choices=Statement.Justification.choices, required=False)
    action = Text(required=False)
    scope = Choice(choices=taking.SCOPES, required=False)
    until = serializers.DateField(required=False)
    owner = Known(User, required=False)


class Statements(ListModelMixin, RetrieveModelMixin, Noun[Statement]):
    """Statements on vulnerabilities in packages."""

    serializer_class, body_class = StatementOut, StatementBody
    parser_classes = (JSONParser, MultiPartParser)
    of, orders = STATEMENTS, ("-number", "taken_at", "until")

    def get_queryset(self) -> "QuerySet[Statement]":
        """Return the statements that the caller may see."""
        seen = Statement.objects.visible_to(self.person).with_outcome()
        return seen.select_related("unit", "server", "release", "owner", "taken_by", "document")

    @takes(taking.take, taking.state)
    @described(request={"application/json": StatementBody, "multipart/form-data": DocumentBody})
    def create(self, request: Request) -> Response:
        """Say something by hand as JSON, or take a VEX document in as multipart/form-data.

        Of a document it answers with the first statement; the others are those with the same `document`.
        """
        if (request.content_type or "").startswith("multipart/"):
            return self.made(_take(self.body(DocumentBody), by=self.by))
        data = self.body(StatementBody)
        hit = taking.hit_of(data.pop("finding"))
        return self.made(taking.state(hit, by=self.by, now=timezone.now(), **data))

    @described(responses={(200, "*/*"): OpenApiTypes.BINARY})
    @action(
        detail=True, methods=["get"], url_path="document", url_name="document", pagination_class=None,
        filter_backends=(),
    )  # fmt: skip
    def document(self, request: Request, pk: Any) -> Any:
        """Download the document as it came."""
        refuse_parameters(request)
        row = self.get_object()
        return downloads.blob(row.document, name=row.file_name, media_type="application/octet-stream")

    @step("withdraw", takes=taking.withdraw, body=Reason)
    def withdraw(self, statement: Statement, *, by: Principal, now: datetime, reason: str) -> None:
        """Let it say nothing any more: what was suppressed because of it opens again."""
        taking.withdraw(statement, reason=reason, by=by, now=now)


class SuppressionOut(Out):
    """That a hit needs no work because of a statement: proposed by it, accepted by a person, until a day.

    `severity`, `versions`, `was_exploited` and `was_likely` are what was known when it was accepted: it ends when the
    risk is higher.
    """

    statement = serializers.UUIDField(source="statement_id")
    server = refs.ServerRef(source="hit.server")
    finding = refs.FindingRef(source="hit.observation.finding")
    vulnerability = serializers.CharField(source="hit.vulnerability.key")
    package = serializers.CharField(source="hit.name")
    decided_by = refs.PersonRef()

    class Meta:
        model = Suppression
        fields = (
            "id", "statement", "server", "finding", "vulnerability", "package", "status", "proposed_at", "severity",
            "versions", "was_exploited", "was_likely", "until", "reason", "decided_by", "decided_at", "ended_at",
            "end_reason",
        )  # fmt: skip


class AcceptBody(Reason):
    """Why, and until when: unless said the statement's last day, and a year from now at most."""

    until = serializers.DateField(required=False)


class Suppressions(ListModelMixin, RetrieveModelMixin, Noun[Suppression]):
    """What needs no work because of a statement; what it is about is never hidden."""

    serializer_class = SuppressionOut
    of, orders = SUPPRESSIONS, ("-proposed_at", "until")

    def get_queryset(self) -> "QuerySet[Suppression]":
        """Return the suppressions that the caller may see."""
        seen = Suppression.objects.visible_to(self.person)
        return seen.select_related(
            "statement", "hit__server", "hit__vulnerability", "hit__observation__finding", "decided_by"
        )

    @step("accept", takes=suppressing.accept, body=AcceptBody)
    def accept(
        self, suppression: Suppression, *, by: Principal, now: datetime, reason: str, until: date | None = None
    ) -> None:
        """Accept that it does not apply: its finding is dismissed."""
        suppressing.accept(suppression, reason=reason, until=until, by=by, now=now)

    @step("end", takes=suppressing.end, body=Reason)
    def end(self, suppression: Suppression, *, by: Principal, now: datetime, reason: str) -> None:
        """End it before its day: its finding opens again."""
        suppressing.end(suppression, reason=reason, by=by, now=now)


def _take(data: dict[str, Any], *, by: Principal) -> Statement:
    file = data.pop("file")
    server: Server | None = data.get("server")
    if server is not None:
        data["unit"] = server.unit
    raw = file.read()
    return taking.take(reading.read(raw), raw, file_name=file.name or "vex.json", by=by, now=timezone.now(), **data)
