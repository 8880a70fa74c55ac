"""Plain lists of indicators: CSV with columns that say what they are, and texts with one value a line."""

import csv
import re
from collections.abc import Callable, Iterator
from typing import Any

from intelligence.reading import documents, indicators, values
from intelligence.reading.documents import Source
from intelligence.reading.indicators import Bad, Kind, NotSo, Read, Term, Told, Unusable
from intelligence.reading.stix import TECHNIQUE

# The columns that a CSV may have, in any order; the first two it must have.
COLUMNS = (
    "kind", "value", "version", "id", "title", "description", "confidence", "valid_from", "valid_until", "tlp",
    "techniques", "revoked",
)  # fmt: skip
_REQUIRED = COLUMNS[:2]
_COMMENT = re.compile(r"(?:^|\s)[#;].*")
_YES, _NO = ("yes", "true", "1"), ("", "no", "false", "0")
# How people write addresses so that nobody follows them.
_DEFANGED = ((re.compile(r"^hxxp", re.IGNORECASE), "http"), (re.compile(r"\[(\.|dot)\]|\(\.\)", re.IGNORECASE), "."),
    (re.compile(r"\[:\]"), ":"), (re.compile(r"\[://\]"), "://"))  # fmt: skip
_TERMS: dict[str, Callable[[str], Term]] = {
    "domain": lambda value: Term(Kind.DOMAIN, values.domain(value)),
    "address": values.network,
    "network": values.network,
    "url": lambda value: Term(Kind.URL, values.url(value)),
    "hash": lambda value: Term(Kind.HASH, values.digest(value.rpartition(":")[2], value.rpartition(":")[0])),
    "maintainer": lambda value: Term(Kind.MAINTAINER, values.maintainer(value)),
}


def read_csv(source: Source) -> Read:
    """Yield the indicators of a CSV with a header. Raises Unusable, with the line, for what is no such table.

    A line that cannot be read is told with its number, and does not stop the others.
    """
    rows = csv.reader(_decoded(source), strict=True)
    header = _header(next(_checked(rows), []))
    for row in _checked(rows):
        if not any(cell.strip() for cell in row):
            continue
        place, cells = f"line {rows.line_num}", {name: row[at].strip() for name, at in header.items() if at < len(row)}
        try:
            if len(row) != len(header):
                raise NotSo(f"It has {len(row)} cells; the header has {len(header)}.")
            yield _told(cells)
        except NotSo as error:
            yield Bad(place, str(error), indicators.text(",".join(row), 500))


def read_text(source: Source) -> Read:
    """Yield the indicators of a text with one value a line; what follows a # is left out, [.] and hxxp are undone."""
    for number, line in documents.lines(source):
        try:
            written = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            yield Bad(f"line {number}", "It is no text in UTF-8.", documents.excerpt(line))
            continue
        if bare := _COMMENT.sub("", written).strip():
            yield _by_shape(f"line {number}", bare)


def _by_shape(place: str, bare: str) -> Told | Bad:
    """Return the indicator that a value is by its shape alone."""
    try:
        term = guessed(bare)
    except NotSo as error:
        return Bad(place, str(error), indicators.text(bare, 500))
    return Told(
        external_id=indicators.text(f"{term.kind}:{term.value}", indicators.ID_LIMIT),
        title=indicators.text(bare, indicators.TITLE_LIMIT),
        ways=(frozenset({term}),),
        written=indicators.text(bare, indicators.WRITTEN_LIMIT),
    )


def guessed(written: str) -> Term:
    """Return the term that a value is by its shape. Raises NotSo for one of no shape that is known."""
    bare = written
    for pattern, by in _DEFANGED:
        bare = pattern.sub(by, bare)
    if bare.startswith("pkg:"):
        return values.purl(bare)
    if "://" in bare:
        return Term(Kind.URL, values.url(bare))
    if values.is_address(bare):
        return values.network(bare)
    if re.fullmatch(r"[0-9A-Fa-f]{32,128}", bare):
        return Term(Kind.HASH, values.digest(bare))
    if "@" in bare:
        return Term(Kind.MAINTAINER, values.maintainer(bare))
    return Term(Kind.DOMAIN, values.domain(bare))


