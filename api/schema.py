"""How the OpenAPI description is made: bodies and answers of each action, problems, and the token's scheme."""

from functools import cache
from inspect import getdoc
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework.permissions import SAFE_METHODS

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
_REFUSED = {
    "description": "Refused; nothing was changed.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class Described(AutoSchema):
    """Reads body and answer off the view's own attributes, and names the scope that an operation needs."""

    view: Any

    def get_request_serializer(self) -> Any:
        """Return the body of a creation or a change."""
        action = getattr(self.view, "action", "")
        if action == "create":
            return self.view.body_class
        return self.view.edit_class if action == "partial_update" else super().get_request_serializer()

    def get_response_serializers(self) -> Any:
        """Return the answer: a row of the list, or the whole object."""
        if getattr(self.view, "action", "") == "list":
            return self.view.row_class or self.view.serializer_class
        return super().get_response_serializers()

    def get_description(self) -> str:  # type: ignore[override]  # the generator calls it like this
        """Return the docstring and the scope."""
        said = super().get_description() or ""
        if getattr(self.view, "action", "") == "list":
            said = f"{said}\n\n{getdoc(type(self.view))}"
        scope = self.view.read_scope if self.method in SAFE_METHODS else self.view.scope
        return f"{said}\n\nScope of a token: `{scope}`.".strip()

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        return bodies | {"default": _REFUSED}


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


def without_marks(result: Any, **context: Any) -> Any:
    """Return the document without the generator's own marks on choices; a hook of the generator."""
    if isinstance(result, dict):
        return {key: without_marks(value) for key, value in result.items() if key != "x-spec-enum-id"}
    return [without_marks(value) for value in result] if isinstance(result, list) else result


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document; it is the same for everybody and made once in a process."""
    made: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    made["components"]["schemas"]["Problem"] = _PROBLEM
    return made
