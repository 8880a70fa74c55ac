"""Opens documents that strangers wrote: size, encoding, nesting and number of parts are bounded first."""

from typing import Any, NoReturn
from xml.parsers import expat

from lxml import etree

from riskregister.limits import MIB
from vendors import strict_json
from vendors.strict_json import DocumentInvalid, Problem

MAX_BYTES = 64 * MIB
# Of 85 real documents the largest lists 1,115.
MAX_COMPONENTS = 100_000
# What is more than bytes costs memory: a million lists of one number take 4 MB to write and 100 MB to hold.
_MAX_PARTS = 2_000_000
_MAX_ENTRIES = 1_000_000
_MAX_DEPTH = strict_json.MAX_DEPTH
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"(\xb5/\xfd": "zstd",
}
_BEGINNING = 4096


class InventoryInvalid(DocumentInvalid):
    """The document is no inventory that can be read; `problems` say where, and what to do."""


def refuse(path: str, message: str) -> NoReturn:
    """Raise InventoryInvalid for one thing that is wrong at a place."""
    raise InventoryInvalid([Problem(path, message)])


def check_size(size: int, *, limit: int = MAX_BYTES) -> None:
    """Raise InventoryInvalid for a document that is larger than is read: asked before its bytes are."""
    if size > limit:
        refuse("", f"The file has {_mib(size)} MiB; at most {_mib(limit)} MiB are read. Split it by what it describes.")


def head(raw: bytes) -> str:
    """Return the first characters of a document that has text, by which its form is told; nothing is checked yet."""
    for magic, name in _PACKED.items():
        if raw.startswith(magic):
            refuse("", f"The file is packed by {name}. Unpack it, and give the document itself.")
    coding = "utf-16" if raw.startswith(_UTF_16) else "utf-8-sig"
    return raw[:_BEGINNING].decode(coding, "ignore").lstrip()


def text(raw: bytes) -> str:
    """Return the text of a document. Raises InventoryInvalid.

    UTF-16 is taken with its byte order mark: so write the shells of Windows what is piped into a file.
    """
    if not raw.startswith(_UTF_16):
        return strict_json.decode(raw, limit=len(raw))
    try:
        return raw.decode("utf-16")
    except UnicodeDecodeError as error:
        refuse("", f"The file begins as UTF-16 and is not (byte {error.start}). Save it as UTF-8.")


def json(raw: bytes) -> Any:
    """Return a JSON document. Raises DocumentInvalid."""
    document = text(raw)
    # At least as many as there are: what stands inside of texts counts too.
    if sum(map(document.count, ",[{")) > _MAX_PARTS:
        refuse("", f"The file has more than {_MAX_PARTS:,} values. Split it by what it describes.")
    return strict_json.read(document, limit=4 * len(document), entries=_MAX_ENTRIES)


def xml(raw: bytes) -> Any:
    """Return the root element of an XML document. Raises InventoryInvalid, also for one with a document type."""
    _measure(raw)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        refuse(f"line {error.lineno}", f"The file is not XML: {error.msg}.")


def _measure(raw: bytes) -> None:
    """Refuse what nests too deeply, has too many parts or a document type, before a tree is made of it."""
    depth = parts = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, parts
        depth += 1
        parts += 1 + len(attributes)
        if depth > _MAX_DEPTH:
            refuse(f"line {parser.CurrentLineNumber}", f"The file nests deeper than {_MAX_DEPTH} levels.")
        if parts > _MAX_PARTS:
            refuse("", f"The file has more than {_MAX_PARTS:,} elements and attributes. Split it by what it describes.")

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_: object) -> None:
        refuse(
            f"line {parser.CurrentLineNumber}",
            "The file has a document type (<!DOCTYPE>). No inventory needs one: take it out.",
        )

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(raw, True)
    except expat.ExpatError as error:
        refuse(
            f"line {error.lineno}", f"The file is not XML: {expat.ErrorString(error.code)}, column {error.offset + 1}."
        )
    except (ValueError, LookupError):
        # Expat asks Python for an encoding that it does not know itself, and takes those of one byte a character alone.
        refuse("line 1", "The file names an encoding that is not read. Save it in UTF-8.")


def _mib(size: int) -> str:
    return f"{size / MIB:.0f}"
