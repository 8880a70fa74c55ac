"""What happens to work when people leave and nobody hands it over."""

from dataclasses import dataclass

from audit.events import EventType, declare, nobody_left


@dataclass(frozen=True, slots=True)
class OwnerLeft:
    """The id of the owner."""

    owner: str


declare(
    EventType(
        "server.owner_left",
        "Server owner left",
        nobody_left("{subject} needs another owner", settled_by=("server.handed_over", "server.retired")),
        data=OwnerLeft,
    ),
)
