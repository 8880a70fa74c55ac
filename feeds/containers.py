"""The records of a file or folder, one after the other in little memory, however large or hostile it is.

A folder, a zip archive, lines of JSON (.jsonl, .ndjson), or one document; each of the latter also gzipped. What a file
is says its beginning, or else its name. A folder that is named as a record is none.
"""

import gzip
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from feeds.kinds import Bad, Source
from riskregister import limits, unseen

# The largest advisories list some 10,000 versions in 1 MB.
RECORD_LIMIT = 8 * limits.MIB
DOCUMENT_LIMIT = 64 * limits.MIB
# zipfile holds the whole directory in memory, some seven times as large: 64 MiB list 600,000 records.
_DIRECTORY_LIMIT = 64 * limits.MIB
# Real dumps unpack to 4 to 20 times their size; deflate reaches 1,032 times.
_RATIO, _ALWAYS = 100, 64 * limits.MIB
_EXCERPT = 300
_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LINES = re.compile(r"\.(jsonl|ndjson)(\.gz)?\Z", re.IGNORECASE)
_RECORD = re.compile(r"\.json(\.gz)?\Z", re.IGNORECASE)
_DAMAGED = (EOFError, OSError, zlib.error)
LEADS_OUT = "It is a link that leads out of the folder."


class Broken(Exception):
    """What came is no source of records, or is damaged; the message says so in a sentence."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes of one record, and where they stand."""

    name: str
    data: bytes


class Budget:
    """How many bytes may still come of what was packed into so many. Raises Broken beyond."""

    def __init__(self, packed: int) -> None:
        """Allow what a real dump unpacks to, several times over."""
        self.left = self.whole = max(_ALWAYS, packed * _RATIO)

    def spend(self, size: int) -> None:
        """Take so many bytes off."""
        self.left -= size
        if self.left < 0:
            raise Broken(f"It unpacks to more than {self.whole // limits.MIB:,} MB, and is refused.")


def pieces(source: Source) -> Iterator[Piece | Bad]:
    """Yield the records of a source as bytes, and what cannot be had of it. Raises Broken."""
    if source.path is None:
        return
    if source.path.is_dir():
        yield from _of_folder(source.path)
    else:
        yield from _of_file(source.path, source.name or source.path.name)


def document(source: Source, *, limit: int = DOCUMENT_LIMIT) -> bytes:
    """Return the bytes of the one document that a source is. Raises Broken for a folder, and one that is too large."""
    path = source.path
    if path is None or path.is_dir():
        raise Broken("Name one file: this kind of feed is one document.")
    try:
        with _opened(path) as file:
            data = file.read(limit + 1)
    except _DAMAGED as error:
        raise Broken(f"The file cannot be read: {unseen.in_one_line(str(error), 200)}") from error
    if len(data) > limit:
        raise Broken(f"The document is larger than {limit // limits.MIB} MB.")
    return data


def lines(source: Source, *, longest: int = RECORD_LIMIT) -> Iterator[tuple[int, bytes | Bad]]:
    """Yield the lines of a text file, gzipped or not, each with its number. Raises Broken for what is damaged."""
    path = source.path
    if path is None or path.is_dir():
        raise Broken("Name one file: this kind of feed is one text.")
    budget = Budget(path.stat().st_size)
    number = 0
    try:
        with _opened(path) as file:
            while line := file.readline(longest + 1):
                number += 1
                budget.spend(len(line))
                yield number, _line(file, line, number, longest=longest, budget=budget)
    except _DAMAGED as error:
        raise Broken(f"The file is damaged after line {number}: {unseen.in_one_line(str(error), 200)}") from error


def leads_out(path: Path, root: Path) -> bool:
    """Return whether a file of a folder, of which the resolved path is given, is a link to one that is not below it."""
    return not path.resolve().is_relative_to(root)


def excerpt(data: bytes) -> str:
    """Return how a record begins, as it may be shown."""
    return unseen.in_one_line(data[:_EXCERPT].decode("utf-8", "replace"), _EXCERPT)


def _line(file: IO[bytes] | gzip.GzipFile, line: bytes, number: int, *, longest: int, budget: Budget) -> bytes | Bad:
    if len(line) <= longest or line.endswith(b"\n"):
        return line
    begins = line
    while line and not line.endswith(b"\n"):
        line = file.readline(longest)
        budget.spend(len(line))
    return Bad(f"line {number}", f"It is longer than {longest // limits.MIB} MB.", excerpt(begins))


