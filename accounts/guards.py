"""Roles are given and taken, never turned into others; a token keeps whose it is, what it may and its digest."""

from accounts.models import ApiToken, Membership, Unit
from riskregister.guards import ALWAYS, Lifecycle, Refusal, declare

declare(
    # Taking a role removes its row, with an event; a row without the event, and an event without the row, are found.
    Lifecycle(Membership, "a_role_is_not_turned_into_another", told=("valid_from", "valid_until"), unless=ALWAYS),
    Lifecycle(
        ApiToken,
        "a_token_keeps_what_it_may",
        free=("last_used_at",),
        noted=("revoked_at",),
    ),
    # What is of the demo organisation can be removed: nothing real becomes a part of it.
    Refusal("a_unit_does_not_become_demo", Unit._meta.db_table, "UPDATE", "NEW.is_demo AND NOT OLD.is_demo"),
)
