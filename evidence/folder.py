"""Files in a folder of this machine, or in one that several machines share: the storage of every installation."""

import os
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage

from evidence.store import StoreUnreachable


class Folder(FileSystemStorage):
    """Moves a finished part into place in one step, for its owner to read, and replaces what had the same name.

    The parts lie in the same folder (`store.parts`), so that moving is renaming; each was flushed to the disk before.
    """

    @property
    def location(self) -> str:
        """Return the folder, as the settings name it now."""
        return str(Path(settings.EVIDENCE_DIR).absolute())

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return the name itself: what has it already has the same bytes, or should have."""
        return name

    def _save(self, name: str, content: "File[bytes]") -> str:
        place, part = Path(self.path(name)), Path(str(content.name))
        if not place.parent.exists():
            place.parent.mkdir(mode=0o700, exist_ok=True)
            _sync(place.parent.parent)
        part.chmod(0o400)
        part.replace(place)
        _sync(place.parent)
        return name

    def _open(self, name: str, mode: str = "rb") -> "File[bytes]":
        try:
            return File(Path(self.path(name)).open(mode))
        except FileNotFoundError as error:
            # A folder that is not mounted says nothing about its files.
            if Path(self.location).is_dir():
                raise
            raise StoreUnreachable("The folder of the files is not there. Ask an administrator.") from error


def _sync(folder: Path) -> None:
    # Without it a power cut may undo the renaming after the database has said that the file is there.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
