"""The commands with which clients start a package; policies match a command whole, so each spelling is an entry.

People and documents write one form. VS Code composes another from a registry entry: it asks no runtime hint, adds what
its own rules add, and names each variable of an image (`mcpManagementService.ts` of 2026).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vendors.models import Package
from vendors.naming import pinning

Command = tuple[str, ...]
Rows = Sequence[Mapping[str, Any]]


def of(package: Package) -> list[Command] | None:
    """Return the commands that start a package, the one that people write first; None for a kind that no client starts.

    Empty where each person gives arguments of their own.
    """
    if package.registry_type not in _WRITTEN:
        return None
    written, composed = _written(package), _composed(package)
    if written is None:
        return []
    return list(dict.fromkeys([written] if composed is None else [written, composed]))


def _written(package: Package) -> Command | None:
    before, after = _always_there(package.runtime_arguments), _always_there(package.package_arguments)
    if before is None or after is None:
        return None
    return (*_WRITTEN[package.registry_type](package, before), *after)


def _composed(package: Package) -> Command | None:
    before, after = _as_vscode_reads(package.runtime_arguments), _as_vscode_reads(package.package_arguments)
    if before is None or after is None:
        return None
    return (*_COMPOSED[package.registry_type](package, before), *after)


def _always_there(rows: Rows) -> list[str] | None:
    """Return the arguments that are always there, as the release keeps them; None when somebody must give one."""
    found: list[str] = []
    for row in rows:
        value = str(row["value"])
        if "{" in value or (row["is_required"] and not value):
            return None
        if value:
            found += [str(row["name"]), value] if row["type"] == "named" else [value]
    return found


def _as_vscode_reads(rows: Rows) -> list[str] | None:
    """Return the arguments as VS Code writes them; None when it asks for one. It leaves no optional one out."""
    found: list[str] = []
    for row in rows:
        value, is_named = str(row["value"]), row["type"] == "named"
        hint = "" if is_named else str(row["value_hint"])
        is_asked = bool((row["description"] or row["default"]) and (is_named or hint))
        if "{" in value or (not value and is_asked):
            return None
        found += [str(row["name"])] if is_named else [value or hint]
        found += [value] if is_named and value else []
    return found


def _npx_written(package: Package, before: list[str]) -> list[str]:
    return ["npx", *(before or ["-y"]), f"{package.identifier}@{package.version}"]


def _npx(package: Package, before: list[str]) -> list[str]:
    return ["npx", *before, f"{package.identifier}@{package.version}"]


def _uvx(package: Package, before: list[str]) -> list[str]:
    return ["uvx", *before, f"{package.identifier}=={package.version}"]


def _docker_written(package: Package, before: list[str]) -> list[str]:
    return ["docker", "run", "-i", "--rm", *before, _image(package)]


def _docker(package: Package, before: list[str]) -> list[str]:
    handed_in = [word for row in package.environment for word in ("-e", str(row["name"]))]
    return ["docker", "run", "-i", "--rm", *before, *handed_in, _image(package)]


def _image(package: Package) -> str:
    is_whole = pinning.is_whole_image(package.identifier) or not package.version
    return package.identifier if is_whole else f"{package.identifier}:{package.version}"


def _dnx_written(package: Package, before: list[str]) -> list[str]:
    return ["dnx", *before, f"{package.identifier}@{package.version}"]


def _dnx(package: Package, before: list[str]) -> list[str]:
    return [*_dnx_written(package, before), "--yes", *(["--"] if package.package_arguments else [])]


_Start = Callable[[Package, list[str]], list[str]]
_WRITTEN: Mapping[str, _Start] = {
    "npm": _npx_written, "pypi": _uvx, "oci": _docker_written, "nuget": _dnx_written,
}  # fmt: skip
_COMPOSED: Mapping[str, _Start] = {"npm": _npx, "pypi": _uvx, "oci": _docker, "nuget": _dnx}
