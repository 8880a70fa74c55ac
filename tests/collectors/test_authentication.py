"""What is seen of who may call a remote, and of the metadata that say where a token comes from."""

import json
from typing import Any

import pytest

from collectors.sources import authentication
from collectors.sources.fetching import Fetch
from monitoring.models import Run
from monitoring.observed import Look, Seen
from scoring.scales import Severity
from tests.collectors.pages import Pages
from tests.inspection import faults, mcp_server
from tests.inspection.mcp_server import McpServer
from tests.inspection.scene import LOOPBACK
from tests.tables import for_each

RESOURCE, AUTHORITY = "/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-authorization-server"


@pytest.fixture
def site(running: Pages) -> Pages:
    """Give a remote at /mcp that refuses everybody, with metadata as the specification has them."""
    running.pages.clear()
    running.asked.clear()
    where = f'Bearer resource_metadata="{running.url}{RESOURCE}", scope="read"'
    running.put("/mcp", b"", method="POST", status=401, WWW_Authenticate=where)
    running.put(RESOURCE, resource(running))
    running.put(AUTHORITY, {"issuer": running.url, "code_challenge_methods_supported": ["S256"]})
    return running


def resource(site: Pages, **changes: Any) -> dict[str, Any]:
    named = {"resource": f"{site.url}/mcp", "authorization_servers": [site.url], "scopes_supported": ["read", "write"]}
    return named | changes


def look(url: str, *, allowed: Any = LOOPBACK) -> Look:
    return authentication.look([url], fetch=Fetch(allowed=allowed, bounds=authentication.BOUNDS))


def of(found: Look, kind: str) -> Seen:
    """Return what was seen of a kind."""
    assert found.outcome == Run.Status.COMPLETE, found.why
    [one] = [one for one in found.seen if one.key.partition(":")[0] == kind]
    return one


def values_by_kind(found: Look) -> dict[str, str]:
    """Return what was seen, by kind."""
    assert found.outcome == Run.Status.COMPLETE, found.why
    return {one.key.partition(":")[0]: one.value for one in found.seen}


def test_a_remote_as_the_specification_has_it(site: Pages):
    found = look(f"{site.url}/mcp")

    assert values_by_kind(found) == {
        "anonymous": "answers 401",
        "made_up_token": "answers 401",
        "metadata": "name who gives tokens",
        "scopes": "read, write",
        "pkce": "taken",
    }
    facts = {one.fact: one.holds for one in found.seen if one.fact}
    assert facts == {"anonymous_refused": True, "metadata_published": True}
    first, second = [headers for asked, headers in site.asked if asked == "POST /mcp"]
    assert "authorization" not in first
    assert second["authorization"].startswith("Bearer ")
    assert second["authorization"].removeprefix("Bearer ") not in found.raw


def test_who_lists_tools_to_anybody_does_not_refuse_the_anonymous():
    with mcp_server.running() as vendor:
        found = look(vendor.url)

    assert values_by_kind(found) == {"anonymous": "lists its tools"}
    assert of(found, "anonymous").holds is False
    assert {"tools/call"}.isdisjoint(vendor.methods)


def test_who_begins_with_anybody_and_lists_no_tools_refuses_the_anonymous():
    refuses = faults.on("tools/list", faults.sends(401, b""))
    with mcp_server.running(McpServer(fault=refuses)) as vendor:
        found = look(vendor.url)

    assert values_by_kind(found) == {"anonymous": "answers 200, and lists no tools"}
    assert of(found, "anonymous").holds is True


def test_a_remote_that_takes_any_token_is_a_critical_fault():
    def takes_any(handler: mcp_server.Handler, message: Any) -> bool:
        if handler.headers.get("Authorization"):
            return False
        handler.send(401, b"")
        return True

    with mcp_server.running(McpServer(fault=takes_any)) as vendor:
        token = of(look(vendor.url), "made_up_token")

    assert (token.value, token.severity) == ("is answered with 200: any token is taken", Severity.CRITICAL)


