"""A field for what is so, is not so, or is not known yet."""

from typing import Any

from django import forms

_TRUTHS = {"yes": True, "no": False}
_WORDS = {True: "yes", False: "no", None: ""}


class KnownOrNot(forms.TypedChoiceField):
    """Yes, no, or not known yet; its value is True, False or None."""

    def __init__(self, *, label: str, help_text: str) -> None:
        """Offer the three."""
        choices = [("", "Not known yet"), ("yes", "Yes"), ("no", "No")]
        super().__init__(
            label=label,
            help_text=help_text,
            choices=choices,
            required=False,
            coerce=_TRUTHS.__getitem__,
            empty_value=None,
        )

    def prepare_value(self, value: Any) -> Any:
        """Return the word for a stored truth."""
        return _WORDS.get(value, value)
