"""The server behind the canary: it offers nothing, and notes who connects although nothing allows it."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils import timezone
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import MalformedBody
from api.gate.asking import Gate, client_of
from containment.clients import canary
from containment.models import Asker

_INFO = {"name": "canary", "version": canary.VERSION}
_META = "io.modelcontextprotocol/"
_NO_METHOD = -32601


class SwitchedOn(BasePermission):
    """Lets in anybody, while the installation has a canary."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return True, or raise Http404."""
        # Of a method that nothing answers the answer is 405, whether it is on or off.
        if not settings.CANARY and request.method in view.allowed_methods:
            raise Http404
        return True


class Canary(Gate):
    """POST /canary/mcp: a server of MCP without tools, in both eras of the protocol."""

    permission_classes: Any = (SwitchedOn,)
    kind = Asker.Kind.CANARY
    http_method_names = ("post",)

    def note(self, request: Request) -> None:
        """Note who connects: what it calls itself in the message, and in its headers."""
        if request.method not in self.allowed_methods:
            return
        canary.loaded(_named(_object(request.data), client_of(request)), now=timezone.now())

    def post(self, request: Request) -> Response:
        """Answer a message as a server does that offers nothing; 202 for one that wants no answer."""
        message = _object(request.data)
        if "id" not in message:
            return Response(status=202)
        result = _result(str(message.get("method", "")), _object(message.get("params") or {}))
        outcome = (
            {"error": {"code": _NO_METHOD, "message": "Method not found"}} if result is None else {"result": result}
        )
        return Response({"jsonrpc": "2.0", "id": message["id"], **outcome})


def _result(method: str, params: Mapping[str, Any]) -> dict[str, Any] | None:
    if method == "initialize":
        version = str(params.get("protocolVersion", "2025-11-25"))
        return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": _INFO}
    if method == "server/discover":
        meta = {f"{_META}serverInfo": _INFO}
        versions = ["2026-07-28"]
        return {"supportedVersions": versions, "capabilities": {"tools": {}}, "resultType": "complete", "_meta": meta}
    return {"tools/list": {"tools": []}, "ping": {}}.get(method)


def _named(message: Mapping[str, Any], agent: str) -> str:
    """Return what the client calls itself: by its name and version, then by its header."""
    params = _object(message.get("params") or {})
    meta = params.get("_meta")
    client = params.get("clientInfo") or (meta.get(f"{_META}clientInfo") if isinstance(meta, dict) else None)
    info = client if isinstance(client, dict) else {}
    name = " ".join(str(info[part])[:80] for part in ("name", "version") if info.get(part))
    return f"{name} ({agent})" if name and agent else name or agent


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise MalformedBody([("", "Send one message of JSON-RPC, an object.")])
    return value
