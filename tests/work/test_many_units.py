"""The figures of a register of more units than a database takes in one condition."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Unit
from catalogue.models import Dimension
from decisions.models import ServerRating
from scoring.scales import Residual
from tests import cast
from tests.cast import NOON, TODAY
from tests.web.signed_in import as_
from vendors.models import Server
from work import counting

pytestmark = [pytest.mark.engine, pytest.mark.django_db]
UNITS = 250


def rated(units: list[Unit]) -> list[Server]:
    """Return two servers of each unit, the first of them with the lower scores: its place in tenths of a percent."""
    servers = Server.objects.bulk_create(
        Server(
            unit=unit, number=number, name=f"com.example/{number}", title=f"Server {number}", inherent_tier=2,
            created_at=NOON,
        )
        for number, unit in enumerate([*units, *units], start=1)
    )  # fmt: skip
    ServerRating.objects.bulk_create(
        ServerRating(
            server=server, as_of=NOON, residual=Residual.LOW, residual_computed=Residual.LOW,
            residual_rank=Residual.LOW.rank,
            **{f"{key}_percent": Decimal(server.number) / 10 for key in Dimension.values},
        )
        for server in servers
    )  # fmt: skip
    return servers[: len(units)]


def test_the_lowest_scores_of_every_unit_are_found_and_the_dashboard_shows_them():
    people = cast.assemble()
    units = Unit.objects.bulk_create(Unit(name=f"Unit {place}", code=f"unit-{place}") for place in range(UNITS))
    lowest = rated(units)

    found = counting.of_units([unit.pk for unit in units], today=TODAY)

    for unit, server in zip(units, lowest, strict=True):
        assert {one.server for one in found[unit.pk].lowest.values()} == {server.pk}
        assert set(found[unit.pk].lowest) == set(Dimension.values)
    shown = as_(people.ada).get(reverse("web:dashboard"))
    assert shown.status_code == 200
    assert shown.context["total"] == UNITS * 2
