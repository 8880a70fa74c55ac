"""How inventories and what is known of components look, as word, shape and tone."""

from composition.knowledge import Known
from composition.models import Inventory
from riskregister import looks

looks.declare(
    "inventory",
    looks.of(
        Inventory.Status,
        # What it lists may be affected all the same: that it is the last word is no praise.
        current=("s-check", "info"),
        superseded=("s-dashed", "neutral"),
        withdrawn=("s-cross", "neutral"),
    ),
)
looks.declare(
    "component",
    looks.of(
        Known,
        affected=("s-alert", "critical"),
        verify=("s-alert", "high"),
        # It looks like a fault and not like what passed.
        unknown=("s-dashed", "medium"),
        waiting=("s-clock", "neutral"),
        not_affected=("s-check", "positive"),
    ),
)
