"""A residual risk set by hand for a while: somebody asks, somebody else grants or refuses."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone

from decisions.models import RatingOverride
from decisions.ratings import overriding
from scoring.scales import Residual
from web.forms.reasons import ReasonForm
from web.forms.servers.servers import OverrideDecisionForm, OverrideForm
from web.page_parts import asking
from web.page_parts.access import MemberRequest, member_who_may, visible
from web.page_parts.asking import asks
from web.servers.serverframe import find, page_of


@asks
@member_who_may(overriding.request)
def request_override(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Ask that a server's residual risk be shown as another value for a while."""
    server = find(request, pk)
    overriding.request.require(server, request.user)
    words = "Somebody else decides. The computed value always stays in sight beside yours."
    return asking.ask(
        request,
        asking.filled(request, OverrideForm),
        page_of(server, "Ask for another residual risk", words, "Send the request"),
        step=lambda data: overriding.request(server, **data, by=request.user, now=timezone.now()),
        message="Sent to the approvers.",
    )


@asks
@member_who_may(overriding.grant, overriding.refuse)
def decide(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Grant or refuse an override that somebody else asked for."""
    override = _find(request, pk)
    words = (
        f"{override.requested_by} asks to show {override.server.title} as {Residual(override.residual).label} instead "
        f"of {Residual(override.computed).label} until {override.expires_on:%-d %b %Y}: {override.reason}"
    )

    def step(data: Mapping[str, Any]) -> RatingOverride:
        answer = overriding.grant if data["decision"] == "grant" else overriding.refuse
        return answer(override, note=data["note"], by=request.user, now=timezone.now())

    page = page_of(override.server, "Decide on the residual risk by hand", words, "Decide")
    grant = overriding.grant.offer(override, request.user)
    form = asking.filled(request, OverrideDecisionForm, signs=(overriding.grant, override), grant=grant)
    return asking.ask(request, form, page, step=step, message="Decided.")


@asks
@member_who_may(overriding.revoke)
def revoke(request: MemberRequest, pk: UUID) -> HttpResponse:
    """End an override before its day."""
    override = _find(request, pk)
    words = f"{override.server.title} shows its computed residual risk again."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm, signs=(overriding.revoke, override)),
        page_of(override.server, "Revoke the override", words, "Revoke", danger=True),
        step=lambda data: overriding.revoke(override, **data, by=request.user, now=timezone.now()),
        message="The override is revoked.",
    )


def _find(request: MemberRequest, pk: UUID) -> RatingOverride:
    override = visible(RatingOverride.objects.select_related("server", "requested_by"), request.user, pk=pk)
    overriding.grant.require(override, request.user)
    return override
