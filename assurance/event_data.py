"""What the events of the room say."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Corrected:
    """The names of the facts that changed; of a certificate that was recorded or resumed, none."""

    fields: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Judged:
    """How many of the eight conditions are known to be met, None where nothing is known of any."""

    met: int | None


@dataclass(frozen=True, slots=True)
class Stopped:
    """The day since when it does not count."""

    since: str


@dataclass(frozen=True, slots=True)
class Started:
    """How many items are looked at."""

    items: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """The key of the item, and what was found."""

    item: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Waived:
    """The key of the item, and the last day of the waiver."""

    item: str
    until: str


@dataclass(frozen=True, slots=True)
class Completed:
    """The day on which the next round is due."""

    next_due_on: str
