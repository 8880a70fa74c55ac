"""Forms about findings: raising, assigning, judging, planning, claiming a fix and its verdict."""

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Any, cast
from uuid import UUID

from django import forms

from accounts.models import User
from accounts.units import places
from catalogue.models import Dimension
from evidence.records import ISSUERS
from findings import register, remediation
from findings.models import Finding, RemediationPlan
from scoring.scales import Severity
from web.forms.editing import EditForm
from web.forms.fields.days import DATE
from web.forms.fields.deciding import AnswerForm
from web.forms.fields.found import DocumentDateField, ShowsField

ROWS = 4


def _area(rows: int = 3) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _severity() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(choices=Severity.choices(), coerce=int, widget=forms.RadioSelect)


class RaiseForm(forms.Form):
    """A finding that somebody raises by hand."""

    title = forms.CharField(max_length=200, help_text="The deficiency in one line, e.g. “Releases are not signed”.")
    severity = _severity()
    dimension = forms.ChoiceField(choices=Dimension.choices, widget=forms.RadioSelect)
    description = forms.CharField(
        required=False, widget=_area(4), help_text="What you saw, where, and what it puts at risk."
    )
    recommendation = forms.CharField(required=False, widget=_area(), help_text="What would close it.")
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, empty_label="Whoever owns what it is about"
    )

    def __init__(self, *args: Any, unit_id: UUID | None, **kwargs: Any) -> None:
        """Offer the people who may work on it."""
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = places.who_can_hold(Finding, "owner", unit_id=unit_id)  # type: ignore[attr-defined]


class OwnerForm(EditForm):
    """Who works on a finding from now on."""

    step = register.assign

    owner = forms.ModelChoiceField(queryset=User.objects.none(), empty_label=None)

    def __init__(self, *args: Any, finding: Finding, **kwargs: Any) -> None:
        """Offer the people who may work on it, and start from its owner."""
        super().__init__(*args, row=finding, **kwargs)
        field = self.fields["owner"]
        field.queryset = places.who_can_hold(Finding, "owner", unit_id=finding.unit_id)  # type: ignore[attr-defined]


class SeverityForm(EditForm):
    """Another severity, and why."""

    step = register.change_severity

    severity = _severity()
    reason = forms.CharField(widget=_area(), help_text="What you know now that was not known then.")


class DueForm(EditForm):
    """Another due date, and why."""

    step = register.change_due_date

    due_on = forms.DateField(label="Due on", widget=DATE, help_text="From today to a year from now.")
    reason = forms.CharField(widget=_area())


class PlanForm(EditForm):
    """What will be done by when, in milestones; rows without a title are left out."""

    step = remediation.plan

    description = forms.CharField(label="What will be done", widget=_area(4))
    target_on = forms.DateField(label="Done by", widget=DATE)

    def __init__(self, *args: Any, finding: Finding, **kwargs: Any) -> None:
        """Start from the current plan and what is still open of it."""
        self.former = RemediationPlan.objects.filter(finding=finding, is_current=True).first()
        still_open = list(self.former.milestones.filter(done_at=None)) if self.former else []
        super().__init__(*args, row=finding, **kwargs)
        self.count = max(ROWS, len(still_open) + 1, self._sent())
        for row in range(self.count):
            known = still_open[row] if row < len(still_open) else None
            self.fields[f"title_{row}"] = forms.CharField(
                label=f"Milestone {row + 1}", max_length=200, required=False, initial=known.title if known else ""
            )
            self.fields[f"due_on_{row}"] = forms.DateField(
                label="By", required=False, widget=DATE, initial=known.due_on if known else None
            )

    def _sent(self) -> int:
        """Return how many milestones the page had that was sent: the plan may have another number by now."""
        return next(row for row in count() if f"title_{row}" not in self.data)

    def rows(self) -> Iterator[tuple[Any, Any]]:
        """Return the two fields of each milestone."""
        return ((self[f"title_{row}"], self[f"due_on_{row}"]) for row in range(self.count))

    def clean(self) -> dict[str, Any]:
        """Return what was said, with `milestones` as pairs of title and day; half a milestone is refused."""
        data: dict[str, Any] = dict(self.cleaned_data)
        for row in range(self.count):
            title, due_on = data.get(f"title_{row}"), data.get(f"due_on_{row}")
            if title and not due_on and f"due_on_{row}" not in self.errors:
                self.add_error(f"due_on_{row}", "Say by when.")
            if due_on and not title and f"title_{row}" not in self.errors:
                self.add_error(f"title_{row}", "Say what is done by then.")
        return data

    @property
    def milestones(self) -> list[tuple[str, date]]:
        """Return the milestones that were filled in."""
        data = self.cleaned_data
        pairs = ((data[f"title_{row}"], data[f"due_on_{row}"]) for row in range(self.count))
        return [(title, due_on) for title, due_on in pairs if title]

    @classmethod
    def begin(cls, row: Finding) -> dict[str, Any]:
        """Return what the current plan says; of the first one the finding's due date."""
        return dict(cast(Any, cls.step.rule.edits)(row))

    def in_words(self, name: str, row: Finding) -> str:
        """Return in words what the plan says, its milestones in one line."""
        if name != "milestones":
            return super().in_words(name, row)
        return "; ".join(f"{title}, {'done' if done else f'by {day}'}" for title, day, done in self.begin(row)[name])


