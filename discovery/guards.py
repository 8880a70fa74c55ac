"""What clients use that nobody approved stays on record with what was decided about it: guarded by triggers."""

from discovery.models import UnapprovedUse
from riskregister.guards import Lifecycle, declare

declare(
    Lifecycle(
        UnapprovedUse,
        "an_unapproved_use_keeps_what_it_is",
        # It can be decided on anew, and watched until another day.
        told=("server", "reason", "watched_until", "decided_by", "decided_at"),
        free=("told_again_at",),
        unless="EXISTS (SELECT 1 FROM accounts_unit u WHERE u.id = OLD.unit_id AND u.is_demo)",
    ),
)
