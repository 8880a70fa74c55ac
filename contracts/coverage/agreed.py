"""What contracts give us: of all that is in force with a vendor, what counts under each clause. Pure.

- An amendment, and whatever else stands under a contract and is no order, speaks for the contract above it: what it
  says counts before that, the later one before the earlier.
- An order has what stands above it, unless it says otherwise itself; a contract with orders in force speaks through
  these.
- Of several that stand beside each other the weakest that says something counts: what the vendor owes us for certain.
  One that says nothing of a clause, as a confidentiality agreement of service levels, takes nothing away.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

from contracts.coverage import measures
from contracts.coverage.clause_list import ClauseType

UNKNOWN, NOT_APPLICABLE = "unknown", "not_applicable"
# The weakest first.
_STRENGTH = {"no": 0, "partly": 1, "yes": 2}
_SILENT = len(_STRENGTH)
ORDER = "order"
Statements = Mapping[str, "Statement"]


class Statement(NamedTuple):
    """What one contract says under one clause; `present` as in Clause, `contract` is its number for people.

    Of what several contracts say alike one statement may stand for all, without contract and page: `Paper.place` puts
    them in.
    """

    contract: str
    present: str
    value: Decimal | None = None
    unit: str = ""
    currency: str = ""
    countries: str = ""
    page: int | None = None
    reason: str = ""

    @property
    def speaks(self) -> bool:
        """Return whether it says that the clause is there, or is not."""
        return self.present in _STRENGTH


def _itself(statement: "Statement") -> "Statement":
    return statement


@dataclass(frozen=True, slots=True)
class Paper:
    """A contract that is in force: where it stands, since when, and what it says by clause.

    `place` returns one of these statements with the contract and the page.
    """

    id: object
    number: int
    kind: str
    parent: object | None
    since: date
    statements: Statements
    place: Callable[[Statement], Statement] = _itself


def given(papers: Sequence[Paper], clauses: Mapping[str, ClauseType]) -> dict[str, Statement]:
    """Return what counts under each clause of which something is said, of contracts that are all in force."""
    related = _Related(papers)
    heads = related.heads()
    lines = [related.line(head) for head in heads]
    found = {}
    for key, clause in clauses.items():
        if statements := [line[key] for line in lines if key in line]:
            weakest = _weakest(_distinct(statements), clause)
            first = next(head for head, line in zip(heads, lines, strict=True) if line.get(key) is weakest)
            found[key] = related.placed(first, key)
    return found


def by_contract(papers: Sequence[Paper]) -> dict[object, dict[str, Statement]]:
    """Return by the id of a contract what counts for what it covers: with what stands above it, and amendments."""
    related = _Related(papers)
    return {paper.id: {key: related.placed(paper, key) for key in related.line(paper)} for paper in papers}


def is_whole(statement: Statement, clause: ClauseType) -> bool:
    """Return whether a clause is agreed whole: it is there, with the figure or the countries that it is about."""
    if statement.present != "yes" or not clause.unit:
        return statement.present == "yes"
    return bool(statement.countries) if clause.unit == "countries" else statement.value is not None


def _distinct(statements: Iterable[Statement]) -> list[Statement]:
    """Return each statement once, in their order; one that stands for many contracts is the same object for all."""
    return list({id(one): one for one in statements}.values())


def _weakest(statements: list[Statement], clause: ClauseType) -> Statement:
    """Return the weakest that speaks, the first of several; one without a value is the weakest of its kind.

    Values are compared among the weakest kind alone: of hundreds of contracts that takes most of the time. Raises
    NotComparable for a value in a unit that is not one of the clause.
    """
    kinds = [_STRENGTH.get(one.present, _SILENT) for one in statements]
    least = min(kinds)
    weak = [one for one, kind in zip(statements, kinds, strict=True) if kind == least]
    if least == _SILENT or not clause.better:
        return weak[0]
    without = next((one for one in weak if one.value is None), None)
    return without or (max if clause.better == "lower" else min)(weak, key=_value_in(clause, weak))


def _value_in(clause: ClauseType, statements: Sequence[Statement]) -> Callable[[Statement], Any]:
    """Return what gives the value of each of these in the unit of the clause."""
    if all(one.unit == clause.unit for one in statements):
        return attrgetter("value")
    return lambda one: measures.converted(one.value or Decimal(0), one.unit, to=clause.unit)


class _Related:
    """Contracts with what stands above and under each; what one says is put together once for all orders under it."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._by_id = {paper.id: paper for paper in sorted(papers, key=lambda one: (one.since, one.number))}
        # The earlier first.
        self._under: dict[object, list[Paper]] = defaultdict(list)
        for paper in self._by_id.values():
            if paper.parent in self._by_id:
                self._under[paper.parent].append(paper)
        self._wholes: dict[object, Statements] = {}

    def heads(self) -> list[Paper]:
        """Return the contracts that stand for themselves, together with all that belongs to each."""
        with_orders = {one.parent for one in self._by_id.values() if one.kind == ORDER}
        return [
            paper
            for paper in self._by_id.values()
            if (paper.parent not in self._by_id or paper.kind == ORDER) and paper.id not in with_orders
        ]

    def line(self, head: Paper) -> dict[str, Statement]:
        """Return what counts for what a contract covers: what stands above it, and then what it says itself."""
        line: dict[str, Statement] = {}
        for paper in reversed(self._above(head)):
            line |= self._whole(paper)
        return line

    def placed(self, head: Paper, key: str) -> Statement:
        """Return what counts there under a clause of which something is said, with who says it."""
        speaking = (one for paper in self._above(head) for one in self._latest_first(paper))
        return next(one.place(one.statements[key]) for one in speaking if _speaks(one, key))

    def _above(self, head: Paper) -> list[Paper]:
        """Return a contract and those that it stands under, the nearest first."""
        above, at = [head], self._by_id.get(head.parent)
        while at is not None and at not in above:
            above.append(at)
            at = self._by_id.get(at.parent)
        return above

    def _latest_first(self, paper: Paper) -> Iterator[Paper]:
        """Yield what stands under a contract for it, and then itself: the first that says something counts."""
        for one in reversed(self._under.get(paper.id, ())):
            if one.kind != ORDER:
                yield from self._latest_first(one)
        yield paper

    def _whole(self, paper: Paper) -> Statements:
        """Return what a contract says with what stands under it for it; the latest counts."""
        if paper.id not in self._wholes:
            statements = {key: one for key, one in paper.statements.items() if one.present != UNKNOWN}
            for one in self._under.get(paper.id, ()):
                if one.kind != ORDER:
                    statements |= self._whole(one)
            self._wholes[paper.id] = statements
        return self._wholes[paper.id]


def _speaks(paper: Paper, key: str) -> bool:
    return key in paper.statements and paper.statements[key].present != UNKNOWN
