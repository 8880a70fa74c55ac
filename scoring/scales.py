"""The scales of the scoring method: words in order, the worst first."""

from enum import IntEnum, StrEnum


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


class Severity(IntEnum):
    """How bad a finding is: a number that is stored and sorts, 1 is worst, and a word that is shown and sent."""

    CRITICAL = 1
    HIGH = 2
    MEDIUM = 3
    LOW = 4

    @classmethod
    def of(cls, word: str) -> "Severity":
        """Return the severity for its word, e.g. "critical". Raises ValueError for a word that is none."""
        for severity in cls:
            if severity.word == word:
                return severity
        raise ValueError(f"{word!r} is no severity.")

    @classmethod
    def choices(cls) -> list[tuple[int, str]]:
        """Return the numbers with their words for people, for a column or a form."""
        return [(severity.value, severity.label) for severity in cls]

    @classmethod
    def words(cls) -> list[tuple[str, str]]:
        """Return the words with what people read, for what is sent by its word."""
        return [(severity.word, severity.label) for severity in cls]

    @property
    def word(self) -> str:
        """Return the word in lower case."""
        return self.name.lower()

    @property
    def is_severe(self) -> bool:
        """Return whether it is critical or high."""
        return self <= Severity.HIGH

    @property
    def label(self) -> str:
        """Return the word for people."""
        return self.name.capitalize()
