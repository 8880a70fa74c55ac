"""The form on which several findings or reviews are chosen and given to one person."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.db.models import Model, QuerySet

from accounts.models import User
from accounts.units import places
from riskregister import marks


class GivingForm(forms.Form):
    """Which rows, and whose they are from now on."""

    rows = forms.ModelMultipleChoiceField(
        queryset=User.objects.none(), widget=forms.CheckboxSelectMultiple, label="What is given"
    )
    to = forms.ModelChoiceField(queryset=User.objects.none(), label="To whom", empty_label="Choose somebody")

    def __init__(
        self, *args: Any, place: str, seen: "QuerySet[Any]", offered: Mapping[Any, str], **kwargs: Any
    ) -> None:
        """Offer rows by their words, and who can have some of them in that place; take any row that the person may see.

        What was offered may have left the list meanwhile, and is refused by its step, with the reason.
        """
        super().__init__(*args, **kwargs)
        rows, to = (self.fields[name] for name in ("rows", "to"))
        rows.queryset = seen  # type: ignore[attr-defined]
        rows.choices = [(row.pk, marks.marked(words)) for row, words in offered.items()]  # type: ignore[attr-defined]
        to.queryset = _able(seen.model, place, offered)  # type: ignore[attr-defined]


def _able(model: type[Model], place: str, rows: Iterable[Any]) -> "QuerySet[User]":
    """Return the people who can have such a row of one of the units at least, by name."""
    # A finding about a vendor is of no unit: whoever can work anywhere can have it.
    units = {row.unit_id for row in rows if row.unit_id} or {None for _ in rows}
    able = [places.who_can_hold(model, place, unit_id=unit_id).order_by() for unit_id in units]
    return reduce(or_, able, User.objects.none()).order_by("name")
