"""Where a kept file is on the disk, for tests that damage it."""

from pathlib import Path

from django.core.files.storage import storages

from evidence import store
from evidence.models import Blob


def place_of(blob: Blob) -> Path:
    """Return the path of the blob's file in the folder."""
    return Path(storages["blobs"].path(store.name_of(blob.sha256)))
