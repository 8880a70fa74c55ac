"""Documents as they arrive by a door: read whole, within a bound, while nothing of them is on record yet."""

from dataclasses import dataclass
from typing import Any, Protocol

from composition.documents import reading
from composition.listing import Listing
from evidence import store
from riskregister import limits


class Upload(store.Stream, Protocol):
    """A file as a door hands it on."""

    @property
    def name(self) -> Any:
        """Return the name of the file."""


@dataclass(frozen=True, slots=True)
class Given:
    """A document that was read: the name of its file, its bytes as they came, and what it lists."""

    file_name: str
    document: bytes
    listing: Listing


def read(upload: Upload, *, limit: int = limits.INVENTORY) -> Given:
    """Return a document, read outside of any transaction. What is larger than `limit` bytes is not looked at.

    Raises DocumentInvalid with the places, and Refused for a name that deceives.
    """
    name = store.file_name(str(upload.name))
    document = upload.read(limit + 1)
    return Given(name, document, reading.read(name, document, limit=limit))
