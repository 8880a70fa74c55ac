"""OpenID AuthZEN Authorization API 1.0, with calls of the Model Context Protocol as its actions."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import MalformedBody
from api.gate.asking import Gate, context_of
from containment.calls.deciding import Answer, Asked

# Beyond this a caller asks several times.
MOST = 100
_PARTS = ("subject", "action", "resource", "context")
# Left out, as what is no text would be, the definition of the tool is not compared, and any unit is meant.
_NARROWING = ("digest", "tool_digest", "unit")
_STOPS_AT = {"execute_all": None, "deny_on_first_deny": False, "permit_on_first_permit": True}


class _Evaluating(Gate):
    def handle_exception(self, exc: Exception) -> Response:
        """Answer a body of another type with 400, as the specification has it."""
        if isinstance(exc, UnsupportedMediaType):
            exc = MalformedBody([("", "Send JSON, with Content-Type: application/json.")])
        return super().handle_exception(exc)


class Evaluation(_Evaluating):
    """POST /access/v1/evaluation: may this be called now?"""

    def post(self, request: Request) -> Response:
        """Return the decision; a denial is an answer, 200."""
        return Response(_decision(self.answered(_asked(_object(request.data, ""), ""))))


class Evaluations(_Evaluating):
    """POST /access/v1/evaluations: several at once."""

    def post(self, request: Request) -> Response:
        """Return the decisions in the order of the questions, up to where the semantic says to stop."""
        body = _object(request.data, "")
        if not body.get("evaluations"):
            return Response(_decision(self.answered(_asked(body, ""))))
        stops_at = _semantic(body)
        found: list[dict[str, Any]] = []
        for asked in list(_questions(body)):
            answer = self.answered(asked)
            found.append(_decision(answer))
            if answer.may_pass is stops_at:
                break
        return Response({"evaluations": found})


@require_safe
def configuration(request: HttpRequest) -> JsonResponse:
    """Return where the decision point is asked; there is nothing secret in it."""
    here = settings.ORIGIN
    return JsonResponse(
        {
            "policy_decision_point": here,
            "access_evaluation_endpoint": f"{here}/access/v1/evaluation",
            "access_evaluations_endpoint": f"{here}/access/v1/evaluations",
        }
    )


def _questions(body: Mapping[str, Any]) -> Iterator[Asked]:
    listed = body["evaluations"]
    if not isinstance(listed, list) or len(listed) > MOST:
        raise MalformedBody([("evaluations", f"Give a list of at most {MOST} questions.")])
    defaults = {name: body[name] for name in _PARTS if name in body}
    for number, one in enumerate(listed):
        place = f"evaluations/{number}/"
        yield _asked(defaults | dict(_object(one, place)), place)


def _semantic(body: Mapping[str, Any]) -> bool | None:
    options = body.get("options", {})
    named = options.get("evaluations_semantic", "execute_all") if isinstance(options, dict) else None
    if not isinstance(named, str) or named not in _STOPS_AT:
        raise MalformedBody([("options/evaluations_semantic", f"Say one of {', '.join(_STOPS_AT)}.")])
    return _STOPS_AT[named]


def _asked(body: Mapping[str, Any], place: str) -> Asked:
    """Return the question in a body. Raises MalformedBody (400) for a missing part, with its place."""
    subject, action, resource = (_object(body.get(name), f"{place}{name}") for name in _PARTS[:3])
    _text(subject, "type", f"{place}subject"), _text(subject, "id", f"{place}subject")
    method = _text(action, "name", f"{place}action")
    kind, named = _text(resource, "type", f"{place}resource"), _text(resource, "id", f"{place}resource")
    given = _object(body.get("context", {}), f"{place}context")
    facts = _object(resource.get("properties", {}), f"{place}resource/properties")
    _refuse_other_than_text(facts, f"{place}resource/properties")
    _refuse_other_than_text(given, f"{place}context")
    is_tool = kind == "tool"
    return Asked(
        server=_first(facts, given, names=("server", "mcp_server", "aud")) if is_tool else named,
        method=method,
        tool=named if is_tool else _first(facts, given, names=("tool",)),
        digest=_first(facts, given, names=("digest", "tool_digest")),
        unit=_first(facts, given, names=("unit",)),
        agent=_first(given, names=("agent",)) or str(subject["id"]),
    )


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise MalformedBody([(place, "Give an object here.")])
    return value


def _text(part: Mapping[str, Any], name: str, place: str) -> str:
    value = part.get(name)
    if not isinstance(value, str) or not value:
        raise MalformedBody([(f"{place}/{name}", "Give a text here.")])
    return value


def _refuse_other_than_text(part: Mapping[str, Any], place: str) -> None:
    """Raise MalformedBody for what narrows the question and is no text."""
    for name in _NARROWING:
        if not isinstance(part.get(name) or "", str):
            raise MalformedBody([(f"{place}/{name}", "Give a text here.")])


def _first(*parts: Mapping[str, Any], names: tuple[str, ...]) -> str:
    found = (part.get(name) for name in names for part in parts)
    return next((value for value in found if isinstance(value, str) and value), "")


def _decision(answer: Answer) -> dict[str, Any]:
    context = context_of(answer)
    return {"decision": answer.may_pass} | ({"context": context} if context else {})
