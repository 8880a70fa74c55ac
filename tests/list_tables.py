"""What the API lists, in a table for its guide: filters and orderings of each list, and the steps of its objects."""

import re
from collections import defaultdict
from typing import Any, NamedTuple

from api.description import schema
from tests.access_tables import table

# What is no list of rows.
FIGURES = {"me/", "dashboard/", "supply-chain/", "trail/", "upgrades/", "licences/", "law/", "clauses/"}
# What every list has.
_OF_EVERY_LIST = {"ordering", "cursor", "limit"}
_KEY = re.compile(r"\{[a-z_]+\}/?")


class _Listed(NamedTuple):
    filters: set[str]
    orderings: set[str]
    steps: set[str]


def of_lists() -> str:
    """Return what there is below /api/v1/, as the description of the API has it."""
    rows = ([f"`{noun}`", *map(_named, found)] for noun, found in sorted(_lists().items()) if noun not in FIGURES)
    return table(["Below `/api/v1/`", "Filters", "`ordering`", "Steps"], rows)


def _lists() -> dict[str, _Listed]:
    lists: dict[str, _Listed] = defaultdict(lambda: _Listed(set(), set(), set()))
    for path, methods in schema.document()["paths"].items():
        noun, _, below = path.removeprefix("/api/v1/").strip("/").partition("/")
        found = lists[f"{noun}/"]
        step = _KEY.sub("", below).strip("/")
        if step and "post" in methods:
            found.steps.add(step)
        elif not below:
            _read(methods.get("get", {}), found)
    return lists


def _read(operation: dict[str, Any], found: _Listed) -> None:
    parameters = {one["name"]: one["schema"] for one in operation.get("parameters", []) if one["in"] == "query"}
    found.filters.update(set(parameters) - _OF_EVERY_LIST)
    # An order is named once, not for each of its directions.
    found.orderings.update(word.lstrip("-") for word in parameters.get("ordering", {}).get("enum", ()))


def _named(words: set[str]) -> str:
    return ", ".join(f"`{word}`" for word in sorted(words))
