"""How the filters of a list understand what an address says: ids with a few words beside them, and instants."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from django_filters.fields import IsoDateTimeField


class KeyField(forms.UUIDField):
    """The id of a row, or one of a few words."""

    def __init__(self, *, words: Sequence[str], **how: Any) -> None:
        """Keep the words."""
        self.words = words
        super().__init__(**how)

    def to_python(self, value: Any) -> Any:
        """Return the id or the word. Raises ValidationError for anything else."""
        return value if value in self.words else super().to_python(value)


class Instant(IsoDateTimeField):  # type: ignore[misc]
    """Reads an instant, in UTC: databases know zones up to sixteen hours away only."""

    def to_python(self, value: Any) -> datetime | None:
        """Return the instant. Raises ValidationError where UTC has no such day."""
        instant: datetime | None = super().to_python(value)
        try:
            return instant.astimezone(UTC) if instant else None
        except OverflowError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error
