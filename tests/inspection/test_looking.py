"""A look at a real server over HTTP: what is seen, in both eras, and that nothing a server does breaks it."""

import ipaddress
import json
import time
from pathlib import Path
from typing import Any

import pytest

from inspection.bounds import Bounds
from inspection.looking import Target, look
from monitoring.models import Run
from monitoring.observed import Look
from riskregister import canonical
from tests.inspection import faults
from tests.inspection.faults import on
from tests.inspection.mcp_server import SESSION, Fault, Handler, Json, McpServer, running, tool
from tests.tables import for_each
from tests.waiting import PATIENCE
from vendors.offered import manifest

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
# For a server that never answers, and for one that does, on a machine that may be busy.
QUICK = Bounds(overall=2.0, request=0.6, pages=5, size=200_000)
PATIENT = Bounds(overall=PATIENCE, request=PATIENCE, pages=5, size=200_000)


def looked(served: McpServer, **how: Any) -> Look:
    return look(Target(**{"url": served.url, "allowed": LOOPBACK} | how))


def seen(found: Look) -> dict[str, str]:
    return {one.key: one.value for one in found.seen}


@pytest.mark.parametrize("streams", [False, True], ids=["json", "events"])
@pytest.mark.parametrize("is_stateless", [False, True], ids=["session", "stateless"])
def test_sees_all_that_a_server_offers(is_stateless: bool, streams: bool):
    prompt, resource = {"name": "greet"}, {"uri": "file:///a", "name": "A"}
    served = McpServer(is_stateless=is_stateless, streams=streams, page_size=1, prompts=[prompt], resources=[resource])
    with running(served):
        found = looked(served)

    assert (found.outcome, found.why) == (Run.Status.COMPLETE, "")
    captured = manifest.parse(found.raw)
    assert [one.name for one in captured.tools] == ["look_up", "warn"]
    assert [(one.kind, one.key) for one in captured.offerings] == [("prompt", "greet"), ("resource", "file:///a")]
    assert captured.instructions == "Ask for a place."
    assert (captured.server_name, captured.server_version) == ("weather", "7.1")
    version = "2026-07-28" if is_stateless else "2025-11-25"
    assert captured.protocol_version == version
    assert seen(found) == {
        "access": "anybody", "transport": "not encrypted", "protocol": version, "server": "weather 7.1",
    }  # fmt: skip


def test_both_eras_give_the_same_manifest():
    digests = set()
    for is_stateless in (False, True):
        served = McpServer(is_stateless=is_stateless)
        with running(served):
            digests.add(manifest.parse(looked(served).raw).digest)

    assert len(digests) == 1


def test_keeps_the_answers_word_for_word_and_pins_them():
    served = McpServer(tools=[tool("look_up", hiddenField={"b": 1, "a": 2.50})])
    with running(served):
        found = looked(served)

    assert '"hiddenField": {"b": 1, "a": 2.5}' in found.raw
    assert found.raw_digest == canonical.digest(canonical.jcs(json.loads(found.raw)))


def test_a_session_is_kept_and_ended():
    served = McpServer()
    with running(served):
        looked(served)

    assert served.methods == [
        "server/discover", "initialize", "notifications/initialized", "tools/list", "tools/list",
    ]  # fmt: skip
    assert [one.get("mcp-session-id") for one in served.headers] == [None, None, SESSION, SESSION, SESSION]
    assert [one.get("mcp-protocol-version") for one in served.headers[1:]] == [None, *["2025-11-25"] * 3]
    assert served.ended == [SESSION]


def test_without_a_session_each_request_says_all_in_headers_and_body():
    served = McpServer(is_stateless=True)
    with running(served):
        looked(served)

    assert served.methods == ["server/discover", "tools/list", "tools/list"]
    for request, headers in zip(served.asked, served.headers, strict=True):
        assert headers["mcp-method"] == request["method"]
        assert headers["mcp-protocol-version"] == "2026-07-28"
        assert request["params"]["_meta"]["io.modelcontextprotocol/clientInfo"]["name"] == "mcp-vendor-risk-register"
        assert "mcp-session-id" not in headers
    assert served.ended == []


def test_a_server_without_tools_is_not_assessed():
    served = McpServer(tools=[])
    with running(served):
        found = looked(served)

    assert (found.outcome, found.code, found.raw) == (Run.Status.EMPTY, "no_tools", "")


PAGE = b"<html>Sign in</html>"
TWICE = faults.answers({"tools": [tool("a"), tool("a")]})
STRANGER = faults.answers({"protocolVersion": "2031-01-01", "capabilities": {}})


