"""Making the inherent tier of a server milder: who did it, and who may do that to one that somebody approved."""

from datetime import datetime
from uuid import UUID

from accounts import access, principals
from accounts.access import Capability
from accounts.principals import Principal
from vendors.models import Server


class EasesExposure(access.NotPermitted):
    """The step makes the tier of a server in use milder, and whoever takes it may not do that."""


def note(server: Server, tier: int, *, by: Principal, now: datetime) -> None:
    """Keep who makes the tier of a server milder; part of a step that gives it this tier.

    Of an approved one it raises EasesExposure for whoever does not decide in its unit, for its owner, and for an owner
    who gave it away: what its approval rests on is not eased by the word of one who answers for it.
    """
    was, status, owner = Server.objects.values_list("inherent_tier", "status", "owner").get(pk=server.pk)
    if tier <= was or by.person is None:
        return
    if status in Server.ONCE_APPROVED:
        _require_other_approver(server, was, tier, owner, by=by)
    server.easings.create(person=by.person, was=was, tier=tier, at=now)


def _require_other_approver(server: Server, was: int, tier: int, owner: UUID | None, *, by: Principal) -> None:
    moves = f"This makes the tier of {server.ref} milder, from {was} to {tier}, and it was approved at {was}."
    if not access.of(by).can(Capability.DECIDE, server.unit_id):
        access.require_scope(by, Capability.DECIDE)
        raise EasesExposure(f"{moves} Have an approver record it.")
    person = principals.person_of(by)
    if owner == person.pk:
        raise EasesExposure(f"{moves} You own it. Have another approver record it.")
    if server.given_away.filter(person=person).exists():
        raise EasesExposure(
            f"{moves} You owned it, or a deployment of it, and gave that away. Have another approver record it."
        )
