"""What happens at the door: people sign in and out, or are kept outside."""

from audit.events import ADMINISTRATION, EventType, declare

declare(
    EventType("signin.succeeded", "Signed in", silent=ADMINISTRATION),
    EventType("signin.failed", "Sign-in failed", silent=ADMINISTRATION),
    EventType("signin.locked", "Sign-in locked for 15 minutes", silent=ADMINISTRATION),
    EventType("signin.signed_out", "Signed out", silent=ADMINISTRATION),
)
