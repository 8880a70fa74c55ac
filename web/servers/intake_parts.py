"""What pages show of a server that somebody wants: how to connect, why it was stopped, what an approval still needs."""

from datetime import datetime
from typing import Any

from accounts.models import User
from containment.clients import connecting
from decisions.approvals import approval_needs, preview
from intake import availability
from intake.models import ServerRequest
from vendors import tiers
from vendors.models import Server
from web.servers import approval_needs as needs


def known(server: Server | None, user: User, *, now: datetime) -> dict[str, Any]:
    """Return how to connect to the server where it may be used, or why it was stopped; nothing for any other."""
    if server is None:
        return {}
    if availability.is_allowed(server, now=now):
        words = f"You need not ask: {server.title} is approved in {server.unit}."
        return {"usable": words, "connection": connecting.of(server, now=now)}
    return {"stop": availability.stopped(server, by=user)}


def of(row: ServerRequest, *, works_here: bool, now: datetime) -> dict[str, Any]:
    """Return what the page of a request shows beside its own facts; the details only to whoever `works_here`."""
    server = row.server
    if row.status == ServerRequest.Status.GRANTED:
        connection = availability.connection(row, now=now)
        return {"connection": connection} if connection else {"ended": True}
    if row.status not in ServerRequest.WAITING:
        return {}
    if server is None:
        rules = [(f"Tier {tier} · {word}", approval_needs.of_tier(tier)) for tier, word in tiers.TIERS.items()]
        return {"tiers": rules}
    judged = preview.judged(server)
    missing = preview.missing_of_server(server, judged, now=now)
    return {"needs": needs.groups(missing, judged)} if works_here else {"lacks": approval_needs.in_words(missing)}
