"""Whether approvals are obeyed: what was tried, who loads the canary, and who asks no more."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client, TestCase, override_settings

from accounts.models import ApiToken
from alerts import relay
from alerts.models import Alert
from audit.models import Event
from containment import enforcement
from containment.calls import noting, silence
from containment.clients import canary, clients
from containment.models import Asker, EnforcementTest
from riskregister.refusals import Refused
from tests import cast
from tests.api.caller import Caller, frozen
from tests.cast import NOON
from tests.containment import approved
from tests.tables import for_each
from tests.web.signed_in import as_
from vendors.models import Server

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JSON = "application/json"
INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {"protocolVersion": "2025-11-25", "clientInfo": {"name": "Claude Code", "version": "2.1.300"}},
}  # fmt: skip


def told(verb: str, *, now: datetime = NOON) -> dict[str, str]:
    """Return who was told of events with this verb, in which title."""
    relay.relay(now=now)
    return dict(Alert.objects.filter(event__verb=verb).values_list("recipient__name", "title"))


class Tests(TestCase):
    """Alice tried a client in Payments."""

    people: cast.Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()

    def record(self, **changes: Any) -> EnforcementTest:
        facts: dict[str, Any] = {
            "client": "VS Code", "version": "1.109.3", "control": "feed", "how": "Started a server that is not listed.",
            "result": "holds", "tried_on": NOON.date(),
        }  # fmt: skip
        return enforcement.record(unit=self.people.payments, by=self.people.alice, now=NOON, **facts | changes)

    def test_what_does_not_hold_is_told_and_what_holds_is_not(self) -> None:
        self.record()
        assert told("enforcement_test.recorded") == {}
        self.record(result="fails")
        title = "VS Code 1.109.3 does not obey: Registry"
        assert told("enforcement_test.recorded") == {"Bob": title, "Mia": title}

    def test_each_policy_file_can_be_tested(self) -> None:
        assert {file.name for file in clients.FILES} <= set(EnforcementTest.Control.values)

    def test_a_day_to_come_and_unknown_words_are_refused(self) -> None:
        for changes, field in (
            ({"tried_on": NOON.date() + DAY}, "tried_on"),
            ({"control": "telepathy"}, "control"),
            ({"result": "perhaps"}, "result"),
            ({"how": " "}, "how"),
            ({"client": ""}, "client"),
        ):
            with pytest.raises(Refused) as refused:
                self.record(**changes)
            assert refused.value.field == field
        assert EnforcementTest.objects.count() == 0

    def test_it_is_recorded_and_shown_at_both_doors_and_to_nobody_of_another_unit(self) -> None:
        body = {
            "unit": str(self.people.payments.pk), "client": "VS Code", "version": "1.109.3", "control": "feed",
            "how": "Started one.", "result": "in_part", "tried_on": "2026-03-01",
        }  # fmt: skip
        with frozen():
            made = Caller(self.people.alice).post("/enforcement-tests/", **body)
            assert (made.status_code, made.json()["ref"]) == (201, "ET-1")
            page = as_(self.people.alice).post("/enforcement-tests/add/", body | {"client": "Copilot"})
            assert page.status_code == 302
            shown = as_(self.people.carol).get("/enforcement-tests/").content.decode()
            theirs = as_(self.people.eve).get("/enforcement-tests/").content.decode()
        assert ("VS Code" in shown, "Copilot" in shown, "It holds in part" in shown) == (True, True, True)
        assert "Nobody has tried it" in theirs


@override_settings(CANARY=True, FEED="anonymous", ORIGIN="https://register.example.org")
class Canary(TestCase):
    """The registry and the policy files name the canary, and its server notes who comes."""

    set: approved.Approved

    @classmethod
    def setUpTestData(cls) -> None:
        cls.set = approved.set_up()

    def connect(self, message: Any = INITIALIZE, **headers: str) -> Any:
        with frozen():
            return Client().post(canary.PATH, message, content_type=JSON, headers={"User-Agent": "node"} | headers)

    def names(self, path: str = "") -> list[tuple[str, str]]:
        with frozen():
            rows = Client().get(f"/registry/v0.1/servers{path}").json()["servers"]
        return [
            (row["server"]["name"], row["_meta"]["io.modelcontextprotocol.registry/official"]["status"]) for row in rows
        ]

    def test_the_registry_says_that_it_is_deleted_and_a_search_does_not_find_it(self) -> None:
        mine, bait = (approved.NAME, "active"), ("org.example.register/canary", "deleted")
        assert self.names() == [mine, bait]
        assert self.names("/org.example.register%2Fcanary/versions") == [bait]
        assert self.names("?search=weather") == [mine]
        with override_settings(CANARY=False):
            assert self.names() == [mine]

    def test_policy_files_deny_it(self) -> None:
        record = clients.record(Server.objects.all(), now=NOON)
        for name in ("copilot-managed-settings", "claude-code-managed-settings"):
            made = clients.BY_NAME[name].make(record)
            assert {"serverUrl": "https://register.example.org/canary/mcp"} in made["deniedMcpServers"]
            assert canary.address() not in str(made["allowedMcpServers"])

    def test_whoever_loads_it_is_noted_told_once_and_shown(self) -> None:
        boss = cast.person("max", role="manager", unit=None)
        for _time in range(2):
            answer = self.connect()
        assert answer.json()["result"]["serverInfo"]["name"] == "canary"
        row = Asker.objects.get(kind="canary")
        assert row.client == "Claude Code 2.1.300 (node)"
        title = f"{row.client} loaded the canary: it obeys neither registry nor policy files"
        assert told("asker.disobeyed") == {"Max": title, "Ada": title}
        page = as_(boss).get("/enforcement-tests/").content.decode()
        assert "Claude Code 2.1.300 (node)" in page
        assert row.client not in as_(self.set.scene.people.eve).get("/enforcement-tests/").content.decode()

    def test_names_that_somebody_makes_up_do_not_fill_the_inbox(self) -> None:
        for number in range(canary.TOLD_A_DAY + 5):
            self.connect(**{"User-Agent": f"made-up {number}"})
        assert Event.objects.filter(verb="asker.disobeyed").count() == canary.TOLD_A_DAY
        assert Asker.objects.filter(kind="canary").count() == canary.TOLD_A_DAY + 5

    def test_it_offers_nothing_in_both_eras_of_the_protocol(self) -> None:
        params = {"_meta": {"io.modelcontextprotocol/clientInfo": {"name": "VS Code", "version": "2"}}}
        ask = {"jsonrpc": "2.0", "id": 7}
        found = self.connect(ask | {"method": "server/discover", "params": params}).json()
        assert (found["id"], found["result"]["supportedVersions"]) == (7, ["2026-07-28"])
        assert self.connect(ask | {"method": "tools/list"}).json()["result"] == {"tools": []}
        assert self.connect(ask | {"method": "tools/call"}).json()["error"]["code"] == -32601
        assert self.connect({"jsonrpc": "2.0", "method": "notifications/initialized"}).status_code == 202
        assert Asker.objects.filter(client="VS Code 2 (node)").exists()

    def test_it_is_not_there_while_it_is_switched_off_and_refuses_what_is_no_message(self) -> None:
        assert self.connect([1]).status_code == 400
        with override_settings(CANARY=False):
            assert self.connect().status_code == 404
        assert Asker.objects.count() == 0


@for_each(
    "name, pauses, quiet, expected",
    [
        ("one that asks each hour, after a day", [HOUR] * 200, 25 * HOUR, 1),
        ("one that asks each hour, within a day", [HOUR] * 200, 23 * HOUR, 0),
        ("one that pauses at weekends, at the next", [DAY, DAY, 3 * DAY, DAY, DAY, DAY], 4 * DAY, 0),
        ("one that pauses at weekends, for a week", [DAY, DAY, 3 * DAY, DAY, DAY, DAY], 5 * DAY, 1),
        ("one that somebody tried for a day", [HOUR] * 20, 5 * DAY, 0),
        ("one that has been gone for long", [HOUR] * 200, 40 * DAY, 0),
    ],
    ids=lambda row: row[0],
)
@pytest.mark.django_db
def test_a_client_is_silent_when_it_is_quiet_for_longer_than_it_ever_was(
    name: str, pauses: list[timedelta], quiet: timedelta, expected: int
):
    now = NOON
    for pause in [timedelta(0), *pauses]:
        now += pause
        noting.asks(Asker.Kind.FEED, client=name, token=None, now=now)

    assert silence.note(now=now + quiet) == expected
    Asker.objects.all().delete()


class Silent(TestCase):
    """A gateway of Payments that asked every four hours for ten days."""

    people: cast.Cast
    token: ApiToken
    last: datetime

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()
        cls.token = Caller(cls.people.alice, ["read"]).token
        cls.last = NOON + 10 * DAY
        for hour in range(0, 241, 4):
            cls.ask(NOON + hour * HOUR)

    @classmethod
    def ask(cls, at: datetime) -> None:
        unit_id = cls.people.payments.pk
        noting.asks(Asker.Kind.DECISIONS, client="toolhive/1.2", token=cls.token, now=at, unit_id=unit_id)

    def test_it_is_told_once_and_settled_when_it_asks_again(self) -> None:
        later = self.last + 2 * DAY
        assert [silence.note(now=later), silence.note(now=later + HOUR)] == [1, 0]
        title = "toolhive/1.2 asks no more (Decisions): nobody knows whether approvals are obeyed there"
        assert told("asker.silent", now=later) == {"Mia": title, "Ada": title}
        assert "asks no more" in as_(self.people.alice).get("/policies/doors/").content.decode()
        self.ask(later + 2 * HOUR)
        relay.relay(now=later + 2 * HOUR)
        assert not Alert.objects.filter(event__verb="asker.silent", settled_at=None).exists()
        row = Asker.objects.get()
        assert (row.silent_since, row.last_at, row.longest_pause) == (None, later + 2 * HOUR, 4 * HOUR)
        assert silence.note(now=later + 2 * DAY) == 1

    def test_a_revoked_token_is_no_news(self) -> None:
        self.token.revoked_at = self.last
        self.token.save(update_fields=["revoked_at"])
        assert silence.note(now=self.last + 2 * DAY) == 0

    def test_after_a_month_it_is_given_up(self) -> None:
        silence.note(now=self.last + 2 * DAY)
        silence.note(now=self.last + 31 * DAY)
        assert Event.objects.filter(verb="asker.given_up").count() == 1
        assert Asker.objects.get().silent_since is None
        relay.relay(now=self.last + 31 * DAY)
        assert not Alert.objects.filter(event__verb="asker.silent", settled_at=None).exists()

    @override_settings(SILENT_AFTER=timedelta(0))
    def test_it_can_be_switched_off(self) -> None:
        assert silence.note(now=self.last + 2 * DAY) == 0
