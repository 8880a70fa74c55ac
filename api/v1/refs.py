"""How objects refer to each other: short forms in answers, and what a body may name by id."""

from typing import Any

from django.db import models
from django.db.models import QuerySet
from rest_framework import serializers

from accounts import access
from accounts.models import Unit, User
from api.fields import Moment
from assessments.models import Assessment, Finding, Review
from evidence.models import Evidence
from vendors.models import Release, Server, Vendor


class Out(serializers.ModelSerializer[Any]):
    """An answer: every field is read-only, instants are in UTC."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {models.DateTimeField: Moment}

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields, all read-only."""
        fields = super().get_fields()
        for field in fields.values():
            field.read_only, field.required = True, False
        return fields


class UnitRef(Out):
    """A unit."""

    class Meta:
        model = Unit
        fields = ("id", "name", "code")


class PersonRef(Out):
    """A person."""

    class Meta:
        model = User
        fields = ("id", "name")


class VendorRef(Out):
    """A vendor."""

    ref = serializers.CharField()

    class Meta:
        model = Vendor
        fields = ("id", "ref", "name")


class ServerRef(Out):
    """A server."""

    ref = serializers.CharField()

    class Meta:
        model = Server
        fields = ("id", "ref", "title")


class ReleaseRef(Out):
    """A release."""

    class Meta:
        model = Release
        fields = ("id", "version", "revision")


class AssessmentRef(Out):
    """An assessment."""

    ref = serializers.CharField()

    class Meta:
        model = Assessment
        fields = ("id", "ref", "status")


class FindingRef(Out):
    """A finding."""

    ref = serializers.CharField()

    class Meta:
        model = Finding
        fields = ("id", "ref", "title")


class EvidenceRef(Out):
    """A piece of evidence."""

    ref = serializers.CharField()

    class Meta:
        model = Evidence
        fields = ("id", "ref", "title", "kind")


def units(user: User) -> "QuerySet[Unit]":
    """Return the units in which the person has a role."""
    return access.visible_units(user)


def people(user: User) -> "QuerySet[User]":
    """Return the colleagues: everybody, for whoever has a role."""
    return User.objects.all() if access.of(user).is_member else User.objects.none()


def vendors(user: User) -> "QuerySet[Vendor]":
    """Return the vendors that the person may see."""
    return Vendor.objects.visible_to(user)


def servers(user: User) -> "QuerySet[Server]":
    """Return the servers that the person may see."""
    return Server.objects.visible_to(user).select_related("unit")


def releases(user: User) -> "QuerySet[Release]":
    """Return the releases that the person may see."""
    return Release.objects.visible_to(user).select_related("server")


def evidence(user: User) -> "QuerySet[Evidence]":
    """Return the evidence that the person may see."""
    return Evidence.objects.visible_to(user)


def reviews(user: User) -> "QuerySet[Review]":
    """Return the reviews that the person may see."""
    return Review.objects.visible_to(user).select_related("server__unit", "assessment")
