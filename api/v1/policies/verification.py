"""Is what a pipeline would deploy what the server's approval is of? A question: nothing is changed."""

import json
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.description.described import described
from api.fields import Body, Choice, Text
from api.negotiation import ByAccept
from api.parsers import LockFileParser
from api.renderers import JSONRenderer
from api.steps import asks
from containment.verification import offering, sarif, verifying
from containment.verification.pins import Offered, Outcome
from containment.verification.verifying import NOT_APPROVED, Given
from riskregister import limits
from vendors.models import Server

_OUTCOMES = [*Outcome, NOT_APPROVED]


class SarifRenderer(JSONRenderer):
    """Writes a log of SARIF, which is JSON."""

    media_type = sarif.MEDIA_TYPE
    format = "sarif"


class Artefact(Body):
    """An artefact by its digest."""

    kind = Text(help_text="npm, pypi, oci, mcpb, nuget, or another kind of package that the release names")
    name = Text(help_text="e.g. @example/weather")
    version = Text(required=False)
    digest = Text(help_text="e.g. sha512-…, sha256:…, or 64 hexadecimal digits; several apart by spaces")


class PackageFile(Body):
    """A file of a package by its digests."""

    name = Text(help_text="its name, which says of which kind of package it is, with its path")
    digest = Text(help_text="several apart by spaces are by several algorithms")


class LockFileBody(Body):
    """A lock file as it is."""

    name = Text(help_text="its name, which says how it is read, with its path where that is to be shown")
    content = Text(max_length=limits.LOCK_FILE)


class PinsBody(Body):
    """What would be deployed."""

    artefacts = Artefact(many=True, required=False)
    files = PackageFile(many=True, required=False)
    lock_files = LockFileBody(many=True, required=False)
    tools = serializers.JSONField(required=False, help_text="a captured tools/list, as import-tools takes one")
    manifest_digest = Text(required=False, help_text="of the tools, in place of them")
    release = Text(required=False, help_text="the version that would be deployed: another than approved fails")
    kinds = serializers.ListField(
        child=Text(), required=False, help_text="what of the release would be deployed, e.g. npm; all unless given"
    )


class PinCheck(serializers.Serializer[Any]):
    """One comparison; where it stands is empty for what was compared with nothing."""

    outcome = Choice(choices=list(Outcome))
    detail = serializers.CharField(help_text="why")
    artefact = serializers.CharField(help_text="e.g. npm @example/weather 1.2.3")
    pinned = serializers.ListField(child=serializers.CharField(), help_text="digests on record")
    given = serializers.ListField(child=serializers.CharField(), help_text="digests that were given")
    where = serializers.CharField()
    line = serializers.IntegerField(help_text="of a lock file, from 1; 0 for anything else")


class VerifiedServer(serializers.Serializer[Any]):
    """Which server."""

    ref = serializers.CharField()
    name = serializers.CharField()


class VerifiedPins(serializers.Serializer[Any]):
    """What came of it; only `match` says that all of it is what was approved."""

    outcome = Choice(choices=_OUTCOMES)
    detail = serializers.CharField()
    server = VerifiedServer()
    approval = serializers.CharField(allow_null=True, help_text="null where none lets agents use the server now")
    release = serializers.CharField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    checks = PinCheck(many=True)


class WithVerification:
    """Adds `POST /servers/{id}/verify/`."""

    @described(
        request=PinsBody,
        responses={(200, "application/json"): VerifiedPins, (200, sarif.MEDIA_TYPE): OpenApiTypes.OBJECT},
    )
    @action(
        detail=True, methods=["post"], url_path="verify", url_name="verify", parser_classes=[LockFileParser],
        renderer_classes=[JSONRenderer, SarifRenderer], content_negotiation_class=ByAccept,
    )  # fmt: skip
    @asks
    def verify(self: Any, request: Request, pk: Any) -> Response:
        """Compare artefacts and lock files with what the server's approval of this moment is of."""
        server: Server = get_object_or_404(Server.objects.visible_to(self.person), pk=pk)
        self.check_object_permissions(request, server)
        found = verifying.verify(server, _given(self.body(PinsBody)), now=timezone.now())
        is_sarif = request.accepted_renderer.format == SarifRenderer.format
        return Response(sarif.document(found) if is_sarif else found.document)


def _given(body: dict[str, Any]) -> Given:
    files = enumerate(body.get("lock_files", ()))
    return Given(
        artefacts=tuple(_offered(body)),
        lock_files=tuple(
            offering.lock_file(one["name"], one["content"], where=f"lock_files[{at}]") for at, one in files
        ),
        release=body.get("release", ""),
        kinds=tuple(body.get("kinds", ())),
    )


def _offered(body: dict[str, Any]) -> list[Offered]:
    found = [
        offering.of_artefact(
            one["kind"], one["name"], version=one.get("version", ""), digest=one["digest"], where=f"artefacts[{at}]"
        )
        for at, one in enumerate(body.get("artefacts", ()))
    ]
    found += [
        offering.of_file(one["name"], digest=one["digest"], where=f"files[{at}]")
        for at, one in enumerate(body.get("files", ()))
    ]
    if "tools" in body:
        tools = body["tools"]
        found.append(offering.of_tools(tools if isinstance(tools, str) else json.dumps(tools), where="tools"))
    if body.get("manifest_digest"):
        found.append(offering.of_manifest(body["manifest_digest"], where="manifest_digest"))
    return found
