"""`Cargo.lock`, of the lock file versions 1 to 4."""

from collections.abc import Iterator
from typing import Any

from vendors.lockfiles import locked, needs, toml_tables
from vendors.lockfiles.locked import Contents, Locked, Needs

_KNOWN = 4
_KEYS = ("package", "root", "version", "metadata")


def read(text: str) -> Contents:
    """Return what the file says. Raises LockFileInvalid."""
    document = toml_tables.document(text)
    if not any(key in document for key in _KEYS):
        locked.refuse("This is no lock file of Cargo: it has neither packages nor a version.", "package")
    # The first ones kept the project apart, and the digests of all packages together.
    kept = toml_tables.table(document, "metadata")
    root = toml_tables.table(document, "root")
    rows = {f"package[{index}]": row for index, row in enumerate(toml_tables.rows(document, "package"))}
    rows |= {"root": root} if root else {}
    packages = tuple(_locked(ref, row, kept) for ref, row in rows.items())
    own = [one for one in packages if one.is_own]
    collected = needs.Collected()
    written = _written(packages, rows)
    for ref, row in rows.items():
        collected.add(ref, _followed(ref, row, written, collected))
    requires = collected.requires
    roots = [ref for one in own for ref in (one.ref, *requires.get(one.ref, ()))]
    version = toml_tables.version(document, "version") or "1"
    return Contents(
        form=f"Cargo lock file, version {version}",
        packages=packages,
        needs=Needs(requires=requires, roots=tuple(dict.fromkeys(roots)), has_all_roots=bool(own)),
        project=own[0] if len(own) == 1 else None,
        remarks=(*locked.newer(version, known=_KNOWN), *collected.remarks),
    )


def _locked(ref: str, row: dict[str, Any], kept: dict[str, Any]) -> Locked:
    name, version, source = (
        toml_tables.named(row, ref),
        toml_tables.versioned(row, ref),
        toml_tables.word(row, "source"),
    )
    checksum = row.get("checksum") or kept.get(f"checksum {name} {version} ({source})")
    files, lacks = locked.of_several([checksum] if checksum else [])
    if not files and source.startswith("git+"):
        lacks = locked.FROM_GIT
    elif not files and not source:
        lacks = locked.A_FOLDER
    return Locked("cargo", name, version, files, lacks, is_own=not source, ref=ref)


def _written(packages: tuple[Locked, ...], rows: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    """Return the refs by each of the three ways in which others name a package: as short as it is not mistaken."""
    found: dict[str, list[str]] = {}
    for one in packages:
        source = toml_tables.word(rows[one.ref], "source")
        ways = (one.name, f"{one.name} {one.version}", f"{one.name} {one.version} ({source})")
        for way in ways:
            found.setdefault(way, []).append(one.ref)
    return found


def _followed(
    ref: str, row: dict[str, Any], written: dict[str, list[str]], collected: needs.Collected
) -> Iterator[str]:
    dependencies = row.get("dependencies", [])
    if not isinstance(dependencies, list):
        locked.refuse("Here stands no list.", f"{ref}.dependencies")
    for one in dependencies:
        refs = written.get(str(one), [])
        if not refs:
            collected.miss(toml_tables.word(row, "name"), str(one))
        yield from refs
