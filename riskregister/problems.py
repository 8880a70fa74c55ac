"""Refusals for programs: problem documents (RFC 9457)."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"
_PREFIX = "urn:mcp-risk-register:problem:"
# Below these addresses programs ask, and read no page: the API, and the doors for gateways and clients.
_ASKED_BY_PROGRAMS = (
    "/api/",
    "/.well-known/",
    "/access/",
    "/registry/",
    "/toolhive/",
    "/obot/",
    "/claude-code/",
    "/ext-authz/",
    "/clients/",
    "/pipelines/",
    "/canary/",
    "/isolation/",
)

# Where something is wrong, and what.
Errors = Iterable[tuple[str, str]]


def are_read_at(path: str) -> bool:
    """Return whether whoever asks at this address reads problem documents, not pages."""
    return path.startswith(_ASKED_BY_PROGRAMS)


def document(
    status: int, code: str, detail: str, *, instance: str = "", errors: Errors = (), **members: Any
) -> dict[str, Any]:
    """Return the document of a refusal, by a code such as `body_too_large`; `members` are further members."""
    return {
        "type": f"{_PREFIX}{code.replace('_', '-')}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "errors": [{"field": field, "message": message} for field, message in errors],
        "instance": instance,
        **members,
    }
