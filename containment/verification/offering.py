"""What is given to be compared with an approval: artefacts by their digests, files, lock files, captured tools. Pure.

Each function raises Refused, with the place, for what cannot be read.
"""

import hashlib
from collections.abc import Iterable
from pathlib import PurePath
from typing import BinaryIO

from packaging.utils import (
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)

from containment.verification.pins import TOOLS, TOOLS_LIST, Offered, Pin
from riskregister.refusals import Refused
from vendors.lockfiles import reading
from vendors.lockfiles.locked import LockFile
from vendors.naming import integrity
from vendors.naming.integrity import WrongForm
from vendors.offered import manifest
from vendors.strict_json import DocumentInvalid

_KINDS_OF_FILES = {".tgz": "npm", ".mcpb": "mcpb", ".dxt": "mcpb", ".nupkg": "nuget", ".whl": "pypi", ".gz": "pypi"}
_TAG_APART = "@sha256:"
_PIECE = 1024 * 1024


def of_artefact(kind: str, name: str, *, version: str, digest: str, where: str) -> Offered:
    """Return an artefact that somebody names, with its digest."""
    try:
        digests = integrity.read(digest)
    except WrongForm as error:
        raise Refused(str(error), field=where) from error
    files = tuple(frozenset({one}) for one in sorted(digests))
    plain, stated_version = (name, version) if kind != "oci" else image(name, version)
    return Offered(kind, same_name(kind, plain), stated_version, files, where)


def of_file(path: str, *, digest: str, where: str) -> Offered:
    """Return a file of a package by its path and its digest; several are by several algorithms."""
    digests = of_artefact("", path, version="", digest=digest, where=where).digests
    file = PurePath(path)
    kind = _KINDS_OF_FILES.get(file.suffix.lower(), "")
    name, version = _named(file.name) if kind == "pypi" else ("", "")
    return Offered(kind, name, version, (digests,), path)


def lock_file(path: str, raw: str | bytes, *, where: str) -> LockFile:
    """Return a lock file as it was read."""
    try:
        return reading.read(path, raw)
    except DocumentInvalid as error:
        raise Refused(f"{path[:100]}: {error.problems[0]}", field=where) from error


def entries(file: LockFile, pins: Iterable[Pin]) -> list[Offered]:
    """Return what a lock file fixes of some pins; it is about much else."""
    wanted = {(pin.kind, pin.name) for pin in pins}
    found = [one for one in file.packages if (one.kind, one.name) in wanted]
    # Once a name: a file can hold one package ten thousand times.
    lines = {name: file.line_of(name) for name in {one.name for one in found}}
    return [
        Offered(one.kind, one.name, one.version, one.files, file.name, lines[one.name], one.lacks, is_all=False)
        for one in found
    ]


def of_tools(raw: str | bytes, *, where: str) -> Offered:
    """Return the tools in a captured `tools/list`."""
    try:
        read = manifest.parse(raw)
    except DocumentInvalid as error:
        raise Refused(f"{where[:100]}: {error.problems[0]}", field=where) from error
    return of_manifest(read.digest, where=where)


def of_manifest(digest: str, *, where: str) -> Offered:
    """Return the tools whose manifest has a digest."""
    return of_artefact(TOOLS, TOOLS_LIST, version="", digest=digest, where=where)


def digests_of(content: BinaryIO) -> str:
    """Return the digests of a file, by all algorithms, read in pieces."""
    hashes = [hashlib.new(algorithm) for algorithm in integrity.SIZES]
    while piece := content.read(_PIECE):
        for one in hashes:
            one.update(piece)
    return " ".join(f"{one.name}:{one.hexdigest()}" for one in hashes)


def same_name(kind: str, name: str) -> str:
    """Return a name in the form in which those of its kind are compared."""
    return canonicalize_name(name) if kind == "pypi" else name


def image(identifier: str, version: str) -> tuple[str, str]:
    """Return the repository and the tag that an image is named by; its digest, if it names one, is left out."""
    plain = identifier.partition(_TAG_APART)[0]
    before, slash, last = plain.rpartition("/")
    name, _colon, tag = last.partition(":")
    return f"{before}{slash}{name}", version or tag


def _named(file_name: str) -> tuple[str, str]:
    """Return the package and the version in the name of a wheel or of a source archive of Python."""
    try:
        if file_name.endswith(".whl"):
            name, version, _build, _tags = parse_wheel_filename(file_name)
        else:
            name, version = parse_sdist_filename(file_name)
    except ValueError:
        # It is none of both, or holds a number that is too long to be read.
        return "", ""
    return str(name), str(version)
