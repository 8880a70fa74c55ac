"""Forms about reports."""

from typing import Any

from django import forms

from accounts.models import Unit, User
from reports import requests
from web.forms.fields.days import DATE


class RegisterReportForm(forms.Form):
    """Of which unit the risk register is printed, and from which day on its changes."""

    unit = forms.ModelChoiceField(queryset=Unit.objects.none(), empty_label=None)
    since = forms.DateField(label="Changes since", required=False, widget=DATE, help_text="Empty: the last 90 days.")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Offer the units in which the person may issue reports; all of them together only to whoever may in all."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.queryset = requests.request_register_report.units(by)
        if requests.request_register_report.may_everywhere(by):
            field.required, field.empty_label = False, "All units"
