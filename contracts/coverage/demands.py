"""What is demanded of the contracts with a vendor, by the organisation's policy and by law, and why. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from contracts import law
from contracts.coverage import measures
from contracts.coverage.clause_list import Bound, ClauseList, ClauseType
from contracts.law import Applies, Code, Force, Reach
from scoring.scales import Severity

WRITTEN = "written_contract"
# In place of a unit, and of what it is, that not everybody sees who is told.
ELSEWHERE = "a unit that the vendor serves; whoever sees the unit is told why"


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """A unit that uses what the vendor supplies, and what the law takes it to be; without a name whoever is told does
    not see it, nor what it is.
    """

    name: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Demand:
    """What is demanded under one clause: how strong, why (a sentence for each tier and law), and how bad a gap is.

    `perhaps` are the sentences of laws of which it is not known whether they apply; with no `why` nothing is demanded
    for certain.
    """

    bound: Bound
    severity: Severity
    why: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a vendor is judged by: the worst inherent tier of the servers that it supplies (None: it supplies none), and
    the units that use these or its models.

    `facts` are those of the vendor and of its contracts, the same for all units.
    """

    tier: int | None
    units: Sequence[UnitFacts]
    facts: Mapping[str, str] = field(default_factory=dict)


def reach(code: Code, scope: Scope, *, words: Mapping[str, str]) -> dict[str, Applies]:
    """Return of each rule whether it applies to what the units have of the vendor, and why, naming the unit."""
    return {key: _reach(rule, scope, words) for key, rule in code.rules.items()}


def of_all(
    clauses: ClauseList, code: Code, scope: Scope, *, words: Mapping[str, str], today: date
) -> dict[str, Demand]:
    """Return what is demanded, or perhaps demanded, by clause; a clause that nothing demands is left out."""
    reached = reach(code, scope, words=words)
    in_force = {key: one for key, one in reached.items() if code.rules[key].force(today) is Force.IN_FORCE}
    found = {key: _of(clause, clauses, code, scope, in_force) for key, clause in clauses.clauses.items()}
    return {key: demand for key, demand in found.items() if demand}


def worded(bound: Bound, clause: ClauseType) -> str:
    """Return how strong a clause must be, in words, e.g. "at most 24 hours"; empty where being there is enough."""
    limits = [("at least", bound.at_least), ("at most", bound.at_most)]
    return " and ".join(f"{how} {measures.worded(value, clause.unit)}" for how, value in limits if value is not None)


def _reach(rule: law.Rule, scope: Scope, words: Mapping[str, str]) -> Applies:
    found = [(unit.name, law.applies(rule, {**unit.facts, **scope.facts}, words=words)) for unit in scope.units]
    for wanted in (Reach.YES, Reach.UNKNOWN, Reach.NO):
        reached = [(name, one.why) for name, one in found if one.reach is wanted]
        if reached:
            return Applies(wanted, _named([(name, why) for name, why in reached if name]))
    return Applies(Reach.NO, "No unit uses what this vendor supplies.")


def _named(reached: Sequence[tuple[str, str]]) -> str:
    if not reached:
        return f"{ELSEWHERE}."
    return f"{', '.join(name for name, _ in reached)}: {reached[0][1]}"


def _of(
    clause: ClauseType, clauses: ClauseList, code: Code, scope: Scope, reached: Mapping[str, Applies]
) -> Demand | None:
    bounds: list[Bound] = []
    why: list[str] = []
    severity = Severity.LOW
    policy = clause.policy.get(scope.tier) if scope.tier else None
    if policy is not None and scope.tier:
        bounds, severity = [policy], clauses.severity[scope.tier]
        why = [_by_policy(scope.tier, policy, clause)]
    perhaps = []
    for source in clause.sources:
        found = reached.get(source.rule)
        if source.demand is None or found is None or found.reach is Reach.NO:
            continue
        reason = f"{code.rules[source.rule].law.title}, {source.article}: {found.why}"
        if found.reach is Reach.UNKNOWN:
            perhaps.append(reason)
            continue
        bounds.append(source.demand)
        why.append(reason)
        severity = min(severity, clauses.severity_by_law)
    if not why and not perhaps:
        return None
    return Demand(_strictest(bounds), severity, tuple(why), tuple(perhaps))


def _by_policy(tier: int, bound: Bound, clause: ClauseType) -> str:
    how = worded(bound, clause)
    return f"Your policy for tier {tier}{f': {how}' if how else ''}."


def _strictest(bounds: Iterable[Bound]) -> Bound:
    most = [one.at_most for one in bounds if one.at_most is not None]
    least = [one.at_least for one in bounds if one.at_least is not None]
    lowest: Decimal | None = min(most) if most else None
    return Bound(at_most=lowest, at_least=max(least) if least else None)
