"""OSV records of malicious packages (`MAL-…`): which package, and which of its versions where the record lists them.

A version that is listed is the malicious one. A name without a list, or with a range that has no end, says that the
name is bad: whoever has such a package verifies it. Ranges are not weighed here, since their order is each registry's.
"""

from collections.abc import Iterator
from typing import Any

from intelligence.reading import documents, told, values
from intelligence.reading.documents import Object, Source
from intelligence.reading.told import NotSo, Read, Term, Told
from vendors import strict_json


def read(source: Source) -> Read:
    """Yield the records of a file with one JSON object a line, or with a single one. Raises Unusable beyond bounds."""
    for number, raw in _records(source):
        one = Object(raw, f"line {number}", 0, len(raw))
        try:
            yield of_record(one.read())
        except strict_json.DocumentInvalid as error:
            yield one.bad(str(error.problems[0]))
        except NotSo as error:
            yield one.bad(str(error))


def of_record(said: dict[str, Any]) -> Told:
    """Return the indicator that one record is. Raises NotSo for a record of anything but a malicious package."""
    key = str(said.get("id") or "")
    if not key.startswith("MAL-"):
        raise NotSo(f"{told.shown(key)} is no record of a malicious package: their ids begin with MAL-.")
    rows = said.get("affected")
    terms, left_out = _terms([row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else [])
    return Told(
        external_id=told.text(key, told.ID_LIMIT),
        title=told.text(said.get("summary") or key, told.TITLE_LIMIT),
        ways=tuple(frozenset({term}) for term in terms),
        unmatched=_left_out(left_out, is_whole=not terms),
        description=told.text(said.get("details")),
        written=told.text("; ".join(left_out)),
        # A registry or two people looked at each before it was published.
        confidence=100,
        valid_from=told.moment(said.get("published"), "published"),
        modified=told.moment(said.get("modified"), "modified"),
        is_revoked=bool(said.get("withdrawn")),
        tlp=told.Tlp.CLEAR,
        names=tuple(str(one) for one in said.get("aliases") or () if isinstance(one, str))[:50],
    )


def _terms(rows: list[dict[str, Any]]) -> tuple[list[Term], list[str]]:
    found: list[Term] = []
    left_out: list[str] = []
    for row in rows:
        package = row.get("package")
        if not isinstance(package, dict):
            left_out.append("what names no package")
            continue
        try:
            found.extend(_of_package(package, row))
        except NotSo as error:
            left_out.append(str(error))
    return list(dict.fromkeys(found))[: told.MAX_TERMS], left_out


def _of_package(package: dict[str, Any], row: dict[str, Any]) -> Iterator[Term]:
    registry, name = str(package.get("ecosystem") or ""), str(package.get("name") or "")
    versions = row.get("versions")
    listed = [one for one in versions if isinstance(one, str)] if isinstance(versions, list) else []
    for version in listed:
        yield values.package(registry, name, version)
    if not listed or row.get("ranges"):
        yield values.package(registry, name)


def _left_out(said: list[str], *, is_whole: bool) -> str:
    if not said and is_whole:
        return "It cannot be matched: it names no package."
    return f"{'It cannot be matched' if is_whole else 'Left out'}: {'; '.join(said)}"[:600] if said else ""


def _records(source: Source) -> Iterator[tuple[int, bytes]]:
    """Yield each line, or the whole file as one record where its first line is no whole object."""
    for number, line in documents.lines(source):
        if number == 1 and not line.endswith(b"}"):
            documents.refuse_size(len(source))
            if len(source) > documents.OBJECT_LIMIT:
                yield 1, line
                continue
            yield 1, source[:]
            return
        yield number, line