@for_each(
    "name, fault, code, words",
    [
        ("hangs", faults.hangs, "too_slow", "took longer than 0.6 seconds"),
        ("hangs at its tools", on("tools/list", faults.hangs), "too_slow", "took longer"),
        ("sends a byte now and then", on("tools/list", faults.drips), "too_slow", "took longer"),
        ("sends a header now and then", faults.drips_headers, "too_slow", "took longer"),
        ("sends without end", on("tools/list", faults.sends_without_end), "too_large", "more than 200,000 bytes"),
        ("streams without end", on("tools/list", faults.streams_without_end), "too_large", "more than 200,000 bytes"),
        ("lies about its length", on("tools/list", faults.lies_about_length), "unreadable", "cannot be read"),
        ("has pages without end", on("tools/list", faults.endless_pages), "endless", "more than 5 pages"),
        ("gives one cursor again",
            on("tools/list", faults.answers({"tools": [], "nextCursor": "x"})), "endless", "more than 1 pages",
        ),
        ("leads to a private address",
            faults.sends(307, b"", headers={"Location": "http://169.254.169.254/latest"}),
            "redirected", "leads on to http://169.254.169.254. The",
        ),
        ("leads to another origin",
            on("tools/list", faults.sends(302, b"", headers={"Location": "https://other.example/mcp"})),
            "redirected", "leads on to https://other.example. The",
        ),
        ("asks for a credential", faults.sends(401, b""), "credential", "asks for a credential (401)"),
        ("is a website", faults.sends(200, PAGE, kind="text/html"), "unreadable", "text/html"),
        ("speaks an unknown protocol", on("initialize", STRANGER), "unknown_protocol", "2031-01-01"),
        ("answers in another session",
            on("tools/list", faults.sends(404, b"")), "declined", "404",
        ),
        ("gives a tool twice", on("tools/list", TWICE), "invalid", "is also the name of tool 0"),
        ("gives no list", on("tools/list", faults.answers({"tools": "all"})), "unreadable", "no list of tools"),
        ("changes on every call", on("tools/list", faults.changing_tools), "unsteady", "asked a second time"),
        ("sends a key twice",
            on("tools/list", faults.sends(200, b'{"jsonrpc":"2.0","id":3,"result":{"tools":[],"tools":[]}}')),
            "unreadable", "cannot be read",
        ),
        ("sends what is no text", on("tools/list", faults.sends(200, b"\xff\xfe")), "unreadable", "no text in UTF-8"),
        ("packs its answer",
            on("tools/list", faults.sends(200, b"x", headers={"Content-Encoding": "gzip"})), "unreadable", "compressed",
        ),
        ("answers with an error", on("tools/list", faults.sends(500, b"")), "declined", "500"),
        ("asks to wait", faults.sends(429, b""), "too_often", "429"),
    ],
    ids=lambda row: row[0],
)  # fmt: skip
def test_what_a_server_does_instead_of_answering_is_said_and_kept_out(name: str, fault: Fault, code: str, words: str):
    with running(McpServer(fault=fault)) as served:
        began = time.monotonic()
        found = looked(served, bounds=QUICK if code == "too_slow" else PATIENT)
        assert (found.outcome, found.code) == (Run.Status.FAILED, code), found.why
        assert words in found.why, found.why
        assert (found.raw, found.raw_digest) == ("", "")
        assert time.monotonic() - began < PATIENCE


def says_of_itself(meta: object) -> Fault:
    """Return the fault that begins a session with nothing but this in `_meta`."""
    return on("initialize", faults.answers({"protocolVersion": "2025-11-25", "capabilities": {}, "_meta": meta}))


@for_each(
    "name, fault, named",
    [
        ("a number of versions", on("server/discover", faults.answers({"supportedVersions": 5})), "weather 7.1"),
        ("versions as one text",
            on("server/discover", faults.answers({"supportedVersions": "not 2026-07-28"})), "weather 7.1",
        ),
        ("a list of what it says of itself", says_of_itself(["io.modelcontextprotocol/serverInfo"]), ""),
        ("a text of what it says of itself", says_of_itself("weather"), ""),
    ],
    ids=lambda row: row[0],
)  # fmt: skip
def test_what_stands_in_another_form_counts_as_not_said(name: str, fault: Fault, named: str):
    with running(McpServer(fault=fault)) as served:
        found = looked(served)

    assert (found.outcome, found.why) == (Run.Status.COMPLETE, "")
    assert (seen(found)["server"], seen(found)["protocol"]) == (named, "2025-11-25")


def test_the_whole_look_has_an_end_though_each_answer_comes_in_time():
    def slowly(handler: Any, message: Json) -> bool:
        handler.served.stopping.wait(0.25)
        return False

    with running(McpServer(fault=slowly, page_size=1, tools=[tool(f"t{n}") for n in range(40)])) as served:
        found = looked(served, bounds=Bounds(overall=1.0, request=0.9, pages=50))

    assert (found.code, len(served.asked) < 10) == ("too_slow", True)


def test_a_private_address_is_refused_when_it_connects():
    with running() as served:
        found = looked(served, allowed=())

    assert (found.outcome, found.code) == (Run.Status.FAILED, "not_reached")
    assert (
        "127.0.0.1, which is not public. Whoever runs this installation can allow it in RISKREGISTER_OUTBOUND_ALLOW."
        in found.why
    )
    assert served.asked == []


def test_nobody_there_is_said():
    with running() as served:
        url = served.url
    found = look(Target(url=url, allowed=LOOPBACK))

    assert (found.outcome, found.code) == (Run.Status.FAILED, "not_reached")


