"""Opens an occasion for each request, so that every entry written in it names the true actor."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from audit.context import SYSTEM, Actor, acting


def client_address(request: HttpRequest) -> str | None:
    """Return the client's IP address, trusting X-Forwarded-For only as far as proxies are configured."""
    hops = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    trusted: int = settings.TRUSTED_PROXIES
    given = hops[-trusted] if trusted and len(hops) >= trusted else request.META.get("REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(given))
    except ValueError:
        return None


def actor_of_request(request: HttpRequest) -> Actor:
    """Return the request's actor: the API token if one signed in, else the person, else the register."""
    token_actor: Actor | None = getattr(request, "token_actor", None)
    if token_actor:
        return token_actor
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return SYSTEM
    return Actor("person", str(user.pk), str(user), str(user.pk))


class ActorMiddleware:
    """Wraps the request in an occasion; the actor is asked for at write time, after any kind of sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request inside an occasion and name its id in the response."""
        with acting(lambda: actor_of_request(request), address=client_address(request)) as here:
            request.correlation_id = here.correlation_id  # type: ignore[attr-defined]
            response = self.get_response(request)
        response["X-Correlation-ID"] = str(here.correlation_id)
        return response
