"""What happens to policies, to who asks, tests of whether approvals are obeyed, and isolation."""

from dataclasses import dataclass

from audit.events import ENTERED, EventType, Tell, Who, critical, declare


@dataclass(frozen=True, slots=True)
class Silence:
    """What the client asked for, and when it did so last."""

    what: str
    last_at: str


@dataclass(frozen=True, slots=True)
class Tried:
    """The client with its version, what it was to obey, the day, and what came of it."""

    client: str
    version: str
    control: str
    tried_on: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Redescribed:
    """The names of the facts that changed."""

    fields: list[str]


def does_not_hold(data: Tried) -> bool:
    """Return whether a client did not do what it was told."""
    return data.outcome != "holds"


declare(
    EventType(
        "policy.written",
        "Policy written",
        tell=Tell("{label} is written: what is not approved passes and is counted", (Who.MANAGERS, Who.APPROVERS)),
    ),
    EventType(
        "policy.enforced",
        "Policy enforced",
        tell=Tell("{label} now blocks what is not approved", (Who.MANAGERS, Who.APPROVERS)),
    ),
    EventType(
        "policy.observing",
        "Policy set to observe",
        tell=Tell("{label} blocks only what is suspended now", (Who.MANAGERS, Who.APPROVERS)),
    ),
    EventType(
        "policy.retired",
        "Policy retired",
        tell=Tell("{label} is retired: what is not approved is blocked", (Who.MANAGERS, Who.APPROVERS)),
    ),
    EventType(
        "asker.silent",
        "Client fell silent",
        tell=Tell(
            "{label} asks no more ({what}): nobody knows whether approvals are obeyed there",
            (Who.MANAGERS, Who.ADMINISTRATORS),
            is_action=True,
            settled_by=("asker.back", "asker.given_up"),
        ),
        data=Silence,
    ),
    EventType("asker.back", "Client asks again", silent="It settles what its silence told."),
    EventType("asker.given_up", "Client given up", silent="It was told a month ago that it fell silent."),
    EventType(
        "asker.disobeyed",
        "Client loaded the canary",
        tell=Tell(
            "{label} loaded the canary: it obeys neither registry nor policy files",
            (Who.HEAD, Who.ADMINISTRATORS),
            pace=critical,
        ),
    ),
    EventType(
        "enforcement_test.recorded",
        "Enforcement tested",
        tell=Tell("{client} {version} does not obey: {control}", (Who.MANAGERS, Who.APPROVERS), when=does_not_hold),
        data=Tried,
    ),
    EventType("isolation.described", "Isolation described", silent=ENTERED),
    EventType("isolation.redescribed", "Isolation described anew", silent=ENTERED, data=Redescribed),
)
