"""The form in which what a contract says is recorded, clause by clause."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from contracts.agreements import clauses
from contracts.agreements.clauses import Reading
from contracts.coverage import measures
from contracts.coverage.clause_list import ClauseList, ClauseType
from contracts.models import Clause
from web.forms.vendors.contracts import EvidenceNumber


class ClauseForm(forms.Form):
    """One clause; it has a field for a figure only where the clause has one."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    present = forms.ChoiceField(choices=Clause.Present.choices, label="In the contract")
    value = forms.DecimalField(required=False, label="Figure", max_digits=16, decimal_places=4)
    unit = forms.ChoiceField(required=False, label="Counted in")
    currency = forms.CharField(required=False, max_length=3, label="Currency", help_text="e.g. EUR")
    countries = forms.CharField(required=False, max_length=800, label="Countries", help_text="e.g. DE IE US")
    page = forms.IntegerField(required=False, min_value=1, max_value=clauses.LAST_PAGE, label="Page")
    quote = forms.CharField(
        required=False,
        max_length=clauses.LONGEST_QUOTE,
        label="Its words",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reason = forms.CharField(required=False, max_length=500, label="Why it does not apply")
    evidence = EvidenceNumber(label="Evidence", help_text="Where it is not the contract itself, e.g. E-12.")
    # What stands in the first line; the rest is shown below it.
    FIRST = ("present", "value", "unit", "currency", "countries", "page")

    def __init__(self, data: Any, *, clause: ClauseType, row: Clause | None) -> None:
        """Begin from what is recorded of the clause."""
        recorded = row or Clause()
        initial = {name: getattr(recorded, name) for name in clauses.FACTS}
        initial["value"] = None if recorded.value is None else measures.plain(recorded.value).replace(",", "")
        super().__init__(data, prefix=clause.key, initial=initial | {"seen": clauses.version(row)})
        self.clause = clause
        for name in self._unfit():
            del self.fields[name]
        if "value" in self.fields:
            self.fields["value"].label = _counted(clause)
        if "unit" in self.fields:
            words = [(unit, measures.WORDS[unit][1]) for unit in clause.accepts]
            self.fields["unit"].choices = words  # type: ignore[attr-defined]
            self.fields["unit"].initial = clause.unit
            self.initial["unit"] = recorded.unit or clause.unit

    def _unfit(self) -> list[str]:
        has_figure = self.clause.unit not in ("", "countries")
        unfit = [] if has_figure else ["value"]
        unfit += ["unit"] if len(self.clause.accepts) < 2 else []
        unfit += [] if self.clause.unit == "money" else ["currency"]
        return unfit + ([] if self.clause.unit == "countries" else ["countries"])

    @property
    def first(self) -> list[forms.BoundField]:
        """Return the fields of the first line."""
        return [self[name] for name in self.FIRST if name in self.fields]

    @property
    def further(self) -> list[forms.BoundField]:
        """Return the other fields that are seen."""
        return [field for field in self.visible_fields() if field.name not in self.FIRST]

    @property
    def shows_further(self) -> bool:
        """Return whether one of the other fields has something to say, or is wrong."""
        return any(field.value() or field.errors for field in self.further)

    @property
    def differs(self) -> bool:
        """Return whether something else is said than what is recorded."""
        changed = set(self.changed_data) - {"seen"}
        # A unit without a figure says nothing.
        if "value" in self.fields and self["value"].value() in (None, ""):
            changed -= {"unit"}
        return bool(changed)

    def reading(self) -> Reading:
        """Return what the valid form says."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "unit"}
        unit = self.cleaned_data.get("unit", "") if values.get("value") is not None else ""
        return Reading(self.clause.key, unit=unit, **values)


def _counted(clause: ClauseType) -> str:
    """Return what a figure is called: with its unit where there is one alone."""
    if clause.unit == "money":
        return "Sum"
    return "Figure" if len(clause.accepts) > 1 else measures.WORDS[clause.unit][1].capitalize()


class ClausesForm:
    """All clauses of a contract; what nobody changed is left as it is recorded, whoever changed it meanwhile."""

    def __init__(self, data: QueryDict | None, *, known: ClauseList, rows: Mapping[str, Clause]) -> None:
        """Begin from what is recorded."""
        self.forms = {key: ClauseForm(data, clause=clause, row=rows.get(key)) for key, clause in known.clauses.items()}
        self.groups = [
            (title, [one for one in self.forms.values() if one.clause.group == key])
            for key, title in known.groups.items()
        ]
        self.fields = dict.fromkeys(self.forms)
        self.problems: list[str] = []

    def is_valid(self) -> bool:
        """Return whether everything that was changed can be read."""
        return all(one.is_valid() for one in self.forms.values() if one.differs)

    def readings(self) -> list[Reading]:
        """Return what was changed."""
        return [one.reading() for one in self.forms.values() if one.differs]

    def add_error(self, key: str | None, message: str) -> None:
        """Say beside the clause, or on top, what is wrong."""
        if key is None:
            self.problems.append(message)
        else:
            self.forms[key].add_error(None, message)

    @property
    def errors(self) -> list[dict[str, str]]:
        """Return what is wrong, each with the place that it leads to."""
        found = [{"url": "#clauses", "text": problem} for problem in self.problems]
        for key, one in self.forms.items():
            if one.is_bound and one.differs:
                messages = [str(error) for errors in one.errors.values() for error in errors]
                found += [{"url": f"#clause-{key}", "text": f"{one.clause.title}: {text}"} for text in messages]
        return found