def _header(cells: list[str]) -> dict[str, int]:
    names = [cell.strip().lower() for cell in cells]
    if missing := [name for name in _REQUIRED if name not in names]:
        raise Unusable(f"line 1: there is no column “{missing[0]}”. Known are: {', '.join(COLUMNS)}.")
    for name in names:
        if name not in COLUMNS:
            raise Unusable(
                f"line 1: the column {indicators.shown(name)} is not known. Known are: {', '.join(COLUMNS)}."
            )
        if names.count(name) > 1:
            raise Unusable(f"line 1: the column “{name}” is there twice.")
    return {name: at for at, name in enumerate(names)}


def _told(cells: dict[str, str]) -> Told:
    kind, value = cells["kind"].lower(), cells["value"]
    if kind not in [*Kind]:
        raise NotSo(f"{indicators.shown(cells['kind'])} is no kind. Known are: {', '.join(Kind)}.")
    if cells.get("version") and kind != "package":
        raise NotSo("Only a package has a version.")
    term = _package(value, cells.get("version", "")) if kind == "package" else _TERMS[kind](value)
    version = f"@{term.version}" if term.version else ""
    return Told(
        external_id=indicators.text(cells.get("id") or f"{term.kind}:{term.value}{version}", indicators.ID_LIMIT),
        title=indicators.text(cells.get("title") or value, indicators.TITLE_LIMIT),
        ways=(frozenset({term}),),
        description=indicators.text(cells.get("description")),
        written=indicators.text(value, indicators.WRITTEN_LIMIT),
        **_facts(cells),
    )


def _facts(cells: dict[str, str]) -> dict[str, Any]:
    marking, revoked = cells.get("tlp", ""), cells.get("revoked", "").lower()
    tlp = indicators.tlp_of(marking)
    if marking and tlp is None:
        raise NotSo(f"tlp is {indicators.shown(marking)}: write one of {', '.join(indicators.Tlp)}.")
    if revoked not in (*_YES, *_NO):
        raise NotSo(f"revoked is {indicators.shown(revoked)}: write yes or no.")
    techniques = tuple(cells.get("techniques", "").replace(";", " ").split())
    if wrong := [one for one in techniques if not TECHNIQUE.match(one)]:
        raise NotSo(f"{indicators.shown(wrong[0])} is no technique. Write its id, as SAFE-T1001 or AML.T0010.")
    return {
        "confidence": indicators.percent(cells.get("confidence")),
        "valid_from": indicators.moment(cells.get("valid_from"), "valid_from"),
        "valid_until": indicators.moment(cells.get("valid_until"), "valid_until"),
        "tlp": tlp,
        "techniques": techniques,
        "is_revoked": revoked in _YES,
    }


def _package(value: str, version: str) -> Term:
    if value.startswith("pkg:"):
        term = values.purl(value)
        if version and term.version and version != term.version:
            raise NotSo("The package URL names another version than the column.")
        return Term(term.kind, term.value, term.version or version)
    registry, colon, name = value.partition(":")
    if not colon:
        raise NotSo(f"{indicators.shown(value)} names no registry. Write npm:name, or pkg:npm/name@1.2.3.")
    return values.package(registry, name, version)


def _decoded(source: Source) -> Iterator[str]:
    """Yield the lines with their ends. Raises Unusable for what is no UTF-8."""
    documents.refuse_size(len(source))
    at, number = 0, 0
    while at < len(source):
        end = source.find(b"\n", at) + 1 or len(source)
        number += 1
        if end - at > documents.OBJECT_LIMIT or number > indicators.MAX_RECORDS + 1:
            raise Unusable(f"line {number}: the file has more than can be read. Split it.")
        try:
            line = source[at:end].decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise Unusable(f"line {number}: it is no text in UTF-8.") from error
        if "\0" in line:
            raise Unusable(f"line {number}: it holds a NUL character.")
        yield line
        at = end


def _checked(rows: "Iterator[list[str]]") -> Iterator[list[str]]:
    """Yield the rows. Raises Unusable, with the line, where the quotes end nowhere."""
    try:
        yield from rows
    except csv.Error as error:
        raise Unusable(f"line {getattr(rows, 'line_num', 0)}: {error}.") from error
