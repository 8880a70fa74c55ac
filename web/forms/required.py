"""What a form says of a field that was left empty: what to do, where Django only states that it is required."""

from typing import Final

from django import forms

WORDS: Final[dict[type[forms.Field], str]] = {
    forms.Field: "Fill this in.",
    forms.BooleanField: "Tick this to go on.",
    forms.ChoiceField: "Choose one.",
    forms.ModelChoiceField: "Choose one.",
    forms.MultipleChoiceField: "Choose at least one.",
    forms.ModelMultipleChoiceField: "Choose at least one.",
    forms.DateField: "Enter a date.",
    forms.FileField: "Choose a file.",
}


def say_what_to_do() -> None:
    """Give every kind of field its words, for all forms of this process."""
    for field, words in WORDS.items():
        field.default_error_messages = {**field.default_error_messages, "required": words}
