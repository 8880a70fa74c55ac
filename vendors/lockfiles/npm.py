"""`package-lock.json` and `npm-shrinkwrap.json`, of the lock file versions 1 to 3."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from riskregister import limits
from vendors import strict_json
from vendors.lockfiles import locked, needs
from vendors.lockfiles.locked import Contents, Files, Locked, Needs

_VERSIONS = (1, 2, 3)
_INSIDE = "It comes inside another package, without a digest of its own."
_MODULES = "node_modules/"
# Real ones stay below 250: no package is looked for along an endless way.
_LONGEST_PLACE = 1000
_NEEDED = ("dependencies", "optionalDependencies", "peerDependencies")
_FOR_DEVELOPERS = ("devDependencies",)
# What these name may be missing: it was not to be had, or whoever installs it is to bring it.
_MAY_BE_MISSING = ("optionalDependencies", "peerDependencies")

# What is installed, by where it is.
Places = Mapping[str, dict[str, Any]]


def read(text: str) -> Contents:
    """Return what the file says. Raises DocumentInvalid."""
    document = strict_json.read(text, limit=limits.LOCK_FILE)
    version = document.get("lockfileVersion") if isinstance(document, dict) else None
    if version not in _VERSIONS or isinstance(version, bool):
        locked.refuse("This is no lock file of npm of version 1, 2 or 3.", "lockfileVersion")
    places = _of_tree(document) if version == 1 else dict(_entries(document, "packages"))
    for place in places:
        _check_place(place)
    tree = _Tree(places)
    found = tree.needs()
    packages = tuple(_locked(place, entry) for place, entry in places.items() if place and not entry.get("link"))
    if not found.has_all_roots:
        found = needs.without_roots((one.ref for one in packages), found.requires)
    return Contents(
        form=f"npm lock file, version {version}",
        packages=packages,
        needs=found,
        tells_development=True,
        project=_project(document, places.get("", {})),
        remarks=tree.collected.remarks,
    )


def _of_tree(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what is in `dependencies` of version 1, and in those of each, as the later versions name places."""
    found: dict[str, dict[str, Any]] = {}
    waiting = deque([("", document)])
    while waiting:
        inside, parent = waiting.popleft()
        for name, entry in _entries(parent, "dependencies"):
            place = f"{inside}/{_MODULES}{name}" if inside else f"{_MODULES}{name}"
            _check_place(place)
            found[place] = _as_later(entry)
            waiting.append((place, entry))
    return found


def _as_later(entry: dict[str, Any]) -> dict[str, Any]:
    version, required = _text(entry, "version"), entry.get("requires")
    name: dict[str, str] = {}
    if version.startswith("npm:"):
        alias, _at, version = version.removeprefix("npm:").rpartition("@")
        name = {"name": alias}
    wanted = required if isinstance(required, dict) else {}
    is_folder = version.startswith("file:")
    return entry | name | {"version": version, "dependencies": wanted, "folder": is_folder}


def _check_place(place: str) -> None:
    if len(place) > _LONGEST_PLACE:
        locked.refuse(f"The place {place[:60]!a}… has more than {_LONGEST_PLACE} characters.", "packages")


def _locked(place: str, entry: dict[str, Any]) -> Locked:
    name = _text(entry, "name") or _name(place)
    is_folder = bool(entry.get("folder", _MODULES not in place))
    version = _text(entry, "version")
    if not (version or is_folder or entry.get("resolved")):
        locked.refuse(
            "The package has no version. Write the lock file again with npm.", strict_json.under("packages", place)
        )
    files, lacks = _files(entry, is_folder=is_folder)
    is_development = bool(entry.get("dev"))
    return Locked("npm", name, version, files, lacks, _licences(entry), is_folder, is_development, place)


def _project(document: dict[str, Any], entry: dict[str, Any]) -> Locked | None:
    name, version = (_text(entry, key) or _text(document, key) for key in ("name", "version"))
    if not name:
        return None
    return Locked("npm", name, version, (), locked.A_FOLDER, _licences(entry), is_own=True)


