"""Filters by what belongs to everybody's work: the business unit and people."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts import access
from accounts.models import Unit, User
from accounts.units import belonging
from riskregister import filters


class UnitKey(filters.Key):
    """The business unit that a row belongs to, or all of the person's own ("mine"); a page offers those.

    `of` returns the condition that a row belongs to some units, where that is more than a column says; `note` says in
    words what belongs to a unit then.
    """

    understands: ClassVar[tuple[str, ...]] = (belonging.MINE,)

    def __init__(self, *, of: "Callable[[Collection[UUID]], Q] | None" = None, note: str = "", **how: Any) -> None:
        """Name the column unless another is given."""
        how = {"field_name": "unit_id", "label": "Unit"} | ({"help_text": note} if note else {}) | how
        super().__init__(rows=units, empty="All units", **how)
        self.of, self.note = of, note

    def filter(self, rows: "QuerySet[Any]", value: Any) -> "QuerySet[Any]":
        """Return the rows that belong to the unit; none for a unit in which the person has no role.

        What belongs to no unit is everybody's to see, and not by which units it comes to be theirs.
        """
        if not value:
            return rows
        wanted = mine = belonging.units_counted(self.parent.request.user, unit=None)
        if value != belonging.MINE:
            wanted = [value] if mine is None or value in mine else []
        if wanted is None:
            return rows
        return rows.filter(self.of(wanted) if self.of else belonging.in_units(wanted, path=self.field_name))

    def offered(self, user: Any) -> list[tuple[str, str]]:
        """Return the units, and all of them together to whoever has a role in several and not in all."""
        pairs = super().offered(user)
        is_some = len(pairs) > 1 and not access.of(user).sees_all_units
        return [(belonging.MINE, "All my units"), *pairs] if is_some else pairs


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
