"""Where the bytes of evidence are: one file for each content, named by its SHA-256, in the storage called "blobs".

A file is written under another name, checked and then handed to the storage, which keeps it in one step, so that a
killed upload leaves at most a stray part, which a later upload clears away, and never a file that something refers to.
The same bytes are written again under the same name, so that adding a file again mends a damaged one. No byte is handed
out before all of them were hashed. Archives are looked at from outside, never unpacked.
"""

import hashlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages

from evidence import filetypes
from evidence.filetypes import FileRefused
from evidence.models import Blob
from riskregister import limits
from riskregister.refusals import Refused
from riskregister.text import clean_name

log = logging.getLogger("evidence")

_CHUNK = 256 * 1024
_STRAY_AFTER = timedelta(days=1)
_NAME_LIMIT = 200


class FileLost(Refused):
    """The bytes that the register refers to cannot be had, or are others than it kept."""


class FileMissing(FileLost):
    """There is no file of that name."""


class FileDamaged(FileLost):
    """There is a file, and it cannot be read or holds other bytes."""


class StoreUnreachable(Refused):
    """The place of the files does not answer, so that nothing is known of any file; try again later."""


class Stream(Protocol):
    """What can be read: an uploaded file, an open file, bytes in memory."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""


def put(stream: Stream, *, name: str, now: datetime) -> Blob:
    """Return the blob of what the stream holds; the same bytes give the same blob, whatever their name.

    Raises FileRefused when it is empty, larger than UPLOAD_MAX_BYTES, of a kind that is not kept, or when its content
    is not what its name says; StoreUnreachable.
    """
    kind = filetypes.of(file_name(name))
    return _kept(stream, kind.check, now=now)


def put_unread(stream: Stream, *, now: datetime) -> Blob:
    """Return the blob of what only the register itself reads, so that it may be of any kind.

    Raises FileRefused when it is empty or larger than UPLOAD_MAX_BYTES; StoreUnreachable.
    """
    return _kept(stream, lambda _part: None, now=now)


def open_blob(blob: Blob) -> "File[bytes]":
    """Return the blob's bytes as an open file, after all of them were hashed.

    Raises FileMissing or FileDamaged, and says so in the log, when they are not those that were kept; StoreUnreachable
    when that cannot be known.
    """
    try:
        file = _storage().open(name_of(blob.sha256))
    except FileNotFoundError as error:
        raise _lost(blob, str(error), FileMissing) from error
    except OSError as error:
        raise _lost(blob, str(error), FileDamaged) from error
    try:
        _check(file, blob)
    except BaseException:
        file.close()
        raise
    return file


def drop(sha256: str) -> None:
    """Delete the file of a blob that is gone; one that is not there is no error. Raises StoreUnreachable."""
    _storage().delete(name_of(sha256))


def name_of(sha256: str) -> str:
    """Return the name under which the storage has the bytes."""
    return f"{sha256[:2]}/{sha256}"


def file_name(name: str) -> str:
    """Return the last part of a file's name, as it may be shown. Raises Refused for one that deceives."""
    return clean_name(name.replace("\\", "/").rsplit("/", 1)[-1], field="file", limit=_NAME_LIMIT)


def _storage() -> Storage:
    return storages["blobs"]


def _check(file: "File[bytes]", blob: Blob) -> None:
    digest, size = hashlib.sha256(), 0
    try:
        # A file that has grown is not read to its end.
        while size <= blob.size and (chunk := file.read(_CHUNK)):
            digest.update(chunk)
            size += len(chunk)
        file.seek(0)
    except OSError as error:
        raise _lost(blob, str(error), FileDamaged) from error
    if size != blob.size:
        found = f"more than {blob.size}" if size > blob.size else str(size)
        raise _lost(blob, f"{found} bytes instead of {blob.size}", FileDamaged)
    if digest.hexdigest() != blob.sha256:
        raise _lost(blob, f"its SHA-256 is {digest.hexdigest()}", FileDamaged)


def _lost(blob: Blob, why: str, kind: type[FileLost]) -> FileLost:
    log.error("The file %s cannot be handed out: %s", name_of(blob.sha256), why)
    return kind(
        "This file is gone from the place where the register keeps its files, or was changed there. Have an "
        "administrator restore it from the backup, or add the same file as evidence again: it is known by its SHA-256, "
        f"{blob.sha256}."
    )


def parts() -> Path:
    """Return the folder of unfinished uploads; what is there for a day is cleared away by a later upload."""
    folder = Path(settings.EVIDENCE_DIR) / "parts"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _kept(stream: Stream, check: Callable[[Path], None], *, now: datetime) -> Blob:
    _clear_strays(now)
    with _part() as part:
        sha256, size = _take(stream, part)
        check(part)
        with part.open("rb") as file:
            _storage().save(name_of(sha256), File(file))
    blob, _created = Blob.objects.get_or_create(sha256=sha256, defaults={"size": size, "created_at": now})
    return blob


@contextmanager
def _part() -> Iterator[Path]:
    """Give an empty file that only this upload uses, and remove it at the end when it was not moved into place."""
    handle, name = tempfile.mkstemp(dir=parts())
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _take(stream: Stream, part: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with part.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > settings.UPLOAD_MAX_BYTES:
                limit = settings.UPLOAD_MAX_BYTES // limits.MIB
                raise FileRefused(f"The file is larger than {limit} MB. Attach the part that matters, or a link.")
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if not size:
        raise FileRefused("The file is empty.")
    return digest.hexdigest(), size


def _clear_strays(now: datetime) -> None:
    for stray in parts().iterdir():
        # Another upload may have removed its own part in between.
        with suppress(FileNotFoundError):
            if stray.stat().st_mtime < (now - _STRAY_AFTER).timestamp():
                stray.unlink()
