"""Who does a review or fixes a finding: the owner of what it is about, else the unit's analysts in turn."""

from uuid import UUID

from django.db.models import Count, F, Max, Q

from accounts import access
from accounts.models import Role, User
from assessments.models import Finding, Review
from vendors.models import Server, Vendor


def choose(server: Server, *, preferred: User | None = None) -> User | None:
    """Return who reviews the server: `preferred`, then its owner, if they can; else the analyst whose turn it is.

    Their turn is with the fewest open reviews, then whoever got one longest ago. None when the unit has no analyst.
    """
    for person in (preferred, server.owner):
        if person is not None and can_review(person, server):
            return person
    return next_in_turn(server)


def choose_fixer(subject: Server | Vendor, *, unit_id: UUID | None) -> User | None:
    """Return who fixes what was found about a server or vendor: its owner, if they can; else an analyst in turn.

    The turn is among the analysts of the unit (None: of all), with whoever has the fewest findings to fix. None when
    there is no analyst.
    """
    is_server = isinstance(subject, Server)
    owner = subject.owner if isinstance(subject, Server) else subject.relationship_owner
    if owner is not None and access.of(owner).can(access.Capability.WRITE, unit_id if is_server else None):
        return owner
    to_fix = Count("findings_owned", filter=Q(findings_owned__status__in=Finding.BEING_FIXED))
    analysts = access.people_with([Role.ANALYST], unit_id=unit_id).annotate(to_fix=to_fix)
    return analysts.order_by("to_fix", "name", "pk").first()


def can_review(person: User, server: Server) -> bool:
    """Return whether the person is active and an analyst or approver of the server's unit."""
    return access.of(person).can(access.Capability.WRITE, server.unit_id)


def next_in_turn(server: Server) -> User | None:
    """Return the analyst of the server's unit whose turn it is, or None when there is none."""
    analysts = access.people_with([Role.ANALYST], unit_id=server.unit_id).annotate(
        waiting=Count("reviews", filter=Q(reviews__status=Review.Status.OPEN)),
        latest=Max("reviews__opened_at"),
    )
    return analysts.order_by("waiting", F("latest").asc(nulls_first=True), "name", "pk").first()
