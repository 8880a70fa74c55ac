"""Forms that bring documents onto the register: a server.json, a captured tools/list, a package's digest."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from accounts.models import Unit, User
from riskregister import limits
from vendors.models import Vendor
from vendors.naming.integrity import DIGESTS_LIMIT
from vendors.registering import importing
from web.forms.fields.tags import Tags


class DocumentForm(forms.Form):
    """A JSON document, pasted or uploaded; `text` is what was given."""

    document = forms.CharField(
        required=False,
        label="The document",
        help_text="Paste it here, or choose the file below. One of the two is needed.",
        strip=False,
        widget=forms.Textarea(attrs={"class": "document", "spellcheck": "false"}),
    )
    file = forms.FileField(
        required=False, label="Or the file", widget=forms.FileInput(attrs={"accept": ".json,application/json"})
    )
    # One byte more than the importer takes, so that it is the one to refuse what is too large.
    LIMIT = limits.SERVER_JSON + 1

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Leave the two ways to give the document unmarked: neither is optional while the other is empty."""
        super().__init__(*args, **kwargs)
        for name in ("document", "file"):
            self.fields[name].goes_unmarked = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Keep the file's bytes, else the pasted text, as `text`; refuse neither and both."""
        data: dict[str, Any] = super().clean() or {}
        upload: UploadedFile[bytes] | None = data.get("file")
        pasted = data.get("document") or ""
        if upload and pasted.strip():
            self.add_error("file", "Paste the document or choose a file, not both.")
        elif not upload and not pasted.strip() and "file" not in self.errors:
            self.add_error("document", "Paste the document, or choose the file.")
        data["text"] = upload.read(self.LIMIT) if upload else pasted
        return data


class ReleaseDocumentForm(DocumentForm):
    """A server.json, of a server that is known."""

    reason = forms.CharField(
        required=False,
        label="Why it is taken although its registry advises against it",
        help_text="Only for a document that its registry calls deprecated or deleted.",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class ServerJsonForm(ReleaseDocumentForm):
    """A server.json, for a server that may be new."""

    field_order = ("document", "file", "unit", "publisher", "tags", "reason")

    unit = forms.ModelChoiceField(queryset=Unit.objects.none(), empty_label=None, help_text="Who will use it.")
    publisher = forms.ModelChoiceField(
        queryset=Vendor.objects.none(),
        required=False,
        empty_label="Not known yet",
        help_text="The vendor that publishes it.",
    )
    tags = Tags()

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        """Offer the person's units and all vendors."""
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = importing.import_server_json.units(by)  # type: ignore[attr-defined]
        self.fields["publisher"].queryset = Vendor.objects.only("name")  # type: ignore[attr-defined]


class ToolsForm(DocumentForm):
    """A captured tools/list, when and how it was captured."""

    captured_at = forms.DateTimeField(
        label="Captured at", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    command = forms.CharField(
        required=False,
        max_length=500,
        label="Command that captured it",
        help_text="So that others can do it again. Left empty, it is the one that script/capture_tools wrote.",
    )
    LIMIT = limits.TOOLS + 1


class ReleaseForm(forms.Form):
    """A release by hand."""

    version = forms.CharField(max_length=255, help_text="The exact version, e.g. 1.4.2")
    description = forms.CharField(required=False, max_length=300)


class PackageDigestForm(forms.Form):
    """The digest by which the package's own registry knows it."""

    integrity = forms.CharField(
        max_length=DIGESTS_LIMIT,
        label="Digest",
        help_text="As the registry prints it, e.g. sha512-… or sha256:…. Of several files all, with spaces.",
    )


class ScannerResultsForm(DocumentForm):
    """What another scanner found, as it wrote it."""

    LIMIT = limits.TOOLS + 1
    file = forms.FileField(
        required=False,
        label="Or the file",
        widget=forms.FileInput(attrs={"accept": ".json,.sarif,application/json,application/sarif+json"}),
    )
