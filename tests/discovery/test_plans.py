"""What is configured and stands in the way that is asked for is found without reading all that is configured."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import TestCase
from rest_framework.test import APIRequestFactory, force_authenticate

from api.v1.observations import discoveries
from discovery.knowing import digest_of
from discovery.models import ConfiguredServer, KnownAs, Machine, UnapprovedUse
from riskregister.queries import inserting
from tests import cast
from tests.cast import NOON
from tests.plans import explained, too_much
from vendors.models import Server

ROWS, UNKNOWN = 20_000, 60


@pytest.mark.postgres
class FewAmongMany(TestCase):
    """20,000 configured servers, of which the register knows all but 60; of 20,000 unapproved uses half are denied."""

    people: cast.Cast
    rows: dict[str, int]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()
        server = cast.a_server(cls.people)
        machine = Machine.objects.create(unit=cls.people.payments, label="LAPTOP-7", first_seen_at=NOON)
        names = [f"npm:@example/server-{number}" for number in range(ROWS)]
        known = [name for at, name in enumerate(names) if at % (ROWS // UNKNOWN) or at >= UNKNOWN * (ROWS // UNKNOWN)]
        inserting.insert([KnownAs(server=server, identity=name, digest=digest_of(name)) for name in known])
        inserting.insert([*cls.configured(machine, names, frozenset(known))])
        inserting.insert([*cls.uses(server, names)])
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            cursor.execute("SELECT relname, reltuples::int FROM pg_class WHERE relkind = 'r'")
            cls.rows = dict(cursor.fetchall())

    @staticmethod
    def configured(machine: Machine, names: list[str], known: frozenset[str]) -> Iterator[ConfiguredServer]:
        for at, name in enumerate(names):
            seen = NOON - timedelta(minutes=at)
            yield ConfiguredServer(
                unit_id=machine.unit_id, machine=machine, client="cursor", place="x.json", name=name, identity=name,
                key=digest_of(name), identity_digest=digest_of(name), registry="npm", package=name, is_pinned=False,
                first_seen_at=seen, last_seen_at=seen, is_known=name in known,
            )  # fmt: skip

    @staticmethod
    def uses(server: Server, names: list[str]) -> Iterator[UnapprovedUse]:
        for number, name in enumerate(names, start=1):
            is_new = number % 2
            yield UnapprovedUse(
                number=number, unit_id=server.unit_id, identity=name, identity_digest=digest_of(name), registry="npm",
                package=name, name=name, status="seen" if is_new else "denied", decided_at=None if is_new else NOON,
                first_seen_at=NOON,
            )  # fmt: skip

    def asked(self, view: Any, **query: str) -> tuple[int, list[str]]:
        """Return how many rows a page of a list has, and which of its steps read too much."""
        request = APIRequestFactory().get("/", query)
        force_authenticate(request, user=self.people.alice)
        with explained() as plans:
            answer = view.as_view({"get": "list"})(request)
        return len(answer.data["results"]), [sentence for plan in plans for sentence in too_much(plan, self.rows)]

    def test_the_few_that_are_not_registered(self) -> None:
        assert self.asked(discoveries.ConfiguredServers, standing="unknown") == (50, [])

    def test_what_is_registered_and_not_approved(self) -> None:
        assert self.asked(discoveries.ConfiguredServers, standing="not_approved") == (50, [])

    def test_what_waits_for_a_decision(self) -> None:
        assert self.asked(discoveries.UnapprovedUses, waits="true") == (50, [])

    def test_what_waits_for_none(self) -> None:
        assert self.asked(discoveries.UnapprovedUses, waits="false") == (50, [])
