"""Who fixes what was found: the owner of what it is about, else the analysts of the unit in turn."""

from uuid import UUID

from django.db.models import Count, Q

from accounts.models import User
from accounts.units import places, turns
from findings.models import Finding
from vendors.models import Server, Vendor


def can_own(person: User, *, unit_id: UUID | None) -> bool:
    """Return whether somebody can work on a finding of the unit (None: of a vendor)."""
    return places.can_hold(person, Finding, "owner", unit_id=unit_id)


def choose_fixer(subject: Server | Vendor, *, unit_id: UUID | None) -> User | None:
    """Return who fixes what was found about a server or vendor: its owner, if they can; else an analyst in turn.

    The turn is among the analysts of the unit (None: of all), with whoever has the fewest findings to fix. None when
    there is no analyst.
    """
    is_server = isinstance(subject, Server)
    owner = subject.owner if isinstance(subject, Server) else subject.relationship_owner
    if owner is not None and can_own(owner, unit_id=unit_id if is_server else None):
        return owner
    to_fix = Count("findings_owned", filter=Q(findings_owned__status__in=Finding.BEING_FIXED))
    return turns.next_analyst(waiting=to_fix, unit_id=unit_id)


def choose(subject: Server | Vendor) -> User | None:
    """Return who fixes what was found about a server or vendor, in turn among all who could."""
    return choose_fixer(subject, unit_id=subject.unit_id if isinstance(subject, Server) else None)


def fixer_of(finding: Finding) -> User | None:
    """Return who fixes a finding that nobody has in hand."""
    return choose_fixer(finding.subject, unit_id=finding.unit_id)
