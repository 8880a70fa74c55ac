"""`uv.lock`."""

from collections.abc import Iterable, Iterator
from typing import Any

from packaging.utils import canonicalize_name

from vendors.lockfiles import locked, needs, toml_tables
from vendors.lockfiles.locked import Contents, Locked, Needs

_KNOWN = 1
_FOLDERS = ("directory", "editable", "virtual")
_LOCAL = (*_FOLDERS, "path", "file")


def read(text: str) -> Contents:
    """Return what the file says. Raises LockFileInvalid."""
    document = toml_tables.document(text)
    rows = {f"package[{index}]": row for index, row in enumerate(toml_tables.rows(document, "package"))}
    graph = _Graph(rows)
    found = graph.needs(toml_tables.rows(toml_tables.table(document, "manifest"), "requirements"))
    development = found.development()
    root = next((ref for ref, row in rows.items() if _folder(row) == "."), "")
    packages = tuple(_locked(ref, row, is_development=ref in development) for ref, row in rows.items())
    version = toml_tables.version(document, "version")
    return Contents(
        form=f"uv lock file, version {version}",
        packages=packages,
        needs=found,
        tells_development=True,
        project=next((one for one in packages if one.ref == root), None),
        remarks=(*locked.newer(version, known=_KNOWN), *graph.collected.remarks),
    )


class _Graph:
    """What the packages need. A name that the file has at several versions is meant at the one that is written."""

    def __init__(self, rows: dict[str, dict[str, Any]]) -> None:
        self._rows, self.collected = rows, needs.Collected()
        self._named: dict[str, list[str]] = {}
        for ref, row in rows.items():
            self._named.setdefault(toml_tables.named(row, ref), []).append(ref)

    def needs(self, asked_of_script: list[dict[str, Any]]) -> Needs:
        roots: dict[str, None] = dict.fromkeys(self._followed("", asked_of_script))
        developing: dict[str, None] = {}
        for ref, row in self._rows.items():
            here = dict.fromkeys(self._followed(ref, _needed(row)))
            self.collected.add(ref, here)
            if _folder(row):
                roots |= dict.fromkeys([ref]) | here
                developing |= dict.fromkeys(self._followed(ref, _grouped(row, "dev-dependencies")))
        return Needs(
            requires=self.collected.requires,
            roots=tuple(roots),
            development_roots=tuple(developing),
            has_all_roots=True,
        )

    def _followed(self, who: str, needed: Iterable[dict[str, Any]]) -> Iterator[str]:
        for one in needed:
            name, version = toml_tables.word(one, "name"), toml_tables.word(one, "version")
            refs = self._named.get(name, [])
            exact = [ref for ref in refs if toml_tables.word(self._rows[ref], "version") == version]
            if not refs:
                self.collected.miss(who and toml_tables.word(self._rows[who], "name"), name)
            yield from exact if version else refs


def _needed(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from toml_tables.rows(row, "dependencies")
    yield from _grouped(row, "optional-dependencies")


def _grouped(row: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    groups = toml_tables.table(row, name)
    for group in groups:
        yield from toml_tables.rows(groups, group)


def _folder(row: dict[str, Any]) -> str:
    """Return the folder in which a package lies, empty for one that comes from elsewhere."""
    source = toml_tables.table(row, "source")
    return next((toml_tables.word(source, kind) for kind in _FOLDERS if kind in source), "")


def _locked(ref: str, row: dict[str, Any], *, is_development: bool) -> Locked:
    kept = [row.get("sdist"), *toml_tables.rows(row, "wheels")]
    files, lacks = locked.of_several(one.get("hash") for one in kept if isinstance(one, dict))
    source = toml_tables.table(row, "source")
    if not files and "git" in source:
        lacks = locked.FROM_GIT
    elif not files and any(kind in source for kind in _LOCAL):
        lacks = locked.A_FOLDER
    # What is built from a folder may get its version when it is built.
    version = toml_tables.versioned(row, ref) if "registry" in source else toml_tables.word(row, "version")
    name = canonicalize_name(toml_tables.named(row, ref))
    is_own = bool(_folder(row))
    return Locked("pypi", name, version, files, lacks, is_own=is_own, is_development=is_development, ref=ref)
