"""Servers, with their suppliers, exposure and status; imports of registry documents."""

import json
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Unit
from accounts.principals import Principal
from accounts.units.once_a_scope import OnceAScope
from api.description.described import described
from api.fields import OptionalReason, Reason
from api.parsers import ImportParser
from api.steps import in_body, takes
from api.v1.endpoint_parts import refs
from api.v1.endpoint_parts.field_history import WithFieldHistory
from api.v1.endpoint_parts.refs import Out
from api.v1.findings import acceptances
from api.v1.observations.runs import Looks, RunOut
from api.v1.servers import overrides
from api.v1.servers.exposure import Exposure
from api.v1.servers.ratings import RatingShort
from api.v1.servers.releases import ReleaseOut
from api.v1.servers.server_bodies import (
    LookBody,
    ScannerResults,
    ServerBody,
    ServerDocument,
    ServerEdit,
    SupplierBody,
    SupplierChosen,
    ToolsDocument,
)
from api.v1.servers.server_parts import WithParts
from api.views import Noun, step
from collectors import asking as collecting
from containment import stopping
from decisions.approvals import approvals, server_states
from decisions.models import RatingOverride
from decisions.ratings import overriding
from findings import acceptance
from findings.models import RiskAcceptance
from inspection import inspecting, scanner_results
from monitoring.models import Run
from riskregister import looks
from riskregister.refusals import Refused
from vendors import lifecycle
from vendors.models import Release, Server, ServerSupplier, Vendor
from vendors.models.deployment import FACTS
from vendors.registering import exposure, importing, registration
from work.lists import SERVERS, with_findings


class Supplier(Out):
    """A vendor in one role behind a server."""

    vendor = refs.VendorRef()

    class Meta:
        model = ServerSupplier
        fields = ("id", "vendor", "role")


LOOK_ALIKES = 20


class ServerRow(Out):
    """A server in a list."""

    ref = serializers.CharField()
    unit = refs.UnitRef()
    owner = refs.PersonRef()
    pinned_release = refs.ReleaseRef()
    state = serializers.SerializerMethodField()
    rating = RatingShort(read_only=True, allow_null=True, help_text="null for a server that was never rated")
    publisher = serializers.CharField(allow_null=True, help_text="name of the vendor; null: none is recorded")
    findings_open = serializers.IntegerField(help_text="findings to do")
    tags: Any = serializers.SlugRelatedField(slug_field="word", many=True, read_only=True)

    class Meta:
        model = Server
        fields = (
            "id", "ref", "name", "title", "unit", "status", "state", "owner", "publisher", "pinned_release",
            "is_in_use", "inherent_tier", "tier_at_best", "tier_reason", "rating", "findings_open", "tags", "is_demo",
            "created_at",
        )  # fmt: skip

    @extend_schema_field({"type": "string", "enum": list(looks.kinds()["server_state"])})
    def get_state(self, server: Server) -> str:
        """Return how it stands today: its status, or that its approval has run out."""
        return server_states.state(server, today=timezone.localdate())


class UnknownFacts(serializers.Serializer[Any]):
    """The exposure facts of a deployment, or of a server without one, that nobody knows."""

    of = serializers.CharField(source="exposed.ref", help_text="number of the deployment, or of the server itself")
    facts = serializers.SerializerMethodField()

    @extend_schema_field({"type": "array", "items": {"type": "string", "enum": list(FACTS)}})
    def get_facts(self, gap: exposure.Gap) -> list[str]:
        """Return the names of the facts."""
        return [fact.key for fact in gap.facts]


class ServerOut(ServerRow):
    """A server with everything about it."""

    suppliers = Supplier(many=True)
    unknown_facts = serializers.SerializerMethodField()
    look_alikes = serializers.SerializerMethodField()

    class Meta:
        model = Server
        fields = (
            *ServerRow.Meta.fields, "purpose", "repository_url", "repository_source", "repository_id",
            "repository_subfolder", "website_url", "licence", "is_open_source", "is_vendor_hosted",
            "is_under_contract", "suppliers", "look_alikes", "unknown_facts", *FACTS,
        )  # fmt: skip

    @extend_schema_field(UnknownFacts(many=True))
    def get_unknown_facts(self, server: Server) -> Any:
        """Return what nobody knows of the facts that the tier follows from: knowing it narrows the tier."""
        return UnknownFacts(exposure.gaps(server), many=True).data

    @extend_schema_field(refs.ServerRef(many=True))
    def get_look_alikes(self, server: Server) -> Any:
        """Return the servers that the caller may see and whose name or title passes for this one's."""
        seen = Server.objects.visible_to(self.context["request"].user).looking_like(server)
        return refs.ServerRef(seen.order_by("number")[:LOOK_ALIKES], many=True).data


