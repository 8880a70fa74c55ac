"""Forms that ask why a step is taken."""

from django import forms


class ReasonForm(forms.Form):
    """Why a step is taken."""

    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}))


class OptionalReasonForm(forms.Form):
    """Why a step is taken, where that may go without saying."""

    reason = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
