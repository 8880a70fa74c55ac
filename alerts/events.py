"""What happens to deliveries."""

from audit.events import ADMINISTRATION, EventType, declare

declare(
    EventType(
        "delivery.retried",
        "Delivery retried",
        silent=ADMINISTRATION,
    ),
)
