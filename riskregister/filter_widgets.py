"""How the filters of a list look in the form of a page, and how they read the address."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

DAY = forms.DateInput(attrs={"type": "date"})


class OneOf(forms.Select):
    """A select that begins with what stands for no filter, and offers the choices in `offered` and the one in force."""

    def __init__(self, *, empty: str, offered: Sequence[str] = (), choices: Any = ()) -> None:
        """Keep what stands for no filter, and which choices are offered (none given: all)."""
        super().__init__(choices=choices)
        self.empty, self.offered = empty, offered

    def use_required_attribute(self, initial: Any) -> bool:
        """Return false: nobody must choose a filter. Asked of the choices, they would be looked up once more."""
        return False

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the select, of which one option is chosen. A template an option took half as long as a list's rows."""
        words = {str(key): word for key, word in self.choices}
        asked = self.format_value(value)
        keys = [*self.offered, *(key for key in words if key in asked and key not in self.offered)]
        shown = [("", self.empty), *((key, words[key]) for key in (keys if self.offered else words))]
        chosen = next((key for key, _word in shown if key in asked), None)
        options = ((key, mark_safe(" selected" if key == chosen else ""), word) for key, word in shown)  # noqa: S308 - one of two constants
        return format_html(
            '<select name="{}"{}>\n{}\n</select>',
            name,
            flatatt(self.build_attrs(self.attrs, attrs)),
            format_html_join("\n", '  <option value="{}"{}>{}</option>', options),
        )


class OneOfSeveral(OneOf):
    """The same for a filter of which the address may hold several values."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Return the values that are not empty."""
        return [value for value in data.getlist(name) if value]


class Several(forms.CheckboxSelectMultiple):
    """Boxes for several values."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Return the values that are not empty."""
        return [value for value in data.getlist(name) if value]


class TrueOrFalse(OneOf):
    """The same for a truth value, in whichever case a program writes it."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return the value in lower case."""
        value = super().value_from_datadict(data, files, name)
        return value.lower() if isinstance(value, str) else value
