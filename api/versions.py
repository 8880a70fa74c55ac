"""The version of an object in the API: told with it, and sent with a change, so that nobody writes over another's."""

from functools import cache
from typing import Any

from django.db.models import Model
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.steps import Step
from api import offers
from api.fields import Body, Text
from api.steps import in_body
from riskregister import versions

_LONGEST = 1000


class Version(Text):
    """The version of an object that somebody read."""

    def __init__(self, **how: Any) -> None:
        """Say what it is for."""
        words = "the object's `version` as you read it; the answer is 409 when it has another one by now"
        super().__init__(**{"max_length": _LONGEST, "help_text": words} | how)


def edits(view: type[Any]) -> tuple[Step[Any, Any], ...]:
    """Return the steps of a view that write facts of its objects anew; a part of one has a version of its own."""
    patched = getattr(getattr(view, "partial_update", None), "takes", ())
    below = (one.takes[0] for one in offers.below(view).values() if one.given is not in_body)
    return tuple(one for one in (*patched, *below) if one.rule.edits)


def of(view: type[Any], row: Model) -> str:
    """Return the version of an object: the facts that any of the view's steps writes anew."""
    seen: dict[str, Any] = {}
    for one in edits(view):
        seen |= one.rule.edits(row) if one.rule.edits else {}
    return versions.version(seen)


@extend_schema_field({"type": "string"})
class _Version(serializers.Field[Model, Any, Any, Any]):
    """The version of an object."""

    def to_representation(self, value: Model) -> str:
        """Return what the view knows it by."""
        return of(type(self.context["view"]), value)


@cache
def with_version(written: Any) -> Any:
    """Return the serializer of an object, with the field `version`."""
    meta = type("Meta", (written.Meta,), {"fields": (*written.Meta.fields, "version")})
    help_text = "opaque; a change sends it back"
    members = {
        "version": _Version(source="*", read_only=True, help_text=help_text),
        "Meta": meta,
        "__doc__": written.__doc__,
        "__module__": written.__module__,
    }
    return type(written.__name__.removesuffix("Out"), (written,), members)


@cache
def taking_version(body: type[Body]) -> type[Body]:
    """Return the body of a change, with the `version` that it is made on."""
    members = {"version": Version(required=False), "__doc__": body.__doc__, "__module__": body.__module__}
    return type(body.__name__, (body,), members)


def split(data: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the changes that a body asks for and the version that they are made on. Raises ValidationError."""
    changes = dict(data)
    version = changes.pop("version", None)
    if version is None:
        raise ValidationError({"version": ["Send the `version` of the object that you read."]})
    return changes, version
