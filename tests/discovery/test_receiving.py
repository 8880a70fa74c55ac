"""A report put on record: what is new, there still, gone, or unread; whom it belongs to; what it says of approvals."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import TestCase
from django.utils import timezone

from accounts.access import Capability, NotPermitted
from alerts import relay
from alerts.models import Alert
from audit.models import Event
from discovery import incoming
from discovery.fleet.telling import report_of
from discovery.incoming import Report
from discovery.models import ConfiguredServer, Discovery, Standing, UnapprovedUse
from riskregister.refusals import Refused
from tests import cast
from tests.api.caller import Caller, frozen
from tests.cast import NOON, TODAY, Cast
from tests.containment import approved
from tests.discovery.reports import FS, FS_IS, TOO_LONG, receive
from vendors import lifecycle
from vendors.registering import importing

LATER = NOON + timedelta(days=1)
CRM = {"url": "https://mcp.acme.example/mcp"}
TIDES = cast.server_json(
    name="com.example/tides",
    packages=[
        {"registryType": "pypi", "identifier": "tides-mcp", "version": "1.0", "transport": {"type": "stdio"}},
    ],
)


class Reports(TestCase):
    """Two units, machines of which report."""

    people: Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()

    def receive(self, servers: dict[str, Any] | bytes, **how: Any) -> Discovery:
        return receive(servers, **{"unit": self.people.payments, "by": self.people.alice} | how)

    def there(self) -> dict[str, bool]:
        """Return which servers are known of, and whether each is there still."""
        return {row.name: row.gone_at is None for row in ConfiguredServer.objects.all()}

    def test_what_is_new_is_kept_from_its_first_report_to_its_last(self) -> None:
        self.receive({"fs": FS})
        self.receive({"fs": FS, "crm": CRM}, now=LATER)

        fs = ConfiguredServer.objects.get(name="fs")
        assert (fs.first_seen_at, fs.last_seen_at, fs.gone_at) == (NOON, LATER, None)
        assert (fs.identity, fs.client, fs.place, fs.machine.label) == (
            FS_IS,
            "Cursor",
            "~/.cursor/mcp.json",
            "LAPTOP-7",
        )
        assert ConfiguredServer.objects.get(name="crm").first_seen_at == LATER

    def test_what_a_newer_report_of_the_client_does_not_name_is_gone_and_comes_back(self) -> None:
        self.receive({"fs": FS, "crm": CRM})
        second = self.receive({"crm": CRM}, now=LATER)
        assert (self.there(), second.gone) == ({"fs": False, "crm": True}, 1)
        assert ConfiguredServer.objects.get(name="fs").last_seen_at == NOON

        self.receive({"fs": FS, "crm": CRM}, now=LATER + timedelta(days=1))
        assert self.there() == {"fs": True, "crm": True}
        assert ConfiguredServer.objects.get(name="fs").first_seen_at == NOON

    def test_another_client_or_machine_says_nothing_of_this_one(self) -> None:
        self.receive({"fs": FS})
        self.receive({"crm": CRM}, path="~/.gemini/settings.json", now=LATER)
        self.receive({}, machine="LAPTOP-8", now=LATER)

        assert self.there() == {"fs": True, "crm": True}

    def test_a_client_that_was_looked_for_and_is_not_there_any_more_has_lost_all(self) -> None:
        self.receive({"fs": FS})
        report = report_of("LAPTOP-7", [], looked_for=["Cursor"])
        assert Caller(self.people.alice).post("/discoveries/", **report).status_code == 201

        assert self.there() == {"fs": False}

    def test_a_file_that_cannot_be_read_loses_nothing(self) -> None:
        self.receive({"fs": FS})
        for raw in (b'{"mcpServers": {', b"\x00", b'{"mcpServers": []}'):
            with self.subTest(raw):
                broken = self.receive(raw, now=LATER)
                assert (self.there(), len(broken.unread)) == ({"fs": True}, 1)
                assert ConfiguredServer.objects.get(name="fs").last_seen_at == NOON

    def test_an_entry_that_cannot_be_read_any_more_is_not_gone(self) -> None:
        self.receive({"fs": FS, "crm": CRM})
        self.receive({"fs": {"command": 7}, "crm": CRM}, now=LATER)

        assert self.there() == {"fs": True, "crm": True}

    def test_the_same_report_again_is_the_same_record_and_no_event(self) -> None:
        first = self.receive({"fs": FS})
        events = Event.objects.count()
        again = self.receive({"fs": FS}, now=LATER)

        assert (again.pk, Discovery.objects.get().last_at, Event.objects.count()) == (first.pk, LATER, events)
        assert ConfiguredServer.objects.get().last_seen_at == LATER

    def test_another_version_of_the_same_is_the_same_server(self) -> None:
        self.receive({"fs": FS})
        self.receive({"fs": {"command": "npx", "args": [f"{FS['args'][1]}@2025.8.21"]}}, now=LATER)

        row = ConfiguredServer.objects.get()
        assert (row.version, row.is_pinned, row.first_seen_at) == ("2025.8.21", True, NOON)

    def test_what_nobody_approved_is_one_unapproved_use_a_unit_however_many_machines_have_it(self) -> None:
        self.receive({"fs": FS, "files": FS})
        self.receive({"fs": FS}, machine="LAPTOP-8", now=LATER)
        self.receive({"fs": FS}, unit=self.people.research, by=self.people.eve)

        uses: Any = UnapprovedUse.objects.with_machines().filter(unit=self.people.payments)
        assert [*uses.values_list("identity", "name", "status", "machines")] == [(FS_IS, "fs", "seen", 2)]
        assert UnapprovedUse.objects.filter(unit=self.people.research).count() == 1

    def test_analysts_of_the_unit_are_told_once_of_what_is_new(self) -> None:
        self.receive({"fs": FS, "crm": CRM})
        self.receive({"fs": FS, "crm": CRM}, machine="LAPTOP-8")
        relay.relay(now=NOON)

        alerts = Alert.objects.values_list("recipient__name", "title")
        assert list(alerts) == [("Alice", "LAPTOP-7 uses what nobody approved: 2 new")]

    def test_whoever_may_not_send_for_a_unit_changes_nothing(self) -> None:
        for person in (self.people.eve, self.people.carol, self.people.mia):
            with pytest.raises(NotPermitted):
                self.receive({"fs": FS}, by=person)

        assert not ConfiguredServer.objects.exists()

    def test_a_report_of_too_many_servers_is_refused_whole(self) -> None:
        many = [
            (f"{at}.json", json.dumps({"mcpServers": {f"s{n}": CRM for n in range(2600)}}).encode()) for at in (1, 2)
        ]
        with pytest.raises(Refused, match="5200 servers; at most 5000"):
            incoming.of_files("LAPTOP-7", many)


class OverTheApi(TestCase):
    """Tokens send what the script makes."""

    people: Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)

    def test_a_token_that_may_only_discover_sends_and_can_do_nothing_else(self) -> None:
        caller = Caller(self.people.alice, [Capability.DISCOVER])
        entry = {"name": "fs", "place": "~/.cursor/mcp.json", **FS, "env": ["K"], "headers": []}
        made = caller.made("/discoveries/", machine="LAPTOP-7", files=[{"client": "Cursor", "entries": [entry]}])

        assert (made["machine"], made["entries"], made["unapproved"], made["via"]) == ("LAPTOP-7", 1, 1, "api")
        assert caller.get("/configured-servers/").status_code == 403
        assert caller.post("/servers/", name="a/b").status_code == 403
        reader = Caller(self.people.alice, [Capability.READ])
        assert reader.post("/discoveries/", machine="x", files=[]).status_code == 403

    def test_values_that_somebody_sends_all_the_same_are_not_kept(self) -> None:
        secret = "hunter2-Vb7sK9pQ4xLm"
        entry = {"name": "fs", "place": "x", "command": "npx", "args": ["pkg", secret], "env": {"K": secret}}
        text = json.dumps(
            {"mcpServers": {"crm": {"url": f"https://a.example/mcp?k={secret}", "headers": {"X": secret}}}}
        )
        files = [{"client": "Cursor", "entries": [entry]}, {"path": "mcp.json", "text": text}]
        Caller(self.people.alice).made("/discoveries/", machine="LAPTOP-7", files=files)

        kept = [*ConfiguredServer.objects.values(), *Discovery.objects.values(), *UnapprovedUse.objects.values()]
        assert ConfiguredServer.objects.count() == 2
        assert secret not in str(kept) + "".join(Event.objects.values_list("body", flat=True))

    def test_the_unit_must_be_said_by_who_may_send_for_several(self) -> None:
        olga = cast.person("olga", role="analyst", unit=None)
        files = [{"client": "Cursor", "entries": []}]
        refused = Caller(olga).post("/discoveries/", machine="x", files=files)

        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "unit")
        Caller(olga).made("/discoveries/", machine="x", files=files, unit=str(self.people.payments.pk))

    def test_a_report_that_says_nothing_readable_is_refused_with_its_place(self) -> None:
        caller, nothing = Caller(self.people.alice), {"client": "Cursor", "entries": []}
        bodies: dict[str, dict[str, Any]] = {
            "machine": {"machine": "", "files": [nothing]},
            "looked_for": {"machine": "x", "files": []},
            "files[0].client": {"machine": "x", "files": [{"entries": []}]},
            "files[0].entries": {"machine": "x", "files": [nothing | {"entries": {}}]},
            "files[1].entries": {"machine": "x", "files": [nothing, nothing | {"entries": [7]}]},
        }
        for field, body in bodies.items():
            with self.subTest(field):
                refused = caller.post("/discoveries/", **body)
                assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
        assert not Discovery.objects.exists()

    def test_5000_servers_come_in_one_report(self) -> None:
        entries = [{"name": f"s{n}", "place": "x", "command": "npx", "args": ["pkg@1.0.0"]} for n in range(5000)]
        made = Caller(self.people.alice).made(
            "/discoveries/", machine="BUILD-1", files=[{"client": "Cursor", "entries": entries}]
        )

        assert (made["entries"], made["unapproved"], ConfiguredServer.objects.count()) == (5000, 1, 5000)


class Standings(TestCase):
    """An approved server with a package, an image of no version and a remote, and what machines have of it."""

    set: approved.Approved

    @classmethod
    def setUpTestData(cls) -> None:
        # Its digest pins it, and yet it names no version that a configuration could name too.
        image = {
            "registryType": "oci", "identifier": "ghcr.io/example/weather", "fileSha256": "a" * 64,
            "transport": {"type": "stdio"},
        }  # fmt: skip
        [package] = json.loads(cast.server_json())["packages"]
        cls.set = approved.set_up(packages=[package, image])

    def standings(self, servers: dict[str, Any]) -> dict[str, str]:
        people = self.set.scene.people
        receive(servers, unit=people.payments, by=people.alice)
        return {row.name: row.standing for row in ConfiguredServer.objects.with_standing(today=TODAY)}  # type: ignore[attr-defined]

    def test_what_is_configured_stands_as_the_approval_says(self) -> None:
        def npx(spec: str) -> dict[str, Any]:
            return {"command": "npx", "args": ["-y", spec]}

        people = self.set.scene.people
        importing.import_server_json(TIDES, unit=people.payments, by=people.alice, now=NOON)
        found = self.standings(
            {
                "as approved": npx("@example/weather@1.2.3"),
                "address": {"url": f"{approved.REMOTE}/"},
                "any": npx("@example/weather"),
                "latest": npx("@example/weather@latest"),
                "any as approved": {"command": "docker", "args": ["run", "ghcr.io/example/weather"]},
                "older": npx("@example/weather@1.2.2"),
                "in review": {"command": "uvx", "args": ["tides_mcp==1.0"]},
                "other": npx("@example/wether@1.2.3"),
            }
        )

        assert found == {
            "as approved": "approved", "address": "approved", "any": "unpinned", "latest": "unpinned",
            "any as approved": "unpinned", "older": "other_version", "in review": "not_approved", "other": "unknown",
        }  # fmt: skip
        assert set(UnapprovedUse.objects.values_list("identity", flat=True)) == {
            "npm:@example/weather", "npm:@example/wether", "pypi:tides-mcp",
        }  # fmt: skip
        by_filter = [
            (name, standing)
            for standing in Standing.values
            for name in ConfiguredServer.objects.standing_as([standing], today=TODAY).values_list("name", flat=True)
        ]
        assert sorted(by_filter) == sorted(found.items())
        either = ConfiguredServer.objects.standing_as(["not_approved", "unknown"], today=TODAY)
        assert set(either.values_list("name", flat=True)) == {"in review", "other"}

    def test_a_suspension_and_the_end_of_the_approval_count_at_once(self) -> None:
        exact = {"weather": {"command": "npx", "args": ["@example/weather@1.2.3"]}}
        assert self.standings(exact) == {"weather": "approved"}
        after = approved.LAST_DAY + timedelta(days=1)
        rows = ConfiguredServer.objects.with_standing(today=after)
        assert [row.standing for row in rows] == ["not_approved"]  # type: ignore[attr-defined]

        lifecycle.suspend(self.set.server, reason="An incident.", by=self.set.scene.people.bob, now=NOON)
        assert self.standings(exact) == {"weather": "not_approved"}

    def test_what_the_same_report_names_and_is_approved_no_more_is_told(self) -> None:
        people, exact = self.set.scene.people, {"weather": {"command": "npx", "args": ["@example/weather@1.2.3"]}}
        self.standings(exact)
        later = NOON + (approved.LAST_DAY + timedelta(days=1) - TODAY)
        receive(exact, unit=people.payments, by=people.alice, now=later)
        receive(exact, unit=people.payments, by=people.alice, now=later + timedelta(days=1))

        assert [*Discovery.objects.order_by("first_at").values_list("unapproved", flat=True)] == [0, 1]
        relay.relay(now=later)
        told = Alert.objects.filter(event__verb="discovery.unapproved").values_list("recipient__name", "title")
        assert [*told] == [("Alice", "LAPTOP-7 uses what nobody approved: 1 new")]

    def test_an_approval_of_one_unit_is_none_in_another(self) -> None:
        people = self.set.scene.people
        receive({"w": {"url": approved.REMOTE}}, unit=people.research, by=people.eve)

        rows = ConfiguredServer.objects.with_standing(today=TODAY)
        assert [row.standing for row in rows] == ["unknown"]  # type: ignore[attr-defined]

    def test_what_is_registered_later_is_known_without_another_report(self) -> None:
        people = self.set.scene.people
        assert self.standings({"tides": {"command": "uvx", "args": ["tides_mcp==1.0"]}}) == {"tides": "unknown"}
        server, _release = importing.import_server_json(TIDES, unit=people.payments, by=people.alice, now=NOON)

        row = ConfiguredServer.objects.with_standing(today=TODAY).get()
        assert (row.standing, row.known_key) == ("not_approved", server.pk)  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_the_command_reads_files_and_homes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people = cast.assemble()
    (tmp_path / ".cursor").mkdir()
    (tmp_path / ".cursor/mcp.json").write_text(json.dumps({"mcpServers": {"fs": FS, "bad": 7}}))
    call_command("discover", str(tmp_path), unit="payments", machine="BUILD-1")

    output = capsys.readouterr().out
    assert "Report of BUILD-1: 1 servers, 1 of them new and not approved, 0 gone." in output
    assert "Not read: ~/.cursor/mcp.json bad: It is no object." in output
    row = ConfiguredServer.objects.get()
    assert (row.unit, row.machine.label, row.client) == (people.payments, "BUILD-1", "Cursor")
    assert timezone.now() - row.first_seen_at < timedelta(minutes=5)

    (tmp_path / ".cursor/mcp.json").unlink()
    call_command("discover", str(tmp_path), unit="payments", machine="BUILD-1")
    row.refresh_from_db()
    assert row.gone_at is not None
    with pytest.raises(CommandError, match="There is no unit nowhere"):
        call_command("discover", str(tmp_path), unit="nowhere", machine="BUILD-1")
    for path, words in ((tmp_path / "x", "There is no .*/x"), (tmp_path / TOO_LONG, "cannot be looked at: File name")):
        with pytest.raises(CommandError, match=words):
            call_command("discover", str(path), unit="payments", machine="BUILD-1")


def test_the_digest_of_a_report_is_of_what_it_says_in_whatever_order() -> None:
    one, two = (
        incoming.of_files("x", [("~/.cursor/mcp.json", json.dumps({"mcpServers": servers}).encode())])
        for servers in ({"fs": FS, "crm": CRM}, {"crm": CRM, "fs": FS})
    )

    assert one.digest == two.digest
    assert one.digest != Report("x", one.looked_for, one.entries[:1], ()).digest
