"""A field for whose something is: a unit, or the whole organisation for whoever manages all of it."""

from typing import Any

from django import forms

from accounts import access
from accounts.access import Capability
from accounts.models import Unit, User


class ReachForm(forms.Form):
    """Whose it is."""

    unit = forms.ModelChoiceField(queryset=Unit.objects.none(), label="Whose", empty_label=None)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Offer the units that the person manages, and where they manage all, the whole organisation."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        if access.of(by).units_for(Capability.MANAGE) is None:
            field.required, field.empty_label = False, "The whole organisation"
        field.queryset = access.units_to(by, Capability.MANAGE)