def _of_folder(folder: Path) -> Iterator[Piece | Bad]:
    root = folder.resolve()
    for path in _files_below(folder):
        name = path.relative_to(folder).as_posix()
        if leads_out(path, root):
            yield Bad(_cut(name), LEADS_OUT)
            continue
        try:
            yield from _of_file(path, name)
        except Broken as error:
            yield Bad(_cut(name), str(error))


def _files_below(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = Path(root, name)
            if _is_named_as_one(name) and path.is_file():
                yield path


def _is_named_as_one(name: str) -> bool:
    return bool(_RECORD.search(name) or _LINES.search(name)) or name.lower().endswith(".zip")


def _of_file(path: Path, name: str) -> Iterator[Piece | Bad]:
    try:
        with path.open("rb") as file:
            begins = file.read(4)
    except OSError as error:
        raise Broken(f"The file cannot be read: {error.strerror}.") from error
    if begins in (b"PK\x03\x04", b"PK\x05\x06"):
        yield from _of_zip(path)
    elif _LINES.search(name):
        yield from _of_lines(Source(path, name))
    else:
        yield _alone(path, name)


def _of_lines(source: Source) -> Iterator[Piece | Bad]:
    for number, line in lines(source):
        if isinstance(line, Bad):
            yield line
        elif line.strip():
            yield Piece(f"line {number}", line.strip())


def _alone(path: Path, name: str) -> Piece | Bad:
    try:
        return Piece(_cut(name), document(Source(path, name), limit=RECORD_LIMIT))
    except Broken as error:
        return Bad(_cut(name), str(error))


def _of_zip(path: Path) -> Iterator[Piece | Bad]:
    size = _directory_size(path)
    if size is None or size > _DIRECTORY_LIMIT:
        raise Broken("The archive is damaged, or lists more files than can be taken in at once.")
    budget = Budget(path.stat().st_size)
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if not entry.is_dir() and _RECORD.search(entry.filename):
                    yield _entry(archive, entry, budget)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeError, struct.error, *_DAMAGED) as error:
        raise Broken(f"The archive is damaged: {unseen.in_one_line(str(error), 200)}") from error


def _entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> Piece | Bad:
    name = _cut(entry.filename)
    # Others need memory that their own headers ask for.
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or entry.flag_bits & 1:
        return Bad(name, "It is encrypted, or packed in a way that is not read. Pack it with deflate.")
    try:
        with archive.open(entry) as file:
            data = file.read(RECORD_LIMIT + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, struct.error, *_DAMAGED) as error:
        return Bad(name, f"It is damaged in the archive: {unseen.in_one_line(str(error), 150)}")
    budget.spend(len(data))
    if len(data) > RECORD_LIMIT:
        return Bad(name, f"It is larger than {RECORD_LIMIT // limits.MIB} MB.", excerpt(data))
    return Piece(name, data)


def _directory_size(path: Path) -> int | None:
    """Return how many bytes the archive's directory is said to have, which `zipfile` would read; None for no end."""
    with path.open("rb") as file:
        whole = path.stat().st_size
        at = max(0, whole - 0xFFFF - _END.size - _LOCATOR.size)
        file.seek(at)
        tail = file.read()
        end = tail.rfind(b"PK\x05\x06")
        if end < 0 or len(tail) - end < _END.size:
            return None
        locator = end - _LOCATOR.size
        if locator >= 0 and tail[locator : locator + 4] == b"PK\x06\x07":
            file.seek(_LOCATOR.unpack_from(tail, locator)[2])
            large = file.read(_END64.size)
            return int(_END64.unpack(large)[8]) if len(large) == _END64.size and large[:4] == b"PK\x06\x06" else None
        return int(_END.unpack_from(tail, end)[5])


@contextmanager
def _opened(path: Path) -> "Iterator[IO[bytes] | gzip.GzipFile]":
    """Give the file, unpacked as it is read where it begins as one that gzip packed."""
    with path.open("rb") as raw:
        begins = raw.read(2)
        raw.seek(0)
        if begins == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=raw) as file:
                yield file
        else:
            yield raw


def _cut(name: str) -> str:
    return unseen.in_one_line(name, 300)
