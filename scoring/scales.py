"""The scales of the scoring method: words in order, the worst first."""

from enum import StrEnum


class Ranked(StrEnum):
    """Words in order, the worst first."""

    @property
    def rank(self) -> int:
        """Return the place in the order: 0 is the worst, and it is "not assessed" wherever that is a value."""
        return list(type(self)).index(self)

    @property
    def label(self) -> str:
        """Return the word for people, e.g. "Not assessed"."""
        return self.value.replace("_", " ").capitalize()


class Band(Ranked):
    """What an assurance score amounts to."""

    NOT_ASSESSED = "not_assessed"
    UNACCEPTABLE = "unacceptable"
    WEAK = "weak"
    ADEQUATE = "adequate"
    STRONG = "strong"


class Residual(Ranked):
    """What risk is left after controls."""

    NOT_ASSESSED = "not_assessed"
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Severity(Ranked):
    """How bad a finding is."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
