"""What happens to deliveries, channels, messages to them, and rules."""

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


@dataclass(frozen=True, slots=True)
class ReplayedData:
    """How many messages that were given up go out once more."""

    messages: int


@dataclass(frozen=True, slots=True)
class HoursData:
    """From when to when no mail comes but of what is critical; empty: at no hours."""

    hours: str


@dataclass(frozen=True, slots=True)
class DeputyData:
    """Who is told beside them, and until when; empty: nobody."""

    deputy: str


@dataclass(frozen=True, slots=True)
class RuleData:
    """What the rule says, in a sentence."""

    words: str


declare(
    EventType("person.mail_chosen", "Mail chosen", silent=ADMINISTRATION, data=ChosenData),
    EventType(
        "delivery.retried",
        "Delivery retried",
        silent=ADMINISTRATION,
    ),
    EventType("person.quiet_hours_set", "Quiet hours set", silent=ADMINISTRATION, data=HoursData),
    EventType("person.deputy_named", "Deputy named", silent=ADMINISTRATION, data=DeputyData),
    EventType("channel.opened", "Channel opened", silent=ADMINISTRATION, data=OpenedData),
    EventType("channel.changed", "Channel changed", silent=ADMINISTRATION, data=PlaceData),
    EventType("channel.secret_rotated", "Secret exchanged", silent=ADMINISTRATION),
    EventType("channel.former_secret_ended", "Former secret ended", silent=ADMINISTRATION),
    EventType("channel.tried", "Channel tried", silent=ADMINISTRATION),
    EventType("channel.replayed", "What was given up sent again", silent=ADMINISTRATION, data=ReplayedData),
    EventType("channel.retired", "Channel retired", silent=ADMINISTRATION),
    EventType("alert_rule.written", "Rule written", silent=ADMINISTRATION, data=RuleData),
    EventType("alert_rule.rewritten", "Rule changed", silent=ADMINISTRATION, data=RuleData),
    EventType("alert_rule.started", "Rule started", silent=ADMINISTRATION),
    EventType("alert_rule.paused", "Rule paused", silent=ADMINISTRATION),
    EventType("alert_rule.retired", "Rule retired", silent=ADMINISTRATION),
    EventType("message.replayed", "Message sent again", silent=ADMINISTRATION),
)
