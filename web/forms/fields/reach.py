"""A field for whose something is: a unit, or the whole organisation for whoever manages all of it."""

from typing import Any, ClassVar

from django import forms

from accounts.models import Unit, User
from accounts.steps import Step


class ReachForm(forms.Form):
    """Whose it is; `reaches` is the step that makes it."""

    reaches: ClassVar[Step[..., Any]]

    unit = forms.ModelChoiceField(queryset=Unit.objects.none(), label="Whose", empty_label=None)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Offer the units in which the person may take the step, and the whole organisation where it is all of them."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        if self.reaches.may_everywhere(by):
            field.required, field.empty_label = False, "The whole organisation"
        field.queryset = self.reaches.units(by)
