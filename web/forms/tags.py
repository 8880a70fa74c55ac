"""The field of tags: several short words in a line."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from riskregister import tags
from riskregister.refusals import Refused


class Tags(forms.CharField):
    """Tags between commas; it gives the list of them as they are kept."""

    def clean(self, value: Any) -> list[str]:
        """Return the tags. Raises ValidationError for what is none."""
        try:
            return tags.several(tags.typed(super().clean(value)), "tags")
        except Refused as refusal:
            raise ValidationError(str(refusal)) from refusal

    def prepare_value(self, value: Any) -> Any:
        """Return the line in which they stand."""
        return ", ".join(value) if isinstance(value, list) else value
