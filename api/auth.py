"""Who calls: an API token, or a person's own browser session; and what a token may be used for."""

from typing import Any, cast
from uuid import UUID

from django.utils import timezone
from rest_framework import exceptions, permissions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts import access, tokens
from accounts.access import Capability
from accounts.models import ApiToken, Scope, User
from audit.context import Actor

_REALM = 'Bearer realm="MCP vendor risk register"'


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer mvr_…`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the owner and the token, None without the header. Raises AuthenticationFailed (401)."""
        parts = get_authorization_header(request).split()
        if not parts:
            return None
        if len(parts) != 2 or parts[0].lower() != b"bearer":
            raise exceptions.AuthenticationFailed("Send the header as: Authorization: Bearer mvr_…")
        try:
            token = tokens.authenticate(parts[1].decode("ascii", "replace"), now=timezone.now())
        except tokens.TokenRefused as refusal:
            raise exceptions.AuthenticationFailed(str(refusal)) from refusal
        label = f"Token {token.name} of {token.user}"
        cast("Any", request)._request.token_actor = Actor("token", str(token.pk), label, str(token.user_id))
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401."""
        return _REALM


class BrowserSession(SessionAuthentication):
    """The session of the pages, with CSRF: what an own script on a page of the register uses."""


def scopes_of(request: Request) -> frozenset[str]:
    """Return what the caller's credentials may be used for; a session is the person, so it has all scopes."""
    if isinstance(request.auth, ApiToken):
        return frozenset(request.auth.scopes)
    return frozenset(Scope.values)


class HasScope(permissions.BasePermission):
    """Lets a token do only what its scopes say: read for GET, else the scope that the endpoint names."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return True, or raise PermissionDenied that names the missing scope."""
        needed = view.read_scope if request.method in permissions.SAFE_METHODS else view.scope
        if str(needed) in scopes_of(request):
            return True
        raise exceptions.PermissionDenied(f"This token lacks the scope '{needed}'.", code="scope_missing")


class HasRole(permissions.BasePermission):
    """Turns away, before the body is read, whoever could not take a step whatever it said; the step itself asks again.

    A view names with `capabilities` those of which one is needed, where they do not follow from its scope.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return True, or raise NotPermitted for a person who can do nothing of the kind in any unit.

        Of one object that is asked only when it was found: a stranger learns nothing of it.
        """
        is_answered = hasattr(view, str(request.method).lower())
        return "pk" in view.kwargs or not is_answered or self._may(request, view, None)

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        """Return True, or raise NotPermitted for a person who can do nothing of the kind in the object's unit."""
        near = getattr(obj, "server", None) if not hasattr(obj, "unit_id") else obj
        return self._may(request, view, getattr(near, "unit_id", None))

    def _may(self, request: Request, view: Any, unit_id: UUID | None) -> bool:
        needed = view.capabilities if view.capabilities is not None else _NEEDED[view.scope]
        if request.method in permissions.SAFE_METHODS or not needed:
            return True
        if not any(access.of(request.user).can(capability, unit_id) for capability in needed):
            access.require(request.user, needed[0], unit_id=unit_id)
        return True


# Managers assign, skip and stop, which tokens do with the scopes of writers and deciders.
_NEEDED: dict[str, tuple[Capability, ...]] = {
    Scope.WRITE: (Capability.WRITE, Capability.MANAGE),
    Scope.DECIDE: (Capability.DECIDE, Capability.MANAGE),
    Scope.REPORT: (Capability.REPORT,),
    Scope.ADMINISTER: (Capability.ADMINISTER,),
}


class InBrowserOnly(permissions.BasePermission):
    """Refuses tokens: a stolen token must not be able to make itself a successor."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return True for a session, else raise PermissionDenied."""
        if isinstance(request.auth, ApiToken):
            raise exceptions.PermissionDenied("A token makes no tokens. Sign in and make it on your account page.")
        return True


class ByToken(permissions.BasePermission):
    """Refuses browser sessions: the page asks for the password again, which a session that somebody left open lacks."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return True for a token, else raise PermissionDenied."""
        if not isinstance(request.auth, ApiToken):
            said = "Sign this on its page, which asks for your password, or with a token that has the scope 'decide'."
            raise exceptions.PermissionDenied(said, code="token_needed")
        return True
