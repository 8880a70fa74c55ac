"""How the filters of a list look in the form of a page, and how they read the address."""

from collections.abc import Sequence
from copy import copy
from typing import Any

from django import forms

DAY = forms.DateInput(attrs={"type": "date"})


class OneOf(forms.Select):
    """A select that begins with what stands for no filter, and offers the choices in `offered` and the one in force."""

    def __init__(self, *, empty: str, offered: Sequence[str] = (), choices: Any = ()) -> None:
        """Keep what stands for no filter, and which choices are offered (none given: all)."""
        super().__init__(choices=choices)
        self.empty, self.offered = empty, offered

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> Any:
        """Return the options."""
        words = {str(key): word for key, word in self.choices}
        keys = [*self.offered, *(key for key in words if key in value and key not in self.offered)]
        shown = copy(self)
        shown.choices = [("", self.empty), *((key, words[key]) for key in keys or words)]
        return super(OneOf, shown).optgroups(name, value, attrs)


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
