"""Snippets for pipelines, filled in for a server: what is run is checked against the digest of the script."""

import hashlib
import re
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vendors.models import Server

_HERE = Path(__file__).parent
# Vendors choose names and versions: whatever else they hold would be read by a shell, or by GitHub before it.
_PLAIN = re.compile(r"[A-Za-z0-9@._/+-]{1,255}")
_LOCK_FILES = {"npm": "package-lock.json", "pypi": "uv.lock"}


@dataclass(frozen=True, slots=True)
class Snippet:
    """A file for a kind of pipeline: its name here, whose it is, and where it goes in a repository."""

    name: str
    words: str
    where: str


SNIPPETS = (
    Snippet("github", "GitHub Actions", ".github/workflows/mcp-server.yml"),
    Snippet("gitlab", "GitLab CI", ".gitlab-ci.yml"),
)
BY_NAME = {snippet.name: snippet for snippet in SNIPPETS}


@cache
def script() -> bytes:
    """Return the script that asks the register, as it is handed out."""
    return (_HERE / "ask_register.py").read_bytes()


def text(snippet: Snippet, server: Server, *, origin: str) -> str:
    """Return a snippet for a server, at the release that is pinned."""
    filled = {
        "ref": server.ref,
        "name": server.name if _PLAIN.fullmatch(server.name) else server.ref,
        "origin": origin,
        "sha256": hashlib.sha256(script()).hexdigest(),
        "arguments": shlex.join(arguments(server)),
    }
    found = (_HERE / f"{snippet.name}.yml").read_text()
    return re.sub(r"\{\{(\w+)\}\}", lambda place: filled[place[1]], found)


def arguments(server: Server) -> list[str]:
    """Return what the script is asked: the lock files of its packages, or of others the approval alone."""
    release = server.pinned_release
    if release is None:
        return [server.ref, "--approval-only"]
    version = ["--release", release.version] if _PLAIN.fullmatch(release.version) else []
    kinds = sorted({package.registry_type for package in release.packages.all()} & _LOCK_FILES.keys())
    if not kinds:
        return [server.ref, *version, "--approval-only"]
    only = [word for kind in kinds for word in ("--only", kind)]
    return [server.ref, *version, *only, *(_LOCK_FILES[kind] for kind in kinds)]
