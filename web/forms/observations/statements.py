"""Forms that take in what is said of vulnerabilities, say it by hand, and accept it."""

from typing import Any

from django import forms

from accounts.models import Unit, User
from composition.models import Statement
from composition.statements import taking
from composition.vex import reading
from composition.vex.stated import Document
from vendors.models import Release, Server
from vendors.strict_json import DocumentInvalid
from web.forms.fields.days import DATE

_SCOPES = (
    ("server", "This server"),
    ("release", "This release of it alone"),
    ("unit", "Every server of the unit"),
    ("organisation", "Every server of the organisation"),
)
_SAYS = [(one.value, one.label) for one in Statement.Says if one in taking.BY_HAND]


class DocumentForm(forms.Form):
    """A VEX document, and for what it holds."""

    file = forms.FileField(label="Document", help_text=f"{reading.FORMS}.")
    release = forms.ModelChoiceField(
        queryset=Release.objects.none(), required=False, label="Release", empty_label="Every release of the server"
    )
    unit = forms.ModelChoiceField(
        queryset=Unit.objects.none(), required=False, label="Holds for", empty_label="The whole organisation"
    )

    def __init__(self, *args: Any, by: User, server: Server | None = None, **kwargs: Any) -> None:
        """Offer the releases of the server; where none is named, the person's units."""
        super().__init__(*args, **kwargs)
        self.raw, self.file_name = b"", ""
        if server is None:
            del self.fields["release"]
            field: Any = self.fields["unit"]
            field.queryset = taking.take.units(by)
            if not taking.take.may_everywhere(by):
                # Of the whole organisation only somebody of all units says it.
                field.required, field.empty_label = True, None
        else:
            del self.fields["unit"]
            self.fields["release"].queryset = server.releases.all()  # type: ignore[attr-defined]

    def clean_file(self) -> Document:
        """Return what the document says; the bytes as they came are `raw`."""
        file = self.cleaned_data["file"]
        self.raw, self.file_name = file.read(), file.name
        try:
            return reading.read(self.raw)
        except DocumentInvalid as error:
            raise forms.ValidationError([str(problem) for problem in error.problems]) from error


class StatementForm(forms.Form):
    """What a person says of what a finding is about."""

    says = forms.ChoiceField(label="What you say", choices=_SAYS)
    justification = forms.ChoiceField(
        label="Why it is not affected",
        required=False,
        choices=[("", "Choose, if it is not affected"), *Statement.Justification.choices],
    )
    reason = forms.CharField(label="In words", widget=forms.Textarea(attrs={"rows": 4}))
    action = forms.CharField(
        label="What to do", required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="If it is affected."
    )
    scope = forms.ChoiceField(label="Holds for", choices=_SCOPES)
    until = forms.DateField(
        label="Until", required=False, widget=DATE, help_text="A year from now at most. Needed if it is not affected."
    )


class AcceptForm(forms.Form):
    """Why it is accepted that a hit does not apply, and until when."""

    reason = forms.CharField(label="How you know", widget=forms.Textarea(attrs={"rows": 3}))
    until = forms.DateField(
        label="Until",
        required=False,
        widget=DATE,
        help_text="Unless said the statement’s last day, or a year from now.",
    )
