"""The form that asks for looks."""

from collections.abc import Sequence
from typing import Any

from django import forms

from monitoring.models import Collector


class LooksForm(forms.Form):
    """Which looks; all that are possible unless some are chosen."""

    looks = forms.MultipleChoiceField(label="Which looks", widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, possible: Sequence[Collector], **kwargs: Any) -> None:
        """Offer those that have something to look at."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["looks"]
        field.choices = [(one.value, one.label) for one in possible]
        field.initial = [one.value for one in possible]
