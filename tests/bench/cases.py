"""The requests that are measured, with the goals that this project set itself."""

import json
from collections.abc import Mapping
from typing import Any

from tests.bench.filling import Register
from tests.bench.measuring import Case, Client

LIST: dict[str, Any] = {"median": 25.0, "p95": 60.0, "statements": 8}
DEEP = 5_000


def cases(
    register: Register, tokens: Mapping[str, Mapping[str, str]], sessions: Mapping[str, Mapping[str, str]], port: int
) -> list[Case]:
    """Return all cases; `tokens` and `sessions` have the headers of administrator, analyst and manager."""
    return [
        *(case for name in ("administrator", "analyst") for case in _lists(register, name, tokens[name], port)),
        *_single(register, tokens["analyst"]),
        *(case for name in ("administrator", "manager") for case in _pages(register, name, sessions[name])),
    ]


def _lists(register: Register, name: str, who: Mapping[str, str], port: int) -> list[Case]:
    unit, path = register.unit.pk, "/api/v1/findings/"
    asked = {
        "plain": "",
        "filtered: severity": "?severity=critical&severity=high",
        "filtered: status": "?status=open&status=remediating",
        "filtered: unit": f"?unit={unit}",
        "filtered: severity, status, unit": f"?severity=high&status=open&unit={unit}",
        "filtered: overdue": "?is_overdue=true",
        "sorted: severity": "?ordering=severity",
        "sorted: due date": "?ordering=due_on",
        "filtered and sorted": "?status=open&ordering=severity",
        "search": "?search=three+versions",
        "search, rare": "?search=(77777)",
    }
    found = [Case(f"API findings, {what} ({name})", path + query, who, **LIST) for what, query in asked.items()]
    found.append(Case(f"API findings, deep page ({name})", _deep(who, port), who, **LIST))
    found += [Case(f"API {noun} ({name})", f"/api/v1/{noun}/", who, **LIST) for noun in ("vendors", "servers")]
    return found


def _deep(who: Mapping[str, str], port: int) -> str:
    """Return the address of the page after some thousand rows, reached by following `next`."""
    client, path = Client(port), "/api/v1/findings/?limit=100"
    for _ in range(DEEP // 100):
        body, _statements = client.ask(Case("deep", path, who))
        path = "/api/" + json.loads(body)["next"].split("/api/", 1)[1]
    return path.replace("limit=100", "limit=50")


def _single(register: Register, who: Mapping[str, str]) -> list[Case]:
    def body(i: int, severity: str = "high") -> dict[str, Any]:
        server = str(register.servers[i % len(register.servers)].pk)
        return {"server": server, "title": f"Found by hand {i}", "severity": severity, "dimension": "provenance"}

    def critical(i: int) -> dict[str, Any]:
        return body(i, severity="critical")

    return [
        Case("API finding, detail (analyst)", f"/api/v1/findings/{register.finding.pk}/", who, median=15.0),
        Case("API finding, create (analyst)", "/api/v1/findings/", who, median=20.0, body=body),
        # Its cap changes the rating, which is worked out anew and gets a row in its history.
        Case("API finding, create critical (analyst)", "/api/v1/findings/", who, body=critical),
    ]


def _pages(register: Register, name: str, who: Mapping[str, str]) -> list[Case]:
    paths = {
        "Home": ("/", None),
        "Register page, plain": ("/findings/", 60.0),
        "Register page, filtered": ("/findings/?severity=high&status=fixing", 60.0),
        "Register page, sorted": ("/findings/?sort=due_on", 60.0),
        "Register page, searched": ("/findings/?q=three+versions", 60.0),
        "Finding page": (f"/findings/{register.finding.pk}/", None),
        "Servers page": ("/servers/", 60.0),
        "Vendors page": ("/vendors/", 60.0),
        "Vendor with 200 contracts": (f"/vendors/{register.vendor.pk}/contracts/", 60.0),
        "Dashboard": ("/dashboard/", 40.0),
    }
    return [Case(f"{what} ({name})", path, who, median=goal) for what, (path, goal) in paths.items()]
