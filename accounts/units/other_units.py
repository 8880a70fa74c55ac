"""What holds for several units: who works in some of them only does not change it for the others."""

from typing import Any

from django.db.models import QuerySet

from accounts import access
from accounts.access import Capability
from accounts.models import Unit


class HoldsElsewhere(access.NotPermitted):
    """Who works in some units only does not change what holds for others too."""


def refuse_of_all(by: Any, capability: Capability) -> HoldsElsewhere | None:
    """Return the refusal for who may do it in some units only, of what holds for the whole organisation; else None."""
    if access.of(by).units_for(capability) is None:
        return None
    who = access.who_can(capability)
    return HoldsElsewhere(f"This holds for the whole organisation: {who} of all units does that.")


def refuse_of_these(by: Any, capability: Capability, units: "QuerySet[Unit]") -> HoldsElsewhere | None:
    """Return the refusal for who may not do it in each of the units for which something holds; else None."""
    mine = access.of(by).units_for(capability)
    if mine is None or not units.exclude(pk__in=mine).exists():
        return None
    who = access.who_can(capability)
    return HoldsElsewhere(f"This holds for servers of other units too: {who} of all units, or of all these, does that.")
