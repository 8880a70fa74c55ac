"""How the OpenAPI description is made: bodies and answers of each action, problems, and the token's scheme."""

import re
import threading
from collections.abc import Iterator
from functools import cache
from inspect import getdoc
from typing import Any

from drf_spectacular.contrib.django_filters import DjangoFilterExtension
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import SAFE_METHODS

from api import repeats, steps, versions
from api.description import examples
from riskregister import filters, problems

_made_by_one = threading.Lock()
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors", "instance"],
    "description": "What was refused and why (RFC 9457).",
    "properties": {
        "type": {"type": "string", "description": "urn:mcp-risk-register:problem:… — stable, for programs"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence that says what to do"},
        "instance": {"type": "string"},
        "was": {"type": "string", "description": "of illegal-transition: the state that it is in"},
        "to": {"type": "string", "description": "of illegal-transition: where the step would have led"},
        "current": {"$ref": "#/components/schemas/Answer", "description": "of conflict: the answer as it is now"},
        "changed": {
            "type": "array",
            "items": {"type": "string"},
            "description": "of conflict: the fields that somebody else changed since the version that was sent",
        },
        "missing": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/MissingOut"},
            "description": "of an approval that is refused: what it lacks",
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
# Each refusal: its status, what it means, and a problem as it is sent.
_REFUSALS = {
    "400": ("What was sent does not fit; nothing was changed.", "invalid", "Some of what was sent does not fit."),
    "401": ("Nobody is signed in, or the token does not hold.", "not-authenticated", "Send a token."),
    "403": ("The roles or the token's scopes do not allow it.", "not-permitted", "Your roles do not allow this."),
    "404": (
        "It is not there, or not for you to see.",
        "not-found",
        "There is nothing here, or nothing for you to see.",
    ),
    "409": ("Somebody was first, or the state does not allow it.", "conflict", "Look at it again, then decide."),
    "413": ("The body is larger than the endpoint takes.", "body-too-large", "The body is larger than 1024 KiB."),
    "415": ("The body is of another media type.", "unsupported-media-type", "Send application/json."),
    "422": ("The step refuses what was said; nothing was changed.", "refused", "Give a reason."),
    "429": ("Too many requests in this minute; Retry-After says how long to wait.", "throttled", "Wait 12 seconds."),
    "default": ("Refused; nothing was changed.", "internal", "It is logged under the X-Correlation-ID."),
}
_NULL = {"type": "null"}
_FIRST_WORDS = re.compile(r"[;:]\s|(?<!e\.g)\.(?:\s|$)")
_ALWAYS = ("400", "401", "403", "429", "default")
_OF_A_BODY = ("409", "413", "415", "422")


class Described(AutoSchema):
    """Reads body and answer off the view's own attributes, and names the scope that an operation needs."""

    view: Any

    def get_request_serializer(self) -> Any:
        """Return the body of a creation or a change."""
        action = getattr(self.view, "action", "")
        if "request" in self._overrides:
            return self._overrides["request"]
        if action == "create":
            return self.view.body_class
        if action == "partial_update":
            return versions.taking_version(self.view.edit_class)
        return super().get_request_serializer()

    def get_response_serializers(self) -> Any:
        """Return the answer: a row of the list, or the whole object."""
        if "responses" in self._overrides:
            return self._overrides["responses"]
        if getattr(self.view, "action", "") == "list":
            return self.view.row_class or self.view.serializer_class
        return super().get_response_serializers()

    def get_override_parameters(self) -> list[Any]:
        """Return what the endpoint says that it takes, and the header that every change takes."""
        parameters: list[Any] = self._overrides.get("parameters", [])
        if self.method not in repeats.METHODS or steps.is_question(self.view, self.method):
            return parameters
        words = (
            "Another for each request, such as a UUID. Sent again with the same body within 24 hours, the request does "
            f"nothing and gets the first answer, marked `{repeats.REPLAYED}: true`; with another body it gets 422."
        )
        held = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}
        return [OpenApiParameter(repeats.HEADER, held, OpenApiParameter.HEADER, description=words), *parameters]

    def get_operation_id(self) -> str:
        """Return the name that the endpoint gives itself, or the one that follows from its address."""
        return str(self._overrides.get("operation_id") or super().get_operation_id())

    def get_summary(self) -> str:
        """Return what the operation does in a few words: for lists and single objects with the noun."""
        name = getattr(self.view, "basename", "").replace("-", " ")
        action = getattr(self.view, "action", "")
        if action == "list":
            return f"List {self.path.split('/')[3].replace('-', ' ')}"
        if action == "retrieve":
            return f"Show one {name}"
        text = self._doc()
        return _FIRST_WORDS.split(text)[0].replace("`", "")

    def get_description(self) -> str:  # type: ignore[override]  # the generator calls it like this
        """Return what the operation does, and the scope."""
        text = self._doc()
        needed = (self.view.reads,) if self.method in SAFE_METHODS else steps.needed(self.view, self.method)
        scopes = " or ".join(f"`{scope}`" for scope in needed)
        return f"{text}\n\nScope of a token: {scopes}.".strip()

    @property
    def _overrides(self) -> dict[str, Any]:
        """Return what the endpoint says of itself (`api.description.described`)."""
        method = getattr(self.view, getattr(self.view, "action", "") or self.method.lower(), None)
        overrides: dict[str, Any] = getattr(method, "described", {})
        return overrides

    @staticmethod
    def document() -> dict[str, Any]:
        """Return the OpenAPI document."""
        return document()

    def _doc(self) -> str:
        """Return the docstring of the endpoint; REST framework's own ones have none."""
        action = getattr(self.view, "action", "")
        if action == "list":
            return f"Return a page of what you may see.\n\n{getdoc(type(self.view))}"
        return "Return one object." if action == "retrieve" else super().get_description() or ""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        writes = self.method not in SAFE_METHODS
        codes = {*_ALWAYS, *(["404"] if "{" in self.path else []), *(_OF_A_BODY if writes else ())}
        codes.update(code for code in bodies if code >= "400")
        refused = {code: {"$ref": f"#/components/responses/Refused{code.title()}"} for code in sorted(codes)}
        return {code: body for code, body in bodies.items() if code not in refused} | refused


class BearerToken(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The scheme of `Authorization: Bearer mvr_…`."""

    target_class = "api.auth.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "mvr_…"}


class Session(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The scheme of the browser session."""

    target_class = "api.auth.BrowserSession"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Return the scheme."""
        return {"type": "apiKey", "in": "cookie", "name": "riskregister_session"}


class Upload(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A file of a body: its bytes, where the generator would say that it is an address."""

    target_class = "rest_framework.fields.FileField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        """Return the schema of the bytes."""
        return {"type": "string", "format": "binary"}


class SharedFilters(DjangoFilterExtension):  # type: ignore[no-untyped-call]
    """The parameters of a list: what the filters of its noun say of themselves."""

    target_class = "api.filters.Filters"
    priority = 1

    def resolve_filter_field(
        self, auto_schema: AutoSchema, model: Any, filterset_class: Any, field_name: str, filter_field: Any
    ) -> list[dict[str, Any]]:
        """Return the parameter of a filter."""
        found = {"in": "query", "name": field_name, "schema": filter_field.schema}
        if isinstance(filter_field, filters.Choice):
            found |= {"schema": {"type": "array", "items": filter_field.schema}, "explode": True, "style": "form"}
        help_text = filter_field.extra.get("help_text")
        return [found | ({"description": help_text} if help_text else {})]


def without_marks(result: Any, **context: Any) -> Any:
    """Return the document without the generator's own marks on choices; a hook of the generator.

    What may be anything may be null: said twice, as the generator does, null would fit both and so neither.
    """
    if isinstance(result, dict):
        dropped = ("x-spec-enum-id", "oneOf") if result.get("oneOf") == [{}, _NULL] else ("x-spec-enum-id",)
        return {key: without_marks(value) for key, value in result.items() if key not in dropped}
    return [without_marks(value) for value in result] if isinstance(result, list) else result


def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document; it is the same for everybody and made once in a process."""
    # The library loads its parts as it goes, and fails where two threads do so at once.
    with _made_by_one:
        return _document()


@cache
def _document() -> dict[str, Any]:
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    made["components"]["schemas"]["Problem"] = _PROBLEM
    for body in _patches(made["components"]["schemas"]):
        body["required"] = ["version"]
    made["components"]["responses"] = {f"Refused{code.title()}": _refused(code) for code in _REFUSALS}
    for methods in made["paths"].values():
        for operation in methods.values():
            for body in operation.get("requestBody", {}).get("content", {}).values():
                body["example"] = examples.of(body["schema"], made["components"]["schemas"])
    return made


def _patches(schemas: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the bodies of changes, of which the version that they are made on is never left out."""
    for name, schema in schemas.items():
        if name.startswith("Patched") and "version" in schema.get("properties", {}):
            yield schema


def _refused(code: str) -> dict[str, Any]:
    meaning, kind, detail = _REFUSALS[code]
    status = int(code) if code.isdigit() else 500
    errors = [("reason", detail)] if code == "422" else []
    problem = problems.document(status, kind, detail, errors=errors, instance="/api/v1/findings/")
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": meaning, "content": {problems.MEDIA_TYPE: {"schema": schema, "example": problem}}}
