"""Forms that put evidence on record before an answer rests on it."""

from typing import Any

from django import forms

from accounts.models import Unit, User
from evidence import records
from web.forms.assessments.answers import FileForm, LinkForm, NoteForm


class _Kept(forms.Form):
    """Whose evidence it is."""

    unit = forms.ModelChoiceField(
        queryset=Unit.objects.none(),
        required=False,
        label="For",
        empty_label="The whole organisation: every unit sees it",
        help_text="What is about a vendor serves every unit. What is about your own use belongs to your unit.",
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Offer the person's units."""
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = records.add.units(by)  # type: ignore[attr-defined]
        self.fields["unit"].goes_unmarked = True  # type: ignore[attr-defined]


class KeptFileForm(_Kept, FileForm):
    """A file."""

    field_order = ("file", "title", "unit")


class KeptLinkForm(_Kept, LinkForm):
    """A link."""

    field_order = ("url", "title", "unit")


class KeptNoteForm(_Kept, NoteForm):
    """A note."""

    field_order = ("note", "title", "unit")


FORMS: dict[str, type[_Kept]] = {"file": KeptFileForm, "link": KeptLinkForm, "note": KeptNoteForm}
