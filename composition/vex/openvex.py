"""Reads OpenVEX 0.2.0, and 0.0.1, in which names of vulnerabilities and products were plain texts."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from composition.advisories import osv_fields as fields
from composition.advisories.osv_fields import RecordInvalid
from composition.vex import gathering, stated
from composition.vex.stated import Document, Justification, Package, Stated, Status

_CONTEXT = "https://openvex.dev/ns"
VERSIONS = ("0.0.1", "0.2.0")
_FIRST, _CURRENT = VERSIONS
_MOST_PRODUCTS = 1_000


def is_one(document: Mapping[str, Any]) -> bool:
    """Return whether a document says that it is OpenVEX."""
    return str(document.get("@context", "")).startswith(_CONTEXT)


def read(document: Mapping[str, Any]) -> Document:
    """Return what a document says. Raises VexInvalid."""
    version = _version(str(document["@context"]))
    author = gathering.of_document(lambda: gathering.text(document, "author", ""))
    if not author:
        raise gathering.refuse("author", "This is required: a statement is worth what its author's word is. Add it.")
    entries = document.get("statements")
    if not isinstance(entries, list) or not entries:
        raise gathering.refuse("statements", "Write a list of statements here, one at least.")
    issued = gathering.of_document(lambda: fields.needed_time(document, "timestamp"))
    own = _Reader(version, gathering.of_document(lambda: _product_of_document(document)))
    statements, rejected = gathering.gather(
        ((f"statements[{index}]", entry) for index, entry in enumerate(entries)), own.read, name=_shown_name
    )
    return Document(
        form=f"OpenVEX {version}",
        name=gathering.of_document(lambda: gathering.text(document, "@id", "")),
        author=author,
        version=_number(document.get("version")),
        issued_at=issued,
        changed_at=gathering.of_document(lambda: gathering.moment(document, "last_updated", "")),
        statements=statements,
        rejected=rejected,
        remarks=tuple(_remarks(statements)),
    )


def _version(context: str) -> str:
    named = context.removeprefix(_CONTEXT).strip("/").removeprefix("v") or _FIRST
    if named not in VERSIONS:
        raise gathering.refuse(
            "@context", f"Version {named[:20]!a} of OpenVEX is not known; {' and '.join(VERSIONS)} are read."
        )
    return named


def _number(value: object) -> str:
    # In 0.0.1 it was a text.
    return value[: gathering.LONGEST_VERSION] if isinstance(value, str) else gathering.number(value)


def _product_of_document(document: Mapping[str, Any]) -> str:
    return gathering.text(document, "product", "")


def _shown_name(entry: Mapping[str, Any]) -> object:
    given = entry.get("vulnerability")
    return given.get("name") if isinstance(given, dict) else given


def _remarks(statements: Iterable[Stated]) -> Iterator[str]:
    for one in statements:
        if one.status is Status.AFFECTED and not one.action:
            yield f"{one.place}: It says that something is affected, and not what to do, which the form requires."


class _Reader:
    """Reads statements of a version of the form."""

    def __init__(self, version: str, product: str) -> None:
        self._is_first = version == _FIRST
        self._product = product

    def read(self, entry: Mapping[str, Any], place: str) -> Iterator[Stated]:
        """Yield the statement that an entry makes. Raises RecordInvalid."""
        yield Stated(
            place=place,
            names=_names(entry.get("vulnerability"), f"{place}.vulnerability"),
            packages=tuple(dict.fromkeys(self._packages(entry, place))),
            status=status(entry.get("status"), f"{place}.status"),
            justification=justification(entry.get("justification"), f"{place}.justification"),
            impact=gathering.text(entry, "impact_statement", place),
            action=gathering.text(entry, "action_statement", place),
            notes=gathering.text(entry, "status_notes", place),
            stated_at=gathering.moment(entry, "timestamp", place),
            changed_at=gathering.moment(entry, "last_updated", place),
        )

    def _packages(self, entry: Mapping[str, Any], place: str) -> Iterator[Package]:
        at = f"{place}.products"
        products = fields.entries(entry, "products", at, _MOST_PRODUCTS)
        # In 0.0.1 the parts are of all products alike.
        parts = fields.entries(entry, "subcomponents", f"{place}.subcomponents", _MOST_PRODUCTS)
        for index, product in enumerate(products or ([self._product] if self._product else [])):
            here = f"{at}[{index}]"
            inner = parts
            if isinstance(product, dict):
                inner = fields.entries(product, "subcomponents", f"{here}.subcomponents", _MOST_PRODUCTS)
            yield from _of_product(product, inner, here)


def _of_product(product: object, parts: Iterable[object], at: str) -> Iterator[Package]:
    named = _named(product, at)
    inner = list(parts)
    if not inner:
        yield stated.package(named, at)
    for index, part in enumerate(inner):
        here = f"{at}.subcomponents[{index}]"
        yield stated.package(_named(part, here), here, within=named)


def _named(given: object, at: str) -> str:
    """Return the package URL of a product, else its id. Raises RecordInvalid."""
    if isinstance(given, str):
        return given
    if not isinstance(given, dict):
        raise RecordInvalid(f"{at}: it is no object.")
    own = gathering.text(given, "@id", at)
    purl = gathering.text(fields.part(given, "identifiers", f"{at}.identifiers"), "purl", f"{at}.identifiers")
    found = own if own.startswith("pkg:") else purl or own
    if not found:
        raise RecordInvalid(f"{at}: It names no package URL, without which nothing here can be told to be meant.")
    return found


def _names(given: object, at: str) -> tuple[str, ...]:
    if isinstance(given, str):
        return stated.names([given], at)
    if not isinstance(given, dict):
        raise RecordInvalid(f"{at}: This is required. Add the vulnerability with its name.")
    aliases = fields.entries(given, "aliases", f"{at}.aliases", stated.MOST_NAMES)
    return stated.names([given.get("name"), *aliases], at)


def status(given: object, at: str) -> Status:
    """Return a status by its word. Raises RecordInvalid."""
    try:
        return Status(given)  # type: ignore[arg-type]
    except ValueError as error:
        words = ", ".join(Status)
        raise RecordInvalid(f"{at}: Use one of: {words}; not {ascii(given)[:60]}.") from error


def justification(given: object, at: str) -> Justification | None:
    """Return a justification by its word, None where there is none. Raises RecordInvalid."""
    if given is None or given == "":
        return None
    try:
        return Justification(given)  # type: ignore[arg-type]
    except ValueError as error:
        words = ", ".join(Justification)
        raise RecordInvalid(f"{at}: Use one of: {words}; not {ascii(given)[:60]}.") from error
