"""Fields for what somebody found in a document; each refuses what the step would, so that all is said at once."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from evidence import checks
from riskregister.refusals import Refused
from web.forms.fields.days import DATE


class ShowsField(forms.CharField):
    """What the document shows."""

    LENGTH = f"At least {checks.CHARACTERS} characters, in a sentence that somebody else can look up."

    def clean(self, value: Any) -> str:
        """Return it, or an empty text where it may be. Raises ValidationError for words that say nothing."""
        shows = str(super().clean(value))
        try:
            return checks.telling(shows) if shows else ""
        except Refused as refusal:
            raise ValidationError(refusal.message) from refusal


class DocumentDateField(forms.DateField):
    """The date that the document carries."""

    widget = DATE

    def clean(self, value: Any) -> date | None:
        """Return it, or None where it may be left out. Raises ValidationError for one to come."""
        day = super().clean(value)
        try:
            return day and checks.come(day, today=timezone.localdate())
        except Refused as refusal:
            raise ValidationError(refusal.message) from refusal
