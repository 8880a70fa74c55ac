"""A row of the API says what the columns of its list show, under the names by which the list knows them."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.utils import timezone

from riskregister import lists as declared
from riskregister.lists import Column
from tests.contracts.base import NOW, Listed, OfTheEstate, key_of, lists


class ColumnContract(OfTheEstate):
    """Columns."""

    def test_a_row_of_the_api_says_what_its_columns_show(self) -> None:
        shown = [one for one in lists() if one.of.columns]
        assert len(shown) > 10
        self.holds(wrong for one in shown for wrong in self._differing(one))

    def _differing(self, one: Listed) -> Iterator[str]:
        rows, seen = one.rows(self.caller(one.reader)), one.of.rows(self.caller(one.reader).person)
        objects = {row.pk: row for row in one.of.filters(None, seen, now=NOW).qs}
        for column in one.of.columns:
            if callable(column.value) and column.field is None:
                yield f"{one.path}: nobody says which field of the API is {column.label} (none: an empty text)."
            if not column.in_api:
                continue
            for row in rows:
                obj = objects[one.noun.model._meta.pk.to_python(key_of(row))]
                if wrong := _differs(column, row, obj):
                    yield f"{one.path}: {column.label} of {obj}: {wrong}"
                    break


def _differs(column: Column, row: dict[str, Any], obj: Model) -> str:
    found: Any = row
    for name in column.in_api.split("."):
        if isinstance(found, dict) and name not in found:
            return f"a row has no {column.in_api}"
        found = found[name] if found is not None else None
    today = timezone.localdate()
    shown = [column.of(obj, today=today)]
    # What people read in words is sent as it is stored.
    if isinstance(column.value, str) and "_display" in column.value:
        shown.append(declared.at(obj, column.in_api, today=today))
    return "" if any(_is_same(found, value) for value in shown) else f"{found!r} is sent, {shown[-1]!r} is shown"


def _is_same(sent: Any, shown: Any) -> bool:
    if isinstance(shown, Model):
        return bool(sent["id"] == str(shown.pk))
    if isinstance(shown, datetime):
        return datetime.fromisoformat(sent) == shown
    if isinstance(shown, date):
        return bool(sent == shown.isoformat())
    if shown is None or isinstance(shown, bool | int):
        return bool(sent == shown)
    return str(sent) == str(shown)
