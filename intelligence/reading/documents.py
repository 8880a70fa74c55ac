"""JSON of any size, an object of its list at a time: what is read is in memory once, what is made of it never whole.

The text is gone over by its quotes and brackets alone, and each object is then read by itself, strictly. So a document
of 200 MB takes little more than its bytes, one that nests too deeply is told before anything recurses, and one bad
object does not spoil the others.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from mmap import mmap
from typing import Any

from intelligence.reading.indicators import MAX_BYTES, MAX_RECORDS, Bad, Unusable
from vendors import strict_json

Source = bytes | mmap
_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_COLON = re.compile(rb"\s*:\s*")
# One object of a list; the longest of real ones, a report, has some 100 kB.
OBJECT_LIMIT = 1024 * 1024
_BEGINNING = 500


@dataclass(slots=True)
class Object:
    """One object of a list: its place in it, from 0, and where its bytes are."""

    source: Source
    place: str
    start: int
    end: int

    @property
    def raw(self) -> bytes:
        """Return its bytes."""
        return self.source[self.start : self.end]

    def read(self) -> dict[str, Any]:
        """Return it. Raises DocumentInvalid for what is no unambiguous JSON object."""
        found = strict_json.read(self.raw, limit=OBJECT_LIMIT)
        if not isinstance(found, dict):
            raise strict_json.Unreadable([strict_json.Problem("", "It is no object.")])
        return found

    def bad(self, why: str) -> Bad:
        """Return that it could not be read."""
        return Bad(self.place, why, excerpt(self.raw))


def objects(source: Source, name: str) -> Iterator[Object]:
    """Yield the objects of the list `name` at the top of a JSON object, or, for an empty name, of a JSON list.

    Raises Unusable for what is too large, nests too deeply, ends in the middle, or has no such list.
    """
    refuse_size(len(source))
    yield from _Walk(source, name).objects()


def lines(source: Source) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a text that are not empty, with their numbers. Raises Unusable beyond the bounds."""
    refuse_size(len(source))
    at, number = 0, 0
    while at < len(source):
        end = source.find(b"\n", at)
        end = len(source) if end < 0 else end
        number += 1
        if end - at > OBJECT_LIMIT:
            raise Unusable(f"Line {number} has more than {OBJECT_LIMIT // 1024} KiB. Check that it is the right file.")
        if line := source[at:end].strip():
            yield number, line
        at = end + 1


def excerpt(raw: bytes) -> str:
    """Return the beginning of a record as it may be shown."""
    return raw[:_BEGINNING].decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def refuse_size(size: int) -> None:
    """Raise Unusable for a document that is too large, or empty."""
    if size > MAX_BYTES:
        raise Unusable(f"The file has more than {MAX_BYTES // 1024**2} MB. Split it.")
    if not size:
        raise Unusable("The file is empty.")


class _Walk:
    """One pass over a document: `depth` is how many brackets are open."""

    def __init__(self, source: Source, name: str) -> None:
        self.source, self.name, self.depth = source, name.encode(), 0
        # A list that is the document lies one bracket higher than one in an object.
        self.level = 2 if name else 1
        self.is_inside, self.is_found, self.count = not name, False, 0

    def objects(self) -> Iterator[Object]:
        opened = 0
        for match in _STRING_OR_BRACKET.finditer(self.source):
            found = match[0][:1]
            if found == b'"':
                self._key(match)
            elif found in b"[{":
                self._open(found)
                if self.is_inside and self.depth == self.level + 1:
                    opened = match.start()
            elif self._closes_object():
                yield self._object(opened, match.end())
        self._refuse_unless_whole()

    def _key(self, match: "re.Match[bytes]") -> None:
        """Note that the list follows that is asked for."""
        if self.depth == 1 and self.name and match[0][1:-1] == self.name:
            colon = _COLON.match(self.source, match.end())
            self.is_inside = colon is not None and self.source[colon.end() : colon.end() + 1] == b"["
            self.is_found = self.is_found or self.is_inside

    def _open(self, bracket: bytes) -> None:
        self.depth += 1
        if self.depth == 1:
            wanted = b"{" if self.name else b"["
            if bracket != wanted:
                raise Unusable(f"The file is no JSON {'object' if self.name else 'list'}.")
            self.is_found = not self.name
        if self.depth > strict_json.MAX_DEPTH:
            raise Unusable(f"The file nests deeper than {strict_json.MAX_DEPTH} levels.")

    def _closes_object(self) -> bool:
        """Return whether the bracket that closes here is one of the list's objects."""
        self.depth -= 1
        if self.is_inside and self.name and self.depth == 1:
            self.is_inside = False
        return self.is_inside and self.depth == self.level

    def _object(self, start: int, end: int) -> Object:
        self.count += 1
        if self.count > MAX_RECORDS:
            raise Unusable(f"The list has more than {MAX_RECORDS:,} objects. Split it.")
        return Object(self.source, f"{self.name.decode() or 'list'}[{self.count - 1}]", start, end)

    def _refuse_unless_whole(self) -> None:
        if self.depth or not self.is_found:
            missing = f"The file has no list “{self.name.decode()}”." if self.name else "The file is no JSON list."
            raise Unusable("The file ends in the middle." if self.depth else missing)
