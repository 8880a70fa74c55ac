"""Comparing whether agents may use a server with the event that said so last.

A server itself changes with many steps and jobs; its status moves by few, each with an event of its own. That the
events are those that happened is the seal's to check.
"""

from collections.abc import Iterator
from uuid import UUID

from audit.models import Event
from seal.problems import Problem
from vendors.models import Server

S = Server.Status
MOVES = {
    "server.registered": S.REQUESTED,
    "server.requested": S.REQUESTED,
    "server.review_started": S.IN_REVIEW,
    "server.approved": S.APPROVED,
    "server.suspended": S.SUSPENDED,
    "server.resumed": S.APPROVED,
    "server.rejected": S.REJECTED,
    "server.retired": S.RETIRED,
}


def problems() -> Iterator[Problem]:
    """Yield each server that has another status than its last event says.

    One of which no event tells has no approval either: those are told by events, and nothing uses it without.
    """
    last_status: dict[UUID, str] = {}
    for key, verb in Event.objects.filter(verb__in=MOVES).order_by("pk").values_list("object_id", "verb").iterator():
        last_status[key] = MOVES[verb]
    for key, status in Server.objects.order_by("pk").values_list("pk", "status").iterator():
        if (last := last_status.get(key, status)) != status:
            yield Problem("server", str(key), f"It is {S(status).label.lower()}, and was {S(last).label.lower()} last.")
