"""Reads the TOML of lock files within bounds, and what is in its tables."""

import tomllib
from typing import Any

from vendors import toml_keys
from vendors.lockfiles import locked

# Real ones stay below 400.
_LONGEST_LINE = 10_000
_BITS = 64


def document(text: str) -> dict[str, Any]:
    """Return what a text of TOML says. Raises LockFileInvalid."""
    if any(len(line) > _LONGEST_LINE for line in text.split("\n")):
        locked.refuse(f"A line has more than {_LONGEST_LINE} characters. Check that it is the right file.")
    if toml_keys.line_of_long_key(text):
        locked.refuse(f"A key has more than {toml_keys.MOST_PARTS} parts. Check that it is the right file.")
    try:
        return tomllib.loads(text)
    except ValueError as error:
        # Not all of them are of TOML: Python refuses a number of thousands of digits by itself.
        locked.refuse(f"The file is not TOML: {error}.")
    except RecursionError:
        locked.refuse("The file nests too deeply. Check that it is the right file.")


def version(of: dict[str, Any], name: str) -> str:
    """Return the version of a form; empty for what is none, and for a number that is too long to be written."""
    value = of.get(name, "")
    is_short = isinstance(value, str) or (isinstance(value, int) and value.bit_length() <= _BITS)
    return str(value) if is_short else ""


def rows(of: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return a list of tables, empty where there is none. Raises LockFileInvalid for anything else."""
    found = of.get(name, [])
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        locked.refuse("Here stands no list of tables.", name)
    return found


def table(of: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a table, an empty one for anything else."""
    found = of.get(name, {})
    return found if isinstance(found, dict) else {}


def word(of: dict[str, Any], name: str) -> str:
    """Return a text, an empty one for anything else."""
    found = of.get(name, "")
    return found if isinstance(found, str) else ""


def named(of: dict[str, Any], path: str) -> str:
    """Return the name of a package. Raises LockFileInvalid, with the path of its table, for none."""
    return word(of, "name") or locked.refuse("A package has no name.", path)


def versioned(of: dict[str, Any], path: str) -> str:
    """Return the version of a package. Raises LockFileInvalid, with the path of its table, for none."""
    return word(of, "version") or locked.refuse(
        f"The package {word(of, 'name')[:60]!a} has no version. Write the lock file again.", path
    )
