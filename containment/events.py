"""What happens to policies."""

from audit.events import EventType, Tell, Who, declare

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
        tell=Tell("{label} blocks nothing any more", (Who.MANAGERS, Who.APPROVERS)),
    ),
    EventType(
        "policy.retired",
        "Policy retired",
        tell=Tell("{label} is retired: what is not approved is blocked", (Who.MANAGERS, Who.APPROVERS)),
    ),
)
