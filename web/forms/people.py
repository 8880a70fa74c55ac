"""Forms of administration: people, roles and units."""

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from accounts import people
from accounts.models import Role, Unit, User
from accounts.units import units
from web.forms.editing import EditForm
from web.forms.fields.days import DATE


class PersonForm(EditForm):
    """Who it is."""

    step = people.edit

    name = forms.CharField(max_length=120)
    email = forms.EmailField(label="E-mail address", help_text="They sign in with it.")


class RoleForm(forms.Form):
    """A role in one unit, or in the whole organisation."""

    WHOLE: ClassVar[str] = "whole"

    role = forms.ChoiceField(choices=[("", "Choose a role"), *Role.choices])
    # Nothing is chosen beforehand: a slip must not give more than was meant.
    unit = forms.ChoiceField(label="Where")
    valid_from = forms.DateField(label="From", required=False, widget=DATE, help_text="For auditors only.")
    valid_until = forms.DateField(label="Until", required=False, widget=DATE, help_text="For auditors only.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the units and the whole organisation."""
        super().__init__(*args, **kwargs)
        self.units = {str(unit.pk): unit for unit in Unit.objects.all()}
        named = [(key, unit.name) for key, unit in self.units.items()]
        self.fields["unit"].choices = [  # type: ignore[attr-defined]
            ("", "Choose where"),
            *named,
            (self.WHOLE, "The whole organisation"),
        ]

    def clean_unit(self) -> Unit | None:
        """Return the unit, or None for the whole organisation."""
        return self.units.get(self.cleaned_data["unit"])


class LeavingForm(forms.Form):
    """Who takes over what somebody has in hand."""

    hand_over_to = forms.ModelChoiceField(
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody by name: work goes to the servers' owners, else to analysts in turn",
        label="Hand it over to",
        help_text="Offered is who can do all of it. Whoever gets something is told.",
    )

    def __init__(self, *args: Any, offered: QuerySet[User], **kwargs: Any) -> None:
        """Offer these people."""
        super().__init__(*args, **kwargs)
        self.fields["hand_over_to"].queryset = offered  # type: ignore[attr-defined]


class UnitForm(forms.Form):
    """A new business unit."""

    name = forms.CharField(max_length=120)
    code = forms.CharField(
        label="Short code", max_length=20, help_text="Letters, digits, - and _. It stays when the unit is renamed."
    )


class UnitNameForm(EditForm):
    """Another name for a unit."""

    step = units.rename_unit

    name = forms.CharField(max_length=120)
