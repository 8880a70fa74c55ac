"""What is seen of a server in the MCP registry."""

from typing import Any

from collectors.sources import registry
from collectors.sources.fetching import Fetch
from monitoring.models import Run
from monitoring.observed import Look
from scoring.scales import Severity
from tests.collectors.pages import Pages
from tests.inspection.scene import LOOPBACK
from tests.tables import for_each

PLACE = "/v0.1/servers/com.example%2Fweather/versions/1.2.3"
OFFICIAL = "io.modelcontextprotocol.registry/official"


def look(running: Pages, document: Any, **how: Any) -> Look:
    running.put(PLACE, document, **how)
    fetch = Fetch(allowed=LOOPBACK)
    return registry.look("com.example/weather", ["1.2.3"], base=running.url, fetch=fetch)


def official(**meta: Any) -> dict[str, Any]:
    return {"server": {"name": "com.example/weather", "version": "1.2.3"}, "_meta": {OFFICIAL: meta}}


@for_each(
    "meta, value, severity",
    [
        ({"status": "active", "statusChangedAt": "2026-01-20T10:00:00Z"}, "active since 2026-01-20", None),
        ({"status": "deprecated", "statusMessage": "Use\nclimate"}, "deprecated: Use climate", Severity.MEDIUM),
        ({"status": "deleted", "statusChangedAt": "2026-02-01T00:00:00Z", "statusMessage": "Malware"},
         "deleted since 2026-02-01: Malware", Severity.HIGH),
    ],
    ids=lambda row: row[1],
)  # fmt: skip
def test_what_the_registry_says_of_a_version(running: Pages, meta: Any, value: str, severity: Severity | None):
    [seen] = look(running, official(**meta)).seen
    assert (seen.value, seen.severity) == (value, severity)
    assert (seen.fact, seen.holds) == ("registry_offers", severity is None)


def test_a_server_that_it_does_not_list_is_not_assessed(running: Pages):
    [seen] = look(running, {"error": "Server not found"}, status=404).seen
    assert (seen.is_assessed, seen.fact, seen.value) == (False, "", "Not assessed: 127.0.0.1 does not list it")


@for_each("document", [{}, official(status="fine"), official(), {"_meta": []}])
def test_an_answer_without_a_status_is_not_assessed(running: Pages, document: Any):
    found = look(running, document)
    assert (found.outcome, found.code, found.seen) == (Run.Status.FAILED, "unreadable", ())
