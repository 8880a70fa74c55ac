"""What every document that is written says of itself: when it was made, by which tool, and under which number."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """When a document is made, by which tool, and under which number: it names this one document in the world."""

    at: datetime
    tool: str
    tool_version: str
    number: UUID

    @property
    def instant(self) -> str:
        """Return when it is made, in UTC, as documents write it."""
        return self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
