"""What the doors for gateways have in common: who asks, in which units, and what is kept of it."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from rest_framework import permissions
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from accounts import access
from accounts.access import Capability
from accounts.models import ApiToken
from api.views import Door
from containment.calls import deciding, noting
from containment.calls.deciding import Answer, Asked
from containment.models import Asker


class MayRead(permissions.BasePermission):
    """Lets in whoever has a role, by credentials with the scope to read."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return True, or raise NotPermitted."""
        if request.method in view.allowed_methods:
            access.require(request.user, Capability.READ)
        return True


class Gate(Door):
    """A door for machines: it takes questions, and changes nothing but what is kept of them."""

    permission_classes: Any = (IsAuthenticated, MayRead)
    # Each is described by the protocol that it speaks, not by the description of the REST API.
    schema: Any = None
    kind = Asker.Kind.DECISIONS
    takes_keys = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Note who asks, once it is known that they may."""
        super().initial(request, *args, **kwargs)
        self.note(request)

    def note(self, request: Request) -> None:
        """Note who asks."""
        unit_id = access.only_unit(request.user)
        now, client = timezone.now(), client_of(request)
        noting.asks(self.kind, client=client, token=token_of(request), now=now, unit_id=unit_id)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Echo the number that the caller gave the request, and let nobody keep the answer: the next may be another."""
        response["Cache-Control"] = "no-store"
        named = request.headers.get("X-Request-ID", "")
        if named and named.isascii() and named.isprintable():
            response["X-Request-ID"] = named[:200]
        return super().finalize_response(request, response, *args, **kwargs)

    def answered(self, asked: Asked) -> Answer:
        """Return the answer to a question, and count it where it is a denial."""
        now = timezone.now()
        answer = deciding.decide(asked, by=self.person, now=now)
        noting.denied(answer, now=now)
        return answer


def client_of(request: Request | HttpRequest) -> str:
    """Return what the client calls itself."""
    return str(request.headers.get("User-Agent", ""))


def token_of(request: Request) -> ApiToken | None:
    """Return the token by which it asks, None for a session."""
    return request.auth if isinstance(request.auth, ApiToken) else None


def context_of(answer: Answer) -> dict[str, Any]:
    """Return what a caller is told beside yes or no."""
    found: dict[str, Any] = {}
    if answer.reason:
        found = {"reason": answer.reason, "reason_text": answer.words, "enforced": answer.is_enforced}
    if answer.server:
        found["server"] = answer.server.ref
    if answer.approval:
        found |= {"approval": answer.approval.ref, "valid_until": answer.approval.valid_until}
    return found
