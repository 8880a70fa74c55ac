"""The doors of gateways and clients: each asks in its own protocol, and all get the register's one answer."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from wsgiref.headers import Headers

from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client, TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from jsonschema import Draft7Validator

from api import throttles
from containment import policies
from containment.calls import deciding
from containment.models import Asker, Denial
from riskregister import problems
from tests import cast
from tests.api.caller import Caller, frozen
from tests.assessments.scenes import Scene
from tests.cast import NOON
from tests.containment import approved
from tests.containment.approved import NAME, REMOTE
from tests.journeys.routes import routes
from tests.kept import kept
from tests.web.signed_in import as_
from vendors import lifecycle
from vendors.documents import server_json_schemas
from vendors.models import Release, Remote, Server
from vendors.registering import importing

VECTORS = json.loads(Path(__file__).with_name("authzen.json").read_text())
EVALUATION = "/access/v1/evaluation"
JSON = "application/json"


class Doors(TestCase):
    """An approved server with the tools look_up and warn; gateways ask with a token that only reads."""

    set: approved.Approved
    gateway: Caller

    @classmethod
    def setUpTestData(cls) -> None:
        cls.set = approved.set_up()
        cls.gateway = cls.set.gateway()

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self.gateway.client.post(path, body, content_type=JSON, headers=headers)

    def get(self, path: str, **headers: str) -> Any:
        return self.gateway.client.get(path, headers=headers)

    def another(self, name: str, *, suspended: bool = False, **document: Any) -> None:
        another(self.set.scene, name, suspended=suspended, **document)

    def suspend(self) -> None:
        server = Server.objects.get(pk=self.set.server.pk)
        lifecycle.suspend(server, reason="To be sure.", by=self.set.scene.people.bob, now=NOON)


MESSAGE = {"mcp_request": {"method": "ping"}, "context": {"server_name": NAME}, "method": "ping"}


@kept
def another(scene: Scene, name: str, *, suspended: bool, **document: Any) -> None:
    """Approve another server of Payments."""
    own = {"name": name, "title": name.split("/")[1], "packages": [package(name)]}
    text = cast.server_json(**own | document)
    server, _release = importing.import_server_json(text, unit=scene.people.payments, by=scene.people.alice, now=NOON)
    approved.known(server, scene)
    scene.approved(server)
    if suspended:
        server.refresh_from_db()
        lifecycle.suspend(server, reason="To be sure.", by=scene.people.bob, now=NOON)


def package(name: str, **more: Any) -> dict[str, Any]:
    identifier = f"@example/{name.split('/')[1]}"
    return {
        "registryType": "npm", "identifier": identifier, "version": "1.2.3", "transport": {"type": "stdio"},
    } | more  # fmt: skip


def question(tool: str = "look_up", *, server: str = NAME, **context: Any) -> dict[str, Any]:
    return {
        "subject": {"type": "identity", "id": "u1"},
        "action": {"name": "tools/call"},
        "resource": {"type": "tool", "id": tool, "properties": {"server": server}},
        "context": {"agent": "c1"} | context,
    }


class AuthZen(Doors):
    """OpenID AuthZEN Authorization API 1.0."""

    def test_a_call_of_an_approved_tool_is_allowed(self) -> None:
        answer = self.post(EVALUATION, question(), **{"X-Request-ID": "r-1"})
        assert answer.json() == {
            "decision": True,
            "context": {
                "server": self.set.server.ref,
                "approval": self.set.approval.ref,
                "valid_until": approved.LAST_DAY.isoformat(),
            },
        }
        assert answer["X-Request-ID"] == "r-1"

    def test_each_question_is_decided_anew_whatever_key_it_names(self) -> None:
        key = {"Idempotency-Key": "k-1"}
        for tool, may_pass in (("look_up", True), ("drop_tables", False), ("look_up", True)):
            answer = self.post(EVALUATION, question(tool), **key)
            assert (answer.status_code, answer.json()["decision"]) == (200, may_pass), tool
        self.suspend()
        assert self.post(EVALUATION, question(), **key).json()["decision"] is False

    def test_a_denial_is_an_answer_and_is_counted(self) -> None:
        for _time in range(2):
            answer = self.post(EVALUATION, question("drop_tables"))
        assert (answer.status_code, answer.json()["decision"]) == (200, False)
        assert answer.json()["context"]["reason"] == "tool_not_approved"
        denial = Denial.objects.get()
        assert (denial.times, denial.tool, denial.agent, denial.was_blocked) == (2, "drop_tables", "c1", True)

    def test_the_audience_of_the_token_names_the_server(self) -> None:
        asked = question()
        del asked["resource"]["properties"]
        assert not self.post(EVALUATION, asked).json()["decision"]
        assert self.post(EVALUATION, asked | {"context": {"aud": REMOTE}}).json()["decision"]

    def test_suspended_it_is_denied_at_the_next_question(self) -> None:
        assert self.post(EVALUATION, question()).json()["decision"]
        self.suspend()
        assert self.post(EVALUATION, question()).json()["context"]["reason"] == "suspended"

    def test_who_asks_must_be_known_and_is_noted(self) -> None:
        stranger = Client().post(EVALUATION, question(), content_type=JSON)
        assert (stranger.status_code, Asker.objects.count()) == (401, 0)
        self.post(EVALUATION, question(), **{"User-Agent": "toolhive/1.2"})
        asker = Asker.objects.get()
        assert (asker.kind, asker.client, asker.token) == ("decisions", "toolhive/1.2", self.gateway.token)

    def test_it_says_where_it_is_asked(self) -> None:
        told = Client().get("/.well-known/authzen-configuration").json()
        assert told["access_evaluation_endpoint"].endswith(EVALUATION)

    def test_errors_and_batches_of_the_vectors(self) -> None:
        for one in VECTORS["errors"]:
            body = one["raw"] if "raw" in one else json.dumps(one.get("body", question()))
            client = Client() if one.get("authorization", "") is None else self.gateway.client
            answer = client.post(EVALUATION, body, content_type=one.get("content_type", JSON))
            assert answer.status_code == one["status"], (one["name"], answer.content)
        tools = {True: "look_up", False: "drop_tables"}
        for one in VECTORS["batch"]:
            body = {
                "evaluations": [question(tools[wanted]) for wanted in one["in"]],
                "options": {"evaluations_semantic": one["semantic"]},
            }
            found = self.post("/access/v1/evaluations", body).json()["evaluations"]
            assert [row["decision"] for row in found] == one["out"], one["semantic"]

    def test_a_call_as_coaz_maps_it_is_answered_for_the_server_that_it_names(self) -> None:
        [one] = VECTORS["coaz"]
        call, token = one["mcp"], one["token"]
        asked = one["request"]
        assert asked["action"]["name"] == call["method"]
        assert (asked["resource"]["id"], asked["context"]["agent"]) == (call["params"]["name"], token["client_id"])
        refused = self.post(EVALUATION, asked)
        assert (refused.status_code, refused.json()["context"]["reason"]) == (200, "unknown_server")
        denial = Denial.objects.get()
        assert (denial.method, denial.tool, denial.agent) == ("tools/call", "find_customer", "c1")
        approved_tool = asked | {"resource": asked["resource"] | {"id": "look_up"}}
        for where, allowed in ((token["aud"], False), (REMOTE, True)):
            context = asked["context"] | {"aud": where}
            assert self.post(EVALUATION, approved_tool | {"context": context}).json()["decision"] is allowed, where

    def test_of_several_what_is_said_once_holds_for_all(self) -> None:
        whole = question()
        resources = [{"resource": question(tool)["resource"]} for tool in ("look_up", "drop_tables")]
        body = {"subject": whole["subject"], "action": whole["action"], "evaluations": resources}
        found = self.post("/access/v1/evaluations", body).json()["evaluations"]
        assert [row["decision"] for row in found] == [True, False]

    def test_questions_that_make_no_sense_are_refused_with_the_place(self) -> None:
        for body, place in (
            ([], ""),
            ({"evaluations": "x"}, "evaluations"),
            ({"evaluations": [question()] * 101}, "evaluations"),
            ({"evaluations": [question(), {"subject": 1}]}, "evaluations/1/subject"),
            ({"evaluations": [question()], "options": {"evaluations_semantic": "x"}}, "options/evaluations_semantic"),
            ({"evaluations": [question()], "options": {"evaluations_semantic": []}}, "options/evaluations_semantic"),
            (question() | {"context": []}, "context"),
            (question() | {"context": {"digest": ["f" * 64]}}, "context/digest"),
            (question() | {"context": {"unit": {"code": "research"}}}, "context/unit"),
            ({"evaluations": [question() | {"context": {"tool_digest": 7}}]}, "evaluations/0/context/tool_digest"),
        ):
            answer = self.post("/access/v1/evaluations", json.dumps(body))
            assert answer.status_code == 400, body
            assert place in [error["field"] for error in answer.json()["errors"]], body
        assert Denial.objects.count() == 0


class ForPrograms(Doors):
    """Whoever asks at these addresses reads problem documents and no pages, also of what the doors never see."""

    def test_a_body_that_is_too_large_is_a_problem(self) -> None:
        answer = self.gateway.client.post(f"/obot/webhook/{NAME}", b"x" * (5 * 1024 * 1024), content_type=JSON)
        assert (answer.status_code, answer["Content-Type"]) == (413, problems.MEDIA_TYPE)

    def test_all_doors_are_for_programs_and_no_page_is(self) -> None:
        for route in routes():
            assert problems.are_read_at(f"/{route.pattern}") == route.name.startswith(("api:", "gate:")), route


class Hooks(Doors):
    """What gateways and clients send that have a protocol of their own."""

    def test_toolhive_as_a_decision_point(self) -> None:
        for tool, allowed in (("look_up", True), ("drop_tables", False)):
            body = {
                "principal": {"sub": "u1"},
                "operation": "mcp:tool:call",
                "resource": f"mrn:mcp:{NAME}:tool:{tool}",
                "context": {"mcp": {}},
            }
            assert self.post("/toolhive/decision", body).json()["allow"] is allowed
        assert self.post("/toolhive/decision", {"resource": "x", "operation": "y"}).status_code == 400

    def test_toolhive_asks_for_each_operation_that_it_knows(self) -> None:
        for operation, resource, allowed in (
            ("mcp:tool:list", f"{NAME}:tool:", True),
            ("mcp:prompt:get", f"{NAME}:prompt:greeting", True),
            ("mcp:prompt:list", f"{NAME}:prompt:", True),
            ("mcp:resource:read", f"{NAME}:resource:file://data:tool:x.json", True),
            ("mcp:resource:list", f"{NAME}:resource:", True),
            ("mcp:tool:call", f"{NAME}:tool:look_up:tool:x", False),
            ("mcp:tool:destroy", f"{NAME}:tool:look_up", False),
            ("mcp:prompt:get", "com.example/nobody:prompt:greeting", False),
        ):
            body = {"principal": {"sub": "u1"}, "operation": operation, "resource": f"mrn:mcp:{resource}"}
            assert self.post("/toolhive/decision", body).json()["allow"] is allowed, operation
        mixed = {"operation": "mcp:prompt:get", "resource": f"mrn:mcp:{NAME}:tool:look_up"}
        assert self.post("/toolhive/decision", mixed).status_code == 400

    def test_who_can_be_given_an_address_alone_sends_the_token_as_its_password(self) -> None:
        body = {"operation": "mcp:tool:call", "resource": f"mrn:mcp:{NAME}:tool:look_up"}
        for password, status in ((self.gateway.key, 200), ("mvr_none", 401), ("", 401)):
            header = "Basic " + base64.b64encode(f"register:{password}".encode()).decode()
            sent = {"Authorization": header}
            for path in ("/toolhive/decision", "/toolhive/webhook", f"/obot/webhook/{NAME}"):
                answer = Client().post(path, body | MESSAGE, content_type=JSON, headers=sent)
                assert (answer.status_code == 401) == (status == 401), (path, password)
            assert Client().get("/api/v1/me/", headers=sent).status_code == 401
        assert (
            Client()
            .post("/toolhive/decision", body, content_type=JSON, headers={"Authorization": "Basic !"})
            .status_code
            == 401
        )

    def test_what_the_register_cannot_read_passes_nobody(self) -> None:
        twice = '{"mcp_request": {"method": "tools/list", "method": "tools/call"}, "context": {"server_name": "x"}}'
        nul = '{"tool_name": "mcp__com-example_weather__look_up", "tool_input": {"q": "\\u0000"}}'
        large = json.dumps({"tool_name": "mcp__com-example_weather__look_up", "tool_input": "x" * 1_100_000})
        for sent in (twice, "[]", "{", "x" * 1_100_000, '{"mcp_request": [{"method": "tools/list"}]}'):
            answer = self.gateway.client.post("/toolhive/webhook", sent, content_type=JSON)
            assert (answer.status_code, "cannot read" in answer.json()["detail"]) == (422, True), sent[:80]
        for sent in (nul, large, "[]", "{"):
            answer = self.gateway.client.post("/claude-code/hook", sent, content_type=JSON)
            told = answer.json()["hookSpecificOutput"]
            assert (answer.status_code, told["permissionDecision"]) == (200, "deny"), sent[:80]

    def test_what_the_register_cannot_answer_for_the_moment_passes_nobody(self) -> None:
        """A client that goes on with any error must not be let go on by whoever asks too much, or breaks something."""
        message = {"mcp_request": {"method": "tools/list"}, "context": {"server_name": NAME}}
        tool = {"tool_name": "mcp__com-example_weather__look_up", "tool_input": {}}
        away = patch.object(deciding, "decide", side_effect=OperationalError("server closed the connection"))
        broken = patch.object(deciding, "decide", side_effect=RuntimeError("A fault of ours."))
        throttled = patch.object(throttles.PerMinute, "rate", 0)
        self.gateway.client.raise_request_exception = False
        for amiss in (away, broken, throttled):
            with amiss:
                answer = self.post("/toolhive/webhook", message)
                told = self.post("/claude-code/hook", tool)
            assert (answer.status_code, "cannot answer" in answer.json()["detail"]) == (422, True), amiss
            assert told.json()["hookSpecificOutput"]["permissionDecision"] == "deny", amiss
        assert Client().post("/claude-code/hook", tool, content_type=JSON).status_code == 401

    def test_toolhive_as_a_webhook(self) -> None:
        for tool, allowed in (("look_up", True), ("drop_tables", False)):
            body = {
                "version": "v0.1.0",
                "uid": "7",
                "mcp_request": {"method": "tools/call", "params": {"name": tool}},
                "context": {"server_name": NAME, "transport": "sse"},
            }
            told = self.post("/toolhive/webhook", body).json()
            assert (told["uid"], told["allowed"]) == ("7", allowed)
        assert told["message"] == "The approved release has no such tool."

    def test_obot_hands_on_the_message(self) -> None:
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "look_up"}}
        assert self.post(f"/obot/webhook/{NAME}", message).status_code == 200
        assert self.post("/obot/webhook/com.example/nobody", message).status_code == 403

    def test_claude_code_is_stopped_by_the_key_of_its_configuration(self) -> None:
        asked = {"hook_event_name": "PreToolUse", "tool_name": "mcp__com-example_weather__look_up", "tool_input": {}}
        assert self.post("/claude-code/hook", asked).json() == {}
        assert self.post("/claude-code/hook", asked | {"tool_name": "Bash"}).json() == {}
        self.suspend()
        told = self.post("/claude-code/hook", asked).json()["hookSpecificOutput"]
        assert told["permissionDecision"] == "deny"
        assert told["permissionDecisionReason"] == "Risk register: The server is suspended."

    def test_a_proxy_asks_with_the_headers_alone(self) -> None:
        path = f"/ext-authz/{NAME}/mcp"
        call = {"Mcp-Method": "tools/call"}
        for name, status in (("look_up", 200), ("drop_tables", 403), ("=?base64?bG9va191cA==?=", 200), ("", 403)):
            answer = self.gateway.client.post(path, b"{}", content_type=JSON, headers=call | {"Mcp-Name": name})
            assert answer.status_code == status, name
        assert self.get(path, **{"Mcp-Method": "tools/list"}).status_code == 200
        assert self.gateway.client.post(path, b"{}", content_type=JSON).status_code == 403
        assert Client().get(path, headers={"Mcp-Method": "tools/list"}).status_code == 401

    def test_a_request_that_may_hold_a_message_says_its_method(self) -> None:
        path, denied = f"/ext-authz/{NAME}/mcp", 0
        for how in (
            {"X-Original-Method": "POST"},
            {"X-Forwarded-Method": "post"},
            {"X-Original-Method": "GET", "X-Forwarded-Method": "POST"},
            {"X-Original-Method": "PUT"},
            {"Content-Type": JSON},
        ):
            answer = self.get(path, **how)
            assert (answer.status_code, answer.json()["detail"]) == (
                403, "The register does not know this method. The request says no Mcp-Method.",
            ), how  # fmt: skip
            denied += 1
        # Nobody says of a message that it is none.
        forged = {"X-Original-Method": "GET", "X-Forwarded-Method": "GET"}
        assert self.gateway.client.post(path, b"{}", content_type=JSON, headers=forged).status_code == 403
        row = Denial.objects.get()
        assert (row.times, row.method, row.reason) == (denied + 1, "(not said)", "unknown_method")
        for method in ("GET", "DELETE", "HEAD"):
            assert self.get(path, **{"X-Original-Method": method}).status_code == 200, method
        assert self.gateway.client.delete(path).status_code == 200

    def test_one_that_does_not_say_its_method_passes_where_a_policy_only_observes(self) -> None:
        people = self.set.scene.people
        policies.write(unit=people.payments, name="Gateway", reason="A start.", by=people.bob, now=NOON)
        answer = self.gateway.client.post(f"/ext-authz/{NAME}/mcp", b"{}", content_type=JSON)
        assert (answer.status_code, answer["X-Register-Reason"]) == (200, "unknown_method")
        row = Denial.objects.get()
        assert (row.times, row.was_blocked, row.server) == (1, False, self.set.server)

    def test_names_that_no_database_takes_name_nothing(self) -> None:
        call = {"Mcp-Method": "tools/call", "Mcp-Name": "=?base64?bG9vawB1cA==?="}
        assert self.get(f"/ext-authz/{NAME}/mcp", **call).status_code == 403
        assert Denial.objects.get().tool == "look\N{REPLACEMENT CHARACTER}up"
        for server in ("com.example%2Fwea%00ther", "S-1%00", "https:%2F%2Fmcp%00", "wea%00ther"):
            assert self.get(f"/ext-authz/{server}/mcp", **{"Mcp-Method": "tools/list"}).status_code == 403, server
        assert self.get("/clients/vscode-policy.json?unit=pay%00ments").status_code == 404

    def test_a_proxy_is_told_in_a_header_what_was_only_observed(self) -> None:
        people = self.set.scene.people
        policies.write(unit=people.payments, name="Gateway", reason="A start.", by=people.bob, now=NOON)
        call = {"Mcp-Method": "tools/call", "Mcp-Name": "drop_tables"}
        for server, reason in ((NAME, "tool_not_approved"), ("com.example/nobody", "unknown_server")):
            answer = self.get(f"/ext-authz/{server}/mcp", **call)
            assert answer.status_code == 200, server
            # As the server of the standard library takes the headers: it refuses what is no plain text.
            assert Headers(list(answer.items()))["X-Register-Reason"] == reason
        assert "X-Register-Reason" not in self.get(f"/ext-authz/{NAME}/mcp", **call | {"Mcp-Name": "look_up"})


@override_settings(FEED="anonymous")
class Feed(Doors):
    """The registry of what is approved, read as VS Code reads it."""

    def names(self, path: str = "/registry/v0.1/servers?limit=50&version=latest") -> list[str]:
        return [row["server"]["name"] for row in Client().get(path).json()["servers"]]

    def test_each_entry_is_valid_and_says_nothing_of_risk(self) -> None:
        answer = Client().get("/registry/v0.1/servers?limit=1")
        assert (answer["Access-Control-Allow-Origin"], answer["Cache-Control"]) == ("*", "no-store")
        body = answer.json()
        assert body["metadata"] == {"count": 1}
        (row,) = body["servers"]
        Draft7Validator(server_json_schemas.NEWEST).validate(row["server"])
        assert set(row) == {"server", "_meta"}
        assert row["_meta"]["io.modelcontextprotocol.registry/official"]["isLatest"] is True
        assert row["server"]["packages"][0]["identifier"] == "@example/weather"

    def test_what_is_stopped_leaves_it_at_once(self) -> None:
        assert self.names() == [NAME]
        self.suspend()
        assert self.names() == []
        assert Client().get(f"/registry/v0.1/servers/{NAME}/versions/latest").status_code == 404

    def test_what_has_run_out_leaves_it_with_its_last_day(self) -> None:
        with frozen(NOON.replace(day=13)):
            assert self.names() == []

    def test_one_server_is_found_by_its_encoded_name(self) -> None:
        for name in ("com.example%2Fweather", NAME):
            for version in ("latest", "1.2.3"):
                found = Client().get(f"/registry/v0.1/servers/{name}/versions/{version}")
                assert found.json()["server"]["version"] == "1.2.3"
            assert len(Client().get(f"/registry/v0.1/servers/{name}/versions").json()["servers"]) == 1
            missing = Client().get(f"/registry/v0.1/servers/{name}/versions/9")
            assert (missing.status_code, missing.json()) == (404, {"error": "Server not found"})

    def test_the_cursor_keeps_the_search_that_clients_drop(self) -> None:
        for name in ("com.example/maps", "com.example/map-tiles", "com.example/news"):
            self.another(name)
        first = Client().get("/registry/v0.1/servers?limit=1&search=map").json()
        cursor = first["metadata"]["nextCursor"]
        assert cursor.replace("-", "").replace("_", "").isalnum()
        assert self.names(f"/registry/v0.1/servers?limit=1&cursor={cursor}") == ["com.example/maps"]
        assert first["servers"][0]["server"]["name"] == "com.example/map-tiles"
        assert self.names("/registry/v0.1/servers?search=FORECASTS+for") == [
            "com.example/map-tiles",
            "com.example/maps",
            "com.example/news",
            NAME,
        ]
        assert self.names("/registry/v0.1/servers?updated_since=2027-01-01T00:00:00Z") == []

    def test_nonsense_is_refused(self) -> None:
        def cursor(text: str) -> str:
            return "cursor=" + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

        asked = '{"from": %s, "limit": 1, "search": "", "version": "", "since": ""}'
        assert Client().get(f"/registry/v0.1/servers?{cursor(asked % 0)}").status_code == 200
        for query in (
            "limit=0", "limit=x", f"limit={'9' * 5000}", "cursor=x", "cursor=e30", "updated_since=x",
            f"search={'x' * 256}", cursor(asked % "Infinity"), cursor(asked % "1e999"), cursor("[" * 3_000),
            cursor(asked % "[]"),
        ):  # fmt: skip
            assert Client().get(f"/registry/v0.1/servers?{query}").status_code == 400, query[:80]

    def test_a_name_that_no_database_takes_is_not_found(self) -> None:
        for name in ("com.example%2Fwea%00ther", "com.example%252Fwea%2500ther"):
            assert Client().get(f"/registry/v0.1/servers/{name}/versions").status_code == 404, name
        assert self.names("/registry/v0.1/servers?search=%00") == []

    def test_a_unit_has_its_own(self) -> None:
        assert self.names("/registry/units/payments/v0.1/servers") == [NAME]
        assert self.names("/registry/units/research/v0.1/servers") == []

    def test_a_browser_is_told_that_it_may(self) -> None:
        answer = Client().options("/registry/v0.1/servers")
        assert (answer.status_code, answer["Access-Control-Allow-Methods"]) == (204, "GET, OPTIONS")
        with override_settings(FEED="token"):
            assert Client().options("/registry/v0.1/servers").status_code == 204
        with override_settings(FEED="off"):
            assert Client().options("/registry/v0.1/servers").status_code == 404

    def test_each_address_has_its_own_questions_a_minute(self) -> None:
        def asks(address: str) -> int:
            return Client(REMOTE_ADDR=address).get("/registry/v0.1/servers").status_code

        with patch.object(throttles.PerMinute, "rate", 2), frozen():
            assert [asks("192.0.2.1") for _ in range(3)] == [200, 200, 429]
            assert asks("192.0.2.2") == 200

    def test_it_answers_whom_the_setting_says(self) -> None:
        with override_settings(FEED="off"):
            assert self.gateway.client.get("/registry/v0.1/servers").status_code == 404
        with override_settings(FEED="token"):
            assert Client().get("/registry/v0.1/servers").status_code == 401
            assert len(self.gateway.client.get("/registry/v0.1/servers").json()["servers"]) == 1
            eve = Caller(self.set.scene.people.eve, ["read"]).client
            assert eve.get("/registry/v0.1/servers").json()["servers"] == []


class ThePage(Doors):
    """Where it is obeyed, as people read it."""

    def page(self, reader: str = "bob") -> str:
        person = self.set.scene.people.everybody[reader]
        return " ".join(as_(person).get(reverse("web:enforcement")).content.decode().split())

    def test_it_names_who_asks_by_a_token_that_reaches_a_unit_of_the_reader(self) -> None:
        self.post(EVALUATION, question(), **{"User-Agent": "toolhive/1.2"})
        for reader in ("alice", "bob", "carol", "ada"):
            shown = self.page(reader)
            assert "<strong>toolhive/1.2</strong>" in shown, reader
            assert f"Decisions · token {self.gateway.token.name} of Alice · last" in shown, reader
        assert "toolhive/1.2" not in self.page("eve")
        assert "Nobody has asked with a token of your units yet" in self.page("eve")
        Caller(self.set.scene.people.ada, ["read"]).client.get("/clients/copilot-managed-settings.json")
        assert "of Ada" in self.page("eve")

    def test_it_counts_what_the_registry_holds_or_would_hold_while_it_is_off(self) -> None:
        with override_settings(FEED="anonymous"):
            assert "<strong>1</strong> of your servers is in it now: what is approved" in self.page()
        with override_settings(FEED="off"):
            assert "<strong>1</strong> of your servers would be in it: what is approved" in self.page()

    def test_it_names_what_left_the_registry_with_the_end_of_its_approval(self) -> None:
        ended = deciding.ended_by_now(Server.objects.all(), now=NOON + timedelta(days=10))
        assert list(ended) == []
        after = NOON + timedelta(days=11)
        assert list(deciding.ended_by_now(Server.objects.all(), now=after)) == [self.set.approval]
        with frozen(after):
            assert f">{self.set.server}</a> on " in self.page()
        self.suspend()
        assert list(deciding.ended_by_now(Server.objects.all(), now=after)) == []

    def test_registry_and_files_hold_only_what_is_approved_whatever_a_policy_says(self) -> None:
        people = self.set.scene.people
        policies.write(unit=people.payments, name="Gateway", reason="A start.", by=people.bob, now=NOON)
        self.another("com.example/other", suspended=True)
        with override_settings(FEED="anonymous"):
            listed = Client().get("/registry/v0.1/servers").json()["servers"]
        assert [row["server"]["name"] for row in listed] == [NAME]
        assert self.get("/clients/copilot-managed-settings.json").json()["deniedMcpServers"] != []
        assert "They name only what is approved, also while a policy observes" in self.page()


class ClientFiles(Doors):
    """Policy files, made from the same record."""

    def file(self, name: str, query: str = "") -> Any:
        return self.get(f"/clients/{name}.json{query}").json()

    def test_allow_lists_name_the_address_and_the_whole_command(self) -> None:
        copilot = self.file("copilot-managed-settings")
        assert copilot == {
            "allowedMcpServers": [
                {"serverUrl": REMOTE},
                {"serverCommand": ["npx", "-y", "@example/weather@1.2.3"]},
                {"serverCommand": ["npx", "@example/weather@1.2.3"]},
            ],
            "deniedMcpServers": [],
        }
        claude = self.file("claude-code-managed-settings")
        assert claude == {"allowManagedMcpServersOnly": True} | copilot

    def test_what_is_suspended_is_denied_by_name(self) -> None:
        self.suspend()
        made = self.file("copilot-managed-settings", "?unit=payments")
        assert made["allowedMcpServers"] == []
        assert {"serverUrl": REMOTE} in made["deniedMcpServers"]
        assert self.file("claude-code-managed-mcp") == {"mcpServers": {}}

    def test_exactly_these_servers(self) -> None:
        servers = self.file("claude-code-managed-mcp")["mcpServers"]
        assert servers == {"com-example_weather": {"type": "http", "url": REMOTE}}

    def test_a_remote_is_reached_as_it_speaks(self) -> None:
        spoken = {"url": "https://mcp.example.com/old/sse", "type": "sse"}
        self.another("com.example/old", remotes=[spoken])
        servers = self.file("claude-code-managed-mcp")["mcpServers"]
        assert servers["com-example_old"] == {"type": "sse", "url": "https://mcp.example.com/old/sse"}
        assert servers["com-example_weather"]["type"] == "http"

    def test_only_a_variable_of_the_path_becomes_a_star(self) -> None:
        for number, (url, entry) in enumerate((
            ("https://*/*", None),
            ("*://*", None),
            ("https://mcp.example.com/*", None),
            ("https://mcp.example.com/{tenant}/*", None),
            ("https://{anything}/mcp", None),
            ("https://{tenant}.example.com/mcp", None),
            ("https://mcp.example.com:{port}/mcp", None),
            ("{scheme}://mcp.example.com/mcp", None),
            ("https://mcp.example.com/{tenant}/mcp", "https://mcp.example.com/*/mcp"),
        )):  # fmt: skip
            name = f"com.example/r{number}"
            self.another(name)
            server = Server.objects.get(name=name)
            # As a row from before such addresses were refused.
            Remote.objects.create(release=Release.objects.get(server=server), transport="streamable-http", url=url)
            for told in ("allowedMcpServers", "deniedMcpServers"):
                rows = self.file("copilot-managed-settings")[told]
                found = [row["serverUrl"] for row in rows if "serverUrl" in row and row["serverUrl"] != REMOTE]
                assert found == ([entry] if entry else []), (url, told)
                if told == "allowedMcpServers":
                    lifecycle.suspend(server, reason="To be sure.", by=self.set.scene.people.bob, now=NOON)

    def test_arguments_that_are_always_there_stand_in_the_command(self) -> None:
        region = {"type": "named", "name": "--region"}
        for number, (arguments, command) in enumerate((
            ([{"type": "positional", "value": "serve"}], ["serve"]),
            ([region | {"value": "eu"}], ["--region", "eu"]),
            ([region], []),
            ([region | {"default": "eu"}], []),
            ([{"type": "positional", "valueHint": "folder", "isRequired": True}], None),
            ([region | {"isRequired": True}], None),
            ([region | {"value": "{region}", "variables": {"region": {}}}], None),
            ([{"type": "positional", "value": "--at={where}", "variables": {"where": {}}}], None),
        )):  # fmt: skip
            name = f"com.example/n{number}"
            self.another(name, packages=[package(name, packageArguments=arguments)])
            rows = self.file("copilot-managed-settings")["allowedMcpServers"]
            started = ["npx", "-y", f"@example/n{number}@1.2.3"]
            found = [row["serverCommand"][3:] for row in rows if row.get("serverCommand", [])[:3] == started]
            assert found == ([] if command is None else [command]), arguments

    def test_more_servers_take_no_more_statements(self) -> None:
        def statements() -> int:
            with CaptureQueriesContext(connection) as asked:
                self.file("copilot-managed-settings")
            return len(asked)

        self.another("com.example/stopped-0", suspended=True)
        # The first time it is noted who asks.
        statements()
        few = statements()
        for number in range(1, 5):
            self.another(f"com.example/stopped-{number}", suspended=True)
            self.another(f"com.example/used-{number}")
        made = self.file("copilot-managed-settings")
        assert (len(made["allowedMcpServers"]), len(made["deniedMcpServers"])) == (11, 10)
        assert statements() == few

    def test_vs_code_is_sent_to_the_registry(self) -> None:
        for query, where in (("", "/registry"), ("?unit=payments", "/registry/units/payments")):
            policy = self.file("vscode-policy", query)
            assert policy == {"ChatMCP": "registry", "McpGalleryServiceUrl": f"{settings.ORIGIN}{where}"}

    def test_of_another_unit_nothing_is_told(self) -> None:
        assert self.get("/clients/copilot-managed-settings.json?unit=research").status_code == 404
        assert self.get("/clients/nothing.json").status_code == 404
        eve = Caller(self.set.scene.people.eve, ["read"]).client
        assert eve.get("/clients/copilot-managed-settings.json").json()["allowedMcpServers"] == []
