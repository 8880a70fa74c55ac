"""What is configured is marked as known once its unit has a server that is known so, whichever comes first."""

from typing import Any

import pytest
from django.db import connection
from django.test import TestCase, TransactionTestCase

from discovery import applying, triage
from discovery.models import ConfiguredServer, KnownAs, Standing, UnapprovedUse
from tests import cast
from tests.cast import NOON, TODAY
from tests.discovery.reports import FS, receive
from tests.interleaving import overtaken

WEATHER = {"command": "npx", "args": ["-y", "@example/weather@1.2.3"]}


class Known(TestCase):
    """Two units; a server of Payments is the package @example/weather."""

    people: cast.Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()

    def receive(self, servers: dict[str, Any], **how: Any) -> None:
        receive(servers, **{"unit": self.people.payments, "by": self.people.alice} | how)

    def marked(self) -> dict[str, bool]:
        return dict(ConfiguredServer.objects.order_by("name").values_list("name", "is_known"))

    def unknown(self) -> list[str]:
        rows = ConfiguredServer.objects.standing_as([Standing.UNKNOWN], today=TODAY).order_by("name")
        return list(rows.values_list("name", flat=True))

    def test_what_the_register_has_is_known_when_it_is_reported(self) -> None:
        cast.a_release(self.people)
        self.receive({"weather": WEATHER, "fs": FS})
        assert self.marked() == {"fs": False, "weather": True}
        assert self.unknown() == ["fs"]

    def test_what_is_reported_is_known_once_the_register_has_it(self) -> None:
        self.receive({"weather": WEATHER, "fs": FS})
        assert self.unknown() == ["fs", "weather"]
        cast.a_release(self.people)
        assert self.marked() == {"fs": False, "weather": True}

    def test_in_another_unit_it_stays_unknown(self) -> None:
        cast.a_release(self.people)
        self.receive({"weather": WEATHER}, unit=self.people.research, by=self.people.eve)
        assert self.marked() == {"weather": False}

    def test_what_somebody_says_that_it_is_is_known(self) -> None:
        server = cast.a_server(self.people)
        self.receive({"fs": FS})
        triage.link(UnapprovedUse.objects.get(), server=server, by=self.people.alice, now=NOON)
        assert self.marked() == {"fs": True}
        assert self.unknown() == []

    @pytest.mark.engine
    def test_what_came_while_its_server_was_registered_is_not_called_unknown(self) -> None:
        self.receive({"fs": FS})
        row = ConfiguredServer.objects.get()
        KnownAs.objects.create(server=cast.a_server(self.people), identity=row.identity, digest=row.identity_digest)
        assert (self.marked(), self.unknown()) == ({"fs": False}, [])
        [shown] = ConfiguredServer.objects.with_standing(today=TODAY)
        assert shown.standing == Standing.NOT_APPROVED  # type: ignore[attr-defined]


@pytest.mark.engine
class AtOnce(TransactionTestCase):
    def test_whoever_registers_a_server_does_not_wait_for_a_report_of_it(self) -> None:
        people = cast.assemble()

        def report() -> None:
            receive({"weather": WEATHER}, unit=people.payments, by=people.alice)

        report()
        outcomes = overtaken(report, lambda: cast.a_release(people), at=(applying, "_part"))
        assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
        row = ConfiguredServer.objects.with_standing(today=TODAY).get()
        # On SQLite one of them waits for all of the other.
        assert row.is_known is (connection.vendor == "sqlite")
        assert row.standing == Standing.NOT_APPROVED  # type: ignore[attr-defined]
