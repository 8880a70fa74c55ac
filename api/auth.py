"""Who calls: an API token, or a person's own browser session; and what a token may be used for."""

import base64
import binascii
from typing import Any, cast
from uuid import UUID

from django.utils import timezone
from rest_framework import exceptions, permissions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts import access, principals, signing, tokens
from accounts.access import Capability
from accounts.models import ApiToken, User
from api import steps

_REALM = 'Bearer realm="MCP vendor risk register"'


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer mvr_…`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the owner and the token, None without the header. Raises AuthenticationFailed (401)."""
        parts = get_authorization_header(request).split()
        if not parts:
            return None
        try:
            token = tokens.authenticate(self.key_in(parts).decode("ascii", "replace"), now=timezone.now())
        except tokens.TokenRefused as refusal:
            raise exceptions.AuthenticationFailed(str(refusal)) from refusal
        cast("Any", request)._request.token_actor = principals.of_token(token).actor
        # Steps are taken by the token (`Door.by`). The second belt: what asks the person is held to the same scopes.
        access.narrow(token.user, token.scopes)
        return token.user, token

    def key_in(self, parts: list[bytes]) -> bytes:
        """Return the key in the words of the header. Raises AuthenticationFailed for another scheme."""
        if len(parts) != 2 or parts[0].lower() != b"bearer":
            raise exceptions.AuthenticationFailed("Send the header as: Authorization: Bearer mvr_…")
        return parts[1]

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge of a 401."""
        return _REALM


class TokenAsPassword(TokenAuthentication):
    """The token as the password of HTTP Basic, too: for those who can only be given an address, `https://x:mvr_…@…`."""

    def key_in(self, parts: list[bytes]) -> bytes:
        """Return the key in the words of the header. Raises AuthenticationFailed for another scheme."""
        if len(parts) == 2 and parts[0].lower() == b"basic":
            return _decoded(parts[1]).partition(b":")[2]
        return super().key_in(parts)


def _decoded(encoded: bytes) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return b""


class BrowserSession(SessionAuthentication):
    """The session of the pages, with CSRF: what an own script on a page of the register uses."""

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        """Return the person themselves, on whom steps can be taken, instead of a promise of them; None for nobody."""
        found: tuple[User, Any] | None = super().authenticate(request)
        if found is None:
            return None
        person = found[0].person
        signing.begin(person)
        return person, found[1]


def scopes_of(request: Request) -> frozenset[str]:
    """Return what the caller's credentials may be used for; a session is the person, so it has all scopes."""
    if isinstance(request.auth, ApiToken):
        return frozenset(request.auth.scopes)
    return frozenset(Capability.values)


class MayTry(permissions.BasePermission):
    """Turns away, before the body is read, whoever could not take the step whatever they said; the step asks again.

    The capability of a GET is READ unless the view names another with `reads`. What else a method needs, the steps say
    that it takes (`api.steps.takes`); one that names none is open to nobody.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return True, or raise NotPermitted for somebody who can do nothing of the kind in any unit.

        Of one object the roles are asked only when it was found: a stranger learns nothing of it.
        """
        method = str(request.method)
        if not hasattr(view, method.lower()):
            # The answer is 405.
            return True
        is_read = method in permissions.SAFE_METHODS
        needed = (getattr(view, "reads", access.Capability.READ),) if is_read else _needed(view, method)
        if not scopes_of(request).intersection(needed):
            raise access.ScopeMissing(*needed)
        return is_read or "pk" in view.kwargs or self._may(request, view, None, None)

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        """Return True, or raise NotPermitted for somebody who can do nothing of the kind in the object's unit."""
        near = getattr(obj, "server", None) if not hasattr(obj, "unit_id") else obj
        unit_id = getattr(near, "unit_id", None)
        return request.method in permissions.SAFE_METHODS or self._may(request, view, obj, unit_id)

    def _may(self, request: Request, view: Any, obj: Any, unit_id: UUID | None) -> bool:
        method = str(request.method)
        if not steps.is_own(view, method):
            access.require_any(request.user, *_needed(view, method), unit_id=unit_id)
        if not isinstance(request.auth, ApiToken) and steps.is_signed(view, method, obj, request.user, unit_id=unit_id):
            raise _token_needed()
        return True


def _needed(view: Any, method: str) -> tuple[Capability, ...]:
    needed = steps.needed(view, method)
    if not needed:
        raise access.NotPermitted("Nobody takes a step here: the address names none.")
    return needed


class InBrowserOnly(permissions.BasePermission):
    """Refuses tokens: a stolen token must not be able to make itself a successor."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return True for a session, else raise PermissionDenied."""
        if isinstance(request.auth, ApiToken):
            raise exceptions.PermissionDenied("A token makes no tokens. Sign in and make it on your account page.")
        return True


def _token_needed() -> exceptions.PermissionDenied:
    """Return the refusal for a browser session: the page asks for the password again, which one left open lacks."""
    sentence = "Sign this on its page, which asks for your password, or with a token that has the scope for it."
    return exceptions.PermissionDenied(sentence, code="token_needed")