def test_without_a_word_in_the_challenge_the_usual_place_is_read(site: Pages):
    site.put("/mcp", b"", method="POST", status=401, WWW_Authenticate="Bearer")
    assert of(look(f"{site.url}/mcp"), "metadata").holds is True


@for_each(
    "document, value",
    [
        ({"resource": "https://other.example/mcp"}, "they are of another resource"),
        ({"resource": None}, "they are of another resource"),
        ({"authorization_servers": []}, "they name nobody who gives tokens"),
        ({"authorization_servers": [7]}, "they name nobody who gives tokens"),
    ],
    ids=lambda row: row[0],
)
def test_metadata_that_say_something_else_count_for_nothing(site: Pages, document: dict[str, Any], value: str):
    site.put(RESOURCE, resource(site, **document))
    found = look(f"{site.url}/mcp")

    metadata = of(found, "metadata")
    assert (metadata.value, metadata.holds) == (value, False)
    assert [one for one in found.seen if one.key.startswith("pkce:")] == []


@for_each("body, status", [(b"{}", 404), (b"[]", 200), (b"<html>", 200), (b"", 500)])
def test_metadata_that_are_none_are_told_so(site: Pages, body: bytes, status: int):
    site.put(RESOURCE, body, status=status)
    metadata = of(look(f"{site.url}/mcp"), "metadata")
    assert (metadata.value, metadata.holds) == ("none", False)


@for_each(
    "document, value, severity, is_assessed",
    [
        ({"code_challenge_methods_supported": ["plain"]}, "not named", Severity.MEDIUM, True),
        ({}, "not named", Severity.MEDIUM, True),
        ({"issuer": "https://other.example"}, "Not assessed: its metadata are of another issuer", None, False),
    ],
    ids=lambda row: row[1],
)
def test_whether_who_gives_the_tokens_takes_pkce(
    site: Pages, document: dict[str, Any], value: str, severity: Severity | None, is_assessed: bool
):
    site.put(AUTHORITY, {"issuer": site.url} | document)
    pkce = of(look(f"{site.url}/mcp"), "pkce")
    assert (pkce.value, pkce.severity, pkce.is_assessed) == (value, severity, is_assessed)


def test_what_is_no_address_leads_nowhere(site: Pages):
    site.put(RESOURCE, resource(site, authorization_servers=["https://[nobody"]))
    assert of(look(f"{site.url}/mcp"), "pkce").value == "Not assessed: it publishes no metadata by RFC 8414"
    site.put("/mcp", b"", method="POST", status=401, WWW_Authenticate='Bearer resource_metadata="https://[nobody"')
    assert of(look(f"{site.url}/mcp"), "metadata").value == "none"


def test_metadata_of_an_authority_are_found_where_openid_connect_has_them(site: Pages):
    del site.pages[f"GET {AUTHORITY}"]
    site.put("/.well-known/openid-configuration", {"issuer": site.url, "code_challenge_methods_supported": ["S256"]})
    assert of(look(f"{site.url}/mcp"), "pkce").value == "taken"


def test_metadata_in_a_private_network_are_not_fetched(site: Pages):
    """A server names where its metadata are: it could have the register read what stands inside its network."""
    site.put("/mcp", b"", method="POST", status=401, WWW_Authenticate='Bearer resource_metadata="http://10.0.0.1/x"')
    found = look(f"{site.url}/mcp")

    assert (found.outcome, found.code) == (Run.Status.FAILED, "not_reached")
    assert "10.0.0.1, which is not public" in found.why


def test_a_remote_that_fails_is_not_assessed(site: Pages):
    site.put("/mcp", b"", method="POST", status=503)
    found = look(f"{site.url}/mcp")
    assert (found.outcome, found.code, found.why) == (Run.Status.FAILED, "declined", "127.0.0.1 answered 503.")


def test_what_was_asked_and_answered_is_kept(site: Pages):
    came = json.loads(look(f"{site.url}/mcp").raw)["came"]
    assert [(one["url"].removeprefix(site.url), one["status"]) for one in came] == [
        ("/mcp", 401), ("/mcp", 401), (RESOURCE, 200), (AUTHORITY, 200),
    ]  # fmt: skip
