"""The templates of the register of information, as data: codes of the regulation, and what to do where one is empty."""

from dataclasses import dataclass
from functools import cache

from catalogue import files
from contracts.law import FOLDER, SCHEMA

LATEST = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a template; `todo` says where what is missing is given, `at` of which thing (empty: by hand)."""

    code: str
    title: str
    needed: bool = False
    at: str = ""
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A template; one that `holds` nothing says why."""

    code: str
    title: str
    columns: tuple[Column, ...]
    holds: str = ""


@cache
def load() -> tuple[Template, ...]:
    """Return the fourteen templates in their order."""
    name = f"register-of-information-{LATEST}.yaml"
    data = files.read(FOLDER / name, "register_of_information_file", schema=SCHEMA)
    return tuple(
        Template(one["code"], one["title"], tuple(Column(**column) for column in one["columns"]), one.get("holds", ""))
        for one in data["templates"]
    )
