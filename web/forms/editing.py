"""Forms that begin from what a row says, and write over nothing that somebody else saved meanwhile."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, cast

from django import forms
from django.db.models import Model
from django.http import QueryDict
from django.utils.formats import date_format

from accounts.steps import Step
from audit import field_history
from riskregister import versions
from riskregister.versions import ChangedMeanwhile

# Enough to find who changed it, where background work writes to the same row.
_ENTRIES_READ = 50


@dataclass(frozen=True, slots=True)
class Difference:
    """What two people say of one thing; `yours` is None where this person left it as it was."""

    label: str
    theirs: str
    yours: str | None


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What somebody else saved while a form was open: who and when, where that is known, and what."""

    who: str
    at: datetime | None
    differences: list[Difference]


class EditForm(forms.Form):
    """The facts of a row that a step writes anew, with the version of them that the person saw.

    A save over a newer version is refused: the form comes back with `meanwhile`, with everything that was typed, and
    with what others wrote where nothing was typed. Saved again, it is saved over what was shown then.
    """

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    step: ClassVar[Step[..., Any]]
    meanwhile: Meanwhile | None = None
    seen = ""

    def __init__(self, *args: Any, row: Model | None = None, **kwargs: Any) -> None:
        """Begin from the row; without one nothing is there yet that could be written over."""
        if row is not None:
            kwargs["initial"] = {**self.begin(row), "version": self.step.version(row)}
        super().__init__(*args, **kwargs)
        if row is None:
            del self.fields["version"]

    @classmethod
    def begin(cls, row: Any) -> dict[str, Any]:
        """Return what the fields begin with: the facts of the row, under their names."""
        return {name: getattr(row, name) for name in cls.base_fields if name != "version" and hasattr(row, name)}

    @property
    def take(self) -> Callable[..., Any]:
        """Return the step, for whoever saw what this form began from."""
        return self.step.over(self.seen)

    def full_clean(self) -> None:
        """Keep the version that was sent apart from what was typed."""
        super().full_clean()
        if self.is_bound:
            self.seen = self.cleaned_data.pop("version", "")

    def meet(self, conflict: ChangedMeanwhile) -> None:
        """Let the form show what the other changed, and the next save be over that."""
        typed = set(self._typed(conflict.names))
        began, row = self.begin(conflict.row), conflict.row
        differences = [
            Difference(self._label(name), self.in_words(name, row), self._mine(name, typed)) for name in conflict.names
        ]
        sent = cast(QueryDict, self.data).copy()
        for name in conflict.names:
            if name in self.fields and name not in typed:
                sent.setlist(self.add_prefix(name), _as_sent(self.fields[name], began.get(name)))
        sent[self.add_prefix("version")] = self.step.version(row)
        self.data = sent
        self.meanwhile = Meanwhile(*_who(row, conflict.names), differences)

    def in_words(self, name: str, row: Any) -> str:
        """Return in words what a row says of a fact."""
        if name in self.fields:
            value = self.begin(row).get(name)
            return _worded(self.fields[name], value) or str(getattr(row, name, "") or "")
        return str(cast(Any, self.step.rule.edits)(row)[name])

    def _typed(self, names: tuple[str, ...]) -> Iterator[str]:
        """Yield which of the facts this person has typed anew."""
        for name in names:
            value = self.cleaned_data.get(name)
            plain = sorted(value) if isinstance(value, list) else value
            if name in self.fields and versions.differing({name: plain}, self.seen):
                yield name

    def _mine(self, name: str, typed: set[str]) -> str | None:
        if name not in self.fields:
            return "As it stands below."
        return _worded(self.fields[name], self[name].data) if name in typed else None

    def _label(self, name: str) -> str:
        return str(self[name].label if name in self.fields else name.replace("_", " ").capitalize())


def _as_sent(field: forms.Field, value: Any) -> list[str]:
    """Return a value as a browser would send it."""
    prepared = field.prepare_value(value)
    return [str(one) for one in prepared] if isinstance(prepared, list) else ["" if prepared is None else str(prepared)]


def _worded(field: forms.Field, value: Any) -> str:
    prepared = field.prepare_value(value)
    if isinstance(prepared, date):
        return date_format(prepared, "j M Y")
    if not hasattr(field, "choices"):
        return "" if prepared is None else str(prepared)
    wanted = (
        {str(one) for one in prepared} if isinstance(prepared, list) else {str("" if prepared is None else prepared)}
    )
    return ", ".join(str(label) for key, label in field.choices if str(key) in wanted)


def _who(row: Model, names: tuple[str, ...]) -> tuple[str, datetime | None]:
    """Return who last changed one of the facts, or a part of the row, and when."""
    for entry in field_history.read(list(field_history.of(row)[:_ENTRIES_READ])):
        if entry.object_id != str(row.pk) or any(change.field in names for change in entry.changes):
            return entry.actor, entry.at
    return "", None
