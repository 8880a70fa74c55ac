"""What did not hold, in words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was said: its kind, where it is, and a sentence."""

    kind: str
    where: str
    sentence: str

    def __str__(self) -> str:
        """Return one line."""
        return f"{self.kind} {self.where}: {self.sentence}"
