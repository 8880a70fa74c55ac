"""The kinds of file that are kept as evidence, and how each is told from one that only bears its name."""

import codecs
import json
import os
import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from riskregister import limits
from riskregister.refusals import Refused

_CHUNK = 256 * 1024
# A directory of 2 MiB lists some 20,000 entries; zipfile would hold all of them in memory.
_DIRECTORY_LIMIT = 2 * limits.MIB
# Parsed, a document of 25 MB that is nothing but brackets took 530 MB of memory.
_PARSED_LIMIT = limits.MIB
_END = struct.Struct("<4s4H2LH")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_MAIL_HEADER = re.compile(rb"(?:From |[!-9;-~]+:)")


class FileRefused(Refused):
    """The file is not kept; the message says why and what to do."""

    def __init__(self, message: str) -> None:
        """Say it about the file."""
        super().__init__(message, field="file")


@dataclass(frozen=True, slots=True)
class FileType:
    """A kind of file: its media type, and a check that raises FileRefused when the content is of another kind."""

    media_type: str
    check: Callable[[Path], None]


def of(name: str) -> FileType:
    """Return the kind that the end of a file's name says. Raises FileRefused for one that is not kept."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending not in TYPES:
        kept = ", ".join(sorted(TYPES))
        raise FileRefused(f"Files of this kind are not kept. Attach one of: {kept}.")
    return TYPES[ending]


def media_type_of(name: str) -> str:
    """Return the media type that the end of a kept file's name says."""
    kind = TYPES.get(name.rpartition(".")[2].lower())
    return kind.media_type if kind else "application/octet-stream"


def _starts_with(beginning: bytes, kind: str) -> Callable[[Path], None]:
    def check(file: Path) -> None:
        if _head(file, len(beginning)) != beginning:
            raise FileRefused(f"The content is no {kind}. Save it as a {kind} again, or give it its true ending.")

    return check


def _is_text(file: Path) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            _refuse_controls(_decoded(decoder, chunk))
    _decoded(decoder, b"", final=True)


def _decoded(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> str:
    try:
        return decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        raise FileRefused("The content is not text in UTF-8. Save it as UTF-8, or give it its true ending.") from error


def _refuse_controls(text: str) -> None:
    if _CONTROLS.search(text):
        raise FileRefused("The content is not plain text: it holds control characters. Give it its true ending.")


def _is_json(file: Path) -> None:
    _is_text(file)
    refusal = FileRefused("The content is no JSON. Save it again, or attach it as txt.")
    if file.stat().st_size > _PARSED_LIMIT:
        if not _is_bracketed(file):
            raise refusal
        return
    try:
        json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise refusal from error


def _is_bracketed(file: Path) -> bool:
    """Return whether the text begins and ends as a JSON object or array does."""
    with file.open("rb") as content:
        begins = content.read(1024).removeprefix(codecs.BOM_UTF8).lstrip()[:1]
        content.seek(-1024, os.SEEK_END)
        ends = content.read().rstrip()[-1:]
    return begins + ends in (b"{}", b"[]")


def _is_mail(file: Path) -> None:
    # Mail may be in any character set; it begins with a header and holds no NUL.
    if not _MAIL_HEADER.match(_head(file, 1000)):
        raise FileRefused("The content is no saved e-mail. Save the message as .eml again.")
    with file.open("rb") as content:
        while chunk := content.read(_CHUNK):
            if b"\0" in chunk:
                raise FileRefused("The content is no saved e-mail. Save the message as .eml again.")


def _is_zip(file: Path) -> None:
    _entries(file)


def _is_office(main: str, kind: str) -> Callable[[Path], None]:
    def check(file: Path) -> None:
        names = _entries(file)
        if not {"[Content_Types].xml", main} <= names:
            raise FileRefused(f"The content is no {kind} document. Save it again, or give it its true ending.")
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise FileRefused(f"The {kind} document holds macros. Save it without them, or as PDF.")

    return check


def _entries(file: Path) -> set[str]:
    """Return the names that the archive's directory lists; nothing is unpacked."""
    refusal = FileRefused("The content is no zip archive, or it is damaged or too large a one. Pack it again.")
    if _head(file, 4) != b"PK\x03\x04" or not _directory_is_small(file):
        raise refusal
    try:
        with zipfile.ZipFile(file) as archive:
            return set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeError, struct.error) as error:
        raise refusal from error


def _directory_is_small(file: Path) -> bool:
    """Return whether the directory's stated size is within the limit; ZIP64, which states it elsewhere, is not."""
    with file.open("rb") as content:
        content.seek(max(0, file.stat().st_size - 0xFFFF - _END.size - 20))
        tail = content.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size or tail[max(0, at - 20) : at].startswith(b"PK\x06\x07"):
        return False
    size: int = _END.unpack_from(tail, at)[5]
    return size <= _DIRECTORY_LIMIT


def _head(file: Path, length: int) -> bytes:
    with file.open("rb") as content:
        return content.read(length)


_OFFICE = "application/vnd.openxmlformats-officedocument"
_JPEG = FileType("image/jpeg", _starts_with(b"\xff\xd8\xff", "JPEG image"))
TYPES = {
    "pdf": FileType("application/pdf", _starts_with(b"%PDF-", "PDF")),
    "png": FileType("image/png", _starts_with(b"\x89PNG\r\n\x1a\n", "PNG image")),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "txt": FileType("text/plain", _is_text),
    "md": FileType("text/markdown", _is_text),
    "csv": FileType("text/csv", _is_text),
    "json": FileType("application/json", _is_json),
    "eml": FileType("message/rfc822", _is_mail),
    "zip": FileType("application/zip", _is_zip),
    "docx": FileType(f"{_OFFICE}.wordprocessingml.document", _is_office("word/document.xml", "Word")),
    "xlsx": FileType(f"{_OFFICE}.spreadsheetml.sheet", _is_office("xl/workbook.xml", "Excel")),
}
