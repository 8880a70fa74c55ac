"""What analysts do with requests: take up, say which server it is, register one, decline; and the grant at the end."""

from datetime import datetime
from typing import Any

from accounts import principals, steps
from accounts.access import Capability
from accounts.models import User
from accounts.principals import Principal
from accounts.steps import Done, step
from intake import availability
from intake.models import ServerRequest
from riskregister import transitions
from riskregister.refusals import Conflict
from vendors import belonging
from vendors.models import Server, Vendor
from vendors.registering import registration

WRITE, Status = Capability.WRITE, ServerRequest.Status


def _waits_already(_request: ServerRequest) -> Conflict:
    return Conflict("Whoever asked waits for this server by another request already. Decline this one.", field="server")


@step("request.taken_up", needs=WRITE, to=Status.IN_REVIEW)
def take_up(server_request: ServerRequest, *, by: Principal, now: datetime) -> ServerRequest:
    """Return the request, now in review."""
    return _taken(server_request, by=by, now=now)


@step("request.linked", needs=WRITE, frm=ServerRequest.WAITING, to=Status.IN_REVIEW, taken=_waits_already)
def link(server_request: ServerRequest, *, server: Server, by: Principal, now: datetime) -> Done[ServerRequest]:
    """Return the request, which is about this server from now on; one that may be used is granted with it.

    Raises ServerOfAnotherUnit, and Conflict where whoever asked waits for it by another request.
    """
    belonging.refuse_elsewhere(server, unit=server_request.unit)
    return _linked(server_request, server, by=by, now=now)


@step("request.linked", needs=WRITE, frm=ServerRequest.WAITING, to=Status.IN_REVIEW)
def register(
    server_request: ServerRequest,
    *,
    name: str,
    title: str,
    by: Principal,
    now: datetime,
    publisher: Vendor | None = None,
    owner: User | None = None,
    **facts: Any,
) -> Done[ServerRequest]:
    """Return the request, which is about a server that is registered with it.

    It says what the server is for and what data it reaches, unless `facts` do. Raises as `register_server`.
    """
    known = {"purpose": server_request.purpose, "data_reached": server_request.data_reached}
    server = registration.register_server.within(
        unit=server_request.unit, name=name, title=title, publisher=publisher, owner=owner, by=by, now=now,
        **known | facts,
    )  # fmt: skip
    return _linked(server_request, server, by=by, now=now)


@step("request.declined", needs=WRITE, to=Status.DECLINED, reason="reason")
def decline(server_request: ServerRequest, *, reason: str, by: Principal, now: datetime) -> ServerRequest:
    """Return the request, which leads to nothing, with the reason for whoever asked."""
    server_request.decided_by, server_request.decided_at, server_request.reason = by.person, now, reason
    return server_request


def grant(server_request: ServerRequest, *, by: Principal, now: datetime) -> None:
    """Grant a request whose server may be used; part of the step by which it may, or by which that is known.

    Nobody does it by hand: an approval is the only way to use a server, and everybody who waits for it is told.
    """
    transitions.move(server_request, Status.GRANTED, decided_by=by.person, decided_at=now)
    steps.record("request.granted", server_request, by=by, now=now)


def _linked(server_request: ServerRequest, server: Server, *, by: Principal, now: datetime) -> Done[ServerRequest]:
    server_request.server = server
    _taken(server_request, by=by, now=now)
    done = Done(server_request, what=server_request.what, server=str(server))
    if not availability.is_allowed(server, now=now):
        return done
    return done.and_then(lambda: grant(server_request, by=by, now=now))


def _taken(server_request: ServerRequest, *, by: Principal, now: datetime) -> ServerRequest:
    """Note who looks at it first."""
    if server_request.taken_at is None:
        server_request.taken_by, server_request.taken_at = principals.person_of(by), now
    return server_request
