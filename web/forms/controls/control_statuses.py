"""Forms about the statuses of controls."""

from typing import Any

from django import forms

from accounts.models import User
from controls import statuses
from controls.models import ControlStatus, Word
from evidence.models import Evidence
from web.forms.editing import EditForm
from web.forms.fields import owners
from web.forms.fields.days import DATE

# What somebody can state; what is not known is not stated.
WORDS = [(value, label) for value, label in Word.choices if value != Word.NOT_KNOWN]
EVIDENCE_OFFERED = 200


class StatusForm(EditForm):
    """What is stated of a control, on what it rests, and what is left to do."""

    state = forms.ChoiceField(label="Status", choices=WORDS)
    reason = forms.CharField(
        required=False, label="Why it does not apply", widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Needed where it is not applicable.",
    )  # fmt: skip
    as_of = forms.DateField(label="As of", widget=DATE, required=False, help_text="Empty: today.")
    valid_until = forms.DateField(
        required=False, label="Valid until", widget=DATE,
        help_text="Then it counts as not known. At most until the evidence runs out.",
    )  # fmt: skip
    due_on = forms.DateField(required=False, label="In place by", widget=DATE, help_text="Needed where it is planned.")
    effort_days = forms.IntegerField(
        required=False, label="Days of work left", min_value=0, max_value=statuses.LONGEST_EFFORT
    )
    owner = forms.ModelChoiceField(queryset=User.objects.none(), required=False, empty_label="Nobody yet")
    evidence = forms.ModelChoiceField(
        queryset=Evidence.objects.none(), required=False, empty_label="No evidence", label="Evidence"
    )
    note = forms.CharField(required=False, label="Note", widget=forms.Textarea(attrs={"rows": 3}))

    step = statuses.restate

    def __init__(self, *args: Any, person: User, unit_id: Any, row: ControlStatus, **kwargs: Any) -> None:
        """Start from the status; offer the people and the evidence of the place that it is for."""
        super().__init__(*args, row=row, **kwargs)
        owners.offer(self.fields["owner"], unit_id=unit_id, owner=row.owner)
        offer_evidence(self.fields["evidence"], person=person, unit_id=unit_id, chosen=row.evidence_id)

    @classmethod
    def begin(cls, row: Any) -> dict[str, Any]:
        """Return what is stated now; one that was taken back begins anew."""
        values = super().begin(row)
        return values | {"owner": row.owner_id, "evidence": row.evidence_id}


def offer_evidence(field: Any, *, person: User, unit_id: Any, chosen: Any = None) -> None:
    """Let a field offer the latest evidence that may support a statement about the unit, and what is chosen."""
    seen = Evidence.objects.visible_to(person)
    fitting = seen.filter(unit=None) if unit_id is None else seen.filter(unit_id=unit_id) | seen.filter(unit=None)
    latest = list(fitting.order_by("-number").values_list("pk", flat=True)[:EVIDENCE_OFFERED])
    field.queryset = seen.filter(pk__in=[*latest, *([chosen] if chosen else [])]).order_by("-number")
