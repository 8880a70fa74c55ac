"""What is left with people who cannot do it any more: their role ended by its date, or they got it while they left.

Whoever takes a role or bars somebody hands over in the same step; this finds what no such step has seen.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts import access
from accounts.models import Membership, User
from audit import trail
from audit.context import SYSTEM
from riskregister import nouns, sweeps
from riskregister.transitions import change_if
from vendors.models import Server
from work.in_hand import handover


def hand_over(*, now: datetime) -> int:
    """Give on the open work of people who cannot do it any more, and return of how many; each in a transaction."""
    today = timezone.localdate(now)
    holders = {
        person
        for held in handover.given_by_turn()
        for person in _left(held, today=today).values_list(held.name, flat=True).distinct()
    }
    people = User.objects.filter(pk__in=holders)
    return sum(handover.let_go(person, now=now) for person in people.order_by("pk"))


def report_servers(*, now: datetime) -> int:
    """Record once for each server in use whose owner may not see it any more, that it needs another; return how many.

    Nobody comes to own a server by turn: the unit's managers are told.
    """
    return sum(_report(key, now=now) for key in sweeps.keys(_without_owner(now)))


def _without_owner(now: datetime) -> "QuerySet[Server]":
    used = Server.objects.exclude(status__in=Server.OUT_OF_USE)
    server = nouns.card(Server)
    owned = handover.Held(server, "owner", server.held_by["owner"], used)
    return _left(owned, today=timezone.localdate(now))


def _left(held: handover.Held, *, today: date) -> "QuerySet[Any]":
    """Return the rows whose holder has no role for the place in the row's unit; in any, for what is of no unit."""
    roles = access.roles_that_can(held.place.needs)
    able = Membership.objects.in_force(on=today).filter(user=OuterRef(held.name), user__is_active=True, role__in=roles)
    rows = held.rows.exclude(**{held.name: None}).order_by()
    if not held.unit:
        return rows.exclude(Exists(able))
    here = able.filter(Q(unit__isnull=True) | Q(unit_id=OuterRef(held.unit)))
    somewhere = Q(**{f"{held.unit}__isnull": True}) & Exists(able)
    return rows.exclude(somewhere | Exists(here))


@transaction.atomic
def _report(key: UUID, *, now: datetime) -> bool:
    """Return whether nobody was told before; the server is held, so that of two sweeps at once one tells."""
    held = nouns.hold_all(_without_owner(now).select_related("owner").filter(pk=key))
    if not held:
        return False
    [server] = held
    if server.left_by_id == server.owner_id:
        return False
    change_if(server, {"owner": server.owner_id}, left_by=server.owner)
    owner = str(server.owner_id)
    reason = f"{server.owner}, who owns it, has no role for it any more. Name somebody else."
    trail.record("server.owner_left", server, by=SYSTEM, at=now, reason=reason, owner=owner)
    return True
