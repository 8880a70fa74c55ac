"""The rows of each template, of what was gathered. What the register does not know stays empty."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.models import Unit
from contracts.coverage import measures
from contracts.coverage.agreed import Statement
from contracts.models import Contract
from contracts.models.legal_profile import Financial
from contracts.register_of_information.filling import Row, Rows
from contracts.register_of_information.gathering import Covered, Gathered, function
from landscape.models import BusinessProcess
from vendors.models import Server, Vendor

LEI = "LEI"
YES, NO, LINKED = "Yes", "No", "true"
# In the words of the regulation's closed lists.
_REPLACED = {"not": "Not substitutable", "hard": "Highly complex substitutability", "easy": "Easily substitutable"}
_SENSITIVE = {"low": "Low", "moderate": "Medium", "high": "High", "severe": "High"}
_RELIED_ON = {
    "low": "Not significant", "moderate": "Low reliance", "high": "Material reliance", "severe": "Full reliance",
}  # fmt: skip
# A term without an end, as the regulation writes it.
_ENDLESS = "9999-12-31"
_PLACES, _THEIR_NOTICE = "places", "vendor_termination_notice"


def rows(facts: Gathered) -> Rows:
    """Return the rows of each template that holds any."""
    return {
        "B_01.01": list(_maintainer(facts)),
        "B_01.02": list(_entities(facts)),
        "B_02.01": list(_contracts(facts)),
        "B_02.02": [row for one in facts.covered for row in _services(facts, one)],
        "B_03.01": list(_we_sign(facts)),
        "B_03.02": list(_they_sign(facts)),
        "B_04.01": list(_users(facts)),
        "B_05.01": list(_providers(facts)),
        "B_05.02": list(_chains(facts)),
        "B_06.01": list(_functions(facts)),
        "B_07.01": [_judged(facts, one) for one in facts.covered if facts.is_critical(one)],
    }


def _maintainer(facts: Gathered) -> Iterator[Row]:
    if facts.maintainer is not None:
        date_of_report = {"c0060": facts.today.isoformat()}
        yield Row(str(facts.maintainer), _entity(facts, facts.maintainer) | date_of_report, _of(unit=facts.maintainer))


def _entities(facts: Gathered) -> Iterator[Row]:
    for unit in facts.units:
        profile = facts.profiles.get(unit.pk)
        if profile is None:
            # Nobody has said what it is: it may be one.
            yield Row(str(unit), {}, _of(unit=unit))
        elif profile.financial != Financial.NONE:
            written = {"c0070": timezone.localdate(profile.written_at).isoformat()}
            yield Row(str(unit), _entity(facts, unit) | written, _of(unit=unit))


def _entity(facts: Gathered, unit: Unit) -> dict[str, str]:
    profile = facts.profiles.get(unit.pk)
    if profile is None:
        return {}
    is_known = profile.financial not in (Financial.UNKNOWN, Financial.NONE)
    kind = profile.get_financial_display() if is_known else ""
    return {"c0010": profile.lei, "c0020": profile.entity_name, "c0030": profile.country, "c0040": kind}


def _contracts(facts: Gathered) -> Iterator[Row]:
    above = {one.parent_id for one in facts.contracts}
    for one in facts.contracts:
        alone = "Overarching arrangement" if one.pk in above else "Standalone arrangement"
        yield Row(
            str(one),
            {
                "c0010": one.ref,
                "c0020": "Subsequent or associated arrangement" if one.parent else alone,
                "c0030": one.parent.ref if one.parent else "",
                "c0040": one.currency,
                "c0050": "" if one.yearly_value is None else str(one.yearly_value),
            },
            _of(contract=one),
        )


def _services(facts: Gathered, one: Covered) -> Iterator[Row]:
    contract, end = one.contract, one.contract.term_end(today=facts.today)
    statements = facts.statements[contract.number]
    values = {
        "c0010": contract.ref,
        "c0020": facts.lei(one.unit),
        **_provider(contract, "c0030", "c0040"),
        "c0060": one.ict_service,
        "c0070": _day(contract.starts_on),
        "c0080": _day(end) or _ENDLESS,
        "c0100": _number(contract.notice_days),
        "c0110": _in_days(statements.get(_THEIR_NOTICE)),
        "c0120": contract.governing_law,
        "c0170": _SENSITIVE.get(facts.worst(one, "data_reached"), ""),
        "c0180": _RELIED_ON.get(facts.worst(one, "business_criticality"), ""),
    }
    things = _of(contract=contract, unit=one.unit, server=one.server)
    # A cell holds one value: of several functions and countries each is a row of its own (Article 4(2)).
    for code in facts.functions_of(one) or [""]:
        for country in _places(statements) or [""]:
            yield Row(one.about, values | {"c0050": code, "c0130": country, "c0160": country}, things)


def _places(statements: Mapping[str, Statement]) -> list[str]:
    """Return the countries of the service and of the data: a contract names them together."""
    return statements[_PLACES].countries.split() if _PLACES in statements else []


def _we_sign(facts: Gathered) -> Iterator[Row]:
    for one in facts.contracts:
        values = {"c0010": one.ref, "c0020": facts.lei(one.for_unit), "c0030": LINKED}
        yield Row(str(one), values, _of(contract=one))


def _they_sign(facts: Gathered) -> Iterator[Row]:
    for one in facts.contracts:
        values = {"c0010": one.ref, **_provider(one, "c0020", "c0030"), "c0045": LINKED}
        yield Row(str(one), values, _of(contract=one))


def _users(facts: Gathered) -> Iterator[Row]:
    for contract, unit in dict.fromkeys((one.contract, one.unit) for one in facts.covered):
        values = {"c0010": contract.ref, "c0020": facts.lei(unit), "c0030": "Not a branch"}
        yield Row(f"{contract}, {unit}" if unit else str(contract), values, _of(contract=contract, unit=unit))


def _providers(facts: Gathered) -> Iterator[Row]:
    for vendor in facts.vendors.values():
        code, above = facts.codes.get(vendor.pk, ""), facts.codes.get(vendor.parent_id, "")
        costs = facts.costs[vendor.pk]
        currency, cost = next(iter(costs.items())) if len(costs) == 1 else ("", "")
        yield Row(
            str(vendor),
            {
                **_code(code, "c0010", "c0020"),
                "c0050": vendor.legal_entity,
                "c0080": vendor.country,
                "c0090": currency,
                "c0100": str(cost),
                **_code(above if vendor.parent_id else code, "c0110", "c0120"),
            },
            _of(vendor=vendor),
        )


def _chains(facts: Gathered) -> Iterator[Row]:
    for one in facts.covered:
        kind, vendor = one.ict_service, one.contract.vendor
        first = {"c0010": one.contract.ref, "c0020": kind, "c0050": "1"}
        yield Row(one.about, first | _provider(one.contract, "c0030", "c0040"), _of(contract=one.contract))
        for used, by, rank in facts.behind(vendor):
            values = {"c0010": one.contract.ref, "c0020": kind, "c0050": str(rank)}
            values |= _code(facts.codes.get(used.pk, ""), "c0030", "c0040")
            values |= _code(facts.codes.get(by.pk, ""), "c0060", "c0070")
            yield Row(f"{one.about}: {used} for {by}", values, _of(contract=one.contract, vendor=used))


def _functions(facts: Gathered) -> Iterator[Row]:
    for process in facts.processes:
        yield Row(
            str(process),
            {
                "c0010": function(process),
                "c0030": process.name,
                "c0040": facts.lei(process.unit),
                "c0050": _yes_or_no(process.is_critical),
                "c0080": _number(process.recovery_hours),
                "c0100": process.when_it_stops,
            },
            _of(unit=process.unit, process=process),
        )


def _judged(facts: Gathered, one: Covered) -> Row:
    vendor, server = one.contract.vendor, one.server
    judgement = facts.replaced.get(server.pk if server else None) or facts.replaced.get(vendor.pk)
    values = {
        "c0010": one.contract.ref,
        **_provider(one.contract, "c0020", "c0030"),
        "c0040": one.ict_service,
        # Plans are written of servers: of another service none can be on record.
        "c0080": _yes_or_no(server.pk in facts.with_exit_plan if server else None),
    }
    if judgement is not None:
        values |= {
            "c0050": _REPLACED[judgement.level],
            "c0060": judgement.reason if judgement.level == "not" else "",
            # An empty text is no statement that there are none.
            "c0110": YES if judgement.alternatives else "",
            "c0120": judgement.alternatives,
        }
    return Row(one.about, values, _of(contract=one.contract, server=server))


def _of(
    *,
    contract: Contract | None = None,
    unit: Unit | None = None,
    vendor: Vendor | None = None,
    server: Server | None = None,
    process: BusinessProcess | None = None,
) -> dict[str, Any]:
    """Return the records of a row by what a column's `at` calls them; what a contract leaves open is given in it."""
    party = vendor or (contract.vendor if contract else None)
    return {
        "unit": unit or contract,
        "contract": contract,
        "contracts": party,
        "vendor": party,
        "server": server or contract,
        "replacing": server or party,
        "process": process,
    }


def _provider(contract: Contract, code: str, kind: str) -> dict[str, str]:
    return _code(contract.their_lei, code, kind)


def _code(lei: str, code: str, kind: str) -> dict[str, str]:
    return {code: lei, kind: LEI if lei else ""}


def _in_days(statement: Statement | None) -> str:
    if statement is None or statement.value is None:
        return ""
    return str(int(measures.converted(statement.value, statement.unit, to="days")))


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _number(number: int | None) -> str:
    return "" if number is None else str(number)


def _yes_or_no(value: bool | None) -> str:  # noqa: FBT001 - three values: yes, no, not known
    return "" if value is None else YES if value else NO
