"""Reads SARIF 2.1.0, in which most scanners can write what they found (OASIS, sarif-v2.1.0-os)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from inspection.scanners.claims import Claim, Report, few, objects, refuse, text
from scoring.scales import Severity

VERSION = "2.1.0"
_LEVELS = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "note": Severity.LOW}
# From what score on a rule's `security-severity` is which severity, as code hosts read it.
_SCORES = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))
# Results of these kinds say that nothing is wrong.
_FINE = frozenset({"pass", "notApplicable"})
_ARGUMENT = re.compile(r"\{(\d{1,2})\}")

Json = Mapping[str, Any]


def is_one(document: Any) -> bool:
    """Return whether a document looks like SARIF of any version."""
    return isinstance(document, Mapping) and "runs" in document


def read(document: Json) -> Report:
    """Return what its scanners claim. Raises ResultsInvalid with the place of what cannot be read."""
    if document.get("version") != VERSION:
        raise refuse("version", f"Only SARIF {VERSION} is read. Have the scanner write that version.")
    runs = list(objects(document["runs"], "runs"))
    if not runs:
        raise refuse("runs", "It has no runs: nothing was scanned. Import the result of a whole scan.")
    scanners = tuple(dict.fromkeys(_scanner(path, run) for path, run in runs))
    return Report(f"SARIF {VERSION}", scanners, few(claim for path, run in runs for claim in _of(path, run)))


def _scanner(path: str, run: Json) -> tuple[str, str]:
    driver = _driver(run)
    name = text(driver, "name", "fullName")
    if not name:
        raise refuse(f"{path}.tool.driver.name", "It does not say which scanner wrote it. SARIF demands the name.")
    return name[:80], text(driver, "semanticVersion", "version")[:40]


def _of(path: str, run: Json) -> Iterator[Claim]:
    if any(_failed(one) for one in _list(run, "invocations")):
        raise refuse(f"{path}.invocations", "The scanner says that it failed. Import the result of a whole scan.")
    if run.get("results") is None:
        raise refuse(f"{path}.results", "It has no list of results: nothing was scanned. An empty list is one.")
    name, _version = _scanner(path, run)
    for where, result in objects(run["results"], f"{path}.results"):
        if result.get("kind") not in _FINE and result.get("baselineState") != "absent":
            yield _claim(name, where, result, run)


def _failed(invocation: Any) -> bool:
    return isinstance(invocation, Mapping) and invocation.get("executionSuccessful") is False


def _claim(scanner: str, path: str, result: Json, run: Json) -> Claim:
    rule = _rule(result, run)
    named = text(result, "ruleId") or text(_object(result, "rule"), "id") or text(rule, "id") or "unnamed"
    message = _message(result, rule) or text(_object(rule, "shortDescription"), "text") or named
    is_suppressed = bool(_list(result, "suppressions"))
    severity = None if is_suppressed else _severity(result, rule)
    return Claim(
        scanner, named, _place(result, run) or path, f"{message} (suppressed)" if is_suppressed else message, severity
    )


def _rule(result: Json, run: Json) -> Json:
    """Return what the scanner says of the rule of a result; empty where it says nothing."""
    rules = [one for one in _list(_driver(run), "rules") if isinstance(one, Mapping)]
    reference = _object(result, "rule")
    index = reference.get("index") if "index" in reference else result.get("ruleIndex")
    if isinstance(index, int) and 0 <= index < len(rules) and "toolComponent" not in reference:
        return rules[index]
    named = result.get("ruleId") or reference.get("id")
    return next((one for one in rules if one.get("id") == named), {})


def _severity(result: Json, rule: Json) -> Severity | None:
    if result.get("kind", "fail") != "fail":
        return None
    score = _score(_object(result, "properties")) or _score(_object(rule, "properties"))
    if score is not None:
        return next((severity for least, severity in _SCORES if score >= least), None)
    # The standard's own defaults.
    level = result.get("level") or _object(rule, "defaultConfiguration").get("level") or "warning"
    return _LEVELS.get(level) if isinstance(level, str) else None


def _score(properties: Json) -> float | None:
    stated = properties.get("security-severity")
    try:
        score = float(stated) if isinstance(stated, str | int | float) and not isinstance(stated, bool) else None
    except ValueError:
        return None
    return score if score is not None and 0 <= score <= 10 else None


def _message(result: Json, rule: Json) -> str:
    message = _object(result, "message")
    if words := text(message, "text", "markdown"):
        return words
    template = text(_object(_object(rule, "messageStrings"), str(message.get("id") or "")), "text", "markdown")
    arguments = _list(message, "arguments")

    def argument(match: re.Match[str]) -> str:
        place = int(match[1])
        return str(arguments[place]) if place < len(arguments) else match[0]

    return " ".join(_ARGUMENT.sub(argument, template).split())


def _place(result: Json, run: Json) -> str:
    """Return what the result is about: the name of a tool where it gives one, else the file and the line."""
    for location in _list(result, "locations"):
        if not isinstance(location, Mapping):
            continue
        for logical in _list(location, "logicalLocations"):
            if isinstance(logical, Mapping) and (named := text(logical, "fullyQualifiedName", "name")):
                return named
        if found := _file(_object(location, "physicalLocation"), run):
            return found
    return ""


def _file(physical: Json, run: Json) -> str:
    artifact = _object(physical, "artifactLocation")
    index, artifacts = artifact.get("index"), _list(run, "artifacts")
    if "uri" not in artifact and isinstance(index, int) and 0 <= index < len(artifacts):
        artifact = _object(artifacts[index], "location") if isinstance(artifacts[index], Mapping) else {}
    line = _object(physical, "region").get("startLine")
    named = text(artifact, "uri")
    return f"{named}:{line}" if named and isinstance(line, int) else named


def _driver(run: Json) -> Json:
    return _object(_object(run, "tool"), "driver")


def _object(document: Json, key: str) -> Json:
    found = document.get(key)
    return found if isinstance(found, Mapping) else {}


def _list(document: Json, key: str) -> Sequence[Any]:
    found = document.get(key)
    return found if isinstance(found, list) else ()
