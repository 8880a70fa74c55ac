"""Reads what Cisco's MCP Scanner writes with `--format raw` (an object with `scan_results`) or `--raw` (the bare list).

Its schema is in `docs/output-formats.md` of cisco-ai-defense/mcp-scanner (4.8.3).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from inspection.scanners.claims import Claim, Report, few, objects, refuse, text
from scoring.scales import Severity

NAME = "Cisco MCP Scanner"
_SEVERITIES = {"CRITICAL": Severity.CRITICAL, "HIGH": Severity.HIGH, "MEDIUM": Severity.MEDIUM, "LOW": Severity.LOW}
_NAMES = ("tool_name", "prompt_name", "resource_uri", "resource_name", "server_name")
_PARTS = ("is_safe", "findings")


def is_one(document: Any) -> bool:
    """Return whether a document looks like one of this scanner's."""
    if isinstance(document, Mapping):
        return "scan_results" in document
    first = document[0] if isinstance(document, list) and document else None
    return isinstance(first, Mapping) and "is_safe" in first


def read(document: Any) -> Report:
    """Return what it claims. Raises ResultsInvalid with the place of what cannot be read."""
    is_whole = isinstance(document, Mapping)
    rows = list(objects(document["scan_results"] if is_whole else document, "scan_results" if is_whole else ""))
    if not rows:
        raise refuse("scan_results", "It has no results: nothing was scanned. Import the result of a whole scan.")
    claims = few(claim for path, row in rows for claim in _of(path, row))
    return Report("Cisco MCP Scanner JSON", ((NAME, ""),), claims, looked_at=len(rows))


def _of(path: str, row: Mapping[str, Any]) -> Iterator[Claim]:
    if any(key not in row for key in _PARTS) or not isinstance(row["findings"], Mapping):
        raise refuse(path, "Expected is_safe, and findings by analyzer. Write the result with --format raw.")
    place = text(row, *_NAMES) or path
    status = text(row, "status")
    if status != "completed":
        # What was not scanned is not safe.
        yield Claim(NAME, "not scanned", place, f"was not scanned: {status or 'no status'}", None)
        return
    found = [claim for analyzer, one in row["findings"].items() for claim in _by(analyzer, one, place, path)]
    yield from found
    if not found and row["is_safe"] is not True:
        yield Claim(NAME, "unsafe", place, "is not safe; it does not say why", None)


def _by(analyzer: str, one: Any, place: str, path: str) -> Iterator[Claim]:
    where = f"{path}.findings.{analyzer}"
    if not isinstance(one, Mapping):
        raise refuse(where, "Expected an object. Write the result with --format raw.")
    severity, names = text(one, "severity").upper(), one.get("threat_names")
    if severity == "SAFE" and not names:
        return
    threats = ", ".join(name for name in names if isinstance(name, str)) if isinstance(names, list) else ""
    rule = f"{analyzer.removesuffix('_analyzer')}: {threats or 'unnamed'}"
    yield Claim(NAME, rule, place, text(one, "threat_summary") or threats or "unnamed", _SEVERITIES.get(severity))
