"""How inventories look, as word, shape and tone."""

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
