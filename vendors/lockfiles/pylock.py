"""`pylock.toml`, the form of all tools of Python (PEP 751)."""

import re
from collections.abc import Iterator
from typing import Any

from packaging.utils import canonicalize_name

from vendors.lockfiles import locked, needs, toml_tables
from vendors.lockfiles.locked import Contents, Locked, Needs

_VERSION = "1."
_GROUPS = re.compile(r"""['"]([^'"]+)['"] in dependency_groups""")


def read(text: str) -> Contents:
    """Return what the file says. Raises LockFileInvalid."""
    document = toml_tables.document(text)
    version = toml_tables.word(document, "lock-version")
    if not version.startswith(_VERSION):
        locked.refuse("This is no lock file of PEP 751 of version 1.", "lock-version")
    rows = {f"packages[{index}]": row for index, row in enumerate(toml_tables.rows(document, "packages"))}
    default = document.get("default-groups")
    product = frozenset(str(one) for one in (default if isinstance(default, list) else ()))
    packages = tuple(_locked(ref, row, product) for ref, row in rows.items())
    return Contents(
        form=f"pylock.toml, version {version}",
        packages=packages,
        needs=_needs(rows, packages),
        tells_development=any(_groups(row) for row in rows.values()),
    )


def _needs(rows: dict[str, dict[str, Any]], packages: tuple[Locked, ...]) -> Needs:
    """Return what each package needs, which a tool may write or leave out."""
    if not any("dependencies" in row for row in rows.values()):
        return Needs()
    collected = needs.Collected()
    by_name: dict[str, list[str]] = {}
    for one in packages:
        by_name.setdefault(one.name, []).append(one.ref)
    for ref, row in rows.items():
        for needed in toml_tables.rows(row, "dependencies"):
            refs = by_name.get(canonicalize_name(toml_tables.word(needed, "name")), [])
            version = toml_tables.word(needed, "version")
            collected.add(ref, (one for one in refs if version in ("", toml_tables.word(rows[one], "version"))))
    return needs.without_roots(rows, collected.requires)


def _locked(ref: str, row: dict[str, Any], product: frozenset[str]) -> Locked:
    files, lacks = locked.of_several(_hashes(row))
    is_own = "directory" in row
    if not files and (is_own or "vcs" in row):
        lacks = locked.A_FOLDER if is_own else locked.FROM_GIT
    # What is built from a folder, from git or from an archive may get its version when it is built.
    is_of_index = "wheels" in row or "sdist" in row
    version = toml_tables.versioned(row, ref) if is_of_index else toml_tables.word(row, "version")
    name = canonicalize_name(toml_tables.named(row, ref))
    groups = _groups(row)
    is_development = bool(groups) and not groups & product
    return Locked("pypi", name, version, files, lacks, is_own=is_own, is_development=is_development, ref=ref)


def _groups(row: dict[str, Any]) -> set[str]:
    """Return the groups in which a package is, which a tool that knows groups writes into its marker."""
    return set(_GROUPS.findall(toml_tables.word(row, "marker")))


def _hashes(row: dict[str, Any]) -> Iterator[str]:
    """Yield the digest of each file; of several of one file SHA-256, which a tool has to write."""
    for one in [row.get("sdist"), row.get("archive"), *toml_tables.rows(row, "wheels")]:
        kept = toml_tables.table(one, "hashes") if isinstance(one, dict) else {}
        algorithm = "sha256" if "sha256" in kept else next(iter(kept), "")
        yield f"{algorithm}:{kept[algorithm]}" if algorithm else ""
