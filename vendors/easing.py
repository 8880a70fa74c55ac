"""Making the inherent tier of a server in use milder: what its approval rests on is not eased by one analyst's word."""

from datetime import datetime

from accounts import access
from accounts.access import Capability
from accounts.principals import Principal
from riskregister.transitions import change_if
from vendors.models import Server

# Somebody approved these, of the tier that they had.
JUDGED = (Server.Status.APPROVED, Server.Status.SUSPENDED)


class EasesExposure(access.NotPermitted):
    """The step makes the tier of a server in use milder, and whoever takes it may not do that."""


def note(server: Server, tier: int, *, by: Principal, now: datetime) -> None:
    """Keep who makes the tier of an approved server milder; part of a step that gives it this tier.

    Raises EasesExposure for whoever does not decide in its unit, and for its owner.
    """
    was, status, owner = Server.objects.values_list("inherent_tier", "status", "owner").get(pk=server.pk)
    if tier <= was or status not in JUDGED or by.person is None:
        return
    moves = f"This makes the tier of {server.ref} milder, from {was} to {tier}, and it was approved at {was}."
    if not access.of(by).can(Capability.DECIDE, server.unit_id):
        access.require_scope(by, Capability.DECIDE)
        raise EasesExposure(f"{moves} Have an approver record it.")
    if owner == by.person.pk:
        raise EasesExposure(f"{moves} You own it. Have another approver record it.")
    change_if(server, {}, eased_by=by.person, eased_at=now)
