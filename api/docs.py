"""The description of the API: as an OpenAPI 3.1 document, and as a page made of it."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from api import schema as description

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
    for path, methods in description.document()["paths"].items():
        for method in _METHODS:
            if method in methods:
                operation = _operation(method, path, methods[method])
                found.setdefault(path.split("/")[3], []).append(operation)
    return found


@cache
def _document() -> bytes:
    return orjson.dumps(description.document(), option=orjson.OPT_INDENT_2)


def _operation(method: str, path: str, said: dict[str, Any]) -> Operation:
    notes = [line for line in said["description"].split("\n\n") if line]
    codes = [code for code in said["responses"] if code.isdigit()]
    return Operation(
        id=said["operationId"],
        method=method.upper(),
        path=path,
        summary=_plain(said["summary"]),
        notes=[_plain(note) for note in notes],
        parameters=[_field(one["name"], one["schema"], one) for one in said.get("parameters", ())],
        bodies=_bodies(said),
        example=_example(said),
        answers=", ".join(code for code in codes if code < "400"),
        refusals=", ".join(code for code in codes if code >= "400"),
    )


def _bodies(said: dict[str, Any]) -> list[Form]:
    return [_form(media_type, one) for media_type, one in said.get("requestBody", {}).get("content", {}).items()]


def _example(said: dict[str, Any]) -> str:
    """Return a JSON body as it could be sent, or an empty text where none is or where it says nothing."""
    body = said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode() if body else ""


def _form(media_type: str, said: dict[str, Any]) -> Form:
    form = _resolved(said["schema"])
    required = form.get("required", ())
    members = form.get("properties", {}).items()
    return Form(f"Body, {media_type}", [_field(name, one, {"required": name in required}) for name, one in members])


def _field(name: str, said: dict[str, Any], about: dict[str, Any]) -> Field:
    note = about.get("description") or said.get("description", "")
    return Field(name, _kind(said), bool(about.get("required")), _plain(note))


def _kind(said: dict[str, Any]) -> str:
    """Return in a few words what a value is."""
    if "enum" in said:
        return " | ".join(str(word) for word in said["enum"] if word not in ("", None))
    if said.get("type") == "array":
        return f"list of {_kind(said['items'])}"
    if "$ref" in said:
        return str(said["$ref"].rsplit("/", 1)[-1])
    if "oneOf" in said or "allOf" in said:
        return " | ".join(filter(None, (_kind(one) for one in said.get("oneOf", said.get("allOf", ())))))
    kind = said.get("format") or said.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _resolved(said: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in said:
        return said
    found: dict[str, Any] = description.document()["components"]["schemas"][said["$ref"].rsplit("/", 1)[-1]]
    return found


def _plain(text: str) -> str:
    """Return a text on one line without the marks of code."""
    return " ".join(text.replace("`", "").split())
