"""The field of tags: several short words in a line."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from riskregister import tags
from riskregister.refusals import Refused


class Tags(forms.CharField):
    """Tags between commas, which need not be given; it gives the list of them as they are kept."""

    def __init__(self, **kwargs: Any) -> None:
        """Say what tags are for."""
        help_text = "Words of your own, between commas, e.g. pci, customer-data. Rules for alerts can choose by them."
        super().__init__(required=False, help_text=help_text, **kwargs)

    def clean(self, value: Any) -> list[str]:
        """Return the tags. Raises ValidationError for what is none."""
        try:
            return tags.several(tags.typed(super().clean(value)), "tags")
        except Refused as refusal:
            raise ValidationError(str(refusal)) from refusal

    def prepare_value(self, value: Any) -> Any:
        """Return the line in which they stand."""
        return ", ".join(value) if isinstance(value, list) else value
