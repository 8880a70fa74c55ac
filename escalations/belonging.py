"""Whose an escalation is, where what waits is of no one unit and still is some units' and not others'."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from accounts import access
from accounts.access import Capability
from accounts.models import Role
from escalations import ladders
from escalations.models import Escalation, EscalationQuerySet
from riskregister import nouns

NEEDS = (Capability.WRITE, Capability.MANAGE, Capability.ADMINISTER)


class OfOtherUnits(access.NotPermitted):
    """What waits is of units in which they have no role."""


def of_others(escalation: Escalation, by: Any) -> OfOtherUnits | None:
    """Return the refusal for somebody in none of whose units it is, though it is in others'; its owner may."""
    ladder, units = ladders.known(escalation.ladder), _units_of(by)
    if escalation.unit_id is not None or ladder is None or ladder.elsewhere is None or units is None:
        return None
    if not ladder.elsewhere(units).filter(pk=escalation.object_id).exists() or _owns(escalation, by):
        return None
    return OfOtherUnits("This is of units in which you have no role. Somebody of one of these acknowledges it.")


def outsiders(escalation: Escalation) -> Collection[UUID]:
    """Return the managers who may not acknowledge it, and so are not told."""
    if escalation.unit_id is not None:
        return ()
    managers = access.people_with([Role.MANAGER], unit_id=None)
    return {one.pk for one in managers if of_others(escalation, one)}


def but_of_others(rows: EscalationQuerySet, user: Any) -> EscalationQuerySet:
    """Return the escalations without those that are in units of others and in none of the person's."""
    units = _units_of(user)
    if units is None:
        return rows
    for ladder in ladders.every():
        if ladder.elsewhere is not None:
            others = ladder.elsewhere(units).order_by().values("pk")
            rows = rows.exclude(unit__isnull=True, ladder=ladder.word, object_id__in=others)
    return rows


def _units_of(by: Any) -> list[UUID] | None:
    """Return the units in which somebody may acknowledge; None means all of them."""
    found: set[UUID] = set()
    for capability in NEEDS:
        here = access.of(by).units_for(capability)
        if here is None:
            return None
        found |= set(here)
    return list(found)


def _owns(escalation: Escalation, by: Any) -> bool:
    row = escalation.about
    return row is not None and getattr(by, "person", None) in nouns.holders(row, "owner")[1]
