"""A field for a list of texts."""

from typing import Any

from django import forms


class Lines(forms.CharField):
    """A list of texts, one on each line."""

    def __init__(self, **how: Any) -> None:
        """Show some lines; none is needed."""
        super().__init__(widget=forms.Textarea(attrs={"rows": 4}), required=False, **how)

    def prepare_value(self, value: Any) -> Any:
        """Return the list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """Return the lines that say something."""
        return [line.strip() for line in str(super().clean(value)).splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether other lines were typed than there were."""
        return list(initial or []) != self.clean(data)
