"""Which contracts give us anything on a day, and what each says."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce

from contracts.agreed import Paper, Statement
from contracts.models import Clause, Contract, ContractTerms
from riskregister.aggregates import Joined

T = TypeVar("T", Contract, ContractTerms)
_ALIKE = ("key", "present", "value", "unit", "currency", "countries", "reason")
# More than a contract has pages.
_PAGES = 100_000


def on(contracts: Iterable[T], *, today: date) -> list[T]:
    """Return those that hold on a day, in their order; `contracts` has those, too, that they stand under.

    What an order or an agreement beside it says stays agreed when the contract above it is over. An amendment changes
    nothing any more then.
    """
    holding = {one.pk: one for one in contracts if one.holds(today=today)}
    return [one for one in holding.values() if _amends_what_holds(one, holding)]


def papers(contracts: Sequence[Contract | ContractTerms]) -> list[Paper]:
    """Return the contracts with what they say, by their numbers.

    Of hundreds of contracts many say the same under a clause: the database hands over a row for all of them, with their
    numbers and pages in one text.
    """
    numbers = {one.pk: one.number for one in contracts}
    said: dict[int, dict[str, Statement]] = {one.number: {} for one in contracts}
    refs = {one.number: one.ref for one in contracts}
    rows = Clause.objects.filter(contract__in=list(numbers)).exclude(present=Clause.Present.UNKNOWN).order_by()
    place = F("contract__number") * _PAGES + Coalesce(F("page") + 1, 0)
    for row in rows.values_list(*_ALIKE).annotate(where=Joined(place)):
        key, present, value, unit, currency, countries, reason, where = row
        for number, page in (divmod(int(one), _PAGES) for one in where.split(",")):
            # Made without a call of the class: there are thousands.
            of_it = (refs[number], present, value, unit, currency, countries, page - 1 if page else None, reason)
            said[number][key] = Statement._make(of_it)
    return [
        Paper(one.number, one.number, one.kind, _parent(one, numbers), one.starts_on or date.min, said[one.number])
        for one in contracts
    ]


def _amends_what_holds(contract: T, holding: Mapping[UUID, T]) -> bool:
    seen = set()
    at: T | None = contract
    while at is not None and at.kind == Contract.Kind.AMENDMENT and at.parent_id is not None and at.pk not in seen:
        seen.add(at.pk)
        at = holding.get(at.parent_id)
    return at is not None


def _parent(contract: Contract | ContractTerms, numbers: dict[UUID, int]) -> int | None:
    return numbers.get(contract.parent_id) if contract.parent_id else None
