"""Where the bytes of evidence are: one file for each content, named by its SHA-256, written once and never changed.

A file is written under another name, checked and then moved into place in one step, so that a killed upload leaves at
most a stray part, which a later upload clears away, and never a file that something refers to. Archives are looked at
from outside, never unpacked.
"""

import hashlib
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Protocol

from django.conf import settings

from evidence import filetypes
from evidence.filetypes import FileRefused
from evidence.models import Blob
from riskregister.refusals import Refused
from riskregister.text import clean_name

log = logging.getLogger("evidence")

_CHUNK = 256 * 1024
_STRAY_AFTER = timedelta(days=1)
_NAME_LIMIT = 200


class FileLost(Refused):
    """The bytes that the register refers to are not on its disk, or are others than it kept."""


class Stream(Protocol):
    """What can be read: an uploaded file, an open file, bytes in memory."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""


def put(stream: Stream, *, name: str, now: datetime) -> Blob:
    """Return the blob of what the stream holds; the same bytes give the same blob.

    Raises FileRefused when it is empty, larger than UPLOAD_MAX_BYTES, of a kind that is not kept, or when its content
    is not what its name says.
    """
    kind = filetypes.of(file_name(name))
    _clear_strays(now)
    with _part() as part:
        sha256, size = _take(stream, part)
        kind.check(part)
        _move(part, sha256)
    blob, _created = Blob.objects.get_or_create(
        sha256=sha256, defaults={"size": size, "media_type": kind.media_type, "created_at": now}
    )
    return blob


def open_blob(blob: Blob) -> IO[bytes]:
    """Return the blob's bytes as an open file.

    Raises FileLost, and says so in the log, when they cannot be read from this disk or are not as many as were kept.
    """
    try:
        file = path(blob).open("rb")
    except OSError as error:
        raise _lost(blob, str(error)) from error
    size = os.fstat(file.fileno()).st_size
    if size != blob.size:
        file.close()
        raise _lost(blob, f"{size} bytes instead of {blob.size}")
    return file


def path(blob: Blob) -> Path:
    """Return where the blob's bytes are."""
    return _place(blob.sha256)


def file_name(name: str) -> str:
    """Return the last part of a file's name, as it may be shown. Raises Refused for one that deceives."""
    return clean_name(name.replace("\\", "/").rsplit("/", 1)[-1], field="file", limit=_NAME_LIMIT)


def _lost(blob: Blob, why: str) -> FileLost:
    log.error("The file %s cannot be handed out: %s", path(blob), why)
    return FileLost(
        "This file is gone from the register's disk, or was changed there. Have an administrator restore it from the "
        f"backup, or add the same file as evidence again: it is known by its SHA-256, {blob.sha256}."
    )


def _place(sha256: str) -> Path:
    return Path(settings.EVIDENCE_DIR) / sha256[:2] / sha256


def parts() -> Path:
    """Return the folder of unfinished uploads; what is there for a day is cleared away by a later upload."""
    folder = Path(settings.EVIDENCE_DIR) / "parts"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


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
                limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
                raise FileRefused(f"The file is larger than {limit} MB. Attach the part that matters, or a link.")
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if not size:
        raise FileRefused("The file is empty.")
    return digest.hexdigest(), size


def _move(part: Path, sha256: str) -> None:
    place = _place(sha256)
    place.parent.mkdir(mode=0o700, exist_ok=True)
    if place.exists() and place.stat().st_size == part.stat().st_size:
        return
    part.chmod(0o400)
    part.replace(place)


def _clear_strays(now: datetime) -> None:
    for stray in parts().iterdir():
        # Another upload may have removed its own part in between.
        with suppress(FileNotFoundError):
            if stray.stat().st_mtime < (now - _STRAY_AFTER).timestamp():
                stray.unlink()
