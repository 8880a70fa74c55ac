"""Forms about frameworks and the organisation's own controls."""

from typing import Any

from django import forms

from catalogue import frameworks
from catalogue.models import Framework
from catalogue.oscal.documents import LIMIT_REF, LIMIT_TITLE
from web.forms.editing import EditForm


class ImportForm(forms.Form):
    """An OSCAL file, under which key it comes in, and what a profile selects from."""

    file = forms.FileField(label="File", help_text="An OSCAL catalogue or profile in JSON, versions 1.0 to 1.2.")
    key = forms.CharField(
        label="Key", required=False, max_length=40,
        help_text="Of a framework that was imported: the file is its newer revision. Empty: it follows from the title.",
    )  # fmt: skip
    below = forms.ModelChoiceField(
        label="Selects from", queryset=Framework.objects.none(), required=False, empty_label="It is a catalogue",
        help_text="Of a profile the framework that has its controls. Nothing is fetched.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the frameworks of the register."""
        super().__init__(*args, **kwargs)
        current = Framework.objects.current().exclude(origin=Framework.Origin.OWN)
        self.fields["below"].queryset = current.order_by("title")  # type: ignore[attr-defined]


class _Words(forms.Form):
    """What one of the organisation's own controls asks for."""

    title = forms.CharField(label="Title", max_length=LIMIT_TITLE)
    section = forms.CharField(label="Heading", max_length=120, required=False, help_text="Under which it is listed.")
    requirement = forms.CharField(label="What it asks for", required=False, widget=forms.Textarea(attrs={"rows": 4}))


class ControlForm(EditForm, _Words):
    """The same of one that is there."""

    step = frameworks.change_control


class NewControlForm(_Words):
    """The same of a new one, with the reference by which it is called."""

    ref = forms.CharField(label="Reference", max_length=LIMIT_REF, help_text="e.g. OWN-1. It stays as it is.")
    field_order = ("ref", "title", "section", "requirement")
