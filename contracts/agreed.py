"""What contracts give us: of all that is in force with a vendor, what counts under each clause. Pure.

- An amendment, and whatever else stands under a contract and is no order, speaks for the contract above it: what it
  says counts before that, the later one before the earlier.
- An order has what stands above it, unless it says otherwise itself; a contract with orders in force speaks through
  these.
- Of several that stand beside each other the weakest that says something counts: what the vendor owes us for certain.
  One that says nothing of a clause, as a confidentiality agreement of service levels, takes nothing away.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from contracts import measures
from contracts.clause_list import ClauseType

UNKNOWN, NOT_APPLICABLE = "unknown", "not_applicable"
# The weakest first.
_STRENGTH = ("no", "partly", "yes")
ORDER = "order"
Said = Mapping[str, "Statement"]


class Statement(NamedTuple):
    """What one contract says under one clause; `present` as in Clause, `contract` is its number for people.

    A plain tuple: of a vendor with many contracts thousands are made for one page.
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


@dataclass(frozen=True, slots=True)
class Paper:
    """A contract that is in force: where it stands, since when, and what it says by clause."""

    id: object
    number: int
    kind: str
    parent: object | None
    since: date
    said: Said


def given(papers: Sequence[Paper], clauses: Mapping[str, ClauseType]) -> dict[str, Statement]:
    """Return what counts under each clause of which something is said, of contracts that are all in force."""
    lines = _lines(papers)
    found = {key: [line[key] for line in lines if key in line] for key in clauses}
    return {key: _weakest(said, clauses[key]) for key, said in found.items() if said}


def by_contract(papers: Sequence[Paper]) -> dict[object, dict[str, Statement]]:
    """Return by the id of a contract what counts for what it covers: with what stands above it, and amendments."""
    by_id, under = _related(papers)
    return {paper.id: _line(paper, by_id, under) for paper in papers}


def strength(said: Statement, clause: ClauseType) -> tuple[int, Decimal]:
    """Return how strong a statement that speaks is, the weakest first; one without a value is the weakest of its kind.

    Raises NotComparable for a value in a unit that is not one of the clause.
    """
    if said.value is None or not clause.better:
        return _STRENGTH.index(said.present), Decimal("-Infinity")
    value = measures.converted(said.value, said.unit, to=clause.unit)
    return _STRENGTH.index(said.present), -value if clause.better == "lower" else value


def is_whole(said: Statement, clause: ClauseType) -> bool:
    """Return whether a clause is agreed whole: it is there, with the figure or the countries that it is about."""
    if said.present != "yes" or not clause.unit:
        return said.present == "yes"
    return bool(said.countries) if clause.unit == "countries" else said.value is not None


def _weakest(said: list[Statement], clause: ClauseType) -> Statement:
    speaking = [one for one in said if one.speaks]
    return min(speaking, key=lambda one: strength(one, clause)) if speaking else said[0]


def _lines(papers: Sequence[Paper]) -> list[dict[str, Statement]]:
    """Return what each contract says that stands for itself, together with all that belongs to it."""
    by_id, under = _related(papers)
    heads = [paper for paper in by_id.values() if paper.parent not in by_id or paper.kind == ORDER]
    with_orders = {paper.id for paper in papers if any(one.kind == ORDER for one in under[paper.id])}
    return [_line(head, by_id, under) for head in heads if head.id not in with_orders]


def _related(papers: Sequence[Paper]) -> tuple[dict[object, Paper], dict[object, list[Paper]]]:
    """Return the contracts by their ids, and what stands under each, the earlier first."""
    by_id = {paper.id: paper for paper in sorted(papers, key=lambda one: (one.since, one.number))}
    under: dict[object, list[Paper]] = defaultdict(list)
    for paper in by_id.values():
        if paper.parent in by_id:
            under[paper.parent].append(paper)
    return by_id, under


def _line(head: Paper, by_id: Mapping[object, Paper], under: Mapping[object, list[Paper]]) -> dict[str, Statement]:
    above, at = [head], by_id.get(head.parent)
    while at is not None and at not in above:
        above.append(at)
        at = by_id.get(at.parent)
    line: dict[str, Statement] = {}
    for paper in reversed(above):
        line |= _whole(paper, under)
    return line


def _whole(paper: Paper, under: Mapping[object, list[Paper]]) -> dict[str, Statement]:
    """Return what a contract says with what stands under it for it; the latest counts."""
    said = _known(paper.said.items())
    for one in under[paper.id]:
        if one.kind != ORDER:
            said |= _whole(one, under)
    return said


def _known(said: Iterable[tuple[str, Statement]]) -> dict[str, Statement]:
    return {key: one for key, one in said if one.present != UNKNOWN}
