"""The table of one section of a framework: what is stated of each control, a row each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from accounts.models import User
from catalogue.models import Control
from controls import statuses
from controls.bulk import Entry, RowsRefused
from controls.in_place.effective import Effective
from controls.models import ControlStatus, Word
from controls.models.status import STANDING
from evidence.models import Evidence
from web.forms.controls.control_statuses import WORDS, offer_evidence
from web.forms.fields import owners
from web.forms.fields.days import DATE

_AS_IS = [("", "Nothing stated")]


def _leave_unmarked(form: forms.Form) -> None:
    for field in form.fields.values():
        field.goes_unmarked = True  # type: ignore[attr-defined]


class RowForm(forms.Form):
    """What is stated of one control."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    state = forms.ChoiceField(label="Status", required=False, choices=[*_AS_IS, *WORDS])
    note = forms.CharField(
        label="Note, or why it does not apply", required=False, widget=forms.Textarea(attrs={"rows": 1})
    )
    day = forms.DateField(label="Valid until, or in place by", required=False, widget=DATE)
    effort_days = forms.IntegerField(
        label="Days of work left", required=False, min_value=0, max_value=statuses.LONGEST_EFFORT
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave unsaid of each field that it may be empty: all of them may."""
        super().__init__(*args, **kwargs)
        _leave_unmarked(self)

    @classmethod
    def begin(cls, row: ControlStatus | None) -> dict[str, Any]:
        """Return what a row of the table begins with."""
        if row is None or row.state == Word.NOT_KNOWN:
            return {"seen": statuses.restate.version(row) if row else ""}
        return {
            "seen": statuses.restate.version(row),
            "state": row.state,
            "note": row.reason if row.state == Word.NOT_APPLICABLE else row.note,
            "day": row.due_on or row.valid_until,
            "effort_days": row.effort_days,
        }

    def clean(self) -> dict[str, Any]:
        """Refuse a row without a status in which something else is written, and one that takes its status away."""
        cleaned: dict[str, Any] = super().clean() or {}
        others = any(cleaned.get(name) not in (None, "") for name in ("note", "day", "effort_days"))
        if not cleaned.get("state") and (others or self.initial.get("state")):
            self.add_error("state", "Choose a status. To take one back, open it.")
        return cleaned


@dataclass(frozen=True, slots=True)
class Line:
    """A control of the section, its row of the form, and what holds of it now."""

    control: Control
    form: RowForm
    row: ControlStatus | None
    holds: Effective


class SharedForm(forms.Form):
    """What all rows have in common that are changed."""

    evidence = forms.ModelChoiceField(
        queryset=Evidence.objects.none(),
        required=False,
        empty_label="As it is",
        label="Evidence of all that you change",
    )
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, empty_label="As it is", label="Owner of all that you change"
    )
    as_of = forms.DateField(
        label="As of", required=False, widget=DATE, help_text="The day on which it was so. Empty: today."
    )

    def __init__(self, *args: Any, person: User, unit_id: Any, **kwargs: Any) -> None:
        """Offer the people and the evidence of the place."""
        super().__init__(*args, **kwargs)
        owners.offer(self.fields["owner"], unit_id=unit_id, owner=None)
        self.fields["owner"].empty_label = "As it is"  # type: ignore[attr-defined]
        offer_evidence(self.fields["evidence"], person=person, unit_id=unit_id)
        _leave_unmarked(self)


@dataclass(frozen=True, slots=True)
class SectionForm:
    """The whole table."""

    shared: SharedForm
    lines: Sequence[Line]

    def is_valid(self) -> bool:
        """Return whether every row can be understood."""
        return all([self.shared.is_valid(), *(line.form.is_valid() for line in self.lines)])

    @property
    def errors(self) -> bool:
        """Return whether something is marked."""
        return bool(self.shared.errors) or any(line.form.errors for line in self.lines)

    def entries(self) -> Iterator[Entry]:
        """Yield what is to be stated: the rows in which something was changed."""
        shared = {name: value for name, value in self.shared.cleaned_data.items() if value}
        for line in self.lines:
            changed = set(line.form.changed_data) - {"seen"}
            if changed and line.form.cleaned_data.get("state"):
                yield Entry(line.control, _facts(line, shared), line.form.cleaned_data["seen"])

    def mark(self, refused: RowsRefused) -> None:
        """Say beside each row why it cannot be taken."""
        for line in self.lines:
            refusal = refused.rows.get(line.control.pk)
            if refusal is not None:
                line.form.add_error(_FIELDS.get(refusal.field), refusal.message)


# In which field of a row a fact stands.
_FIELDS = {
    "state": "state",
    "reason": "note",
    "note": "note",
    "valid_until": "day",
    "due_on": "day",
    "effort_days": "effort_days",
}


def _facts(line: Line, shared: Mapping[str, Any]) -> dict[str, Any]:
    """Return all facts of a row: a note is the reason of what does not apply, a day the last or the due one.

    What does not apply keeps the note that it has beside its reason: the table shows the reason alone.
    """
    cleaned, word = line.form.cleaned_data, line.form.cleaned_data["state"]
    kept = {"evidence": line.row.evidence, "owner": line.row.owner} if line.row else {}
    is_aside = word == Word.NOT_APPLICABLE
    beside = line.row.note if line.row and line.row.state == Word.NOT_APPLICABLE else ""
    return {
        **kept,
        "state": word,
        "reason": cleaned["note"] if is_aside else "",
        "note": beside if is_aside else cleaned["note"],
        "valid_until": cleaned["day"] if word in STANDING else None,
        "due_on": cleaned["day"] if word not in STANDING else None,
        "effort_days": cleaned["effort_days"],
        **shared,
    }
