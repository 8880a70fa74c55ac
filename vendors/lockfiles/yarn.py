"""`yarn.lock`, of Yarn 1 and of the later ones."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vendors.lockfiles import locked, needs, plain_yaml
from vendors.lockfiles.locked import Contents, Locked, Needs

_OF_ITS_ARCHIVE = "Yarn keeps the digest of an archive that it makes itself, not of the package."
_FIRST_LINES = 500
_KNOWN = 9
_FACT = re.compile(r'  ([A-Za-z]+) "?([^"\n]*)"?\Z')
_NEEDED = re.compile(r'    ("[^"\n]*"|[^\s"]+) ("[^"\n]*"|.*)\Z')
_ASKED = re.compile(r'"([^"\n]*)"|([^",\s][^",]*)')
_SECTIONS = ("  dependencies:", "  optionalDependencies:")
_LOCAL = "0.0.0-use.local"


def read(text: str) -> Contents:
    """Return what the file says. Raises DocumentInvalid."""
    if "# yarn lockfile v1" in text[:_FIRST_LINES]:
        return _of_yarn_1(text)
    document = next(iter(plain_yaml.documents(text)), None)
    meta = document.get("__metadata") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(meta, dict):
        locked.refuse("This is no lock file of Yarn: it has neither its first line nor its metadata.")
    rows = {key: row for key, row in document.items() if key != "__metadata"}
    return _of_mapping(rows, version=str(meta.get("version", ""))[:10])


@dataclass(frozen=True, slots=True)
class _Block:
    """An entry of Yarn 1: what was asked for, the facts, and what it needs."""

    number: int
    asked: tuple[str, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[tuple[str, str], ...] = ()

    @property
    def ref(self) -> str:
        return self.asked[0]


def _of_yarn_1(text: str) -> Contents:
    """Return what Yarn 1 writes in a form of its own. It does not say what the project needs itself."""
    blocks = list(_blocks(text))
    by_asked = _by_asked(blocks)
    collected = needs.Collected()
    for block in blocks:
        wanted = ((name, (f"{name}@{written}",)) for name, written in block.needs)
        collected.add(block.ref, _followed(block.ref, wanted, by_asked, collected))
    packages = tuple(_of_block(block) for block in blocks)
    found = needs.without_roots((one.ref for one in packages), collected.requires)
    return Contents(form="Yarn lock file, version 1", packages=packages, needs=found, remarks=collected.remarks)


def _blocks(text: str) -> Iterator[_Block]:
    lines: list[str] = []
    begun = 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            if lines:
                yield _block(lines, begun)
            lines, begun = [], number
        elif not lines:
            locked.refuse(f"Line {number} stands under nothing that was asked for.")
        lines.append(line)
    if lines:
        yield _block(lines, begun)


def _block(lines: list[str], number: int) -> _Block:
    if not lines[0].endswith(":"):
        locked.refuse(f"Line {number} does not begin an entry: it does not say what was asked for.")
    asked = tuple(quoted or plain.strip() for quoted, plain in _ASKED.findall(lines[0].removesuffix(":")))
    if not asked:
        locked.refuse(f"Line {number} does not say what was asked for.")
    facts = {found[1]: found[2] for line in lines[1:] if (found := _FACT.match(line))}
    if not facts.get("version"):
        locked.refuse(f"The package of line {number} has no version. Write the lock file again with Yarn.")
    return _Block(number, asked, facts, tuple(_needed(lines)))


def _needed(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each package that an entry needs, with the versions that it asks for."""
    is_inside = False
    for line in lines:
        if not line.startswith("    "):
            is_inside = line.rstrip() in _SECTIONS
        elif is_inside and (found := _NEEDED.match(line)):
            yield found[1].strip('"'), found[2].strip('"')


