"""Requests follow the approvals of servers: what was asked for is granted when it may be used."""

from datetime import datetime

from accounts.principals import Principal
from intake import availability, triage
from intake.models import ServerRequest
from riskregister import nouns
from vendors.models import Server


def allowed(server: Server, *, by: Principal, now: datetime) -> None:
    """Grant all that waits for the server. Part of the step by which it may be used, which holds the server."""
    waiting = nouns.hold_all(ServerRequest.objects.waiting().filter(server=server))
    if not waiting or not availability.is_allowed(server, now=now):
        return
    for one in waiting:
        triage.grant(one, by=by, now=now)
