"""Putting a package where the register may start it: installed by its registry's own client, without its scripts.

An operator does it, once for a pinned version. The register itself downloads nothing: else whoever registers a server
would choose what is fetched to the machine that knows the register's keys (docs/adr/0029).
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspection import only_wheels
from inspection.packages import NPM, Packaged
from riskregister import variables
from riskregister.refusals import Refused

_PATIENCE = 600
_SHOWN = 500
# What a package demands from elsewhere its vendor chose. Of a repository npm reads settings, which name programs that
# it runs, also without scripts.
_FROM_THE_REGISTRY = tuple(f"--allow-{kind}=none" for kind in ("git", "remote", "file", "directory"))
# Before npm 11 knew those: a program that does not exist. The variables bind also the npm that npm starts itself.
_WITHOUT_CODE = {
    "npm_config_ignore_scripts": "true", "npm_config_allow_git": "none", "npm_config_git": "/no/git/while/installing",
}  # fmt: skip


class NotPrepared(Refused):
    """The package could not be prepared; nothing of it is left."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """Where a package is now, and the digest by which its registry knows it; empty where the client names none."""

    folder: Path
    digest: str


def prepare(packaged: Packaged, *, pinned: str, registry: str) -> Prepared:
    """Return the package as it was installed from its registry (empty: the one that its client is set up for).

    `pinned` is the digest that is on record, `sha512-…` of npm or the SHA-256 of a file; empty for none. Raises
    NotPrepared when it is another one, when it was prepared before, and when the client fails.
    """
    place = packaged.place
    if place.exists():
        raise NotPrepared(f"It is prepared already. Remove {place} to have it done anew.")
    packaged.folder.mkdir(parents=True, exist_ok=True)
    arriving = Path(tempfile.mkdtemp(prefix=".arriving-", dir=packaged.folder))
    try:
        install = _npm if packaged.registry_type == NPM else _pip
        digests = install(packaged, arriving, registry)
        if pinned and pinned.removeprefix("sha256:") not in digests:
            raise NotPrepared(f"Its registry has {' or '.join(digests) or 'no digest'}, and {pinned} is on record.")
        # Whoever runs in the sandbox is somebody else.
        arriving.chmod(0o755)
        place.parent.mkdir(parents=True, exist_ok=True)
        arriving.rename(place)
    finally:
        shutil.rmtree(arriving, ignore_errors=True)
    return Prepared(place, next(iter(digests), ""))


def _npm(packaged: Packaged, into: Path, registry: str) -> list[str]:
    """Install a package with what it needs; return its digests."""
    _run(
        [
            "npm", "install", "--prefix", str(into), "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund",
            "--no-update-notifier", *_FROM_THE_REGISTRY, *([f"--registry={registry}"] if registry else []),
            f"{packaged.identifier}@{packaged.version}",
        ],
        cwd=into,
    )  # fmt: skip
    locked = _read(into / "package-lock.json").get("packages", {}).get(f"node_modules/{packaged.identifier}", {})
    return [str(locked["integrity"])] if locked.get("integrity") else []


def _pip(packaged: Packaged, into: Path, registry: str) -> list[str]:
    if importlib.util.find_spec("pip") is None:
        raise NotPrepared(
            "pip is not part of this installation. Prepare the package where it is, with the same Python."
        )
    report = into / "installed.json"
    _run(
        [
            sys.executable, "-I", only_wheels.__file__, "install", "--quiet", "--disable-pip-version-check",
            "--no-input", "--only-binary", ":all:", "--target", str(into), "--report", str(report),
            *(["--index-url", registry] if registry else []), f"{packaged.identifier}=={packaged.version}",
        ],
        cwd=into,
    )  # fmt: skip
    for one in _read(report).get("install", []):
        if one.get("requested"):
            archive = one.get("download_info", {}).get("archive_info", {})
            # Before 23.1 pip said one, such as `sha256=…`.
            single = [archive["hash"].partition("=")[2]] if archive.get("hash") else []
            return list(archive.get("hashes", {}).values()) or single
    return []


def _run(command: Sequence[str], *, cwd: Path) -> None:
    """Run a client of a registry, as whoever runs this set it up. Raises NotPrepared with what it says."""
    own = {name: value for name, value in os.environ.items() if name not in variables.VARIABLES}
    try:
        done = subprocess.run(
            command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_PATIENCE,
            umask=0o022, check=False, env=own | _WITHOUT_CODE,
        )  # fmt: skip
    except FileNotFoundError:
        raise NotPrepared(f"{command[0]} is not on this machine. Prepare the package where it is.") from None
    except subprocess.TimeoutExpired:
        raise NotPrepared(f"{command[0]} took longer than {_PATIENCE} seconds.") from None
    if done.returncode:
        raise NotPrepared(f"It was not installed. {' '.join(done.stderr.split())[-_SHOWN:]}")


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise NotPrepared(f"The client did not say what it installed: {error}") from error
