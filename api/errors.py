"""Every refusal as problem+json (RFC 9457): `type`, `title`, `status`, `detail`, `instance`, and `errors` by field."""

import logging
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404
from django.utils.log import log_response
from rest_framework import exceptions
from rest_framework.response import Response

from accounts.access import NotPermitted, ScopeMissing
from evidence.store import FileLost, StoreUnreachable
from riskregister import problems, unreachable
from riskregister.problems import Errors
from riskregister.refusals import Conflict, Refused
from riskregister.transitions import IllegalTransition
from riskregister.versions import ChangedMeanwhile
from vendors.strict_json import DocumentInvalid

log = logging.getLogger("django.request")
# A reference in a body to something that is not there, or not for the caller: both look the same.
UNKNOWN_REFERENCE = "unknown_reference"


class MalformedBody(exceptions.ParseError):
    """The body is not one JSON document (400); `places` names what is wrong, and where."""

    default_code = "malformed"

    def __init__(self, places: Errors) -> None:
        """Keep the places."""
        self.places = list(places)
        super().__init__(" ".join(message for _path, message in self.places))


class Problem(Response):
    """A refusal."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Errors = (),
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        """Make the response; `members` are further members of the document."""
        body = problems.document(status, code, detail, errors=errors, **members)
        super().__init__(body, status=status, headers=headers, content_type=problems.MEDIA_TYPE)


def problem_response(error: Exception, context: dict[str, Any]) -> Response:
    """Return the problem document of whatever a view raised; what nobody foresaw is reported and answered with 500."""
    response = _foreseen(error)
    if response is None:
        request = context["request"]._request
        # Lets a test fail with the true exception.
        got_request_exception.send(sender=None, request=request)
        response = Problem(500, "internal", "Something went wrong here. It is logged under the X-Correlation-ID.")
        # Django logs the answer anyway, but only of what it catches itself with the traceback.
        log_response(
            "%s: %s", response.reason_phrase, request.path, response=response, request=request, exception=error
        )
    response.data["instance"] = context["request"].path
    return response


def _foreseen(error: Exception) -> Response | None:
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    if isinstance(error, Http404):
        return Problem(404, "not_found", "There is nothing here, or nothing that you may see.")
    if isinstance(error, SuspiciousOperation):
        large = isinstance(error, RequestDataTooBig)
        return Problem(413 if large else 400, "body_too_large" if large else "malformed", "The body cannot be read.")
    if found := unreachable.outage(error):
        log.error("%s", error)
        return Problem(503, found.code, found.words, headers=unreachable.RETRY_AFTER)
    return _of_step(error)


def _of_step(error: Exception) -> Response | None:
    if isinstance(error, FileLost):
        return Problem(404, "file_lost", error.message)
    if isinstance(error, StoreUnreachable):
        return Problem(503, "store_unreachable", error.message, headers=unreachable.RETRY_AFTER)
    if isinstance(error, Refused):
        status, code = (409, "conflict") if isinstance(error, Conflict) else (422, "refused")
        members = {"changed": list(error.names)} if isinstance(error, ChangedMeanwhile) else error.members
        places = [(error.field, error.message)] if error.field else ()
        return Problem(status, code, error.message, errors=places, **members)
    if isinstance(error, IllegalTransition):
        return Problem(409, "illegal_transition", str(error), was=error.was, to=str(error.to))
    if isinstance(error, ScopeMissing):
        return Problem(403, "scope_missing", str(error))
    if isinstance(error, NotPermitted | PermissionDenied):
        return Problem(403, "not_permitted", str(error) or "Your roles do not allow this.")
    if isinstance(error, DocumentInvalid):
        places = [(problem.path, problem.message) for problem in error.problems]
        return Problem(422, "document_invalid", "The document cannot be imported.", errors=places)
    return None


def _of_framework(error: exceptions.APIException) -> Response:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error)
    code = str(error.detail.code if isinstance(error.detail, exceptions.ErrorDetail) else error.default_code)
    places, members = getattr(error, "places", ()), getattr(error, "members", {})
    anonymous = isinstance(error, exceptions.NotAuthenticated)
    detail = (
        "Send a token: 'Authorization: Bearer mvr_…'. Make one on your account page."
        if anonymous
        else str(error.detail)
    )
    return Problem(error.status_code, code, detail, errors=places, headers=headers, **members)


def _invalid(error: exceptions.ValidationError) -> Response:
    found = list(_leaves(error.detail))
    places = [(path, str(leaf)) for path, leaf in found]
    if found and all(leaf.code == UNKNOWN_REFERENCE for _path, leaf in found):
        return Problem(422, UNKNOWN_REFERENCE, "The body refers to something that is not there.", errors=places)
    return Problem(400, "invalid", "Some of what was sent does not fit. Nothing was changed.", errors=places)


def _leaves(detail: Any, path: str = "") -> Iterator[tuple[str, exceptions.ErrorDetail]]:
    """Yield each message with the path of its field, such as `milestones[0].due_on`; empty for the body as a whole."""
    if isinstance(detail, dict):
        for key, inner in detail.items():
            yield from _leaves(inner, _under(path, key))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = not isinstance(inner, exceptions.ErrorDetail)
            yield from _leaves(inner, f"{path}[{index}]" if nested else path)
    else:
        yield path, detail


def _under(path: str, key: object) -> str:
    if key == "non_field_errors":
        return path
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else str(key)
