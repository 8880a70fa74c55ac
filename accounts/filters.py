"""Filters by what belongs to everybody's work: the business unit and people."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet

from accounts import access
from accounts.models import Unit, User
from riskregister import filters


class UnitKey(filters.Key):
    """The business unit that a row belongs to; a page offers those that the person works in."""

    def __init__(self, **how: Any) -> None:
        """Name the column unless another is given."""
        how = {"field_name": "unit_id", "label": "Unit"} | how
        super().__init__(rows=units, empty="All units", **how)


class PersonKey(filters.Key):
    """A person by their id, the person who asks ("me"), or nobody ("none").

    A page offers the words in `words`, and the people that `people` returns.
    """

    understands: ClassVar[tuple[str, ...]] = ("me", "none")

    def __init__(
        self,
        *,
        people: "Callable[[Any], QuerySet[User]] | None" = None,
        words: Mapping[str, str] | None = None,
        **how: Any,
    ) -> None:
        """Say whom a page offers."""
        super().__init__(rows=people, **{"empty": "Everybody's"} | how)
        self.words = {"me": "Me", "none": "Nobody"} if words is None else words

    def filter(self, rows: "QuerySet[Any]", value: Any) -> "QuerySet[Any]":
        """Return the rows of the person."""
        if not value:
            return rows
        if value == "none":
            return rows.filter(**{f"{self.field_name}__isnull": True})
        return rows.filter(**{self.field_name: self.parent.request.user.pk if value == "me" else value})


def units(user: Any) -> "QuerySet[Unit]":
    """Return the units that a person works in."""
    return access.visible_units(user)
