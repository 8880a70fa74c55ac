"""Writes what is said of vulnerabilities as OpenVEX 0.2.0 and as CycloneDX 1.6, which reads back as what it was."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from composition.documents.made import Made
from composition.packages import purls
from composition.vex import cyclonedx
from composition.vex.stated import Document, Package, Stated, Status

_STATES = {
    Status.NOT_AFFECTED: "not_affected",
    Status.AFFECTED: "exploitable",
    Status.FIXED: "resolved",
    Status.UNDER_INVESTIGATION: "in_triage",
}


def as_openvex(document: Document, *, product: str, made: Made) -> dict[str, Any]:
    """Return what a document says as OpenVEX 0.2.0. What is said to be affected must say what to do."""
    return {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": document.name,
        "author": document.author,
        "timestamp": _instant(made.at),
        "version": int(document.version),
        "tooling": f"{made.tool} {made.tool_version}",
        "statements": [_statement(one) for one in document.statements],
    }


def as_cyclonedx(document: Document, *, product: str, made: Made) -> dict[str, Any]:
    """Return what a document says of a product, a package URL, as CycloneDX 1.6."""
    packages = dict.fromkeys(package for one in document.statements for package in one.packages)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": document.name,
        "version": int(document.version),
        "metadata": {
            "timestamp": _instant(made.at),
            "tools": {"components": [{"type": "application", "name": made.tool, "version": made.tool_version}]},
            "supplier": {"name": document.author},
            "component": _component(product, "application"),
        },
        "components": [_component(one.purl, "library") for one in packages if one.purl != product],
        "vulnerabilities": [_vulnerability(one) for one in document.statements],
    }


# By the word for it in addresses: what a file of it is called, and what makes it.
FORMS: Mapping[str, tuple[str, Callable[..., dict[str, Any]]]] = {
    "openvex": ("openvex.json", as_openvex),
    "cyclonedx": ("vex.cdx.json", as_cyclonedx),
}


def _statement(one: Stated) -> dict[str, Any]:
    first, *others = one.names
    optional = {
        "justification": one.justification,
        "impact_statement": one.impact,
        "action_statement": one.action,
        "status_notes": one.notes,
        "timestamp": _instant(one.stated_at),
        "last_updated": _instant(one.changed_at),
    }
    return {
        "vulnerability": {"name": first} | ({"aliases": others} if others else {}),
        "products": list(_products(one.packages)),
        "status": one.status,
    } | {key: value for key, value in optional.items() if value}


def _products(packages: Sequence[Package]) -> Iterator[dict[str, Any]]:
    parts: dict[str, list[dict[str, str]]] = {}
    for one in packages:
        if one.within:
            parts.setdefault(one.within, []).append({"@id": one.purl})
        else:
            yield {"@id": one.purl}
    for product, inner in parts.items():
        yield {"@id": product, "subcomponents": inner}


def _component(purl: str, kind: str) -> dict[str, str]:
    read = purls.read(purl)
    optional = {"group": read.namespace or "", "version": read.version or ""}
    return {"type": kind, "bom-ref": purl, "name": read.name, "purl": purl} | {k: v for k, v in optional.items() if v}


def _vulnerability(one: Stated) -> dict[str, Any]:
    first, *others = one.names
    analysis = {
        "state": _STATES[one.status],
        "justification": cyclonedx.SAME[one.justification] if one.justification else "",
        "detail": one.impact or one.notes,
        "firstIssued": _instant(one.stated_at),
        "lastUpdated": _instant(one.changed_at),
    }
    optional = {"recommendation": one.action, "references": [_reference(name) for name in others]}
    return {
        "id": first,
        "analysis": {key: value for key, value in analysis.items() if value},
        "affects": [{"ref": package.purl} for package in one.packages],
    } | {key: value for key, value in optional.items() if value}


def _reference(name: str) -> dict[str, Any]:
    return {"id": name, "source": {"name": name.partition("-")[0]}}


def _instant(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else ""
