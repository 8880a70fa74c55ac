"""What is asked about feeds."""

from typing import Any

from django import forms

from feeds import kinds, managing
from feeds.models import Feed
from web.forms.editing import EditForm

_PLACE = "An address such as https://example.com/all.zip, or a path within the folder of feeds. None for uploads."
_WHOLE = "A record that a later file does not name any more is then gone. Leave it out for files that only add to it."


class FeedForm(EditForm):
    """What a feed is called, where its files come from, and how often."""

    step = managing.change

    name = forms.CharField(max_length=120)
    where = forms.ChoiceField(label="Where its files come from", choices=Feed.Where.choices)
    place = forms.CharField(max_length=700, required=False, help_text=_PLACE)
    every = forms.IntegerField(
        label="Taken in every so many hours", min_value=0, help_text="0: only when somebody asks."
    )
    silent_after = forms.IntegerField(
        label="Alarm after so many hours without a success", min_value=0, help_text="0: never."
    )
    is_whole = forms.BooleanField(label="Each file has all of it", required=False, help_text=_WHOLE)

    @classmethod
    def begin(cls, row: Any) -> dict[str, Any]:
        """Return the facts of the feed, its durations in hours."""
        return {**super().begin(row), **managing.in_hours(row)}


class NewFeedForm(FeedForm):
    """The same of a new one, and what it is."""

    kind = forms.ChoiceField(label="What it brings")
    field_order = ("kind",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the kinds that somebody takes in."""
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kind"]
        field.choices = [(one.word, one.words) for one in kinds.every()]


class FileForm(forms.Form):
    """A file of a feed."""

    file = forms.FileField(
        help_text="JSON, lines of JSON, CSV, each of them gzipped or not, or a zip archive of records."
    )
