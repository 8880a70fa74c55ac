"""Forms about what is in use: configurations of a machine, and what becomes of what nobody approved."""

from typing import Any

from django import forms

from accounts.models import Unit, User
from discovery import applying
from discovery.fleet.documents import FILE_LIMIT
from discovery.fleet.places import CLIENTS
from discovery.incoming import MACHINE_LIMIT
from discovery.models import UnapprovedUse
from discovery.triage import suggested_name
from web.forms.fields.days import DATE

_MOST_FILES = 50


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    """Any number of files."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return them. Raises ValidationError for one that is none, and for too many."""
        if len(data or []) > _MOST_FILES:
            raise forms.ValidationError(f"Give at most {_MOST_FILES} files. The script reads any number.")
        return [super(_FilesField, self).clean(one, initial) for one in data or []]


class ConfigurationsForm(forms.Form):
    """Configurations of one machine, uploaded or pasted; `given` are their names and bytes."""

    unit = forms.ModelChoiceField(queryset=Unit.objects.none(), empty_label=None, help_text="Whose machine it is.")
    machine = forms.CharField(
        max_length=MACHINE_LIMIT, label="Machine", help_text="Its label, the same each time: LAPTOP-7."
    )
    client = forms.ChoiceField(
        required=False,
        choices=[("", "As name and shape of the file say"), *((one, one) for one in CLIENTS)],
        help_text="Whose configuration it is. A new report of a client replaces the one before.",
    )
    configurations = _FilesField(
        required=False, label="Files", help_text="All configuration files of the client at once."
    )
    document = forms.CharField(
        required=False,
        strip=False,
        label="Or paste one",
        widget=forms.Textarea(attrs={"class": "document", "spellcheck": "false"}),
        help_text="Values of variables, headers and arguments are cut before anything is kept.",
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Offer the units for which the person may send something."""
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = applying.receive.units(by)  # type: ignore[attr-defined]
        for name in ("configurations", "document"):
            self.fields[name].goes_unmarked = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Keep what was given; refuse nothing at all."""
        data: dict[str, Any] = super().clean() or {}
        files = data.get("configurations") or []
        pasted = data.get("document") or ""
        if not files and not pasted.strip() and not self.errors:
            self.add_error("configurations", "Choose the files, or paste one.")
        data["given"] = [(str(file.name), file.read(FILE_LIMIT + 1)) for file in files]
        if pasted.strip():
            data["given"].append(("pasted", pasted.encode("utf-8", "replace")))
        return data


class RegisterUseForm(forms.Form):
    """What the server is called from now on."""

    title = forms.CharField(max_length=160, help_text="What people call it.")
    name = forms.CharField(
        max_length=200,
        label="Registry name",
        help_text="As in the registry, e.g. io.github.acme/crm. The suggestion is made of what was found.",
    )
    purpose = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))

    @staticmethod
    def begin(use: UnapprovedUse) -> dict[str, Any]:
        """Return what is filled in at first."""
        return {"title": use.name, "name": suggested_name(use)}


class WatchUseForm(forms.Form):
    """Until when it is let be, and why."""

    until = forms.DateField(label="Until", widget=DATE, help_text="From the day after it waits for a decision again.")
    reason = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 3}))
