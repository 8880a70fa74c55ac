"""How the states of deliveries look."""

from alerts.models import Delivery
from riskregister import looks

looks.declare(
    "delivery",
    looks.of(
        Delivery.Status,
        pending=("s-dashed", "neutral"),
        sent=("s-check", "positive"),
        failed=("s-alert", "high"),
        given_up=("s-cross", "critical"),
        dropped=("s-dashed", "neutral"),
    ),
)
