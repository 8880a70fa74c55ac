"""What a tool says of its power by the parameters that it takes. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vendors.tiers import Exposure
from vendors.tools import tool_words as table
from vendors.tools.tool_reading import Sign, read_name, strongest


@dataclass(frozen=True, slots=True)
class Parameters:
    """What parameters say: statements of a query language, which may only read, and all that they say."""

    statement: Sign | None
    sign: Sign | None


def read_schema(schema: object) -> Parameters:
    """Return what the parameters say: code or statements to run, somebody to send to, operations to choose from."""
    properties = schema.get("properties") if isinstance(schema, Mapping) else None
    if not isinstance(properties, Mapping):
        return Parameters(None, None)
    by_name = {re.sub(r"[^a-z]", "", str(name).lower()): one for name, one in properties.items()}
    given = frozenset(by_name)
    statement = _takes(given & table.STATEMENT_PARAMETERS)
    sign = strongest(
        _takes(given & table.CODE_PARAMETERS), statement, _sends(given), _takes(given & table.FORCING), _offers(by_name)
    )
    return Parameters(statement, sign)


def _takes(names: frozenset[str]) -> Sign | None:
    return Sign(Exposure.HIGH, f"takes {min(names)}") if names else None


def _sends(given: frozenset[str]) -> Sign | None:
    to = given & table.RECIPIENTS
    if to and given & table.AMOUNTS:
        return Sign(Exposure.SEVERE, f"takes an amount and {min(to)}")
    return Sign(Exposure.HIGH, f"takes a text and {min(to)}") if to and given & table.CONTENTS else None


def _offers(parameters: Mapping[str, object]) -> Sign | None:
    """Return the most powerful operation that a parameter lets choose."""
    offered = []
    for parameter in sorted(parameters.keys() & table.OPERATION_PARAMETERS):
        one = parameters[parameter]
        values = one.get("enum") if isinstance(one, Mapping) else None
        for value in values if isinstance(values, list) else []:
            sign = read_name(value).sign if isinstance(value, str) else None
            offered.append(Sign(sign.level, f"offers {value}") if sign else None)
    return strongest(*offered)
