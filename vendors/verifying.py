"""Comparing whether agents may use a server, and its inherent tier, with the event that said so last.

A server itself changes with many steps and jobs; its status moves by few, each with an event of its own, and its tier
with what is said of its exposure and its deployments. That the events are those that happened is the seal's to check.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from audit.models import Event
from seal import event_data
from seal.problems import Problem
from vendors.models import Deployment, Server

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

# What an event calls the tier that a server has from then on.
TIERS = {
    "server.registered": "tier",
    "server.exposure_changed": "tier",
    "deployment.added": "server_tier",
    "deployment.edited": "server_tier",
    "deployment.ended": "server_tier",
}


def problems() -> Iterator[Problem]:
    """Yield each server that has another status or another tier than its last event says.

    One of which no event tells has no approval either: those are told by events, and nothing uses it without.
    """
    moved, tiers = _last_status(), _last_tier()
    rows = Server.objects.order_by("pk").values_list("pk", "status", "inherent_tier")
    for key, status, tier in rows.iterator():
        if (last := moved.get(key, status)) != status:
            yield Problem("server", str(key), f"It is {S(status).label.lower()}, and was {S(last).label.lower()} last.")
        if (last_tier := tiers.get(key) or tier) != tier:
            yield Problem("server", str(key), f"It is of tier {tier}, and was of tier {last_tier} last.")


def _last_status() -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for key, verb in Event.objects.filter(verb__in=MOVES).order_by("pk").values_list("object_id", "verb").iterator():
        found[key] = MOVES[verb]
    return found


def _last_tier() -> dict[UUID, Any]:
    server_of: dict[UUID, UUID] = dict(Deployment.objects.values_list("pk", "server"))
    found: dict[UUID, Any] = {}
    for event in Event.objects.filter(verb__in=TIERS).order_by("pk").only("object_id", "verb", "body").iterator():
        key = server_of.get(event.object_id, event.object_id)
        found[key] = event_data.member(event, TIERS[event.verb]) or found.get(key)
    return found
