"""Two people who register the same thing at the same moment, in two real transactions."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from audit.models import Event
from riskregister.refusals import Conflict
from tests.cast import Cast, a_server, a_vendor, assemble
from tests.waiting import PATIENCE
from vendors.models import Server, SubProcessor, Vendor
from vendors.registering import relations
from vendors.registering.relations import CycleFound

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]


@pytest.fixture
def cast() -> Cast:
    return assemble()


def at_once(*steps) -> list[str]:
    """Run the steps in a thread each and return what came of them, sorted: "done" or the name of the refusal."""
    start = Barrier(len(steps))

    def run(step) -> str:
        try:
            start.wait(PATIENCE)
            step()
        except (Conflict, CycleFound) as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(steps)) as pool:
        return sorted(pool.map(run, steps))


def test_of_two_who_register_a_server_one_gets_a_conflict(cast: Cast):
    outcome = at_once(lambda: a_server(cast), lambda: a_server(cast, "com.example/Weather", by=cast.bob))

    assert outcome == ["Conflict", "done"]
    assert Server.objects.count() == Event.objects.filter(verb="server.registered").count() == 1


def test_of_two_who_register_a_vendor_one_gets_a_conflict(cast: Cast):
    outcome = at_once(lambda: a_vendor(cast), lambda: a_vendor(cast, "EXAMPLE LTD", by=cast.bob))

    assert outcome == ["Conflict", "done"]
    assert Vendor.objects.count() == Event.objects.filter(verb="vendor.registered").count() == 1


def test_two_halves_of_a_cycle_never_both_come_true(cast: Cast):
    one, other = a_vendor(cast, "One"), a_vendor(cast, "Other")
    by: dict[str, Any] = {"purpose": "Hosting", "now": one.created_at}

    outcome = at_once(
        lambda: relations.add_sub_processor(one, other, by=cast.alice, **by),
        lambda: relations.add_sub_processor(other, one, by=cast.bob, **by),
    )

    assert outcome == ["CycleFound", "done"]
    assert SubProcessor.objects.count() == 1
