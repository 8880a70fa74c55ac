"""`yarn.lock`, of Yarn 1 and of the later ones."""

import re
from collections.abc import Iterator
from typing import Any

from vendors.lockfiles import locked, plain_yaml
from vendors.lockfiles.locked import Locked

_OF_ITS_ARCHIVE = "Yarn keeps the digest of an archive that it makes itself, not of the package."
_FIRST_LINES = 500
_FACT = re.compile(r'  ([A-Za-z]+) "?([^"\n]*)"?\Z')


def read(text: str) -> tuple[str, tuple[Locked, ...]]:
    """Return the form, and what is fixed. Raises LockFileInvalid."""
    if "# yarn lockfile v1" in text[:_FIRST_LINES]:
        return "Yarn lock file, version 1", tuple(_of_blocks(text))
    document = next(iter(plain_yaml.documents(text)), None)
    meta = document.get("__metadata") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(meta, dict):
        locked.refuse("This is no lock file of Yarn: it has neither its first line nor its metadata.")
    rows = {key: row for key, row in document.items() if key != "__metadata"}
    return f"Yarn lock file, version {meta.get('version', '')}", tuple(_of_mapping(rows))


def _of_blocks(text: str) -> Iterator[Locked]:
    """Yield what Yarn 1 writes in a form of its own: what was asked for, then facts, indented."""
    for number, block in enumerate(re.split(r"\n(?=[^\s#])", text.replace("\r\n", "\n"))):
        lines = [line for line in block.split("\n") if line.strip() and not line.startswith("#")]
        if not lines:
            continue
        if not lines[0].endswith(":"):
            locked.refuse(f"Entry {number} does not begin with what was asked for.")
        facts = {found[1]: found[2] for line in lines[1:] if (found := _FACT.match(line))}
        files, lacks = locked.of_one_file(facts.get("integrity"))
        if not files and facts.get("resolved", "").startswith("git"):
            lacks = locked.FROM_GIT
        asked = lines[0].removesuffix(":").split(",")[0].strip().strip('"')
        yield Locked("npm", _name(asked), facts.get("version", ""), files, lacks)


def _of_mapping(rows: dict[str, Any]) -> Iterator[Locked]:
    for key, row in rows.items():
        if not isinstance(row, dict):
            locked.refuse("Here stands no mapping.", key[:60])
        resolution = str(row.get("resolution") or key.split(",")[0])
        is_folder = row.get("linkType") == "soft" or "@workspace:" in resolution
        lacks = locked.A_FOLDER if is_folder else _OF_ITS_ARCHIVE if row.get("checksum") else locked.NONE_KEPT
        yield Locked("npm", _name(resolution), str(row.get("version") or ""), (), lacks)


def _name(asked: str) -> str:
    """Return the package in `name@range`; in `name@npm:other@range` that is the other one."""
    at = asked.find("@", 1)
    name, wanted = (asked[:at], asked[at + 1 :]) if at > 0 else (asked, "")
    other = wanted.removeprefix("npm:")
    return other[: other.find("@", 1)] if wanted.startswith("npm:") and other.find("@", 1) > 0 else name
