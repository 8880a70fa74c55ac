"""The registry of what is approved (`/registry/v0.1/servers`), as VS Code, Copilot and ToolHive read one.

Clients send no credentials to a registry: RISKREGISTER_FEED says whether it answers nobody, tokens, or anybody.
"""

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.http import Http404
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import access
from accounts.access import Capability
from accounts.models import User
from api.errors import MalformedBody
from api.gate.asking import Gate
from containment.calls import deciding
from containment.clients import canary, feed
from containment.clients.feed import Entry, Listed
from containment.models import Asker
from vendors import strict_json
from vendors.models import Server

_AT_FIRST, _MOST = 30, 100
_LONGEST, _LONGEST_CURSOR = 255, 4096


class AsSet(BasePermission):
    """Lets in whom RISKREGISTER_FEED says."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether they may, or raise Http404 while the feed is off, NotPermitted for somebody without a role."""
        if request.method not in view.allowed_methods:
            # The answer is 405.
            return True
        if settings.FEED == "off":
            raise Http404
        # A browser asks without a token whether it may send one.
        if settings.FEED == "token" and request.method != "OPTIONS":
            if not isinstance(request.user, User):
                return False
            access.require(request.user, Capability.READ)
        return True


class _Feed(Gate):
    permission_classes: Any = (AsSet,)
    kind = Asker.Kind.FEED
    http_method_names = ("get", "head", "options")

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Answer a browser that asks whether it may."""
        return Response(status=204)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Let pages of any origin read it: a page has what it sends itself, since no browser adds a session to `*`."""
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Allow-Methods"] = "GET, OPTIONS"
        response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        return super().finalize_response(request, response, *args, **kwargs)

    def listed(self, unit: str, *, name: str = "") -> list[Listed]:
        """Return what is approved now, in one unit where the address names it."""
        user = self.request.user
        rows = Server.objects.visible_to(user) if settings.FEED == "token" else Server.objects.all()
        if unit:
            rows = rows.filter(unit__code=unit)
        if name:
            rows = rows.called(name)
        return feed.listed(deciding.approved_now(rows, now=timezone.now()))


class Servers(_Feed):
    """GET …/v0.1/servers."""

    def get(self, request: Request, unit: str = "") -> Response:
        """Return a page of what is approved; the cursor carries all that was asked, since clients drop it."""
        asked = _asked(request)
        rows = [one for one in self.listed(unit) if _fits(one, asked)]
        start = int(asked["from"])
        page = rows[start : start + int(asked["limit"])]
        answers = [entry.answer for entry in _entries(page)]
        is_last = len(rows) <= start + len(page)
        if settings.CANARY and is_last and not asked["search"] and not asked["since"]:
            answers.append(canary.answer())
        metadata: dict[str, Any] = {"count": len(answers)}
        if not is_last:
            metadata["nextCursor"] = _cursor(asked | {"from": start + len(page)})
        return Response({"servers": answers, "metadata": metadata})


class Versions(_Feed):
    """GET …/v0.1/servers/{name}/versions."""

    def get(self, request: Request, name: str, unit: str = "") -> Response:
        """Return the approved versions of a server, the latest first."""
        answers = [entry.answer for entry in _entries(self.listed(unit, name=unquote(name)))] or _bait(name)
        if not answers:
            return _not_found()
        return Response({"servers": answers, "metadata": {"count": len(answers)}})


class Version(_Feed):
    """GET …/v0.1/servers/{name}/versions/{version}."""

    def get(self, request: Request, name: str, version: str, unit: str = "") -> Response:
        """Return one approved version, or the latest."""
        rows = self.listed(unit, name=unquote(name))
        wanted = [one for one in rows if (one.is_latest if version == "latest" else one.version == unquote(version))]
        found = [entry.answer for entry in _entries(wanted[:1])]
        if version in ("latest", canary.VERSION):
            found = found or _bait(name)
        return Response(found[0]) if found else _not_found()


def _asked(request: Request) -> dict[str, Any]:
    """Return what the request asks for, or what the cursor says that the first one did. Raises MalformedBody."""
    cursor = request.query_params.get("cursor")
    if cursor:
        return _of_cursor(cursor)
    limit = request.query_params.get("limit", str(_AT_FIRST))
    if not limit.isdecimal() or len(limit) > 9 or int(limit) < 1:
        raise MalformedBody([("limit", f"Give a number from 1 to {_MOST}.")])
    texts = {name: request.query_params.get(name, "") for name in ("search", "version")}
    if too_long := [name for name, text in texts.items() if len(text) > _LONGEST]:
        raise MalformedBody([(name, f"Give at most {_LONGEST} characters.") for name in too_long])
    since = request.query_params.get("updated_since", "")
    if since and _moment(since) is None:
        raise MalformedBody([("updated_since", "Give a moment, such as 2026-11-20T09:00:00Z.")])
    return {"from": 0, "limit": min(int(limit), _MOST), **texts, "since": since}


def _fits(one: Listed, asked: dict[str, Any]) -> bool:
    searched = f"{one.name}\n{one.description}".casefold()
    if asked["search"] and asked["search"].casefold() not in searched:
        return False
    if asked["version"] and not (one.is_latest if asked["version"] == "latest" else one.version == asked["version"]):
        return False
    since = _moment(asked["since"]) if asked["since"] else None
    return since is None or one.decided_at >= since


def _entries(page: Sequence[Listed]) -> list[Entry]:
    return [entry for entry in feed.entries(page) if not entry.left_out]


def _bait(name: str) -> list[dict[str, Any]]:
    """Return the canary, where it is switched on and meant."""
    return [canary.answer()] if settings.CANARY and unquote(name).lower() == canary.name() else []


def _cursor(asked: dict[str, Any]) -> str:
    # Clients put it into the address as it is: it holds nothing that means something there.
    return base64.urlsafe_b64encode(json.dumps(asked, ensure_ascii=False).encode()).decode().rstrip("=")


def _of_cursor(cursor: str) -> dict[str, Any]:
    try:
        document = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        asked = strict_json.read(document, limit=_LONGEST_CURSOR)
        start, limit = int(asked["from"]), int(asked["limit"])
        texts = {name: str(asked[name]) for name in ("search", "version", "since")}
    except (strict_json.DocumentInvalid, ValueError, KeyError, TypeError) as error:
        raise MalformedBody([("cursor", "This is no cursor of this list.")]) from error
    if start < 0 or not 1 <= limit <= _MOST or (texts["since"] and _moment(texts["since"]) is None):
        raise MalformedBody([("cursor", "This is no cursor of this list.")])
    return {"from": start, "limit": limit, **texts}


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _not_found() -> Response:
    return Response({"error": "Server not found"}, status=404)
