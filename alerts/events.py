"""What happens to deliveries."""

from dataclasses import dataclass

from audit.events import ADMINISTRATION, EventType, declare


@dataclass(frozen=True, slots=True)
class ChosenData:
    """The kinds of things and how soon a mail tells of each from now on, such as "findings: daily"."""

    chosen: list[str]


declare(
    EventType("person.mail_chosen", "Mail chosen", silent=ADMINISTRATION, data=ChosenData),
    EventType(
        "delivery.retried",
        "Delivery retried",
        silent=ADMINISTRATION,
    ),
)
