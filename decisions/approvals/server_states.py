"""How a server stands today: its status, or that the approval behind the status has run out."""

from datetime import date

from scoring import deadlines
from vendors.models import Server

APPROVAL_EXPIRED = "approval_expired"


def state(server: Server, *, today: date) -> str:
    """Return the status of a server, or "approval_expired" for an approved one whose approval has run out.

    Its rating, which knows the last day, is read where it is not loaded yet.
    """
    rating = getattr(server, "rating", None)
    last_day = rating.approved_until if rating else None
    if server.status == Server.Status.APPROVED and last_day and deadlines.is_past(last_day, today=today):
        return APPROVAL_EXPIRED
    return server.status
