"""Logs of egress, taken: what is kept of them, and that indicators hit what was contacted."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import TestCase

from accounts.access import NotPermitted
from intelligence import egress_logs
from intelligence.egress_logs import NothingInIt, NotOfTheServer
from intelligence.models import EgressContact, EgressLog
from intelligence.reading.indicators import Kind, Term, Told
from riskregister.refusals import Refused
from tests import cast
from tests.intelligence import scene
from tests.intelligence.scene import LATER, Scene
from vendors.registering import deployments


def line(seconds: int, host: str, *, client: str = "10.0.0.5", result: str = "TCP_TUNNEL/200") -> str:
    return f"{seconds}.000 5 {client} {result} 100 CONNECT {host}:443 - HIER_DIRECT/- -\n"


def log(*lines: str) -> bytes:
    return "".join(lines).encode()


FIRST, LAST = 1_772_000_000, 1_772_000_600
LOG = log(
    line(FIRST, "api.evil.example"), line(LAST, "api.evil.example"), line(LAST, "other.example", client="10.0.0.6"),
    "nonsense\n", line(LAST, "blocked.example", result="TCP_DENIED/403"),
)  # fmt: skip


class EgressLogs(TestCase):
    """A server whose egress is observed."""

    here: Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.here = scene.set_up()

    def take(self, raw: bytes = LOG, *, client: str = "", **how: Any) -> EgressLog:
        arguments: dict[str, Any] = {"by": self.here.people.alice, "now": LATER} | how
        return egress_logs.take(self.here.server, taken=egress_logs.read(raw, client=client), **arguments)

    def contacts(self) -> list[tuple[str, int, bool, int]]:
        rows = EgressContact.objects.filter(server=self.here.server).order_by("host")
        return [(row.host, row.port, row.was_let, row.count) for row in rows]

    def test_hosts_are_counted_and_a_line_that_cannot_be_read_is_told(self) -> None:
        made = self.take()

        assert self.contacts() == [
            ("api.evil.example", 443, True, 2), ("blocked.example", 443, False, 1), ("other.example", 443, True, 1),
        ]  # fmt: skip
        assert (made.contacts_read, made.hosts, made.unread) == (4, 3, 1)
        assert made.first_unread == "line 4: It is no line of Squid's own format."
        row = EgressContact.objects.get(host="api.evil.example")
        assert (row.first_seen_at, row.last_seen_at) == (
            datetime.fromtimestamp(FIRST, UTC), datetime.fromtimestamp(LAST, UTC),
        )  # fmt: skip

    def test_the_same_log_again_counts_nothing_twice(self) -> None:
        first = self.take()
        before = self.contacts()

        assert self.take().pk == first.pk
        assert self.contacts() == before

    def test_another_log_goes_on_counting(self) -> None:
        self.take()
        self.take(log(line(FIRST - 10, "api.evil.example")))

        row = EgressContact.objects.get(host="api.evil.example")
        assert (row.count, row.first_seen_at) == (3, datetime.fromtimestamp(FIRST - 10, UTC))

    def test_only_the_lines_of_the_client_that_was_asked_for_are_read(self) -> None:
        self.take(client="10.0.0.6")

        assert self.contacts() == [("other.example", 443, True, 1)]
        with pytest.raises(NothingInIt, match=r"no contact of 10\.0\.0\.7"):
            self.take(client="10.0.0.7")

    def test_what_was_contacted_is_hit_at_once_and_proposes_a_finding(self) -> None:
        scene.told(scene.a_feed(), Told(external_id="x", title="C2", confidence=90,
            ways=(frozenset({Term(Kind.DOMAIN, "evil.example")}),)))  # fmt: skip
        self.take()

        assert self.here.hits() == [("egress", "api.evil.example:443")]
        assert [one.title for one in self.here.findings()] == [
            "Observed egress api.evil.example:443 is named by threat intelligence"
        ]

    def test_a_deployment_of_another_server_is_refused(self) -> None:
        people = self.here.people
        other = cast.a_server(people, "com.example/other", title="Other")
        deployment = deployments.add_deployment(
            other, name="Agent", environment="production", agent="Support", owner=None, by=people.alice, now=LATER,
            **cast.EXPOSURE,
        )  # fmt: skip
        with pytest.raises(NotOfTheServer):
            self.take(deployment=deployment)

        assert (EgressLog.objects.count(), EgressContact.objects.count()) == (0, 0)

    def test_an_outsider_and_an_auditor_send_nothing(self) -> None:
        for person in (self.here.people.eve, self.here.people.carol):
            with self.subTest(person), pytest.raises(NotPermitted):
                self.take(by=person)

    def test_a_log_of_too_many_hosts_is_refused(self) -> None:
        with pytest.raises(Refused, match="more than 20,000 hosts"):
            self.take(log(*(line(FIRST, f"h{at}.example") for at in range(egress_logs.MOST_HOSTS + 1))))

    def test_the_command_takes_a_file(self) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder, "access.log")
            path.write_bytes(LOG)
            out = StringIO()
            call_command("take_egress_log", path, server=self.here.server.ref, stdout=out)
            assert out.getvalue().startswith(
                f"Log of squid, {self.here.server}: 4 contacts with 3 hosts, 1 lines unread."
            )
            path.write_bytes(b"")
            with pytest.raises(CommandError, match="The file is empty"):
                call_command("take_egress_log", path, server=self.here.server.ref)
            with pytest.raises(CommandError, match="no deployment D-9"):
                call_command("take_egress_log", path, server=self.here.server.ref, deployment="D-9")
