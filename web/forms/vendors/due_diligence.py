"""What is asked in due diligence: what was found, until when something is waived, and the conclusion."""

from typing import Any

from django import forms

from assurance import rounds
from assurance.models import DueDiligenceItem
from evidence.models import Evidence
from web.forms.editing import EditForm
from web.forms.fields.days import DATE
from web.forms.vendors.certificates import OFFERED

_TEXT = forms.Textarea(attrs={"rows": 4})


class ItemForm(EditForm):
    """What was found of an item."""

    step = rounds.record

    outcome = forms.ChoiceField(
        label="What was found", choices=DueDiligenceItem.Outcome.choices, widget=forms.RadioSelect
    )
    looked_on = forms.DateField(label="Looked at on", widget=DATE)
    note = forms.CharField(
        required=False, widget=_TEXT, help_text="Needed unless it is satisfactory: what is not as it should be."
    )
    evidence = forms.ModelChoiceField(
        queryset=Evidence.objects.none(), required=False, empty_label="None", help_text="Of the whole organisation."
    )
    valid_until = forms.DateField(
        label="Valid until", required=False, widget=DATE, help_text="Empty: until the next round."
    )

    def __init__(self, *args: Any, row: DueDiligenceItem, **kwargs: Any) -> None:
        """Begin from what is recorded, and offer the newest documents."""
        super().__init__(*args, row=row, **kwargs)
        newest = Evidence.objects.filter(unit=None).order_by("-number").values_list("pk", flat=True)[:OFFERED]
        offered = {*newest, *([row.evidence_id] if row.evidence_id else [])}
        self.fields["evidence"].queryset = Evidence.objects.filter(pk__in=offered)  # type: ignore[attr-defined]


class WaiveForm(forms.Form):
    """Until when an item is left out, and why."""

    until = forms.DateField(label="Until", widget=DATE, help_text="Within a year; afterwards it counts again.")
    reason = forms.CharField(widget=_TEXT)


class ConcludeForm(forms.Form):
    """What the round came to."""

    conclusion = forms.CharField(widget=_TEXT, help_text="May we rely on this vendor, and on what conditions?")
