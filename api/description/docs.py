"""The description of the API: as an OpenAPI 3.1 document, and as a page made of it."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from rest_framework.settings import api_settings

_METHODS = ("get", "post", "patch")


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a member of a body."""

    name: str
    kind: str
    is_required: bool
    note: str


@dataclass(frozen=True, slots=True)
class Form:
    """What a body of one media type holds."""

    title: str
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one address."""

    id: str
    method: str
    path: str
    summary: str
    notes: list[str]
    parameters: list[Field]
    bodies: list[Form]
    example: str
    answers: str
    refusals: str


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI document; it tells nothing of what is on the register, so it needs no sign-in."""
    response = HttpResponse(_document(), content_type="application/vnd.oai.openapi+json;version=3.1")
    response["Cache-Control"] = "public, max-age=300"
    return response


@require_safe
@login_required
def pages(request: HttpRequest) -> HttpResponse:
    """Show the operations by noun, with their parameters, bodies and scopes."""
    return render(request, "api/docs.html", {"nouns": operations()})


@cache
def operations() -> dict[str, list[Operation]]:
    """Return the operations by the first word of their address."""
    found: dict[str, list[Operation]] = {}
    for path, methods in _described()["paths"].items():
        for method in _METHODS:
            if method in methods:
                operation = _operation(method, path, methods[method])
                found.setdefault(path.split("/")[3], []).append(operation)
    return found


def _described() -> dict[str, Any]:
    """Return the OpenAPI document, by the class that REST_FRAMEWORK names: loaded by whoever asks for it first."""
    described: Any = api_settings.DEFAULT_SCHEMA_CLASS
    found: dict[str, Any] = described.document()
    return found


@cache
def _document() -> bytes:
    return orjson.dumps(_described(), option=orjson.OPT_INDENT_2)


def _operation(method: str, path: str, operation: dict[str, Any]) -> Operation:
    notes = [line for line in operation["description"].split("\n\n") if line]
    codes = [code for code in operation["responses"] if code.isdigit()]
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=_plain(operation["summary"]),
        notes=[_plain(note) for note in notes],
        parameters=[_field(one["name"], one["schema"], one) for one in operation.get("parameters", ())],
        bodies=_bodies(operation),
        example=_example(operation),
        answers=", ".join(code for code in codes if code < "400"),
        refusals=", ".join(code for code in codes if code >= "400"),
    )


def _bodies(operation: dict[str, Any]) -> list[Form]:
    return [_form(media_type, one) for media_type, one in operation.get("requestBody", {}).get("content", {}).items()]


def _example(operation: dict[str, Any]) -> str:
    """Return a JSON body as it could be sent, or an empty text where none is or where it says nothing."""
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode() if body else ""


def _form(media_type: str, schema: dict[str, Any]) -> Form:
    form = _resolved(schema["schema"])
    required = form.get("required", ())
    members = form.get("properties", {}).items()
    return Form(f"Body, {media_type}", [_field(name, one, {"required": name in required}) for name, one in members])


def _field(name: str, schema: dict[str, Any], about: dict[str, Any]) -> Field:
    note = about.get("description") or schema.get("description", "")
    return Field(name, _kind(schema), bool(about.get("required")), _plain(note))


def _kind(schema: dict[str, Any]) -> str:
    """Return in a few words what a value is."""
    if "enum" in schema:
        return " | ".join(str(word) for word in schema["enum"] if word not in ("", None))
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if "oneOf" in schema or "allOf" in schema:
        return " | ".join(filter(None, (_kind(one) for one in schema.get("oneOf", schema.get("allOf", ())))))
    kind = schema.get("format") or schema.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in schema:
        return schema
    found: dict[str, Any] = _described()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    return found


def _plain(text: str) -> str:
    """Return a text on one line without the marks of code."""
    return " ".join(text.replace("`", "").split())
