"""What happens to deliveries, channels and messages to them."""

from dataclasses import dataclass

from audit.events import ADMINISTRATION, EventType, declare


@dataclass(frozen=True, slots=True)
class ChosenData:
    """The kinds of things and how soon a mail tells of each from now on, such as "findings: daily"."""

    chosen: list[str]


@dataclass(frozen=True, slots=True)
class OpenedData:
    """What is at the other end, and how it is reached: scheme, host and port."""

    kind: str
    place: str


@dataclass(frozen=True, slots=True)
class PlaceData:
    """How it is reached from now on."""

    place: str


declare(
    EventType("person.mail_chosen", "Mail chosen", silent=ADMINISTRATION, data=ChosenData),
    EventType(
        "delivery.retried",
        "Delivery retried",
        silent=ADMINISTRATION,
    ),
    EventType("channel.opened", "Channel opened", silent=ADMINISTRATION, data=OpenedData),
    EventType("channel.changed", "Channel changed", silent=ADMINISTRATION, data=PlaceData),
    EventType("channel.secret_rotated", "Secret exchanged", silent=ADMINISTRATION),
    EventType("channel.former_secret_ended", "Former secret ended", silent=ADMINISTRATION),
    EventType("channel.tried", "Channel tried", silent=ADMINISTRATION),
    EventType("channel.retired", "Channel retired", silent=ADMINISTRATION),
    EventType("message.replayed", "Message sent again", silent=ADMINISTRATION),
)