# What a verifier finds in the evidence of a claimed fix.
FOUND = ("shows", "location", "document_date")


class ClaimForm(forms.Form):
    """That a finding is fixed: what was done, the answer that is true now, and what shows it."""

    note = forms.CharField(label="What was done", widget=_area(4), help_text="Enough for somebody else to check it.")
    option = forms.ChoiceField(
        label="The answer that is true now",
        widget=forms.RadioSelect,
        help_text="It counts in the score once the fix is verified.",
    )
    file = forms.FileField(
        required=False, label="Evidence: a file", help_text="PDF, PNG, JPG, TXT, CSV, JSON, MD, DOCX, XLSX, EML or ZIP."
    )
    url = forms.CharField(required=False, max_length=500, label="Evidence: or an address", widget=forms.URLInput)
    title = forms.CharField(
        required=False,
        max_length=200,
        label="What the evidence is called",
        help_text="Needed with a file or an address.",
    )
    issuer = forms.ChoiceField(
        choices=ISSUERS, required=False, label="Who made the evidence", widget=forms.RadioSelect, initial="vendor"
    )
    valid_until = forms.DateField(required=False, label="The evidence is valid until", widget=DATE)

    def __init__(self, *args: Any, finding: Finding, **kwargs: Any) -> None:
        """Offer the answers that would close it; without a source question there are none."""
        super().__init__(*args, **kwargs)
        offered = [(option.key, option.text) for option in remediation.answers_that_close(finding)]
        if offered:
            self.fields["option"].choices = offered  # type: ignore[attr-defined]
        else:
            del self.fields["option"]

    def clean(self) -> dict[str, Any]:
        """Refuse evidence twice, without a name, or a name alone: a page that comes back has lost its file."""
        data: dict[str, Any] = dict(self.cleaned_data)
        if data.get("file") and data.get("url"):
            self.add_error("url", "Give a file or an address. Add the other to the answer at the next assessment.")
        if (data.get("file") or data.get("url")) and not data.get("title"):
            self.add_error("title", "Say what the evidence is called.")
        if data.get("file") and self.errors and not self.errors.get("file"):
            self.add_error("file", "Choose the file again: it was not kept.")
        if data.get("title") and not data.get("file") and not data.get("url") and not self.errors:
            self.add_error("file", "Choose the file, or give an address; without evidence leave its name empty.")
        return data


class VerdictForm(forms.Form):
    """What another person found when they looked at a claimed fix."""

    verdict = forms.ChoiceField(
        choices=[("passed", "It holds: close the finding"), ("failed", "It does not hold: back to remediation")],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label="What you checked and found", widget=_area(4))
    shows = ShowsField(
        required=False,
        label="What the evidence shows of the new answer",
        widget=_area(),
        help_text=f"{ShowsField.LENGTH} Without it the evidence counts as one that nobody checked. Page and date go "
        "with it.",
    )
    location = forms.CharField(
        required=False, max_length=200, label="Where in the document", help_text="Page or section: p. 12, § 4.2"
    )
    document_date = DocumentDateField(required=False, label="The document's date")

    def __init__(self, *args: Any, has_document: bool, **kwargs: Any) -> None:
        """Ask what the evidence shows where the claim came with some that can be checked."""
        super().__init__(*args, **kwargs)
        if not has_document:
            for name in FOUND:
                del self.fields[name]


class AcceptForm(forms.Form):
    """Why a risk is lived with, what holds it down, and until when."""

    reason = forms.CharField(widget=_area(4), help_text="Why it is not fixed now, and what follows if it goes wrong.")
    compensating_control = forms.CharField(
        label="Compensating control", widget=_area(), help_text="What holds the risk down until then."
    )
    expires_on = forms.DateField(label="Until", widget=DATE, help_text="At most a year from now. It ends by itself.")


class DecisionForm(AnswerForm):
    """Another person's answer to a request to accept a risk."""

    GRANT = "Accept the risk until that day"
