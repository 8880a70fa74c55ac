"""Moving a server: suspend, resume, retire, request again; each asks for the reason."""

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone

from accounts.models import User
from containment import stopping
from decisions.approvals import approvals
from exits import plans
from vendors import lifecycle
from vendors.models import Server
from web.forms.reasons import OptionalReasonForm, ReasonForm
from web.page_parts import asking
from web.page_parts.access import MemberRequest, member
from web.page_parts.asking import asks
from web.servers.serverframe import find, find_to_write, page_of


@asks
@member
def suspend(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Stop the use of an approved server at once, wherever it is used."""
    server = _find_to_stop(request, pk)
    return asking.ask(
        request,
        asking.filled(request, ReasonForm),
        page_of(server, f"Suspend {server.title}", _what_stops(server, request.user), "Suspend", danger=True),
        step=lambda data: stopping.stop(server, **data, by=request.user, now=timezone.now()),
        message=f"{server.title} is suspended.",
    )


def _what_stops(server: Server, user: User) -> str:
    """Return what follows when the person suspends the server, in words."""
    others = ", ".join(f"{row.ref} of {row.unit.name}" for row in stopping.also_stopped(server, by=user))
    also = f" The same server in other units of yours stops too: {others}." if others else ""
    instead = plans.instead_of(server, today=timezone.localdate()) or "Nobody wrote down how to go on without it"
    return (
        "Every decision denies it from now on, also where a policy only observes; it leaves the registry and the "
        f"policy files, and all who use it are told.{also} {instead}. Its approval stays on record, and it can be "
        "resumed while that is in date."
    )


@asks
@member
def resume(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Let agents use a suspended server again."""
    server = find(request, pk)
    approvals.resume_server.require(server, request.user)
    words = "Agents may use it again at its pinned release. This needs an approval of that release that is in date."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm, signs=(approvals.resume_server, server)),
        page_of(server, f"Resume {server.title}", words, "Resume"),
        step=lambda data: approvals.resume_server(server, **data, by=request.user, now=timezone.now()),
        message=f"{server.title} is approved again.",
    )


@asks
@member
def retire(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Take a server out of use for good."""
    server = _find_to_stop(request, pk)
    words = "It stays on record with its history. All its deployments must have ended."
    return asking.ask(
        request,
        asking.filled(request, ReasonForm, signs=(lifecycle.retire, server)),
        page_of(server, f"Retire {server.title}", words, "Retire", danger=True),
        step=lambda data: lifecycle.retire(server, **data, by=request.user, now=timezone.now()),
        message=f"{server.title} is retired.",
    )


@asks
@member
def request_again(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Ask for a rejected or retired server again."""
    server = find_to_write(request, pk)
    words = "It starts again as requested, without a pinned release. A new assessment decides."
    return asking.ask(
        request,
        asking.filled(request, OptionalReasonForm),
        page_of(server, f"Request {server.title} again", words, "Request again"),
        step=lambda data: lifecycle.request_again(server, **data, by=request.user, now=timezone.now()),
        message=f"{server.title} is requested. Start its assessment.",
    )


def _find_to_stop(request: MemberRequest, pk: UUID) -> Server:
    """Return a server that the person may stop: approvers and managers may."""
    server = find(request, pk)
    lifecycle.suspend.require(server, request.user)
    return server
