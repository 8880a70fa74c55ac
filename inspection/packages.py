"""What is started of a package that somebody prepared, and with which arguments and variables.

What a server wants at its start and no document gives is made up: it is never one of ours, and what was made up is
said beside what was seen, since a server may show less to whoever brings no real key.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inspection import sandbox
from inspection.bounds import Bounds, NothingSeen

Json = Mapping[str, Any]

NPM, PYPI = "npm", "pypi"
# What can be prepared and started; images and bundles are run by what an operator installs for them.
TYPES = (NPM, PYPI)
# Of a package that starts in another way than its registry's clients start it.
OWN_COMMAND = "run"
_NAME = re.compile(r"(?:@[A-Za-z0-9][\w.-]*/)?[A-Za-z0-9][\w.-]*", re.ASCII)
_VERSION = re.compile(r"[A-Za-z0-9][\w.+-]*", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_BRACED = re.compile(r"\{([^{}]+)\}")
_MADE_UP = {"filepath": sandbox.SCRATCH, "number": "1", "boolean": "true", "string": "placeholder"}
_DESCRIPTION_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Packaged:
    """A package that can be started: what it is called, what it wants at its start, and where prepared ones are."""

    registry_type: str
    identifier: str
    version: str
    arguments: Sequence[Json] = ()
    environment: Sequence[Json] = ()
    folder: Path
    bounds: Bounds = field(default_factory=Bounds)

    def __str__(self) -> str:
        """Return e.g. "npm @scope/name 1.2.3"."""
        return f"{self.registry_type} {self.identifier} {self.version}"

    @property
    def place(self) -> Path:
        """Return where it is when it is prepared. Raises NothingSeen for what is no name of a package."""
        if not (_NAME.fullmatch(self.identifier) and _VERSION.fullmatch(self.version)):
            raise NothingSeen("invalid", f"{self} is no name with a version that a package of its registry can have.")
        return self.folder / self.registry_type / self.identifier / self.version


@dataclass(frozen=True, slots=True)
class Start:
    """How a package is started: its folder, the program within the sandbox, variables, and what of both is made up."""

    folder: Path
    program: tuple[str, ...]
    environment: Mapping[str, str]
    made_up: tuple[str, ...]


def start(packaged: Packaged) -> Start:
    """Return how a package is started. Raises NothingSeen where it is not prepared, or nothing says how."""
    folder = packaged.place
    if not folder.is_dir():
        raise NothingSeen(
            "not_prepared", f"{packaged} is not prepared. Whoever runs this installation can do so: "
            "manage.py prepare_package with the server's number.",
        )  # fmt: skip
    arguments = list(_given(packaged.arguments))
    variables = [one for one in _given(packaged.environment) if _VARIABLE.fullmatch(one.name)]
    environment = {one.name: one.value for one in variables}
    words = [word for one in arguments for word in one.words]
    if any("\0" in word for word in (*words, *environment.values())):
        raise NothingSeen("invalid", "What it wants at its start holds a character that no program can be given.")
    made_up = tuple(one.name for one in (*variables, *arguments) if one.is_made_up)
    own = {"PYTHONPATH": sandbox.PACKAGE} if packaged.registry_type == PYPI else {}
    return Start(folder, (*_program(packaged, folder), *words), own | environment, made_up)


@dataclass(frozen=True, slots=True)
class _Given:
    """A value that a program is given, under a name; a positional argument is named by its hint."""

    name: str
    value: str
    is_made_up: bool
    words: tuple[str, ...]


def _given(rows: Sequence[Json]) -> Iterator[_Given]:
    for row in rows:
        value, is_made_up = _value(row)
        if value is None:
            continue
        name = str(row.get("name") or "")
        words = (name, value) if row.get("type") == "named" and name else (value,)
        yield _Given(name or str(row.get("value_hint") or "an argument"), value, is_made_up, words)


def _value(row: Json) -> tuple[str | None, bool]:
    """Return what is given for an input, None for nothing, and whether it is made up."""
    value = str(row.get("value") or row.get("default") or "")
    if value:
        return _filled(value, row)
    if not row.get("is_required"):
        return None, False
    choices = row.get("choices") or ()
    return str(choices[0]) if choices else _MADE_UP.get(str(row.get("format")), _MADE_UP["string"]), True


def _filled(text: str, row: Json) -> tuple[str, bool]:
    """Return a text with the values of its variables in their braces, and whether one of them is made up."""
    inner = {str(one.get("name")): _value(dict(one) | {"is_required": True}) for one in row.get("variables") or ()}
    used = [inner[name] for name in _BRACED.findall(text) if name in inner]
    filled = _BRACED.sub(lambda found: inner.get(found[1], (found[0], False))[0] or "", text)
    return filled, any(is_made_up for _value, is_made_up in used)


def _program(packaged: Packaged, folder: Path) -> tuple[str, ...]:
    """Return what is started, as the clients of its registry would: a command of the package's own name."""
    if (folder / OWN_COMMAND).is_file():
        return (f"{sandbox.PACKAGE}/{OWN_COMMAND}",)
    if packaged.registry_type == NPM:
        name = _npm_command(packaged, folder / "node_modules" / packaged.identifier / "package.json")
        return (f"{sandbox.PACKAGE}/node_modules/.bin/{name}",)
    if not (folder / "bin" / packaged.identifier).is_file():
        raise _no_command(packaged)
    return (sandbox.PYTHON, f"{sandbox.PACKAGE}/bin/{packaged.identifier}")


def _npm_command(packaged: Packaged, description: Path) -> str:
    own = packaged.identifier.rpartition("/")[2]
    try:
        with description.open() as file:
            bin_entry = json.loads(file.read(_DESCRIPTION_LIMIT)).get("bin")
    except (OSError, ValueError, RecursionError, AttributeError):
        bin_entry = None
    names = [own] if isinstance(bin_entry, str) else list(bin_entry) if isinstance(bin_entry, dict) else []
    chosen = own if own in names else names[0] if len(names) == 1 else ""
    if not _NAME.fullmatch(chosen) or "/" in chosen:
        raise _no_command(packaged)
    return chosen


def _no_command(packaged: Packaged) -> NothingSeen:
    return NothingSeen(
        "no_command", f"{packaged} has no command of its own name. Put one called {OWN_COMMAND} beside what was "
        "prepared, or import what you capture yourself.",
    )  # fmt: skip
