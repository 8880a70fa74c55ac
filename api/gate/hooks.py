"""How gateways and clients ask that speak a protocol of their own: ToolHive, Obot, Claude Code, Envoy and its like."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import BrowserSession, TokenAsPassword
from api.errors import MalformedBody, Problem
from api.gate import mcp_headers
from api.gate.asking import Gate, context_of
from containment.calls import methods
from containment.calls.deciding import Asked

# What the transport knows beside POST, and what browsers ask before it.
_WITHOUT_MESSAGE = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
# The operations of ToolHive, `mcp:<feature>:<operation>`.
_PORC = {
    "mcp:tool:call": methods.CALL,
    "mcp:tool:list": "tools/list",
    "mcp:prompt:get": "prompts/get",
    "mcp:prompt:list": "prompts/list",
    "mcp:resource:read": "resources/read",
    "mcp:resource:list": "resources/list",
}
# What cannot be read cannot be judged.
_UNREADABLE = frozenset({400, 413, 415, 422})
_CANNOT_JUDGE = "The register cannot read the request, so that it lets it pass to nobody."
_CANNOT_ANSWER = "The register cannot answer for the moment, so that it lets nothing pass."


class _Hook(Gate):
    """A door for gateways that send no header of their own: the token may stand in the address that they are given."""

    authentication_classes = (TokenAsPassword, BrowserSession)


class ToolHiveDecision(_Hook):
    """POST /toolhive/decision: a decision point of the kind httpv1, asked with principal, operation, resource."""

    def post(self, request: Request) -> Response:
        """Return whether it is allowed."""
        body = _object(request.data)
        operation = _text(body, "operation")
        server, named = _mrn(_text(body, "resource"), operation)
        principal = body.get("principal")
        asked = Asked(
            server=server,
            method=_PORC.get(operation, operation),
            tool=named if _PORC.get(operation) == methods.CALL else "",
            agent=str(principal.get("sub", "")) if isinstance(principal, dict) else "",
        )
        answer = self.answered(asked)
        return Response({"allow": answer.may_pass, "reason": answer.words})


class ToolHiveWebhook(_Hook):
    """POST /toolhive/webhook: a validating webhook, version v0.1.0, with the request itself."""

    def handle_exception(self, exc: Exception) -> Response:
        """Answer what cannot be judged with 422: of all errors ToolHive takes this one alone for a denial, always."""
        refused = super().handle_exception(exc)
        words = _why_not_judged(refused)
        return Problem(422, "refused", words, errors=_places(refused)) if words else refused

    def post(self, request: Request) -> Response:
        """Return whether the request may pass, under the same uid."""
        body = _object(request.data)
        called, where = _object(body.get("mcp_request")), _object(body.get("context"))
        server = str(where.get("backend_server") or where.get("server_name") or "")
        answer = self.answered(_of_message(called, server=server))
        verdict = {"version": body.get("version", "v0.1.0"), "uid": body.get("uid", ""), "allowed": answer.may_pass}
        refused = {"code": 403, "message": answer.words, "reason": answer.reason}
        return Response(verdict if answer.may_pass else verdict | refused)


class ObotWebhook(_Hook):
    """POST /obot/webhook/<server>: the message as it is; 200 lets it pass."""

    def post(self, request: Request, server: str) -> Response:
        """Return 200 to let it pass, 403 to stop it."""
        answer = self.answered(_of_message(_object(request.data), server=server))
        if answer.may_pass:
            return Response({"accept": True, "message": answer.words})
        return Problem(403, "denied", answer.words, accept=False, message=answer.words)


class ClaudeCodeHook(Gate):
    """POST /claude-code/hook: a PreToolUse hook, matcher `mcp__.*`; the name of the tool holds that of the server."""

    def post(self, request: Request) -> Response:
        """Return the permission decision; a tool that is not of an MCP server is not ours to judge."""
        body = _object(request.data)
        parts = str(body.get("tool_name", "")).split("__", 2)
        if len(parts) != 3 or parts[0] != "mcp":
            return Response({})
        answer = self.answered(Asked(server=parts[1], method=methods.CALL, tool=parts[2], agent="Claude Code"))
        if answer.may_pass:
            # Nothing is decided for the person: what their own settings ask them about they are still asked.
            return Response({})
        return _denied(answer.words)

    def handle_exception(self, exc: Exception) -> Response:
        """Deny what cannot be judged: with any error the client goes on, and what a tool is given a model writes."""
        refused = super().handle_exception(exc)
        words = _why_not_judged(refused)
        return _denied(words) if words else refused


class ExternalAuthorization(Gate):
    """GET, POST, HEAD and DELETE /ext-authz/<server>/mcp: the headers of the request decide, 200 lets it pass.

    Envoy, Traefik's forward-auth and nginx's auth_request ask like this. Since 2026-07-28 each request says its method
    and the name of its tool in `Mcp-Method` and `Mcp-Name`; one with a message that says none is of no known method.
    """

    http_method_names = ("get", "post", "head", "delete")

    def get(self, request: Request, server: str) -> Response:
        """Return 200 to let it pass, 403 to stop it."""
        method = request.headers.get("Mcp-Method", "")
        if not method and not _may_hold_a_message(request):
            # A stream is opened or a session ended: as harmless as the server itself.
            method = "server/discover"
        name = mcp_headers.decoded(request.headers.get("Mcp-Name", ""))
        answer = self.answered(Asked(server=unquote(server), method=method, tool=name))
        if answer.may_pass:
            # Some servers take text alone for the value of a header, and no member of an enumeration.
            return Response(
                context_of(answer), headers={"X-Register-Reason": str(answer.reason)} if answer.reason else {}
            )
        return Problem(403, "denied", answer.words if method else f"{answer.words} The request says no Mcp-Method.")

    post = delete = get


def _why_not_judged(refused: Response) -> str:
    """Return why nothing was decided, as a sentence; empty where it is not known who asks, to whom nothing is said.

    Whoever has the token of a client can have so much asked that there is no answer (429), to be let go on.
    """
    if refused.status_code in _UNREADABLE:
        return _CANNOT_JUDGE
    return _CANNOT_ANSWER if refused.status_code == 429 or refused.status_code >= 500 else ""


def _may_hold_a_message(request: Request) -> bool:
    """Return whether the request that a proxy asks about may have a body.

    nginx and Traefik ask with GET whatever it was, and name its method in a header. A client can send that header too:
    it may say of a request that it holds a message, and never that it holds none.
    """
    named = [request.method, *(request.headers.get(name) for name in ("X-Original-Method", "X-Forwarded-Method"))]
    return bool(request.content_type) or any(one.strip().upper() not in _WITHOUT_MESSAGE for one in named if one)


def _of_message(message: Mapping[str, Any], *, server: str) -> Asked:
    method = _text(message, "method")
    given = message.get("params")
    params: Mapping[str, Any] = given if isinstance(given, dict) else {}
    tool = params.get("name")
    return Asked(server=server, method=method, tool=tool if isinstance(tool, str) else "")


def _mrn(resource: str, operation: str) -> tuple[str, str]:
    """Return the server and what it has of it in `mrn:mcp:<server>:<feature>:<name>`; a name may hold colons."""
    feature = operation.split(":")[1] if operation.count(":") == 2 else "tool"
    server, found, named = resource.removeprefix("mrn:mcp:").partition(f":{feature}:")
    if not resource.startswith("mrn:mcp:") or not found:
        raise MalformedBody([("resource", f"Give it as mrn:mcp:<server>:{feature}:<name>.")])
    return server, named


def _denied(words: str) -> Response:
    output = {
        "hookEventName": "PreToolUse",
        "permissionDecision": "deny",
        "permissionDecisionReason": f"Risk register: {words}",
    }
    return Response({"hookSpecificOutput": output})


def _places(refused: Response) -> list[tuple[str, str]]:
    return [(one["field"], one["message"]) for one in refused.data["errors"]]


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise MalformedBody([("", "Give an object here.")])
    return value


def _text(part: Mapping[str, Any], name: str) -> str:
    value = part.get(name)
    if not isinstance(value, str) or not value:
        raise MalformedBody([(name, "Give a text here.")])
    return value
