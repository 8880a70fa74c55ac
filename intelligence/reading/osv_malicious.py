"""OSV records of malicious packages (`MAL-…`): which package, and which of its versions where the record lists them.

A version that is listed is the malicious one. A name without a list, or with a range that has no end, says that the
name is bad: whoever has such a package verifies it. Ranges are not weighed here, since their order is each registry's.
"""

from collections.abc import Iterator
from typing import Any

from intelligence.reading import indicators, values
from intelligence.reading.indicators import NotSo, Term, Told


def of_record(record: dict[str, Any]) -> Told:
    """Return the indicator that one record is. Raises NotSo for a record of anything but a malicious package."""
    key = str(record.get("id") or "")
    if not key.startswith("MAL-"):
        raise NotSo(f"{indicators.shown(key)} is no record of a malicious package: their ids begin with MAL-.")
    rows = record.get("affected")
    terms, left_out = _terms([row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else [])
    return Told(
        external_id=indicators.text(key, indicators.ID_LIMIT),
        title=indicators.text(record.get("summary") or key, indicators.TITLE_LIMIT),
        ways=tuple(frozenset({term}) for term in terms),
        unmatched=_left_out(left_out, is_whole=not terms),
        description=indicators.text(record.get("details")),
        written=indicators.text("; ".join(left_out)),
        # A registry or two people looked at each before it was published.
        confidence=100,
        valid_from=indicators.moment(record.get("published"), "published"),
        modified=indicators.moment(record.get("modified"), "modified"),
        is_revoked=bool(record.get("withdrawn")),
        tlp=indicators.Tlp.CLEAR,
        names=tuple(str(one) for one in record.get("aliases") or () if isinstance(one, str))[:50],
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
    terms = list(dict.fromkeys(found))
    if len(terms) > indicators.MAX_TERMS:
        left_out.append(f"{len(terms) - indicators.MAX_TERMS:,} of its {len(terms):,} packages and versions")
    return terms[: indicators.MAX_TERMS], left_out


def _of_package(package: dict[str, Any], row: dict[str, Any]) -> Iterator[Term]:
    registry, name = str(package.get("ecosystem") or ""), str(package.get("name") or "")
    versions = row.get("versions")
    listed = [one for one in versions if isinstance(one, str)] if isinstance(versions, list) else []
    for version in listed:
        yield values.package(registry, name, version)
    if not listed or row.get("ranges"):
        yield values.package(registry, name)


def _left_out(left_out: list[str], *, is_whole: bool) -> str:
    if not left_out and is_whole:
        return "It cannot be matched: it names no package."
    return f"{'It cannot be matched' if is_whole else 'Left out'}: {'; '.join(left_out)}"[:600] if left_out else ""
