"""What happens to deliveries."""

from audit.events import EventType, declare

declare(
    EventType(
        "delivery.retried",
        "Delivery retried",
        silent="Administration, kept for the audit trail; nothing waits for anybody.",
    ),
)
