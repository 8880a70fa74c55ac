"""Roles are given and taken, never turned into others; a token keeps whose it is, what it may and its digest."""

from accounts.models import ApiToken, Membership, Unit, User
from riskregister.guards import ALWAYS, Lifecycle, declare, never_demo

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
    never_demo("a_unit_does_not_become_demo", Unit),
    never_demo("a_person_does_not_become_demo", User),
)
