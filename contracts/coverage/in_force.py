"""Which contracts give us anything on a day, and what each says."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from contracts.coverage.agreed import Paper, Statement
from contracts.models import Clause, Contract, ContractTerms
from riskregister.queries.aggregates import Joined

T = TypeVar("T", Contract, ContractTerms)
# A number is put together of that of a contract, and of a page and one, or none of either: its last digits.
_DIGITS = 5
_ALIKE = ("key", "present", "value", "unit", "currency", "countries", "reason")


def on(contracts: Iterable[T], *, today: date) -> list[T]:
    """Return those that hold on a day, in their order; `contracts` has those, too, that they stand under.

    What an order or an agreement beside it says stays agreed when the contract above it is over. An amendment changes
    nothing any more then.
    """
    holding = {one.pk: one for one in contracts if one.holds(today=today)}
    return [one for one in holding.values() if _amends_what_holds(one, holding)]


def papers(contracts: Sequence[Contract | ContractTerms]) -> list[Paper]:
    """Return the contracts with what they say, by their numbers.

    Of hundreds of contracts many say the same under a clause: the database hands over a row for all of them, and one
    statement stands for them.
    """
    numbers = {one.pk: one.number for one in contracts}
    statements: dict[str, dict[str, Statement]] = {str(one.number): {} for one in contracts}
    # By vendor and state; the few others of these are passed over below. To name each takes as long as to read all.
    vendors, states = {one.vendor_id for one in contracts}, {one.status for one in contracts}
    theirs = Q(contract__vendor__in=vendors, contract__status__in=states)
    rows = Clause.objects.filter(theirs).exclude(present=Clause.Present.UNKNOWN).order_by()
    pages = _Pages()
    place = F("contract__number") * 10**_DIGITS + Coalesce(F("page") + 1, 0)
    for key, *row, where in rows.values_list(*_ALIKE).annotate(where=Joined(place)):
        places = where.split(",")
        alike = pages.keep(row, places)
        for one in places:
            if (number := one[:-_DIGITS]) in statements:
                statements[number][key] = alike
    return [
        Paper(
            one.number, one.number, one.kind, _parent(one, numbers), one.starts_on or date.min,
            statements[str(one.number)], partial(pages.place, one.number),
        )
        for one in contracts
    ]  # fmt: skip


class _Pages:
    """Who says what several contracts say alike, and on which page; read of the few statements that count."""

    def __init__(self) -> None:
        self._where: dict[int, tuple[Statement, list[str]]] = {}

    def keep(self, row: Sequence[Any], places: list[str]) -> Statement:
        """Return the statement that stands for these contracts."""
        present, value, unit, currency, countries, reason = row
        alike = Statement("", present, value, unit, currency, countries, None, reason)
        # Kept with them, so that no other object comes by its id.
        self._where[id(alike)] = alike, places
        return alike

    def place(self, number: int, statement: Statement) -> Statement:
        """Return the statement as the contract with this number has it."""
        _alike, places = self._where[id(statement)]
        page = next(int(one[-_DIGITS:]) for one in places if one[:-_DIGITS] == str(number))
        return statement._replace(contract=Contract.ref_of(number), page=page - 1 if page else None)


def _amends_what_holds(contract: T, holding: Mapping[UUID, T]) -> bool:
    seen = set()
    at: T | None = contract
    while at is not None and at.kind == Contract.Kind.AMENDMENT and at.parent_id is not None and at.pk not in seen:
        seen.add(at.pk)
        at = holding.get(at.parent_id)
    return at is not None


def _parent(contract: Contract | ContractTerms, numbers: dict[UUID, int]) -> int | None:
    return numbers.get(contract.parent_id) if contract.parent_id else None
