"""What a vendor's contracts give us, held against what is demanded: clause by clause, with what is missing. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from contracts.coverage import demands, measures
from contracts.coverage.agreed import NOT_APPLICABLE, Statement
from contracts.coverage.clause_list import ClauseList, ClauseType
from contracts.coverage.demands import WRITTEN, Demand, Scope
from findings.observed.gaps import Gap
from scoring.scales import Severity

# Keys of all findings of this room begin so.
PREFIX = "contract:"
_TITLE = 200


class Verdict(StrEnum):
    """How a clause stands; the words are those of the looks "clause gap"."""

    ENOUGH = ""
    MISSING = "missing"
    PARTLY = "partly"
    WEAK = "weak"
    NO_VALUE = "no_value"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"
    NOT_DEMANDED = "not_demanded"
    PERHAPS = "perhaps"


# What is wrong for certain; what nobody has read is told of all clauses together.
WRONG = (Verdict.MISSING, Verdict.PARTLY, Verdict.WEAK, Verdict.NO_VALUE)


@dataclass(frozen=True, slots=True)
class Judgement:
    """How one clause stands: `have` is what the contracts say of it, `wanted` what is demanded, `why` by what."""

    clause: ClauseType
    verdict: Verdict
    statement: Statement | None
    demand: Demand | None
    have: str
    wanted: str

    @property
    def why(self) -> tuple[str, ...]:
        """Return what demands it, a sentence each; of what is perhaps demanded, what is to be found out."""
        return (self.demand.why or self.demand.perhaps) if self.demand else ()


@dataclass(frozen=True, slots=True)
class Party:
    """Whom a vendor is in a contract, beside what it is called in the register."""

    contract: str
    there: str
    here: str


@dataclass(frozen=True, slots=True)
class Situation:
    """Whether there is a contract, and what calls for one.

    `holds` are the numbers of the contracts in force, `others` those that are drafted or have ended. `is_used`: a
    server of the vendor is approved or in use, or a use case runs on its model. `is_commercial` is None where nobody
    knows whether it is a business.
    """

    vendor: str
    holds: tuple[str, ...]
    others: tuple[str, ...]
    is_used: bool
    is_commercial: bool | None
    parties: tuple[Party, ...] = ()


def judge(clauses: ClauseList, demanded: Mapping[str, Demand], given: Mapping[str, Statement]) -> list[Judgement]:
    """Return how each clause stands, in the order of the list."""
    return [_judge(clause, demanded.get(key), given.get(key)) for key, clause in clauses.clauses.items()]


def gaps(clauses: ClauseList, scope: Scope, situation: Situation, judged: Sequence[Judgement]) -> list[Gap]:
    """Return what is missing or too weak; of a vendor without any contract where one is demanded that alone."""
    if not situation.holds:
        missing = _no_contract(clauses, scope, situation, judged)
        return [missing] if missing else []
    wrong = [_gap(one, one.demand, situation) for one in judged if one.demand and one.verdict in WRONG]
    unread = [one for one in judged if one.verdict is Verdict.UNKNOWN]
    return [*wrong, *_unread(unread, situation), *_other_parties(situation)]


def calls_for_contract(clauses: ClauseList, scope: Scope, judged: Iterable[Judgement]) -> list[str]:
    """Return why a contract is demanded at all, a sentence each; empty where none is."""
    why = [f"Your policy for tier {scope.tier}."] if scope.tier in clauses.contract_tiers else []
    written = next((one.demand for one in judged if one.clause.key == WRITTEN), None)
    return [*why, *(reason for reason in (written.why if written else ()) if not reason.startswith("Your policy"))]


def in_words(statement: Statement | None) -> str:
    """Return what the contracts say, in words, with where; "Nobody has read it for this" where that is not known."""
    if statement is None:
        return "Not known: nobody has read a contract for it."
    where = statement.contract if statement.page is None else f"{statement.contract}, page {statement.page}"
    if statement.present == NOT_APPLICABLE:
        return f"{where}: does not apply. {statement.reason}".strip()
    found = {"yes": "yes", "partly": "in part", "no": "no"}.get(statement.present, "not known")
    if statement.countries:
        return f"{where}: {found}, {', '.join(statement.countries.split())}."
    figure = (
        f", {measures.worded(statement.value, statement.unit, statement.currency)}"
        if statement.value is not None
        else ""
    )
    return f"{where}: {found}{figure}."


def _judge(clause: ClauseType, demand: Demand | None, statement: Statement | None) -> Judgement:
    wanted = demands.worded(demand.bound, clause) or "That it is there" if demand else ""
    wanted = wanted[:1].upper() + wanted[1:]
    return Judgement(clause, _verdict(clause, demand, statement), statement, demand, in_words(statement), wanted)


def _verdict(clause: ClauseType, demand: Demand | None, statement: Statement | None) -> Verdict:
    if demand is None:
        return Verdict.NOT_DEMANDED
    if statement is not None and statement.present == NOT_APPLICABLE:
        return Verdict.NOT_APPLICABLE
    found = _strength(clause, demand, statement)
    is_certain = bool(demand.why) or found is Verdict.ENOUGH
    return found if is_certain else Verdict.PERHAPS


def _strength(clause: ClauseType, demand: Demand, statement: Statement | None) -> Verdict:
    if statement is None or not statement.speaks:
        return Verdict.UNKNOWN
    if statement.present == "no":
        return Verdict.MISSING
    if statement.present == "partly":
        return Verdict.PARTLY
    if demand.bound.is_open:
        needs_places = clause.unit == "countries" and not statement.countries
        return Verdict.NO_VALUE if needs_places else Verdict.ENOUGH
    if statement.value is None:
        return Verdict.NO_VALUE
    value = measures.converted(statement.value, statement.unit, to=clause.unit)
    return Verdict.ENOUGH if demand.bound.holds(value) else Verdict.WEAK


_TITLES = {
    Verdict.MISSING: "Contract without: {clause}",
    Verdict.PARTLY: "Contract has only in part: {clause}",
    Verdict.WEAK: "Contract is too weak: {clause}",
    Verdict.NO_VALUE: "Contract gives no figure: {clause}",
}


def _gap(one: Judgement, demand: Demand, situation: Situation) -> Gap:
    lines = (one.clause.asks, "", f"Have: {one.have}", f"Demanded: {one.wanted}.", *demand.why)
    return Gap(
        key=f"{PREFIX}clause:{one.clause.key}",
        severity=demand.severity,
        title=_TITLES[one.verdict].format(clause=one.clause.title)[:_TITLE],
        description="\n".join(lines),
        recommendation=f"Agree it with {situation.vendor}, now or at the next renewal, and record the clause.",
    )


def _unread(unread: Sequence[Judgement], situation: Situation) -> list[Gap]:
    """Return one gap for all clauses that are demanded and that nobody has read the contracts for."""
    if not unread:
        return []
    named = "\n".join(f"{one.clause.title}: {one.why[0]}" for one in unread)
    worst = min((one.demand.severity for one in unread if one.demand), default=Severity.MEDIUM)
    return [
        Gap(
            key=f"{PREFIX}unread",
            severity=max(worst, Severity.MEDIUM),
            # The finding keeps the words with which it opened, while one clause after the other is read.
            title="Contract not read for all that is demanded",
            description=(
                f"When this was found, nobody had said whether {', '.join(situation.holds)} has what follows. "
                f"The contracts of {situation.vendor} show what is still open.\n\n{named}"
            ),
            recommendation="Read the contract for these clauses, and record each with its words and page.",
        )
    ]


def _no_contract(clauses: ClauseList, scope: Scope, situation: Situation, judged: Sequence[Judgement]) -> Gap | None:
    why = calls_for_contract(clauses, scope, judged)
    if not why or not situation.is_used or not situation.is_commercial:
        return None
    others = f" On record, but not in force: {', '.join(situation.others)}." if situation.others else ""
    return Gap(
        key=f"{PREFIX}none",
        severity=clauses.contract_severity.get(scope.tier or 0, clauses.severity_by_law),
        title="No contract in force",
        description=f"No contract with {situation.vendor} is in force.{others}\n\n{chr(10).join(why)}",
        recommendation="Record the contract that there is, or agree one; until then nothing is owed to you.",
    )


def _other_parties(situation: Situation) -> list[Gap]:
    return [
        Gap(
            key=f"{PREFIX}{one.contract}:entity",
            severity=Severity.MEDIUM,
            title=f"{one.contract} is with another legal entity",
            description=f"{one.contract} names {one.there}; the register knows the vendor as {one.here}.",
            recommendation="Find out which of the two owes you the service, and correct the other record.",
        )
        for one in situation.parties
    ]
