"""How the states of deliveries, channels and messages look."""

from alerts.models import AlertRule, Channel, Delivery, Message
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

looks.declare(
    "channel",
    looks.of(
        Channel.Status,
        active=("s-check", "positive"),
        retired=("s-archive", "neutral"),
    ),
)

looks.declare(
    "message",
    looks.of(
        Message.Status,
        pending=("s-dashed", "neutral"),
        sent=("s-check", "positive"),
        failed=("s-alert", "high"),
        given_up=("s-cross", "critical"),
    ),
)

looks.declare(
    "alert rule",
    looks.of(
        AlertRule.Status,
        paused=("s-half", "medium"),
        active=("s-check", "positive"),
        retired=("s-archive", "neutral"),
    ),
)
