"""What becomes of an unapproved use: registered, said to be a known server, denied, or watched until a day."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import TestCase
from django.urls import reverse

from accounts import people
from accounts.access import NotPermitted
from accounts.models import Role
from alerts import relay
from alerts.models import Alert
from audit.context import SYSTEM
from audit.models import Event
from discovery import knowing, triage
from discovery.models import ConfiguredServer, Discovery, UnapprovedUse
from discovery.triage import suggested_name
from jobs import dated
from riskregister.refusals import Refused
from tests import append_only, cast
from tests.api.caller import Caller
from tests.cast import NOON, TODAY, Cast
from tests.discovery.reports import FS, FS_IS, receive
from tests.tables import for_each
from tests.web.signed_in import as_
from vendors.belonging import ServerOfAnotherUnit
from vendors.models import Server

DAY = timedelta(days=1)


class Triage(TestCase):
    """One unapproved use of Payments."""

    people: Cast
    use: UnapprovedUse

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()
        receive({"fs": FS}, unit=cls.people.payments, by=cls.people.alice)
        cls.use = UnapprovedUse.objects.get()

    def setUp(self) -> None:
        self.how: dict[str, Any] = {"by": self.people.alice, "now": NOON}

    def waits(self, *, on: Any = TODAY) -> bool:
        return UnapprovedUse.objects.waiting(today=on).exists()

    def told(self) -> list[tuple[str, str]]:
        relay.relay(now=NOON)
        alerts = Alert.objects.exclude(title__contains="nobody approved")
        return sorted(alerts.values_list("recipient__name", "title"))

    def again(self, *, days: int) -> None:
        receive({"fs": FS}, unit=self.people.payments, by=self.people.alice, now=NOON + days * DAY)

    def test_registering_makes_a_requested_server_by_which_it_is_known(self) -> None:
        assert self.waits()
        triage.register(self.use, name="modelcontextprotocol/fs", title="Files", purpose="", **self.how)

        server = Server.objects.get()
        assert (server.status, server.unit, server.title) == ("requested", self.people.payments, "Files")
        self.use.refresh_from_db()
        assert (self.use.status, self.use.server, self.use.decided_by) == ("registered", server, self.people.alice)
        row = ConfiguredServer.objects.with_standing(today=TODAY).get()
        assert (row.standing, row.known_key) == ("not_approved", server.pk)  # type: ignore[attr-defined]
        assert not self.waits()

    def test_a_name_that_is_taken_registers_nothing(self) -> None:
        cast.a_server(self.people, name="a/b")
        with pytest.raises(Refused, match="registered in this unit already"):
            triage.register(self.use, name="a/b", title="Files", purpose="", **self.how)

        self.use.refresh_from_db()
        assert (self.use.status, Server.objects.count()) == ("seen", 1)

    def test_what_the_unit_has_is_not_registered_twice_but_linked(self) -> None:
        server = cast.a_server(self.people)
        triage.link(self.use, server=server, **self.how)
        with append_only.lifted(connection, UnapprovedUse):
            UnapprovedUse.objects.update(status="seen", server=None)
        self.use.refresh_from_db()

        with pytest.raises(triage.KnownAlready, match="is this server already"):
            triage.register(self.use, name="a/c", title="Files", purpose="", **self.how)
        assert not triage.register.offer(self.use, self.people.alice).is_possible
        assert self.use.known == server

    def test_the_server_that_it_is_can_be_chosen_whatever_was_decided_about_it(self) -> None:
        server, other = cast.a_server(self.people), cast.a_server(self.people, name="com.example/other", title="Other")
        knowing.say(server, identity=self.use.identity, digest=self.use.identity_digest)
        where = reverse("web:unapproved-use-link", args=[self.use.pk])
        for status in (Server.Status.REJECTED, Server.Status.RETIRED):
            Server.objects.filter(pk__in=(server.pk, other.pk)).update(status=status)
            page = as_(self.people.alice).get(where)
            self.assertContains(page, f'value="{server.pk}" selected')
            assert (str(other) in page.content.decode()) is (status == Server.Status.REJECTED)

    def test_a_server_of_another_unit_is_not_this_one(self) -> None:
        theirs = cast.a_server(self.people, unit=self.people.research, by=self.people.eve)
        with pytest.raises(ServerOfAnotherUnit, match=r"another unit\. Choose one of Payments\."):
            triage.link(self.use, server=theirs, **self.how)

    def test_a_denied_one_that_is_seen_again_is_told_once_a_denial(self) -> None:
        triage.deny(self.use, reason="It reads everything.", **self.how)
        assert (self.waits(), self.told()) == (False, [])
        self.again(days=1)
        self.again(days=2)

        title = f"{self.use.ref} {FS_IS} is denied, and is in use all the same"
        assert self.told() == [("Alice", title), ("Mia", title)]

        self.use.refresh_from_db()
        triage.deny(self.use, reason="Still not.", by=self.people.alice, now=NOON + 3 * DAY)
        relay.relay(now=NOON)
        assert not Alert.objects.filter(title=title, settled_at=None).exists()
        self.again(days=4)
        assert len(self.told()) == 4

    def test_what_is_watched_waits_again_after_its_day_and_is_told(self) -> None:
        triage.watch(self.use, until=TODAY + DAY, **self.how)
        assert [self.waits(on=TODAY + days * DAY) for days in (0, 1, 2)] == [False, False, True]

        watched = next(one for one in dated.every() if one.word == "unapproved use")
        assert [dated.tell(watched, now=NOON + days * DAY) for days in (1, 2, 3)] == [0, 1, 0]
        assert self.told() == [("Alice", f"{self.use.ref} {FS_IS} is watched no longer: decide")]

    def test_a_watch_ends_on_a_day_ahead_within_a_year(self) -> None:
        for days in (-1, 0, 366):
            with self.subTest(days), pytest.raises(Refused, match="a day ahead"):
                triage.watch(self.use, until=TODAY + days * DAY, **self.how)
        assert triage.watch(self.use, until=TODAY + 365 * DAY, **self.how).watched_until == TODAY + 365 * DAY

    def test_what_is_gone_from_all_machines_waits_for_nobody(self) -> None:
        receive({}, unit=self.people.payments, by=self.people.alice, now=NOON + DAY)

        assert not self.waits()
        assert Caller(self.people.alice).read(f"/unapproved-uses/{self.use.pk}/")["machines"] == 0

    def test_who_may_not_write_in_the_unit_decides_nothing(self) -> None:
        events = Event.objects.count()
        for person in (self.people.eve, self.people.carol, self.people.mia):
            with pytest.raises(NotPermitted):
                triage.deny(self.use, reason="No.", by=person, now=NOON)

        assert Event.objects.count() == events

    def test_who_only_reads_in_the_unit_is_turned_away_before_anything_is_asked(self) -> None:
        receive({"fs": FS}, unit=self.people.research, by=self.people.eve)
        theirs = UnapprovedUse.objects.get(unit=self.people.research)
        people.give_role(self.people.alice, role=Role.AUDITOR, unit=self.people.research, by=SYSTEM, now=NOON)
        alice = as_(self.people.alice)
        steps = ("register", "link", "deny", "watch")
        for use, status in ((theirs, 403), (self.use, 200)):
            pages = [alice.get(reverse(f"web:unapproved-use-{step}", args=[use.pk])) for step in steps]
            assert [page.status_code for page in pages] == [status] * 4
            assert alice.get(reverse("web:unapproved-use-detail", args=[use.pk])).status_code == 200

    def test_the_home_of_who_triages_shows_it_and_that_of_others_does_not(self) -> None:
        heading = "In use, and approved by nobody"
        for person, shows in ((self.people.alice, True), (self.people.mia, False), (self.people.eve, False)):
            page = as_(person).get(reverse("web:home")).content.decode()
            assert (heading in page, FS_IS in page) == (shows, shows), person

    def test_the_pages_lead_from_what_was_found_to_a_server(self) -> None:
        alice = as_(self.people.alice)
        page = alice.get(reverse("web:unapproved-use-detail", args=[self.use.pk])).content.decode()
        register = reverse("web:unapproved-use-register", args=[self.use.pk])
        assert (FS_IS in page, register in page, "LAPTOP-7" in page) == (True, True, True)
        assert 'value="modelcontextprotocol/server-filesystem"' in alice.get(register).content.decode()
        alice.post(register, {"name": "modelcontextprotocol/server-filesystem", "title": "Files", "purpose": ""})

        fleet = alice.get(reverse("web:configured-server-list")).content.decode()
        assert ("Registered, not approved" in fleet, "Files" in fleet) == (True, True)
        assert (
            "fs"
            not in as_(self.people.eve)
            .get(reverse("web:configured-server-list"), {"format": "csv"})
            .getvalue()
            .decode()
        )

    def test_the_page_of_a_server_says_on_how_many_machines_it_is_and_leads_to_them(self) -> None:
        triage.register(self.use, name="modelcontextprotocol/fs", title="Files", purpose="", **self.how)
        server = Server.objects.get()
        alice, url = as_(self.people.alice), reverse("web:configured-server-list")
        page = alice.get(reverse("web:server-detail", args=[server.pk])).content.decode()
        assert (f"{url}?server={server.pk}" in page, "1 machine<" in page) == (True, True)
        found = {key: alice.get(url, {"server": str(key)}).context["list"].rows for key in (server.pk, self.use.pk)}
        assert [[row.name for row in rows] for rows in found.values()] == [["fs"], []]

    def test_a_letter_that_passes_for_another_is_marked_on_each_page(self) -> None:
        report = receive({"f\u0430x": {"command": "/opt/f\u0430x"}, "\u0430x": 7}, unit=self.people.payments,
                         by=self.people.alice, now=NOON + DAY)  # fmt: skip
        row, use = ConfiguredServer.objects.get(gone_at=None), UnapprovedUse.objects.latest("number")
        alice = as_(self.people.alice)
        for name, key, times in (
            ("web:configured-server-detail", row.pk, 4),
            ("web:unapproved-use-detail", use.pk, 4),
            ("web:discovery-detail", report.pk, 3),
        ):
            page = alice.get(reverse(name, args=[key])).content.decode()
            assert page.count("[U+0430]") >= times, name

    def test_the_page_of_a_report_says_what_the_machine_has_and_what_waits(self) -> None:
        report = Discovery.objects.get()
        page = as_(self.people.alice).get(reverse("web:discovery-detail", args=[report.pk]))
        assert ([row.name for row in page.context["there"].rows], page.context["waiting"]) == (["fs"], 1)
        assert f"{reverse('web:unapproved-use-list')}?waits=true" in page.content.decode()

    def test_of_too_many_files_none_is_taken(self) -> None:
        files = [SimpleUploadedFile(f"{number}.json", b"{}") for number in range(51)]
        data = {"unit": str(self.people.payments.pk), "machine": "DESK-1", "client": "", "document": ""}
        answer = as_(self.people.alice).post(reverse("web:discovery-add"), data | {"configurations": files})

        assert (answer.status_code, "Give at most 50 files." in answer.content.decode()) == (422, True)
        assert Discovery.objects.count() == 1

    def test_the_script_for_fleets_is_handed_out_as_a_program(self) -> None:
        answer = as_(self.people.alice).get(reverse("web:discovery-script"))
        assert answer["Content-Type"] == "text/x-python"
        assert answer["Content-Disposition"] == 'attachment; filename="discover_mcp.py"'

    def test_a_page_takes_files_and_says_what_it_could_not_read(self) -> None:
        alice = as_(self.people.alice)
        data = {
            "unit": str(self.people.payments.pk),
            "machine": "DESK-1",
            "client": "",
            "document": '{"mcpServers": {"x": 7}}',
        }
        answer = alice.post(reverse("web:discovery-add"), data, follow=True)

        assert "It is no object." in answer.content.decode()
        empty = alice.post(reverse("web:discovery-add"), data | {"document": ""})
        assert (empty.status_code, "Choose the files, or paste one." in empty.content.decode()) == (422, True)


@for_each(
    "registry,package,name",
    [
        ("npm", "@scope/name", "scope/name"),
        ("npm", "name", "npm/name"),
        ("oci", "ghcr.io/acme/crm", "acme/crm"),
        ("remote", "https://mcp.acme.example:8443/v1/mcp", "example.acme.mcp/mcp"),
        ("remote", "https://acme.example", "example.acme/mcp"),
        ("local", "w/build/index.js", "build/index.js"),
        ("local", "…", "local/server"),
    ],
)
def test_a_name_is_suggested_as_registries_write_them(registry: str, package: str, name: str) -> None:
    assert suggested_name(UnapprovedUse(registry=registry, package=package)) == name
