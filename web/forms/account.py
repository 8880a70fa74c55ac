"""Forms of a person's own account."""

from typing import Any

from django import forms

from accounts import people
from accounts.access import Capability
from accounts.models import Theme
from accounts.tokens import LONGEST_DAYS
from web.forms.editing import EditForm
from web.forms.signin import PasswordAgain

LIFETIMES = [(7, "7 days"), (30, "30 days"), (90, "90 days"), (LONGEST_DAYS, "1 year")]


class NameForm(EditForm):
    """How a person is called."""

    step = people.rename

    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))


class ThemeForm(forms.Form):
    """The look of the pages."""

    theme = forms.ChoiceField(choices=Theme.choices)


class TokenForm(PasswordAgain):
    """A new API token; it acts in the person's name, so the password is asked for again."""

    name = forms.CharField(
        label="What it is for", max_length=80, widget=forms.TextInput(attrs={"placeholder": "Nightly export"})
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do, at most",
        choices=Capability.choices,
        initial=[Capability.READ],
        help_text="Your roles limit it further.",
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(label="How long it lives", choices=LIFETIMES, coerce=int, initial=90)
    field_order = ("name", "scopes", "days", "current_password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give the password field an id of its own, since two forms of the page have one."""
        super().__init__(*args, auto_id="token_%s", **kwargs)
