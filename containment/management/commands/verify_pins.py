"""Compare what is about to be deployed with what a server's approval is of, from the command line."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from containment.verification import offering, sarif, verifying
from containment.verification.pins import Offered, Outcome
from containment.verification.verifying import NOT_APPROVED, Given, Verification
from riskregister import limits
from riskregister.refusals import Refused
from vendors.lockfiles import reading
from vendors.lockfiles.locked import LockFile
from vendors.management import servers

# 2 is wrong usage, as the parser of arguments has it.
EXIT_CODES = {Outcome.MATCH: 0, Outcome.MISMATCH: 1, NOT_APPROVED: 1, Outcome.UNKNOWN: 3}
_USAGE = 2


class Command(BaseCommand):
    """Prints a line for each pinned artefact, and fails unless all of it is what was approved."""

    help = (
        "Compare artefacts and lock files with what a server's approval is of. Exit code 0: all of it matches. 1: it"
        " does not, or agents may not use the server at this release now. 2: wrong usage. 3: something is unknown."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the server, what is given, and the form of the answer."""
        parser.add_argument("server", help="Number of the server, such as S-12.")
        parser.add_argument(
            "paths",
            nargs="*",
            type=Path,
            help=f"Lock files ({reading.NAMES}), a captured tools/list (.json), or files of packages.",
        )
        parser.add_argument(
            "--artefact",
            nargs=3,
            action="append",
            default=[],
            metavar=("KIND", "NAME@VERSION", "DIGEST"),
            help="An artefact by its digest, such as: npm @example/weather@1.2.3 sha512-…",
        )
        parser.add_argument("--release", default="", help="The release that is deployed, such as 1.2.3.")
        parser.add_argument("--only", action="append", default=[], help="A kind of artefact, such as npm or tools.")
        parser.add_argument("--format", choices=sorted(_FORMATS), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what came of it; raise CommandError, with the exit code, unless all of it matches."""
        server = servers.named(options["server"], returncode=_USAGE)
        try:
            found = verifying.verify(server, _given(options), now=timezone.now())
        except Refused as refusal:
            raise CommandError(refusal.message, returncode=_USAGE) from refusal
        self.stdout.write(_FORMATS[options["format"]](found))
        if code := EXIT_CODES[found.outcome]:
            raise CommandError(f"{found.server}: {found.words}", returncode=code)


def _given(options: dict[str, Any]) -> Given:
    read = [_read(path) for path in options["paths"]]
    named = [_artefact(*one) for one in options["artefact"]]
    return Given(
        artefacts=(*named, *(one for one in read if isinstance(one, Offered))),
        lock_files=tuple(one for one in read if isinstance(one, LockFile)),
        release=options["release"],
        kinds=tuple(options["only"]),
    )


def _artefact(kind: str, named: str, digest: str) -> Offered:
    # The name of a scope begins with the sign that stands before a version; that of an image has none.
    at = named.find("@", 1) if kind != "oci" else -1
    name, version = (named[:at], named[at + 1 :]) if at > 0 else (named, "")
    return offering.of_artefact(kind, name, version=version, digest=digest, where=named)


def _read(path: Path) -> Offered | LockFile:
    where = str(path)
    try:
        if reading.is_lock_file(where):
            return offering.lock_file(where, _start(path, limits.LOCK_FILE), where=where)
        if path.suffix == ".json":
            return offering.of_tools(_start(path, limits.TOOLS), where=where)
        with path.open("rb") as file:
            return offering.of_file(where, digest=offering.digests_of(file), where=where)
    except OSError as error:
        raise Refused(f"{where} cannot be read: {error.strerror}.") from error


def _start(path: Path, limit: int) -> bytes:
    """Return what a file holds, one byte more than allowed at most: its reader refuses it then."""
    with path.open("rb") as file:
        return file.read(limit + 1)


def _text(found: Verification) -> str:
    return "\n".join([f"{found.server}: {found.outcome.replace('_', ' ')}. {found.words}", *_lines(found)])


def _lines(found: Verification) -> Iterator[str]:
    for row in found.document["checks"]:
        place = f"{row['where']}:{row['line']}" if row["line"] else row["where"]
        where = f" ({place})" if place else ""
        yield f"  {row['outcome']:<8} {row['artefact']}{where}: {row['detail']}"


_FORMATS: dict[str, Callable[[Verification], str]] = {
    "text": _text,
    "json": lambda found: json.dumps(found.document, indent=2, ensure_ascii=False),
    "sarif": lambda found: json.dumps(sarif.document(found), indent=2, ensure_ascii=False),
}