def _of_block(block: _Block) -> Locked:
    files, lacks = locked.of_one_file(block.facts.get("integrity"))
    if not files and block.facts.get("resolved", "").startswith("git"):
        lacks = locked.FROM_GIT
    return Locked("npm", _name(block.asked[0]), block.facts["version"], files, lacks, ref=block.ref)


def _of_mapping(rows: dict[str, Any], *, version: str) -> Contents:
    """Return what the later ones write, in which the projects of the workspace are entries too."""
    for key, row in rows.items():
        if not isinstance(row, dict):
            locked.refuse("Here stands no mapping.", key[:60])
    by_asked = _by_name(rows) | {asked.strip(): key for key in rows for asked in key.split(",")}
    collected = needs.Collected()
    for key, row in rows.items():
        collected.add(key, _followed(key, _wanted(row), by_asked, collected))
    packages = tuple(_of_row(key, row) for key, row in rows.items())
    own = [one.ref for one in packages if one.is_own]
    requires = collected.requires
    roots = [*own, *(ref for one in own for ref in requires.get(one, ()))]
    root = next((key for key, row in rows.items() if str(row.get("resolution")).endswith("@workspace:.")), "")
    return Contents(
        form=f"Yarn lock file, version {version}",
        packages=packages,
        needs=Needs(requires=requires, roots=tuple(dict.fromkeys(roots)), has_all_roots=True),
        project=next((one for one in packages if one.ref == root), None),
        remarks=(*locked.newer(version, known=_KNOWN), *collected.remarks),
    )


def _wanted(row: dict[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    dependencies = row.get("dependencies")
    for name, written in dependencies.items() if isinstance(dependencies, dict) else ():
        # Before version 8 of the form the registry was not written where it was meant.
        yield name, (f"{name}@{written}", f"{name}@npm:{written}", name)


def _by_name(rows: dict[str, Any]) -> dict[str, str]:
    """Return the entry of each name that has one only: a project may set another range than the one that is asked."""
    found: dict[str, list[str]] = {}
    for key in rows:
        found.setdefault(key[: key.find("@", 1)], []).append(key)
    return {name: keys[0] for name, keys in found.items() if len(keys) == 1}


def _of_row(key: str, row: dict[str, Any]) -> Locked:
    resolution = str(row.get("resolution") or key.split(",")[0])
    is_own = row.get("linkType") == "soft" or "@workspace:" in resolution
    version = str(row.get("version") or "")
    if not (version or is_own):
        locked.refuse("The package has no version. Write the lock file again with Yarn.", key[:60])
    lacks = locked.A_FOLDER if is_own else _OF_ITS_ARCHIVE if row.get("checksum") else locked.NONE_KEPT
    return Locked("npm", _name(resolution), version, (), lacks, is_own=is_own, ref=key)


def _by_asked(blocks: Iterable[_Block]) -> dict[str, str]:
    """Return the ref of the entry for each thing that was asked for. Raises LockFileInvalid for one that has two."""
    found: dict[str, str] = {}
    for block in blocks:
        for asked in dict.fromkeys(block.asked):
            if asked in found:
                locked.refuse(f"{asked[:60]!a} on line {block.number} is there twice. Keep one of them.")
            found[asked] = block.ref
    return found


def _followed(
    who: str,
    wanted: Iterable[tuple[str, tuple[str, ...]]],
    by_asked: Mapping[str, str],
    collected: needs.Collected,
) -> Iterator[str]:
    for name, written in wanted:
        ref = next((by_asked[one] for one in written if one in by_asked), None)
        if ref is None:
            collected.miss(who, name)
        else:
            yield ref


def _name(asked: str) -> str:
    """Return the package in `name@range`; in `name@npm:other@range` that is the other one."""
    at = asked.find("@", 1)
    name, wanted = (asked[:at], asked[at + 1 :]) if at > 0 else (asked, "")
    other = wanted.removeprefix("npm:")
    return other[: other.find("@", 1)] if wanted.startswith("npm:") and other.find("@", 1) > 0 else name
