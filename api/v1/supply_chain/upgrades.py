"""What to do about what hits servers, and under which licences their components are."""

from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.description.described import described
from api.fields import Body, Choice, Known
from api.v1.endpoint_parts import refs
from api.views import Door
from composition.comparison import upgrades
from composition.comparison.upgrades import Upgrade
from composition.inventories import licences_in_use
from scoring.scales import Severity
from vendors.models import Server

_OF_ONE = OpenApiParameter("server", OpenApiTypes.UUID, description="Id of a server; without it all that you see.")


class UpgradeOut(serializers.Serializer[Any]):
    """A version of a package that frees servers of all that is known to hit it; empty: none is known.

    Of a malicious package no version helps a server that ran it.
    """

    ecosystem = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    to_version = serializers.CharField(read_only=True)
    servers = refs.ServerRef(many=True)
    critical = serializers.IntegerField(read_only=True, help_text="how many of the servers are of tier 1")
    vulnerabilities = serializers.ListField(child=serializers.CharField(), read_only=True)
    severity = serializers.SerializerMethodField()
    is_exploited = serializers.BooleanField(read_only=True)
    is_malicious = serializers.BooleanField(read_only=True)

    @extend_schema_field(Choice(choices=Severity.words()))
    def get_severity(self, one: Upgrade) -> str:
        """Return the word of the worst."""
        return one.severity.word


class Upgrades(serializers.Serializer[Any]):
    """What frees servers, what frees the most critical ones first."""

    upgrades = UpgradeOut(many=True, read_only=True)


class LicenceOut(serializers.Serializer[Any]):
    """A licence as inventories write it; empty: they say none, which is unknown."""

    name = serializers.CharField(read_only=True)
    components = serializers.IntegerField(read_only=True)
    servers = serializers.ListField(child=serializers.UUIDField(), read_only=True)


class Licences(serializers.Serializer[Any]):
    """Under which licences components are, those of most servers first."""

    licences = LicenceOut(many=True, read_only=True)


class _Query(Body):
    server = Known(Server, required=False)


class _OfServers(Door):
    def server(self) -> UUID | None:
        """Return the id of the server that is asked for, None for all. Raises ValidationError."""
        read = _Query(data=self.request.query_params.dict(), context={"request": self.request})
        if not read.is_valid():
            raise ValidationError(read.errors)
        server: Server | None = read.validated_data.get("server")
        return server.pk if server else None


class UpgradesView(_OfServers):
    """What to do about what hits servers."""

    @described(parameters=[_OF_ONE], responses={200: Upgrades, 422: None})
    def get(self, request: Request) -> Response:
        """Return which version of which package frees which servers of what certainly hits them."""
        found = {"upgrades": upgrades.of(self.person, server=self.server())}
        return Response(Upgrades(found, context={"request": request}).data)


class LicencesView(_OfServers):
    """Licences of components."""

    @described(parameters=[_OF_ONE], responses={200: Licences, 422: None})
    def get(self, request: Request) -> Response:
        """Return under which licences the components are that servers are built from today."""
        rows = [
            {"name": one.name, "components": one.components, "servers": sorted(one.servers)}
            for one in licences_in_use.of(self.person, server=self.server())
        ]
        return Response(Licences({"licences": rows}).data)
