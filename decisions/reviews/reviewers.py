"""Who does a review: the owner of the server, else the unit's analysts in turn."""

from django.db.models import Count, Max, Q

from accounts.models import User
from accounts.units import places, turns
from decisions.models import Review
from vendors.models import Server


def choose(server: Server, *, preferred: User | None = None) -> User | None:
    """Return who reviews the server: `preferred`, then its owner, if they can; else the analyst whose turn it is.

    Their turn is with the fewest open reviews, then whoever got one longest ago. None when the unit has no analyst.
    """
    for person in (preferred, server.owner):
        if person is not None and can_review(person, server):
            return person
    return next_in_turn(server)


def can_review(person: User, server: Server) -> bool:
    """Return whether the person is active and an analyst or approver of the server's unit."""
    return places.can_hold(person, Review, "assignee", unit_id=server.unit_id)


def next_in_turn(server: Server) -> User | None:
    """Return the analyst of the server's unit whose turn it is, or None when there is none."""
    waiting = Count("reviews", filter=Q(reviews__status=Review.Status.OPEN))
    return turns.next_analyst(waiting=waiting, latest=Max("reviews__opened_at"), unit_id=server.unit_id)
