"""How objects refer to each other: short forms in answers, and what a body may name by id."""

from collections.abc import Sequence
from copy import copy, deepcopy
from typing import Any, ClassVar, TypeVar, cast

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from rest_framework import serializers

from accounts.models import Unit, User
from api.fields import Moment
from assessments.models import Assessment
from evidence.models import Evidence
from findings.models import Finding
from landscape.models import SharedService
from vendors.models import Deployment, Release, Server, Vendor

M = TypeVar("M", bound=models.Model)
Field = serializers.Field[Any, Any, Any, Any]


class Out(serializers.ModelSerializer[Any]):
    """An answer: every field is read-only, instants are in UTC, and what the column may lack is described as null."""

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {models.DateTimeField: Moment}

    _built: ClassVar[dict[str, Field]]

    def get_fields(self) -> dict[str, Field]:
        """Return the fields, all read-only; a neighbour whose column may be empty may be null.

        They are worked out from the model once a class, and each answer gets copies: what a field takes from its
        serializer is bound to the copy. Working them out anew took an eighth of the time of a detail.
        """
        if "_built" not in type(self).__dict__:
            built = super().get_fields()
            for name, field in built.items():
                if isinstance(field, Out):
                    field.allow_null = field.allow_null or _may_lack(cast(Any, self).Meta.model, name)
            type(self)._built = built
        return {name: _read_only(field) for name, field in self._built.items()}


def _may_lack(model: type[models.Model], name: str) -> bool:
    try:
        return bool(model._meta.get_field(name).null)
    except FieldDoesNotExist:
        return False


def _read_only(field: Field) -> Field:
    # A list's child is bound when the list is made, so that only a whole new list has a child of its own.
    has_child = hasattr(field, "child") or hasattr(field, "child_relation")
    fresh = deepcopy(field) if has_child else copy(field)
    fresh.read_only, fresh.required = True, False
    return fresh


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


def with_people(rows: "Sequence[M]", *names: str) -> "Sequence[M]":
    """Return rows with the people whom they name, read in one statement.

    A join for each cost more to plan than to do: ten of them, 7 ms.
    """
    named = {getattr(row, f"{name}_id") for row in rows for name in names} - {None}
    people = User.objects.only("name").in_bulk(named) if named else {}
    for row in rows:
        for name in names:
            setattr(row, name, people.get(getattr(row, f"{name}_id")))
    return rows


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


class DeploymentRef(Out):
    """A deployment."""

    ref = serializers.CharField()

    class Meta:
        model = Deployment
        fields = ("id", "ref", "name")


class SharedServiceRef(Out):
    """A service that servers share."""

    ref = serializers.CharField()

    class Meta:
        model = SharedService
        fields = ("id", "ref", "name")


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
