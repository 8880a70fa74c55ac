"""Small VEX documents, as vendors write them."""

import json
from typing import Any

from composition.models import Statement
from composition.statements import taking
from composition.vex import reading
from composition.vex.stated import Document

AUTHOR = "Weather Works <security@weather.example>"
QS = "pkg:npm/qs@6.11.0"


def openvex(*statements: dict[str, Any], version: str = "0.2.0", **more: Any) -> dict[str, Any]:
    """Return an OpenVEX document with these statements; what they do not say is as usual."""
    usual = {"vulnerability": {"name": "CVE-2022-24999"}, "products": [{"@id": QS}]}
    return {
        "@context": f"https://openvex.dev/ns/v{version}",
        "@id": "https://weather.example/vex/1",
        "author": AUTHOR,
        "timestamp": "2026-03-01T09:30:00Z",
        "version": 1,
        "statements": [usual | one for one in statements],
    } | more


def not_affected(**more: Any) -> dict[str, Any]:
    """Return the statement that nothing reaches the code."""
    return {"status": "not_affected", "justification": "vulnerable_code_not_in_execute_path"} | more


def cyclonedx(analysis: dict[str, Any], *, version: str = "1.6", **more: Any) -> dict[str, Any]:
    """Return a CycloneDX document of qs with one analysis."""
    return {
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "version": 1,
        "metadata": {"supplier": {"name": "Weather Works"}},
        "components": [{"type": "library", "bom-ref": "qs", "name": "qs", "version": "6.11.0", "purl": QS}],
        "vulnerabilities": [{"id": "CVE-2022-24999", "analysis": analysis, "affects": [{"ref": "qs"}]} | more],
    }


def read(document: dict[str, Any]) -> Document:
    """Return what a document says."""
    return reading.read(json.dumps(document).encode())


def take(document: dict[str, Any], **how: Any) -> Statement:
    """Return the first statement of a document that is taken in."""
    raw = json.dumps(document).encode()
    return taking.take(reading.read(raw), raw, file_name="vex.json", **how)
