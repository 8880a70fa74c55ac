"""What happens to inventories."""

from dataclasses import dataclass

from audit.events import ENTERED, EventType, declare


@dataclass(frozen=True, slots=True)
class Taken:
    """The release and the part of it that the document is about, its form and digest, and how much it lists."""

    release: str
    scope: str
    form: str
    sha256: str
    components: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Superseded:
    """The number of the inventory that took its place."""

    by_inventory: str


declare(
    EventType("inventory.taken", "Inventory taken", silent=ENTERED, data=Taken),
    EventType("inventory.superseded", "Inventory superseded", silent="Part of taking the next.", data=Superseded),
    EventType("inventory.withdrawn", "Inventory withdrawn", silent=ENTERED),
)
