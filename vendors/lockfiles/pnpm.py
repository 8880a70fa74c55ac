"""`pnpm-lock.yaml`, of the lock file versions 5 to 9."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from vendors.lockfiles import locked, needs, plain_yaml
from vendors.lockfiles.locked import Contents, Locked, Needs

_FIRST, _LAST = 5, 9
# From this version on a package is named `name@version`, before it `name/version`.
_WITH_AT = 6
# From this version on what a package needs stands apart, by the peers that it is installed with.
_APART = 9
_NEEDED = ("dependencies", "optionalDependencies")
# What pnpm itself is run with is no part of the project either.
_FOR_DEVELOPERS = ("devDependencies", "configDependencies", "packageManagerDependencies")


def read(text: str) -> Contents:
    """Return what the file says. Raises DocumentInvalid."""
    packages: list[Locked] = []
    versions: list[str] = []
    roots: list[str] = []
    developing: list[str] = []
    collected = needs.Collected()
    for document in plain_yaml.documents(text):
        version = _version(document)
        versions.append(version)
        major = int(version.partition(".")[0])
        packages += _packages(_mapping(document, "packages"), major=major)
        graph = _Graph(document, major, collected)
        graph.collect()
        roots += graph.roots(_NEEDED)
        developing += graph.roots(_FOR_DEVELOPERS)
    if not versions:
        locked.refuse("The file is empty.")
    found = Needs(
        requires=collected.requires,
        roots=tuple(dict.fromkeys(roots)),
        development_roots=tuple(dict.fromkeys(developing)),
        has_all_roots=True,
    )
    development = found.development()
    return Contents(
        form=f"pnpm lock file, version {versions[-1]}",
        packages=tuple(replace(one, is_development=one.ref in development) for one in packages),
        needs=found,
        tells_development=True,
        remarks=collected.remarks,
    )


class _Graph:
    """What the packages of one document need."""

    def __init__(self, document: dict[str, Any], major: int, collected: needs.Collected) -> None:
        self._document, self._major, self._collected = document, major, collected
        self._rows = _mapping(document, "snapshots" if major >= _APART else "packages")

    def collect(self) -> None:
        """Note what each package needs."""
        for key, entry in self._rows.items():
            self._collected.add(self._ref(key), self._needed(key, entry, _NEEDED))

    def roots(self, kinds: tuple[str, ...]) -> Iterator[str]:
        """Yield what the projects of the document need themselves."""
        importers = self._document.get("importers")
        for project in importers.values() if isinstance(importers, dict) else [self._document]:
            yield from self._needed("", project, kinds)

    def _needed(self, who: str, entry: Any, kinds: tuple[str, ...]) -> Iterator[str]:
        for kind in kinds:
            names = entry.get(kind) if isinstance(entry, dict) else None
            for name, wanted in names.items() if isinstance(names, dict) else ():
                version = wanted.get("version") if isinstance(wanted, dict) else wanted
                # What is linked is another project of the file, which is read with its own needs.
                if isinstance(version, str) and not version.startswith("link:"):
                    yield from self._one(who, name, version)

    def _one(self, who: str, name: str, version: str) -> Iterator[str]:
        written = (f"{name}@{version}", f"/{name}@{version}", f"/{name}/{version}", version)
        key = next((one for one in written if one in self._rows), None)
        if key is None:
            self._collected.miss(who, f"{name} {version}")
        else:
            yield self._ref(key)

    def _ref(self, key: str) -> str:
        return key.partition("(")[0] if self._major >= _APART else key


def _version(document: Any) -> str:
    form_version = document.get("lockfileVersion") if isinstance(document, dict) else None
    major = form_version.partition(".")[0] if isinstance(form_version, str) else ""
    if not (isinstance(form_version, str) and major.isdecimal() and len(major) < 3 and _FIRST <= int(major) <= _LAST):
        locked.refuse(f"This is no lock file of pnpm of version {_FIRST} to {_LAST}.", "lockfileVersion")
    return form_version


def _mapping(document: dict[str, Any], name: str) -> dict[str, Any]:
    rows = document.get(name) or {}
    if not isinstance(rows, dict):
        locked.refuse("Here stands no mapping.", name)
    return rows


def _packages(rows: dict[str, Any], *, major: int) -> Iterator[Locked]:
    for key, entry in rows.items():
        row = entry if isinstance(entry, dict) else {}
        name, version = _named(key, major=major)
        resolution = row.get("resolution")
        resolution = resolution if isinstance(resolution, dict) else {}
        files, lacks = locked.of_one_file(resolution.get("integrity"))
        if lacks == locked.NONE_KEPT:
            lacks = _why_none(resolution)
        version = str(row.get("version") or version)
        name = str(row.get("name") or name)
        yield Locked("npm", name, version, files, lacks, is_own=lacks == locked.A_FOLDER, ref=key)


def _named(key: str, *, major: int) -> tuple[str, str]:
    """Return the name and the version in the key of a package, without the peers that it is installed with."""
    plain = key.partition("(")[0].removeprefix("/")
    if major >= _WITH_AT:
        at = plain.find("@", 1)
        return (plain[:at], plain[at + 1 :]) if at > 0 else (plain, "")
    parts = plain.split("/")
    end = 2 if plain.startswith("@") else 1
    return "/".join(parts[:end]), "/".join(parts[end:]).partition("_")[0]


def _why_none(resolution: dict[str, Any]) -> str:
    if resolution.get("type") == "git" or "repo" in resolution or "codeload.github.com" in str(resolution):
        return locked.FROM_GIT
    return locked.A_FOLDER if resolution.get("type") == "directory" or "directory" in resolution else locked.NONE_KEPT
