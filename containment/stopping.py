"""The kill switch: one step stops a server in every unit that has it, and tells all who use it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts import access, steps
from accounts.principals import Principal
from exits import plans
from riskregister import nouns
from riskregister.unit_of_work import unit_of_work
from vendors import lifecycle
from vendors.models import Server


@dataclass(frozen=True, slots=True)
class Stopped:
    """The servers that are suspended now, and those of which other units decide, who are told."""

    suspended: tuple[Server, ...]
    left_to_others: tuple[Server, ...]


@unit_of_work()
def stop(server: Server, *, reason: str, by: Principal, now: datetime) -> Stopped:
    """Suspend the server, and what other units approved under its registry name as far as `by` may.

    Whoever manages or approves in a unit that goes on is told, and decides. From the next question on every decision
    denies what is suspended, also where a policy only observes; registry and policy files no longer name it.
    Raises what `lifecycle.suspend` raises.
    """
    # In one order, before the first of them changes: two people may stop it at once from two units.
    rows = nouns.hold_all(Server.objects.called(server.name))
    _suspend(server, reason=reason, by=by, now=now)
    others = [row for row in rows if row.pk != server.pk and row.status == Server.Status.APPROVED]
    mine = [row for row in others if _may_stop(row, by)]
    for row in mine:
        _suspend(row, reason=reason, by=by, now=now)
    left = [row for row in others if row not in mine]
    for row in left:
        steps.record("server.suspended_elsewhere", row, by=by, now=now)
    return Stopped((server, *mine), tuple(left))


def also_stopped(server: Server, *, by: Principal) -> Iterator[Server]:
    """Yield what of other units is suspended with the server when `by` stops it."""
    rows: QuerySet[Server] = Server.objects.called(server.name).exclude(pk=server.pk).select_related("unit")
    return (row for row in rows.filter(status=Server.Status.APPROVED) if _may_stop(row, by))


def _may_stop(server: Server, by: Principal) -> bool:
    """Return whether somebody may stop the server in its unit."""
    try:
        lifecycle.suspend.require(server, by)
    except access.NotPermitted:
        return False
    return True


def _suspend(server: Server, *, reason: str, by: Principal, now: datetime) -> None:
    instead = plans.instead_of(server, today=timezone.localdate(now))
    lifecycle.suspend(server, reason=reason, by=by, now=now, instead=instead)
