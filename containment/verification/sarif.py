"""A verification in the Static Analysis Results Interchange Format (SARIF 2.1.0), as code hosts show one."""

import hashlib
from typing import Any
from urllib.parse import quote

from containment.verification.pins import Check, Outcome
from containment.verification.verifying import NOT_APPROVED, Verification

MEDIA_TYPE = "application/sarif+json"
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_TOOL = "MCP vendor risk register"
# By outcome: what is said of it, and how it counts. What is unknown stops nobody's eye unless it counts as a failure.
_RULES = {
    NOT_APPROVED: ("The server is approved at this release", "fail", "error"),
    Outcome.MISMATCH: ("What is deployed is what was approved", "fail", "error"),
    Outcome.UNKNOWN: ("What is deployed is known to be what was approved", "fail", "warning"),
    Outcome.MATCH: ("What is deployed is what was approved, and was seen to be", "pass", "none"),
}


def document(verification: Verification) -> dict[str, Any]:
    """Return the verification as a log of one run."""
    driver = {"name": _TOOL, "rules": [_rule(outcome) for outcome in _RULES]}
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"mcp-pins/{verification.server.ref}/"},
        "invocations": [{"executionSuccessful": True}],
        "results": list(_results(verification)),
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _results(verification: Verification) -> list[dict[str, Any]]:
    if not verification.checks:
        return [_result(verification, verification.outcome, verification.words, "", verification.first_file, 0)]
    return [_of_check(verification, check) for check in verification.checks]


def _of_check(verification: Verification, check: Check) -> dict[str, Any]:
    one = check.offered
    artefact = str(check.pin) if check.pin else (one.label if one else "")
    where, line = (one.where, one.line) if one else (verification.first_file, 0)
    return _result(verification, check.outcome, check.words, artefact, where, line)


def _result(
    verification: Verification, outcome: str, words: str, artefact: str, where: str, line: int
) -> dict[str, Any]:
    _text, kind, level = _RULES[outcome]
    server = f"{verification.server.ref} {verification.server.name}"
    named = f"{verification.server.name}/{artefact}" if artefact else verification.server.name
    return {
        "ruleId": _id(outcome),
        "ruleIndex": list(_RULES).index(outcome),
        "kind": kind,
        "level": level,
        "message": {"text": f"{server}{f', {artefact}' if artefact else ''}: {words}"},
        "locations": [_location(named, where, line)],
        "partialFingerprints": {"pin/v1": hashlib.sha256(f"{_id(outcome)}\n{named}".encode()).hexdigest()},
    }


def _location(named: str, where: str, line: int) -> dict[str, Any]:
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": named}]}
    if where:
        physical: dict[str, Any] = {"artifactLocation": {"uri": quote(where.replace("\\", "/"))}}
        location["physicalLocation"] = physical | {"region": {"startLine": max(line, 1)}}
    return location


def _rule(outcome: str) -> dict[str, Any]:
    text, _kind, level = _RULES[outcome]
    return {"id": _id(outcome), "shortDescription": {"text": text}, "defaultConfiguration": {"level": level}}


def _id(outcome: str) -> str:
    return f"mcp-{outcome.replace('_', '-')}"
