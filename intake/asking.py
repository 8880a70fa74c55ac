"""Asking for a server, and thinking better of it: steps that anybody with an account takes."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts import access, principals
from accounts.models import Unit
from accounts.principals import Principal
from accounts.steps import Done, step
from intake import availability
from intake.models import WHAT_LIMIT, ServerRequest
from riskregister import nouns
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_name, clean_reason
from vendors import fields
from vendors.models import Fact, Server


class NotAskedThere(Refused):
    """The person asks in a unit that is not theirs."""


class AskedAlready(Conflict):
    """The person waits for this already."""


class NothingToAsk(Refused):
    """The server needs no request, or none would lead on; `server` is the one that is meant."""

    def __init__(self, message: str, server: Server) -> None:
        """Keep the server."""
        super().__init__(message)
        self.server = server
        self.members = {"server": {"id": str(server.pk), "ref": server.ref, "title": server.title}}


class UsableAlready(NothingToAsk):
    """Agents of the unit may use the server: it is to be connected to."""


class ServerStopped(NothingToAsk):
    """The server was suspended or rejected, for a reason."""


class NotTheirRequest(access.NotPermitted):
    """Only whoever asked thinks better of it."""


def units(by: Any) -> "QuerySet[Unit]":
    """Return the units in which somebody may ask: theirs, and for somebody without a role all of them."""
    return access.visible_units(by) if access.of(by).is_member else Unit.objects.all()


@step("request.asked", needs=(), makes=ServerRequest)
def ask(
    *,
    unit: Unit,
    what: str,
    purpose: str,
    data_reached: str,
    agent: str,
    by: Principal,
    now: datetime,
    server: Server | None = None,
) -> Done[ServerRequest]:
    """Return the request for a server of the unit, or for what the words name; a registered one is recognised in them.

    Raises NotAskedThere, Refused for an empty text, UsableAlready for a server that needs no request, ServerStopped for
    one of which was decided otherwise, AskedAlready for a second request for the same.
    """
    person = principals.person_of(by)
    if not units(by).filter(pk=unit.pk).exists() or (server is not None and server.unit_id != unit.pk):
        raise NotAskedThere("Choose a unit that is yours, and a server of that unit.", field="unit")
    name = server.name if server else clean_name(what, field="what", limit=WHAT_LIMIT)
    meant = server or availability.named(name, unit=unit)
    made = ServerRequest(
        unit=unit,
        what=name,
        server=meant,
        purpose=clean_reason(purpose, field="purpose"),
        data_reached=fields.one_of_or_empty(Fact)(data_reached, "data_reached"),
        agent=clean_name(agent, field="agent"),
        asked_by=person,
        asked_at=now,
    )
    if meant is not None:
        # Held: an approval that is made at this moment finds the request, or the request finds the approval.
        nouns.hold(meant)
        _refuse_needless(meant, by=by, now=now)
    again = AskedAlready("You have asked for this already. Your requests say how far it is.", field="what")
    fields.save_once(made, otherwise=again)
    return Done(made, what=made.what, server=meant.ref if meant else "")


@step(
    "request.withdrawn",
    needs=(),
    to=ServerRequest.Status.WITHDRAWN,
    note="reason",
    barred=(
        principals.only_theirs(NotTheirRequest, "Whoever asked withdraws it. Decline it instead.", whose="asked_by"),
    ),
)
def withdraw(server_request: ServerRequest, *, by: Principal, now: datetime, reason: str = "") -> ServerRequest:
    """Return the request, which waits for nobody any more. Raises NotTheirRequest."""
    server_request.decided_by, server_request.decided_at, server_request.reason = by.person, now, reason
    return server_request


def _refuse_needless(server: Server, *, by: Principal, now: datetime) -> None:
    if availability.is_allowed(server, now=now):
        raise UsableAlready(f"{server.title} is approved in {server.unit}: you need no request to use it.", server)
    if stop := availability.stopped(server, by=by):
        raise ServerStopped(stop.words, server)
