"""What the rooms above hear of: they cannot be imported from here, and a rating must follow in the same transaction."""

from django.dispatch import Signal

# Sent with `server`, `reason` and `now` inside the transaction that changed the server's tier, use or tools.
server_changed = Signal()
