#!/usr/bin/env python3
"""Asks the MCP vendor risk register whether agents may use a server at what a pipeline would deploy.

    python3 ask_register.py SERVER [FILE...] [--release 1.2.3] [--only npm] [--artefact KIND NAME@VERSION DIGEST]
    python3 ask_register.py SERVER --release 1.2.3 --approval-only

One file, the standard library of Python 3.9 or later. RISKREGISTER_URL is the address of the register,
RISKREGISTER_TOKEN a token with the scope `read`. SERVER is a server's number, such as S-12, or its registry name. FILE
is a lock file or a captured tools/list (.json), which are sent, or a file of a package, of which only digests are sent.
Exit code 0: all of it is what was approved. 1: it is not, or agents may not use the server at this release now.
2: wrong usage, or the register gave no answer. 3: something is unknown.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

EXIT_CODES = {"match": 0, "mismatch": 1, "not_approved": 1, "unknown": 3}
LOCK_FILES = (
    "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "uv.lock", "poetry.lock", "pdm.lock",
    "pylock.toml", "Pipfile.lock", "go.mod", "go.sum", "Cargo.lock",
)  # fmt: skip
ALGORITHMS = ("sha256", "sha384", "sha512")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
OUT_OF_USE = ("retired", "rejected")
PATIENCE = 30


class NoAnswer(Exception):
    """The register cannot be asked, or refuses the question; the message is for people."""


class NotRegistered(Exception):
    """The register has no such server; the message is for people."""


class Staying(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the token is for the register alone."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """Return that nothing else is asked."""
        return


class Register:
    """The register, asked with a token."""

    def __init__(self, address: str, token: str) -> None:
        """Keep both. Raises NoAnswer for none, and for an address that would show the token to whoever listens."""
        parts = urllib.parse.urlsplit(address)
        if not token or not parts.hostname:
            raise NoAnswer("Set RISKREGISTER_URL and RISKREGISTER_TOKEN in the environment.")
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise NoAnswer("RISKREGISTER_URL must begin with https://: the token is sent to it.")
        self.address, self.token = address.rstrip("/"), token
        self.opener = urllib.request.build_opener(Staying)

    def ask(self, path: str, body: Any = None, *, accept: str = "application/json") -> Any:
        """Return what it answers. Raises NoAnswer."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": accept, "User-Agent": "ask_register/1"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/api/v1{path}", data=data, headers=headers)
        try:
            with self.opener.open(request, timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise NoAnswer(refusal(error)) from error
        except (OSError, ValueError) as error:
            raise NoAnswer(f"The register at {self.address} gave no answer: {error}") from error

    def find(self, named: str) -> dict[str, Any]:
        """Return the server of a number or a registry name. Raises NotRegistered, and NoAnswer for several."""
        number = re.fullmatch(r"[sS]-(\d{1,9})", named)
        asked = {"number": number[1]} if number else {"name": named}
        rows = self.ask(f"/servers/?{urllib.parse.urlencode(asked)}")["results"]
        found = [row for row in rows if row["status"] not in OUT_OF_USE] or rows
        if not found:
            raise NotRegistered(f"The register has no server {named}, or none that this token may see.")
        if len(found) > 1:
            known = ", ".join(f"{row['ref']} of {row['unit']['name']}" for row in found)
            raise NoAnswer(f"Several are called {named}: {known}. Name one by its number.")
        return dict(found[0])


def refusal(error: urllib.error.HTTPError) -> str:
    """Return in words why the register refused."""
    try:
        problem = json.load(error)
        places = "".join(f"\n  {one['field']}: {one['message']}" for one in problem["errors"])
        return f"The register refused ({error.code}): {problem['detail']}{places}"
    except (ValueError, KeyError, TypeError):
        return f"The register answered {error.code} {error.reason}."


def question(options: argparse.Namespace) -> dict[str, Any]:
    """Return what the register is asked. Raises NoAnswer for a file that cannot be read."""
    body: dict[str, Any] = {"release": options.release, "kinds": options.only}
    body |= {"artefacts": [], "lock_files": [], "files": []}
    for kind, named, digest in options.artefact:
        at = -1 if kind == "oci" else named.find("@", 1)
        name, version = (named[:at], named[at + 1 :]) if at > 0 else (named, "")
        body["artefacts"].append({"kind": kind, "name": name, "version": version, "digest": digest})
    for path in options.files:
        try:
            add(body, Path(path))
        except OSError as error:
            raise NoAnswer(f"{path} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise NoAnswer(f"{path} is not UTF-8 text.") from error
    return body


def add(body: dict[str, Any], path: Path) -> None:
    """Add a file to the question: a lock file and captured tools as they are, of all else the digests."""
    if path.name in LOCK_FILES or path.suffix == ".txt":
        body["lock_files"].append({"name": str(path), "content": path.read_text(encoding="utf-8")})
    elif path.suffix == ".json":
        body["tools"] = path.read_text(encoding="utf-8")
    else:
        body["files"].append({"name": str(path), "digest": digests(path)})


def digests(path: Path) -> str:
    """Return the digests of a file, apart by spaces, read in pieces."""
    hashes = [hashlib.new(algorithm) for algorithm in ALGORITHMS]
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            for one in hashes:
                one.update(piece)
    return " ".join(f"{one.name}:{one.hexdigest()}" for one in hashes)


def lines(found: dict[str, Any]) -> list[str]:
    """Return the answer for people."""
    server = found["server"]
    answer = [f"{server['ref']} {server['name']}: {found['outcome'].replace('_', ' ')}. {found['detail']}"]
    if found["approval"]:
        answer.append(f"  {found['approval']} is of release {found['release']}, until {found['valid_until']}.")
    for row in found["checks"]:
        where = f" ({row['where']}{':' + str(row['line']) if row['line'] else ''})" if row["where"] else ""
        answer.append(f"  {row['outcome']:<8} {row['artefact']}{where}: {row['detail']}")
    return answer


def arguments(words: list[str] | None) -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server", metavar="SERVER")
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--release", default="", help="the release that is deployed, such as 1.2.3")
    parser.add_argument("--only", action="append", default=[], help="a kind of artefact, such as npm or tools")
    parser.add_argument(
        "--artefact", nargs=3, action="append", default=[], metavar=("KIND", "NAME@VERSION", "DIGEST"),
        help="an artefact by its digest, such as: oci ghcr.io/example/weather:1.2.3 sha256:...",
    )  # fmt: skip
    parser.add_argument("--approval-only", action="store_true", help="compare nothing, ask for the approval alone")
    parser.add_argument("--sarif", type=Path, help="a file to write a SARIF log to, for code scanning")
    return parser.parse_intermixed_args(words)


def main(words: list[str] | None = None) -> int:
    """Print the answer, and return the exit code."""
    options = arguments(words)
    try:
        register = Register(os.environ.get("RISKREGISTER_URL", ""), os.environ.get("RISKREGISTER_TOKEN", ""))
        body = question(options)
        path = f"/servers/{register.find(options.server)['id']}/verify/"
        found = register.ask(path, body)
        if options.sarif:
            log = register.ask(path, body, accept="application/sarif+json")
            options.sarif.write_text(json.dumps(log, indent=2), encoding="utf-8")
    except NotRegistered as answer:
        print(answer, file=sys.stderr)
        return 1
    except (NoAnswer, OSError) as reason:
        print(reason, file=sys.stderr)
        return 2
    if options.approval_only:
        found = found | {"checks": []}
        if found["outcome"] != "not_approved":
            found = found | {"outcome": "match", "detail": "Approved now; nothing else was compared."}
    print("\n".join(lines(found)))
    return EXIT_CODES.get(found["outcome"], 2)


if __name__ == "__main__":
    sys.exit(main())
