"""DER, as far as time stamps need it: writing a query, and reading what is answered without trusting its lengths."""

from collections.abc import Iterator
from dataclasses import dataclass

INTEGER, BIT_STRING, OCTETS, NULL, OID = 0x02, 0x03, 0x04, 0x05, 0x06
UTC_TIME, TIME, SEQUENCE, SET = 0x17, 0x18, 0x30, 0x31
BOOLEAN = 0x01


class NotDer(ValueError):
    """The bytes are no DER, or not what should be there."""


@dataclass(frozen=True, slots=True)
class Item:
    """A value: its tag, its content, and all its bytes as they stand."""

    tag: int
    content: bytes
    whole: bytes

    def items(self) -> "list[Item]":
        """Return the values within. Raises NotDer."""
        return list(_items(self.content))

    def item(self, tag: int, place: int = 0) -> "Item":
        """Return the value within with a tag, the first or a later one. Raises NotDer when there is none."""
        found = [one for one in self.items() if one.tag == tag]
        if len(found) <= place:
            raise NotDer(f"There is no value with the tag {tag:#04x}.")
        return found[place]


def read(data: bytes) -> Item:
    """Return the one value that the bytes are. Raises NotDer for anything before, behind or beside it."""
    found = list(_items(data))
    if len(found) != 1:
        raise NotDer("There is not one value.")
    return found[0]


def _items(data: bytes) -> Iterator[Item]:
    place = 0
    while place < len(data):
        start, tag = place, data[place]
        length, place = _length(data, place + 1)
        if place + length > len(data):
            raise NotDer("A value is longer than what holds it.")
        yield Item(tag, data[place : place + length], data[start : place + length])
        place += length


def _length(data: bytes, place: int) -> tuple[int, int]:
    if place >= len(data):
        raise NotDer("A value ends before its length.")
    first = data[place]
    if first < 0x80:
        return first, place + 1
    count = first & 0x7F
    length_octets = data[place + 1 : place + 1 + count]
    if not 1 <= count <= 4 or len(length_octets) < count:
        raise NotDer("A length is not in DER.")
    return int.from_bytes(length_octets), place + 1 + count


def encoded(tag: int, *contents: bytes) -> bytes:
    """Return a value with these contents one behind the other."""
    content = b"".join(contents)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def integer(number: int) -> bytes:
    """Return a whole number that is not negative."""
    return encoded(INTEGER, number.to_bytes(number.bit_length() // 8 + 1))


def oid(dotted: str) -> bytes:
    """Return an object identifier."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    return encoded(OID, b"".join(_base128(number) for number in (first * 40 + second, *rest)))


def _base128(number: int) -> bytes:
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(number & 0x7F | 0x80)
    return bytes(reversed(digits))