def _name(place: str) -> str:
    """Return the name that a place has, which npm does not write a second time."""
    if _MODULES in place:
        return place.rpartition(_MODULES)[2]
    folders = place.split("/")
    return "/".join(folders[-2:] if len(folders) > 1 and folders[-2].startswith("@") else folders[-1:])


class _Tree:
    """What is installed where. What a package needs is what Node finds, going up from where the package is."""

    def __init__(self, places: Places) -> None:
        self._places, self.collected = places, needs.Collected()
        # For each folder that holds packages the place of each, by its name.
        self._inside: dict[str, dict[str, str]] = {}
        for place in places:
            if _MODULES in place:
                folder, _modules, name = place.rpartition(_MODULES)
                self._inside.setdefault(folder.removesuffix("/"), {})[name] = place

    def needs(self) -> Needs:
        roots: dict[str, None] = {}
        developing: dict[str, None] = {}
        for place, entry in self._places.items():
            if entry.get("link"):
                continue
            here = dict.fromkeys(self._found(place, entry, _NEEDED))
            self.collected.add(place, here)
            if _MODULES not in place:
                roots |= dict.fromkeys([place] if place else []) | here
                developing |= dict.fromkeys(self._found(place, entry, _FOR_DEVELOPERS))
        return Needs(
            requires=self.collected.requires,
            roots=tuple(roots),
            development_roots=tuple(developing),
            has_all_roots="" in self._places,
        )

    def _found(self, place: str, entry: dict[str, Any], kinds: tuple[str, ...]) -> Iterator[str]:
        folders = [self._inside[folder] for folder in _upwards(place) if folder in self._inside]
        for kind in kinds:
            names = entry.get(kind)
            for name in names if isinstance(names, dict) else ():
                at = self._behind_link(next((folder[name] for folder in folders if name in folder), ""))
                if at:
                    yield at
                elif kind not in _MAY_BE_MISSING:
                    self.collected.miss(place, name)

    def _behind_link(self, place: str) -> str:
        """Return where a package really is, empty where it is nowhere in the file."""
        entry = self._places.get(place, {})
        leads_to = str(entry.get("resolved", "")) if entry.get("link") else place
        return leads_to if leads_to in self._places else ""


def _upwards(place: str) -> Iterator[str]:
    """Yield a place, those of the packages around it, and the project's."""
    while place:
        yield place
        place = place.rpartition(_MODULES)[0].removesuffix("/")
    yield ""


def _entries(of: dict[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = of.get(name, {})
    if not isinstance(rows, dict):
        locked.refuse("Here stands no object.", name)
    for key, entry in rows.items():
        if not isinstance(entry, dict):
            locked.refuse("Here stands no object.", strict_json.under(name, key))
        yield key, entry


def _files(entry: dict[str, Any], *, is_folder: bool) -> tuple[Files, str]:
    files, lacks = locked.of_one_file(entry.get("integrity"))
    if files or lacks != locked.NONE_KEPT:
        return files, lacks
    if is_folder:
        return (), locked.A_FOLDER
    if entry.get("inBundle") or entry.get("bundled"):
        return (), _INSIDE
    came_from = str(entry.get("resolved") or entry.get("version") or "")
    return (), locked.FROM_GIT if came_from.startswith("git") else lacks


def _licences(entry: dict[str, Any]) -> tuple[str, ...]:
    """Return what is written as the licence, which old packages write as an object, or a list of those to choose of."""
    licence = entry.get("license") or entry.get("licenses")
    rows = licence if isinstance(licence, list) else [licence]
    named = (row.get("type") if isinstance(row, dict) else row for row in rows)
    choice = " OR ".join(one for one in named if isinstance(one, str) and one)
    return (choice,) if choice else ()


def _text(entry: dict[str, Any], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""