class Imported(serializers.Serializer[Any]):
    """What an import made or found."""

    server = ServerOut()
    release = ReleaseOut()


def _written(document: Any) -> str:
    """Return the document as a text; a text is one already."""
    return document if isinstance(document, str) else json.dumps(document)


@OnceAScope
def _with_findings(person: Any) -> "QuerySet[Server]":
    return with_findings(Server.objects.visible_to(person), person)


class Servers(ListModelMixin, RetrieveModelMixin, WithFieldHistory, WithParts, Noun[Server]):
    """MCP servers that agents of a unit may connect to."""

    serializer_class, row_class = ServerOut, ServerRow
    body_class, edit_class = ServerBody, ServerEdit
    of, orders = SERVERS, ("-created_at", "number")

    def get_queryset(self) -> "QuerySet[Server]":
        """Return the servers that the caller may see."""
        rows = _with_findings(self.person).select_related("unit", "owner", "pinned_release", "rating")
        near = rows.prefetch_related("tags")
        return near if self.action == "list" else near.prefetch_related("suppliers__vendor")

    @takes(registration.register_server)
    def create(self, request: Request) -> Response:
        """Register a server; it is requested at first."""
        data = self.body(ServerBody)
        return self.made(registration.register_server(by=self.by, now=timezone.now(), **data))

    @takes(registration.edit_server)
    def partial_update(self, request: Request, pk: Any) -> Response:
        """Change what is said of a server; its exposure is a step of its own."""
        server = self.get_object()
        changes, version = self.changes()
        registration.edit_server.over(version)(server, changes=changes, by=self.by, now=timezone.now())
        return Response(self.shown(pk))

    @described(request=ServerDocument, responses={201: Imported})
    @action(detail=False, methods=["post"], url_path="import", url_name="import", parser_classes=[ImportParser])
    @takes(importing.import_server_json)
    def import_document(self, request: Request) -> Response:
        """Import a registry `server.json`: a new server, or a new release of one that the unit has."""
        data = self.body(ServerDocument)
        unit: Unit = data["unit"]
        server, release = importing.import_server_json(
            json.dumps(data["document"]),
            unit=unit,
            publisher=data.get("publisher"),
            tags=data.get("tags", ()),
            reason=data.get("reason", ""),
            by=self.by,
            now=timezone.now(),
        )
        imported = {"server": self.get_queryset().get(pk=server.pk), "release": release}
        return Response(Imported(imported, context=self.get_serializer_context()).data, status=201)

    @step(
        "import-tools",
        takes=importing.import_tools,
        body=ToolsDocument,
        shows=ReleaseOut,
        status=201,
        parser_classes=[ImportParser],
    )
    def import_tools(
        self, server: Server, *, by: Principal, now: datetime, release: Release | None = None, **data: Any
    ) -> Any:
        """Record a captured `tools/list` of a release; other tools under the same version make a further revision."""
        target = release or server.releases.first()
        if target is None or target.server_id != server.pk:
            raise Refused("Choose a release of this server, or record one first.", field="release")
        return importing.import_tools(
            target,
            _written(data["document"]),
            captured_at=data["captured_at"],
            command=data["command"],
            by=by,
            now=now,
        )

    @step("inspect", takes=inspecting.ask, shows=Looks, status=202)
    def inspect(self, server: Server, *, by: Principal, now: datetime) -> dict[str, list[Run]]:
        """Ask for a look at the server by each way in; look at each run again until it has ended."""
        return {"runs": inspecting.ask_everywhere(server, by=by, now=now)}

    @step(
        "import-scan",
        takes=scanner_results.import_results,
        body=ScannerResults,
        shows=RunOut,
        status=201,
        parser_classes=[ImportParser],
    )
    def import_scan(self, server: Server, *, by: Principal, now: datetime, document: Any) -> Run:
        """Record what another scanner claims of the server; nothing of it is a look of the register."""
        return scanner_results.import_results(server, _written(document), by=by, now=now)

    @step("collect", takes=collecting.ask, body=LookBody, shows=RunOut, status=202)
    def collect(self, server: Server, *, by: Principal, now: datetime, collector: str) -> Run:
        """Ask for a look at its packages, addresses or vendor; look at the run again until it has ended."""
        return collecting.ask(server, collector=collector, by=by, now=now)

    @step("set-exposure", takes=registration.set_exposure, body=Exposure)
    def set_exposure(self, server: Server, *, by: Principal, now: datetime, version: str | None, **facts: Any) -> None:
        """Set exposure facts, from which the inherent tier follows; deployments have their own."""
        registration.set_exposure.over(version)(server, facts=facts, by=by, now=now)

    @step("add-supplier", takes=registration.add_supplier, body=SupplierBody)
    def add_supplier(self, server: Server, *, by: Principal, now: datetime, vendor: Vendor, role: str) -> None:
        """Record that a vendor stands behind the server."""
        registration.add_supplier(server, vendor, role=role, by=by, now=now)

    @step("remove-supplier", takes=registration.remove_supplier, given=in_body, body=SupplierChosen)
    def remove_supplier(self, server: Server, *, by: Principal, now: datetime, supplier: int) -> None:
        """Remove a vendor from behind the server."""
        row = get_object_or_404(server.suppliers.select_related("vendor"), pk=supplier)
        registration.remove_supplier(row, by=by, now=now)

    @step("start-review", takes=lifecycle.start_review)
    def start_review(self, server: Server, *, by: Principal, now: datetime) -> None:
        """Take a requested server into review; starting an assessment does so by itself."""
        lifecycle.start_review(server, by=by, now=now)

    @step("request-again", takes=lifecycle.request_again, body=OptionalReason)
    def request_again(self, server: Server, *, by: Principal, now: datetime, reason: str = "") -> None:
        """Request a rejected or retired server again."""
        lifecycle.request_again(server, by=by, now=now, reason=reason)

    @step("suspend", takes=lifecycle.suspend, body=Reason)
    def suspend(self, server: Server, *, by: Principal, now: datetime, reason: str) -> None:
        """Stop the use of an approved server at once, in every unit of yours that has it; other units are told."""
        stopping.stop(server, reason=reason, by=by, now=now)

    @step("resume", takes=approvals.resume_server, body=Reason)
    def resume(self, server: Server, *, by: Principal, now: datetime, reason: str) -> None:
        """Let agents use a suspended server again, while its approval is in date."""
        approvals.resume_server(server, reason=reason, by=by, now=now)

    @step("retire", takes=lifecycle.retire, body=Reason)
    def retire(self, server: Server, *, by: Principal, now: datetime, reason: str) -> None:
        """Retire a server whose deployments have all ended."""
        lifecycle.retire(server, reason=reason, by=by, now=now)

    @step(
        "accept-risk",
        takes=acceptance.request_for_server,
        body=acceptances.AcceptanceBody,
        shows=acceptances.AcceptanceOut,
        status=201,
    )
    def accept_risk(self, server: Server, *, by: Principal, now: datetime, **data: Any) -> RiskAcceptance:
        """Ask to live with the server's low score until a day; somebody else decides."""
        return acceptance.request_for_server(server, by=by, now=now, **data)

    @step(
        "request-override", takes=overriding.request, body=overrides.OverrideBody, shows=overrides.OverrideOut,
        status=201,
    )  # fmt: skip
    def request_override(
        self, server: Server, *, by: Principal, now: datetime, residual: str, reason: str, expires_on: date
    ) -> RatingOverride:
        """Ask, as a manager, to show another residual risk for a while; somebody else decides."""
        return overriding.request(server, residual=residual, reason=reason, expires_on=expires_on, by=by, now=now)
