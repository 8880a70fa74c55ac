"""What is posted for one question, and the forms for its evidence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from assessments.models import Answer
from evidence.models import Evidence
from evidence.records import ISSUERS
from riskregister.canonical import digest
from web.forms.fields.days import DATE
from web.forms.fields.found import DocumentDateField, ShowsField


class NotADay(ValueError):
    """What was typed as the day of an event is no day."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody says to one question: the radio, reason, comment and day of the event, and the version they saw.

    `was` marks what the page showed, so that a question nobody touched is left alone however often others change it.
    """

    value: str
    reason: str
    comment: str
    version: int
    event: str = ""
    was: str = ""

    @property
    def event_day(self) -> date | None:
        """Return the day of the event, None when none was typed. Raises NotADay."""
        try:
            return date.fromisoformat(self.event) if self.event else None
        except ValueError as error:
            raise NotADay("Give the day as 2026-05-31.") from error

    @property
    def choice(self) -> str:
        """Return the kind of answer."""
        return self.value.partition(":")[0]

    @property
    def option_key(self) -> str:
        """Return the key of the option, if one was chosen."""
        return self.value.partition(":")[2]

    @property
    def mark(self) -> str:
        """Return a mark of this answer at this version."""
        return digest("\0".join([self.value, self.reason, self.comment, self.event, str(self.version)]))[:16]

    @property
    def is_untouched(self) -> bool:
        """Return whether it is what the page showed."""
        return self.mark == self.was


def value_of(answer: Answer) -> str:
    """Return the answer as the value of its radio: "option:key", "not_applicable", "dont_know" or empty."""
    return f"option:{answer.option.key}" if answer.option else answer.choice


def as_kept(answer: Answer) -> Typed:
    """Return what the answer says now."""
    event = answer.event_on.isoformat() if answer.event_on else ""
    return Typed(value_of(answer), answer.reason, answer.comment, answer.version, event)


def read(posted: Mapping[str, Any], key: str) -> Typed | None:
    """Return what was posted for a question, or None when it is not part of the post."""
    version = str(posted.get(f"{key}-version", ""))
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        return None
    return Typed(
        value=str(posted.get(f"{key}-choice", "")),
        reason=_text(posted.get(f"{key}-reason", "")),
        comment=_text(posted.get(f"{key}-comment", "")),
        version=int(version),
        event=_text(posted.get(f"{key}-event", "")),
        was=str(posted.get(f"{key}-was", "")),
    )


def keys_in(posted: Iterable[str]) -> list[str]:
    """Return the questions that a post is about."""
    return [name.removesuffix("-version") for name in posted if name.endswith("-version")]


def _text(value: object) -> str:
    return str(value).replace("\r\n", "\n").replace("\r", "\n").strip()


class _Described(forms.Form):
    title = forms.CharField(max_length=200, help_text="As it stands on the document, e.g. “SOC 2 Type II report 2026”.")
    issuer = forms.ChoiceField(choices=ISSUERS, label="Who made it", widget=forms.RadioSelect, initial="vendor")
    issued_on = forms.DateField(required=False, label="Issued on", widget=DATE)
    valid_until = forms.DateField(
        required=False, label="Valid until", widget=DATE, help_text="Afterwards it counts one level less."
    )


class FileForm(_Described):
    """A file as evidence."""

    file = forms.FileField(
        label="File", help_text="PDF, PNG, JPG, TXT, CSV, JSON, MD, DOCX, XLSX, EML or ZIP. It is kept as it is."
    )
    field_order: tuple[str, ...] = ("file", "title")


class LinkForm(_Described):
    """An address as evidence."""

    url = forms.CharField(label="Address", max_length=500, widget=forms.URLInput)
    field_order: tuple[str, ...] = ("url", "title")


class NoteForm(forms.Form):
    """Our own observation as evidence; it counts as claimed."""

    note = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What you saw, where and when. A note counts as claimed (E0); attach a document to reach more.",
    )
    title = forms.CharField(max_length=200)


class OnRecordForm(forms.Form):
    """Evidence that is on record already."""

    evidence = forms.ModelChoiceField(queryset=Evidence.objects.none(), empty_label="Choose")

    def __init__(self, *args: Any, offered: "QuerySet[Evidence]", **kwargs: Any) -> None:
        """Offer this evidence."""
        super().__init__(*args, **kwargs)
        self.fields["evidence"].queryset = offered  # type: ignore[attr-defined]


class CopyForm(forms.Form):
    """What stands at a link, as a file."""

    file = forms.FileField(
        label="The copy",
        help_text="Save the page as PDF, or download the document, then choose it here. It is kept as it is.",
    )


class VerifyForm(forms.Form):
    """The record of what a document shows of an answer."""

    shows = ShowsField(
        label="What it shows of this answer",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=f"{ShowsField.LENGTH} Name scope and exceptions. Your name and the moment are kept.",
    )
    location = forms.CharField(max_length=200, label="Where in the document", help_text="Page or section: p. 12, § 4.2")
    document_date = DocumentDateField(label="Its date", help_text="As you read it on the document.")