# Credentials


def origin(served: McpServer) -> str:
    return served.url.removesuffix("/mcp")


def test_a_credential_comes_from_the_named_variable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WEATHER_TOKEN", "s3cret-value")
    with running(McpServer(token="s3cret-value")) as served:
        found = looked(served, sources={origin(served): "env:WEATHER_TOKEN"})

    assert found.outcome == Run.Status.COMPLETE
    assert seen(found)["access"] == "who has a credential"
    assert "s3cret-value" not in f"{found}"


def test_a_credential_comes_from_the_named_file(tmp_path: Path):
    (tmp_path / "token").write_text("s3cret-value\n")
    with running(McpServer(token="s3cret-value")) as served:
        found = looked(served, sources={origin(served): f"file:{tmp_path / 'token'}"})

    assert found.outcome == Run.Status.COMPLETE


def test_a_credential_goes_to_its_own_origin_only(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WEATHER_TOKEN", "s3cret-value")
    with running() as served:
        looked(served, sources={"https://mcp.example.com": "env:WEATHER_TOKEN"})

    assert all("authorization" not in one for one in served.headers)


def test_a_missing_credential_is_said_before_anything_is_sent():
    with running() as served:
        found = looked(served, sources={origin(served): "env:NOT_SET_ANYWHERE"})

    assert (found.code, served.asked) == ("credential", [])
    assert found.why == "NOT_SET_ANYWHERE holds no credential for 127.0.0.1. Set it, and look again."


def test_a_server_that_repeats_the_credential_leaves_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WEATHER_TOKEN", "s3cret-value")
    with running(McpServer(tools=[tool("a", description="You sent s3cret-value.")])) as served:
        found = looked(served, sources={origin(served): "env:WEATHER_TOKEN"})

    assert (found.code, found.raw) == ("repeats_credential", "")
    assert "s3cret-value" not in f"{found}"


SECRET = "supers3cr3t-0123456789-abcdefghij"
ESCAPED = "".join(f"\\u{ord(letter):04x}" for letter in SECRET)
REPEATED = "It repeats the credential in its answers. Nothing of them is kept."


def repeats(result: str) -> Fault:
    """Return the fault that gives this, word for word, as the list of tools."""

    def fault(handler: Handler, message: Json) -> bool:
        handler.send(200, f'{{"jsonrpc":"2.0","id":{message["id"]},{result}}}'.encode())
        return True

    return on("tools/list", fault)


@for_each(
    "name, fault",
    [
        ("in the host that it leads on to", faults.sends(302, b"", headers={"Location": f"https://{SECRET}.example/"})),
        ("in an error", repeats(f'"error":{{"code":1,"message":"Invalid API key: {SECRET}"}}')),
        ("in an error that is cut within", repeats(f'"error":{{"code":1,"message":"{"x" * 180} {SECRET}"}}')),
        ("in a key that is there twice", repeats(f'"result":{{"tools":[],"{SECRET}":1,"{SECRET}":2}}')),
        ("in its version",
            on("initialize", faults.answers({"protocolVersion": f"version {SECRET}", "capabilities": {}})),
        ),
        ("in escapes", repeats(f'"result":{{"tools":[{{"name":"a","description":"{ESCAPED}","inputSchema":{{}}}}]}}')),
        ("in a key in escapes", repeats(f'"result":{{"tools":[{{"name":"a","{ESCAPED}":1,"inputSchema":{{}}}}]}}')),
        ("in its name without tools",
            lambda handler, message: message["method"] in ("initialize", "tools/list") and faults.answers({
                "protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": SECRET}, "tools": [],
            })(handler, message),
        ),
    ],
    ids=lambda row: row[0],
)  # fmt: skip
def test_a_credential_is_kept_nowhere_however_it_is_repeated(name: str, fault: Fault, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WEATHER_TOKEN", SECRET)
    with running(McpServer(fault=fault)) as served:
        found = looked(served, sources={origin(served): "env:WEATHER_TOKEN"})

    assert found == Look(outcome=Run.Status.FAILED, code="repeats_credential", why=REPEATED)


def test_of_where_it_leads_on_to_only_the_origin_is_shown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WEATHER_TOKEN", SECRET)
    away = faults.sends(302, b"", headers={"Location": f"https://user:pass@other.example:8443/a?token={SECRET}"})
    with running(McpServer(fault=away)) as served:
        found = looked(served, sources={origin(served): "env:WEATHER_TOKEN"})

    assert (found.code, found.why) == (
        "redirected",
        "127.0.0.1 leads on to https://other.example. The register follows nobody: record the address there.",
    )


def test_a_server_that_asks_for_a_credential_is_seen_to_do_so():
    with running(McpServer(token="anything")) as served:
        found = looked(served)

    assert found.why.startswith("It asks for a credential (401) and names where a token comes from.")
    assert [(one.key, one.words) for one in found.seen] == [
        ("access", "Refuses who brings no valid credential"), ("transport", "The connection is"),
    ]  # fmt: skip
