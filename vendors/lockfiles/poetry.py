"""`poetry.lock` and `pdm.lock`: of both, what the project needs itself is written in another file."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from vendors.lockfiles import locked, needs, toml_tables
from vendors.lockfiles.locked import Contents, Locked

_KNOWN, _KNOWN_OF_PDM = 2, 4
_OF_THE_PRODUCT = frozenset({"main", "default"})
_ORIGINS = {"git": locked.FROM_GIT, "directory": locked.A_FOLDER}


def read(text: str) -> Contents:
    """Return what the file says. Raises LockFileInvalid."""
    document = toml_tables.document(text)
    meta = toml_tables.table(document, "metadata")
    # Poetry 1 kept the files of all packages together, the first ones their digests alone.
    beside = toml_tables.table(meta, "files"), toml_tables.table(meta, "hashes")
    version = toml_tables.version(meta, "lock-version")
    rows = _rows(document)
    packages = tuple(_locked(ref, row, _hashes(row, *beside)) for ref, row in rows.items())
    wanted = {ref: toml_tables.table(row, "dependencies") for ref, row in rows.items()}
    form = f"Poetry lock file, version {version}"
    return _contents(form, rows, packages, wanted, locked.newer(version, known=_KNOWN))


def read_pdm(text: str) -> Contents:
    """Return what a file of PDM says. Raises LockFileInvalid."""
    document = toml_tables.document(text)
    meta = toml_tables.table(document, "metadata")
    beside = toml_tables.table(meta, "files")
    version = toml_tables.version(meta, "lock_version")
    rows = _rows(document)
    packages = tuple(_locked(ref, row, _hashes_by_pdm(row, beside)) for ref, row in rows.items())
    form = f"PDM lock file, version {version}"
    wanted = {ref: _names(ref, row) for ref, row in rows.items()}
    return _contents(form, rows, packages, wanted, locked.newer(version, known=_KNOWN_OF_PDM))


def _rows(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"package[{index}]": row for index, row in enumerate(toml_tables.rows(document, "package"))}


def _contents(
    form: str,
    rows: dict[str, dict[str, Any]],
    packages: tuple[Locked, ...],
    wanted: Mapping[str, Iterable[str]],
    remarks: tuple[str, ...],
) -> Contents:
    collected = needs.Collected()
    by_name: dict[str, list[str]] = {}
    for one in packages:
        by_name.setdefault(one.name, []).append(one.ref)
    for one in packages:
        for name in wanted[one.ref]:
            # One that is needed on another platform, or for an extra that nobody asked for, is not in the file.
            collected.add(one.ref, by_name.get(canonicalize_name(name), ()))
    found = needs.without_roots((one.ref for one in packages), collected.requires)
    tells = any(_groups(row) for row in rows.values())
    return Contents(form=form, packages=packages, needs=found, tells_development=tells, remarks=remarks)


def _locked(ref: str, row: dict[str, Any], hashes: list[Any]) -> Locked:
    name, version = canonicalize_name(toml_tables.named(row, ref)), toml_tables.versioned(row, ref)
    files, lacks = locked.of_several(hashes)
    origin = toml_tables.word(toml_tables.table(row, "source"), "type")
    origin = "git" if "git" in row else "directory" if "path" in row else origin
    lacks = lacks if files else _ORIGINS.get(origin, lacks)
    groups = _groups(row)
    is_development = bool(groups) and not groups & _OF_THE_PRODUCT
    is_own = lacks == locked.A_FOLDER
    return Locked("pypi", name, version, files, lacks, is_own=is_own, is_development=is_development, ref=ref)


def _groups(row: dict[str, Any]) -> set[str]:
    """Return the groups in which a package is, which Poetry from 1.5 to 1.8 does not say."""
    groups = row.get("groups", [row.get("category")])
    return {one for one in groups if isinstance(one, str)} if isinstance(groups, list) else set()


def _hashes(row: dict[str, Any], files_of: dict[str, Any], hashes_of: dict[str, Any]) -> list[Any]:
    """Return what is written as the digests of a package, in one of the three places in which Poetry kept them."""
    name = toml_tables.word(row, "name")
    kept = toml_tables.rows(row, "files") or toml_tables.rows(files_of, name)
    bare = hashes_of.get(name)
    return [one.get("hash") for one in kept] or (bare if isinstance(bare, list) else [])


def _hashes_by_pdm(row: dict[str, Any], files_of: dict[str, Any]) -> list[Any]:
    named = f"{toml_tables.word(row, 'name')} {toml_tables.word(row, 'version')}"
    kept = toml_tables.rows(row, "files") or toml_tables.rows(files_of, named)
    return [one.get("hash") for one in kept]


def _names(ref: str, row: dict[str, Any]) -> Iterator[str]:
    """Yield the names in what a package of PDM needs, which is written as in requirements."""
    dependencies = row.get("dependencies", [])
    for one in dependencies if isinstance(dependencies, list) else []:
        try:
            yield Requirement(str(one)).name
        except (InvalidRequirement, ValueError, RecursionError):
            locked.refuse(f"{str(one)[:60]!a} is no requirement.", f"{ref}.dependencies")
