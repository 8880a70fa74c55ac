"""The decision on an assessment, signed with the password."""

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest

from accounts import signing
from catalogue.models import Dimension
from decisions.models import Approval
from web.forms.fields.days import DATE
from web.forms.signin import PasswordField

FINALISE = "finalise"
ROWS = (1, 2, 3)
_WITHOUT_CONDITIONS = (Approval.Decision.APPROVE, Approval.Decision.REJECT, FINALISE)


class DecideForm(forms.Form):
    """Approve, approve with dated conditions, reject, or make it final and decide later."""

    decision = forms.ChoiceField(
        widget=forms.RadioSelect,
        choices=[
            (Approval.Decision.APPROVE, "Approve: agents may use this release"),
            (Approval.Decision.APPROVE_WITH_CONDITIONS, "Approve with conditions: agents may use it, and work remains"),
            (Approval.Decision.REJECT, "Reject: agents must not use it"),
        ],
    )
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="What the decision rests on. It is printed in the report.",
    )
    valid_until = forms.DateField(
        required=False,
        label="Approval holds until",
        widget=DATE,
        help_text="For an approval. At most 18 months after the assessment became final.",
    )
    accept_dimensions = forms.MultipleChoiceField(
        required=False,
        label="Rate although much does not apply",
        widget=forms.CheckboxSelectMultiple,
        help_text="More than the method allows of these dimensions is not applicable. Tick those that you accept; "
        "otherwise there is no overall score.",
    )
    answers_digest = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    # Written by the page, not kept from what was sent: whoever is refused sees what stands, then sends anew.
    replaces = forms.UUIDField(required=False, widget=forms.HiddenInput)
    field_order = ("decision", "reason", "valid_until", "accept_dimensions", signing.FIELD)

    def __init__(
        self,
        *args: Any,
        request: HttpRequest,
        not_rateable: tuple[str, ...],
        may_finalise: bool,
        until: date,
        answers_digest: str,
        **kwargs: Any,
    ) -> None:
        """Offer what the state of the assessment allows; `answers_digest` is of the answers that the page shows."""
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields[signing.FIELD] = PasswordField(request)
        if may_finalise:
            later = (FINALISE, "Make it final and decide later: its findings open now, so that risks can be accepted")
            fields["decision"].choices = [*fields["decision"].choices, later]
        if not_rateable:
            fields["accept_dimensions"].choices = [(key, Dimension(key).label) for key in not_rateable]
        else:
            del fields["accept_dimensions"]
        fields["valid_until"].initial = until
        fields["answers_digest"].initial = answers_digest
        for row in ROWS:
            fields[f"condition_{row}"] = forms.CharField(required=False, max_length=2000, label=f"Condition {row}")
            fields[f"condition_{row}_due"] = forms.DateField(required=False, label="Done by", widget=DATE)
        self.order_fields([*self.field_order[:-1], *(name for row in ROWS for name in _names(row)), signing.FIELD])

    @property
    def condition_rows(self) -> list[tuple[Any, Any]]:
        """Return the rows for conditions, as pairs of fields."""
        return [(self[text], self[due]) for text, due in map(_names, ROWS)]

    @property
    def conditions(self) -> list[tuple[str, date]]:
        """Return the conditions that were filled in."""
        data = self.cleaned_data
        return [(data[text], data[due]) for text, due in map(_names, ROWS) if data.get(text)]

    def clean(self) -> dict[str, Any]:
        """Refuse half a condition, and conditions on another decision."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for text, due in map(_names, ROWS):
            if self.errors.keys().isdisjoint((text, due)) and bool(data[text]) != bool(data[due]):
                self.add_error(due if data[text] else text, "A condition needs both its text and its day.")
        if any(data.get(text) for text, _due in map(_names, ROWS)) and data.get("decision") in _WITHOUT_CONDITIONS:
            self.add_error("decision", "You wrote conditions. Choose “Approve with conditions”, or empty them.")
        return data


def _names(row: int) -> tuple[str, str]:
    return f"condition_{row}", f"condition_{row}_due"
