"""Reads the statements of a document one by one: what cannot be used is put aside with its reason, the rest is kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from composition.advisories import osv_fields as fields
from composition.advisories.osv_fields import RecordInvalid
from composition.vex.stated import LONGEST_NAME, LONGEST_TEXT, MOST_STATEMENTS, Rejected, Stated, checked
from riskregister.limits import MIB
from vendors.strict_json import DocumentInvalid, Problem

MAX_BYTES = 16 * MIB
LONGEST_VERSION = 20


class VexInvalid(DocumentInvalid):
    """The document is no VEX document that can be read; `problems` say where, and what to do."""


def refuse(path: str, message: str) -> VexInvalid:
    """Return the refusal of a document for one thing that is wrong at a place."""
    return VexInvalid([Problem(path, message)])


def gather(
    entries: Iterable[tuple[str, object]], read: Callable[[Mapping[str, Any], str], Iterable[Stated | Rejected]], *,
    name: Callable[[Mapping[str, Any]], object],
) -> tuple[tuple[Stated, ...], tuple[Rejected, ...]]:  # fmt: skip
    """Return what `read` makes of each entry, by its place, and what was rejected. Raises VexInvalid for too many.

    `name` returns what an entry calls its vulnerability, which is shown of one that is rejected.
    """
    kept: list[Stated] = []
    rejected: list[Rejected] = []
    count = 0
    for place, entry in entries:
        for one in _each(entry, read, place=place, name=name):
            if isinstance(one, Stated):
                kept.append(one)
                count += len(one.packages)
            else:
                rejected.append(one)
                count += 1
            if count > MOST_STATEMENTS:
                raise refuse(
                    place,
                    f"The document says more than {MOST_STATEMENTS:,} things, counted by vulnerability and package. "
                    "Split it by vulnerability.",
                )
    return tuple(kept), tuple(rejected)


def _each(
    entry: object, read: Callable[[Mapping[str, Any], str], Iterable[Stated | Rejected]], *, place: str,
    name: Callable[[Mapping[str, Any]], object],
) -> Iterator[Stated | Rejected]:  # fmt: skip
    """Yield what an entry says, one at a time: one vulnerability may be said of more than is taken."""
    known = name(entry) if isinstance(entry, dict) else ""
    try:
        if not isinstance(entry, dict):
            raise RecordInvalid(f"{place}: it is no object.")
        for one in read(entry, place):
            yield _checked(one, known)
    except RecordInvalid as error:
        yield reject(place, known, error)


def reject(place: str, name: object, error: RecordInvalid) -> Rejected:
    """Return the statement at a place, of a vulnerability of this name, as one that cannot be used."""
    return Rejected(place, name[:LONGEST_NAME] if isinstance(name, str) else "", str(error))


def _checked(one: Stated | Rejected, name: object) -> Stated | Rejected:
    try:
        return checked(one) if isinstance(one, Stated) else one
    except RecordInvalid as error:
        return reject(one.place, name, error)


def number(value: object) -> str:
    """Return the number of a document's version. Raises VexInvalid for what is none, or longer than is kept."""
    is_one = isinstance(value, int) and not isinstance(value, bool) and value > 0
    if not is_one or len(written := str(value)) > LONGEST_VERSION:
        raise refuse("version", "Write the version of the document here, a whole number from 1 on.")
    return written


def text(data: Mapping[str, Any], key: str, at: str) -> str:
    """Return a text as people write it, without spaces around it. Raises RecordInvalid."""
    return fields.text(data, key, _under(at, key), longest=LONGEST_TEXT).strip()


def _under(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


def moment(data: Mapping[str, Any], key: str, at: str) -> datetime | None:
    """Return an instant in UTC, None where there is none. Raises RecordInvalid."""
    try:
        return fields.time(data, key)
    except RecordInvalid as error:
        raise RecordInvalid(f"{at}.{error}" if at else str(error)) from error


def of_document(read: Callable[[], Any]) -> Any:
    """Return what `read` does of a field of the document itself. Raises VexInvalid where that is wrong."""
    try:
        return read()
    except RecordInvalid as error:
        path, _, message = str(error).partition(": ")
        raise refuse(path, message) from error
