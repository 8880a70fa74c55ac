"""Forms about reviews: asking for one, giving it to somebody."""

from typing import Any

from django import forms

from accounts.models import User
from accounts.units import places
from decisions.models import Review
from decisions.reviews import reviews
from web.forms.editing import EditForm
from web.forms.fields.days import DATE


class AskForm(forms.Form):
    """Why a server should be reviewed out of turn, and by when."""

    reason = forms.CharField(
        label="What happened",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="E.g. an incident, a change of ownership, a new use.",
    )
    due_on = forms.DateField(label="Due on", widget=DATE, help_text="From today to a year from now.")


class AssigneeForm(EditForm):
    """Who does the review from now on."""

    step = reviews.assign

    assignee = forms.ModelChoiceField(queryset=User.objects.none(), label="Who reviews", empty_label=None)

    def __init__(self, *args: Any, review: Review, **kwargs: Any) -> None:
        """Offer the analysts and approvers of the unit, and start from who has it."""
        super().__init__(*args, row=review, **kwargs)
        field = self.fields["assignee"]
        field.queryset = places.who_can_hold(Review, "assignee", unit_id=review.unit_id)  # type: ignore[attr-defined]
