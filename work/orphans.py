"""What is left with people who cannot do it any more: their role ended by its date, or they got it while they left.

Whoever takes a role or bars somebody hands over in the same step; this finds what no such step has seen.
"""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Membership, User
from assessments.models import Assessment
from audit import trail
from audit.context import SYSTEM
from audit.models import Event
from decisions.models import Review
from findings.models import Finding
from riskregister import sweeps
from vendors.models import Server
from work import handover

M = TypeVar("M", bound=models.Model)


def hand_over(*, now: datetime) -> int:
    """Give on the open work of people who cannot do it any more, and return of how many; each in a transaction."""
    today = timezone.localdate(now)
    unsettled = Finding.objects.exclude(status__in=(Finding.Status.CLOSED, Finding.Status.DISMISSED))
    undecided = Assessment.objects.filter(status__in=(Assessment.Status.DRAFT, Assessment.Status.SUBMITTED))
    held: list[tuple[QuerySet[Any], str]] = [
        (undecided, "assignee"),
        (unsettled, "owner"),
        (Review.objects.waiting(), "assignee"),
    ]
    holders = {
        person
        for rows, place in held
        for person in _left(rows, place, handover.WORKERS, today=today).values_list(place, flat=True).distinct()
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
    return _left(used, "owner", None, today=timezone.localdate(now))


def _left(rows: "QuerySet[M]", place: str, roles: Iterable[str] | None, *, today: date) -> "QuerySet[M]":
    """Return the rows whose holder has none of the roles (None: no role) in the row's unit; of no unit, in any."""
    able = Membership.objects.in_force(on=today).filter(user=OuterRef(place), user__is_active=True)
    able = able if roles is None else able.filter(role__in=roles)
    here = able.filter(Q(unit__isnull=True) | Q(unit_id=OuterRef("unit_id")))
    somewhere = Q(unit__isnull=True) & Exists(able)
    return rows.exclude(**{place: None}).exclude(somewhere | Exists(here)).order_by()


@transaction.atomic
def _report(key: UUID, *, now: datetime) -> bool:
    """Return whether nobody was told before; the server is held, so that of two sweeps at once one tells."""
    held = _without_owner(now).select_for_update(of=("self",), no_key=True)
    server = held.select_related("owner").filter(pk=key).first()
    if server is None:
        return False
    owner = str(server.owner_id)
    said = Event.objects.filter(object_id=server.pk, verb="server.owner_left").values_list("body", flat=True)
    if any(json.loads(body)["data"]["owner"] == owner for body in said):
        return False
    reason = f"{server.owner}, who owns it, has no role for it any more. Name somebody else."
    trail.record("server.owner_left", server, by=SYSTEM, at=now, reason=reason, concerns=server, owner=owner)
    return True
