"""`Pipfile.lock`, in which neither what the project needs itself nor what a package needs is said."""

from collections.abc import Iterator
from typing import Any

from packaging.utils import canonicalize_name

from riskregister import limits
from vendors import strict_json
from vendors.lockfiles import locked
from vendors.lockfiles.locked import Contents, Locked

_META, _DEVELOPMENT = "_meta", "develop"


def read(text: str) -> Contents:
    """Return what the file says. Raises DocumentInvalid."""
    document = strict_json.read(text, limit=limits.LOCK_FILE)
    meta = document.get(_META) if isinstance(document, dict) else None
    if not isinstance(meta, dict):
        locked.refuse("This is no lock file of Pipenv.", _META)
    return Contents(
        form=f"Pipenv lock file, version {str(meta.get('pipfile-spec', ''))[:10]}",
        packages=tuple(_packages(document)),
        tells_development=True,
    )


def _packages(document: dict[str, Any]) -> Iterator[Locked]:
    for group, rows in document.items():
        if group == _META:
            continue
        if not isinstance(rows, dict):
            locked.refuse("Here stands no object.", group[:60])
        for name, row in rows.items():
            path = strict_json.under(strict_json.under("", group), name)
            if not isinstance(row, dict):
                locked.refuse("Here stands no object.", path)
            yield _locked(path, name, row, is_development=group == _DEVELOPMENT)


def _locked(path: str, name: str, row: dict[str, Any], *, is_development: bool) -> Locked:
    hashes = row.get("hashes")
    files, lacks = locked.of_several(hashes if isinstance(hashes, list) else [])
    is_own = "path" in row
    if not files and ("git" in row or is_own):
        lacks = locked.A_FOLDER if is_own else locked.FROM_GIT
    pinned = row.get("version")
    version = pinned.removeprefix("==") if isinstance(pinned, str) else ""
    if not version and not {"git", "path", "file"} & row.keys():
        locked.refuse("The package has no version. Write the lock file again with Pipenv.", path)
    plain = canonicalize_name(name)
    return Locked("pypi", plain, version, files, lacks, is_own=is_own, is_development=is_development, ref=path)
