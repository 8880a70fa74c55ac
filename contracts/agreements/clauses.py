"""The step that records what a contract says under its clauses."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from accounts import principals
from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from contracts.agreements import agreeing, cleaning
from contracts.coverage import clause_list, looking, measures
from contracts.coverage.clause_list import ClauseType
from contracts.models import Clause, Contract
from evidence.models import Evidence
from riskregister import versions
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_text, clean_word
from vendors import fields

LAST_PAGE, LONGEST_QUOTE = 5_000, 4_000
FACTS = ("present", "reason", "quote", "page", "value", "unit", "currency", "countries", "evidence")
_page = fields.whole(1, LAST_PAGE, of="the page")


class ClauseInvalid(Refused):
    """What is said of a clause cannot be so."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What somebody read in a contract under one clause.

    `seen` is the version of what was recorded of it when they began (None: not asked), so that nobody writes over what
    another read meanwhile.
    """

    key: str
    present: str
    reason: str = ""
    quote: str = ""
    page: int | None = None
    value: Decimal | None = None
    unit: str = ""
    currency: str = ""
    countries: str = ""
    evidence: Evidence | None = None
    seen: str | None = None


@step("contract.clauses_read", needs=Capability.WRITE, frm=agreeing.NOT_ENDED)
def record(contract: Contract, *, readings: Sequence[Reading], by: Principal, now: datetime) -> Done[Contract]:
    """Return the contract with what was read under these clauses; what says the same as before is left as it is.

    Raises ClauseInvalid, with the clause's key in the field, for an unknown clause, one given twice, a value that has
    no unit of the clause or that cannot be meant, and what does not apply without a reason; Conflict when somebody else
    has recorded one of them meanwhile.
    """
    kept = {row.key: row for row in contract.clauses.all()}
    if len({one.key for one in readings}) < len(readings):
        raise ClauseInvalid("A clause is given twice. Give each once.", field="clauses")
    person = principals.person_of(by)
    written = [_written(contract, kept.get(one.key), one, person=person, now=now) for one in readings]
    changed = [one for one in written if one is not None]
    if not changed:
        return Unchanged(contract)
    done = Done(contract, clauses=sorted(one.key for one in changed)).made(*changed)
    return done.and_then(lambda: looking.look(contract.vendor, now=now))


def version(row: Clause | None) -> str:
    """Return the version of what is recorded of a clause, for `Reading.seen`."""
    return versions.version(_facts(row or Clause()))


def cleaned(reading: Reading) -> dict[str, Any]:
    """Return what somebody read as it is stored. Raises ClauseInvalid as `record`."""
    clause = clause_list.load().clauses.get(reading.key)
    if clause is None:
        raise ClauseInvalid("There is no such clause.", field=reading.key)
    try:
        return _cleaned(clause, reading)
    except ClauseInvalid:
        raise
    except Refused as refused:
        raise ClauseInvalid(f"{clause.title}: {refused.message}", field=reading.key) from refused


def _written(contract: Contract, row: Clause | None, reading: Reading, *, person: Any, now: datetime) -> Clause | None:
    """Return the clause as it is written where something else is said of it now; else None."""
    facts = cleaned(reading)
    if reading.seen is not None and reading.seen != version(row):
        title = clause_list.load().clauses[reading.key].title
        raise Conflict(f"Somebody else has recorded {title} meanwhile. Look at it again.", field=reading.key)
    clause = row or Clause(contract=contract, key=reading.key)
    if not fields.differing(clause, facts):
        return None
    for name, value in facts.items():
        setattr(clause, name, value)
    is_read = clause.present != Clause.Present.UNKNOWN
    clause.checked_by, clause.checked_at = (person, now) if is_read else (None, None)
    fields.save_once(clause, otherwise=Conflict(fields.AT_ONCE, field=reading.key))
    return clause


def _facts(row: Clause) -> Mapping[str, Any]:
    return versions.facts(*FACTS)(row)


def _cleaned(clause: ClauseType, reading: Reading) -> dict[str, Any]:
    present = fields.one_of(Clause.Present)(reading.present, reading.key)
    facts: dict[str, Any] = {
        "present": present,
        "reason": clean_word(reading.reason, field=reading.key, limit=500),
        "quote": clean_text(reading.quote, field=reading.key, limit=LONGEST_QUOTE),
        "page": _page(reading.page, reading.key),
        "countries": cleaning.countries(reading.countries, reading.key),
        "evidence": reading.evidence,
        **_measured(clause, reading),
    }
    if present == Clause.Present.NOT_APPLICABLE and not facts["reason"]:
        raise _invalid(clause, "say why it does not apply.")
    if facts["countries"] and clause.unit != "countries":
        raise _invalid(clause, "it has no countries.")
    is_there = present in (Clause.Present.YES, Clause.Present.PARTLY)
    if not is_there and (facts["value"] is not None or facts["countries"]):
        raise _invalid(clause, "a value goes with yes or partly. Choose one of them, or leave the value out.")
    agreeing.refuse_evidence_of_a_unit(reading.evidence, field=reading.key)
    return facts


def _measured(clause: ClauseType, reading: Reading) -> dict[str, Any]:
    value = reading.value
    if value is None:
        return {"value": None, "unit": "", "currency": ""}
    if clause.unit in ("", "countries"):
        raise _invalid(clause, "it has no figure.")
    unit = reading.unit or (clause.unit if len(clause.accepts) == 1 else "")
    if unit not in clause.accepts:
        raise _invalid(clause, f"say whether it is in {' or '.join(clause.accepts)}.")
    if not value.is_finite() or value < 0 or value >= 10**12 or value != round(value, 4):
        raise _invalid(clause, "give a number, not below 0, with at most four digits behind the point.")
    _refuse_unmeant(clause, value, unit, reading.quote)
    currency = cleaning.currency(reading.currency, reading.key) if unit == "money" else ""
    if unit == "money" and not currency:
        raise _invalid(clause, "say in which currency, e.g. EUR.")
    return {"value": value, "unit": unit, "currency": currency}


def _refuse_unmeant(clause: ClauseType, value: Decimal, unit: str, quote: str) -> None:
    """Raise ClauseInvalid for a value that is not plausible, unless the contract's own words say just that."""
    if clause.is_plausible(value, unit):
        return
    figure = measures.worded(value, unit)
    # Words of their own: “2 days” is not said by “72 days”, nor by “1.2 days”.
    if re.search(rf"(?<![\w.,]){re.escape(figure)}(?!\w)", " ".join(quote.split()), re.IGNORECASE):
        return
    raise _invalid(clause, _ask_back(clause, value, unit, figure))


def _ask_back(clause: ClauseType, value: Decimal, unit: str, figure: str) -> str:
    usual = f"{measures.plain(clause.lowest or value)} to {measures.worded(clause.highest or value, clause.unit)}"
    other = next((one for one in clause.accepts if one != unit and clause.is_plausible(value, one)), None)
    meant = f" Is {measures.worded(value, other)} meant?" if other else ""
    return f"{figure} is outside of what is usual, {usual}.{meant} If it is so, quote the words “{figure}”."


def _invalid(clause: ClauseType, what: str) -> ClauseInvalid:
    return ClauseInvalid(f"{clause.title}: {what}", field=clause.key)
