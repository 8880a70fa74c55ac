"""One number, one meaning: over registers drawn at random, for everybody who looks, every tile of the dashboard is the
count of its list, the rows of its file, the rows of the API, and the figure of the issued report.
"""

import csv
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, example, given, settings

from accounts.models import Unit, User
from catalogue import publishing
from reports import builders, requests
from reports.models import Report
from tests import cast
from tests.api.caller import Caller, frozen
from tests.cast import NOON
from tests.web.signed_in import as_
from tests.work import figures
from vendors import belonging

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
# A vendor behind servers of two units, one of them retired, and its overdue finding.
SHARED = (
    [
        {"unit": 0, "status": "approved", "is_in_use": True, "vendors": {(0, "publisher"), (0, "host")},
         "residual": None, "approved": -1, "review": -1},
        {"unit": 1, "status": "retired", "is_in_use": False, "vendors": {(0, "upstream")},
         "residual": None, "approved": None, "review": None},
    ],
    [
        {"server": None, "vendor": 0, "due": -1, "status": "open", "severity": 2, "owner": None,
         "accepted": ("granted", 30)},
        {"server": None, "vendor": 1, "due": -1, "status": "remediating", "severity": 1, "owner": 1,
         "accepted": ("granted", 31)},
    ],
)  # fmt: skip


@pytest.fixture
def people(db: None) -> figures.People:
    with frozen():
        publishing.publish_catalogue(now=NOON)
        return figures.gather(cast.assemble())


class Eyes:
    """Somebody at all doors of the register."""

    def __init__(self, person: User) -> None:
        self.person, self.pages, self.api = person, as_(person), Caller(person)

    def tiles(self, unit: Unit | None) -> Any:
        """Return the tiles of the page; those of the API must be the same."""
        query = {"unit": str(unit.pk)} if unit else {}
        shown = self.pages.get(reverse("web:dashboard"), query).context
        dashboard = self.api.read("/dashboard/", **query)
        page = [(one.tile.key, one.tile.label, one.tile.value, one.tile.of) for one in shown["tiles"]]
        assert page == [(one["key"], one["label"], one["value"], one["of"]) for one in dashboard["tiles"]]
        assert shown["definition"] == dashboard["counted"]
        return list(zip(shown["tiles"], dashboard["tiles"], strict=True)), shown

    def counts(self, page: str, api: str) -> tuple[int, int, int]:
        """Return how many rows the list, its file and the API have."""
        return _listed(self.pages, page), _in_file(self.pages, page), sum(1 for _ in self._rows(api))

    def _rows(self, path: str) -> Iterator[Any]:
        address: str | None = f"{path}&limit=100"
        while address:
            answer = self.api.client.get(address)
            assert answer.status_code == 200, answer.content
            yield from answer.json()["results"]
            address = answer.json()["next"]


def _listed(client: Client, address: str) -> int:
    listed = client.get(address).context["list"]
    assert not listed.refused
    return int(listed.total)


def _in_file(client: Client, address: str) -> int:
    answer: Any = client.get(f"{address}&format=csv")
    return len(list(csv.reader(answer.getvalue().decode().splitlines()))) - 1


def _report(unit: Unit | None, by: User) -> dict[str, int]:
    """Return the figures that a report prints, by their words."""
    with transaction.atomic():
        report = requests.request_register_report(unit=unit, by=by, now=NOON)
        built = builders.build(Report.objects.get(pk=report.pk), now=NOON)
        transaction.set_rollback(True)
    overdue = sum(one["overdue"] for one in built["owners"])
    found = {one["label"]: one["count"] for one in built["figures"]}
    assert found["Findings overdue"] == overdue
    assert unit is None or overdue == sum(one["overdue"] for one in built["by_unit"])
    return found


@settings(
    max_examples=5, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck), print_blob=True
)
@given(register=figures.REGISTER)
@example(register=SHARED)
def test_a_figure_is_the_same_at_every_door(people: figures.People, register: Any) -> None:
    with frozen(), transaction.atomic():
        figures.fill(people, register)
        for name, person in people.all.items():
            eyes = Eyes(person)
            for unit in (None, people.units[0]):
                tiles, shown = eyes.tiles(unit)
                for page, api in tiles:
                    assert eyes.counts(page.url, api["rows"]) == (page.tile.value,) * 3, (name, unit, page.tile.label)
                for change in shown["changes"]:
                    assert _listed(eyes.pages, change.url) == change.count, (name, unit, change.label)
                if unit or name == "administrator":
                    told = {one.tile.label: one.tile.value for one, _api in tiles}
                    assert _report(unit, people.administrator) == told, (name, unit)
        transaction.set_rollback(True)


def test_a_finding_about_a_vendor_belongs_to_each_unit_with_a_server_of_it_that_may_still_be_used(people) -> None:
    with frozen():
        figures.fill(people, SHARED)
        manager, member = Eyes(people.manager), Eyes(people.member)
        overdue = {
            "manager": manager.tiles(None)[0], "manager in the unit": manager.tiles(people.units[0])[0],
            "member": member.tiles(None)[0], "administrator": Eyes(people.administrator).tiles(None)[0],
            "in the unit of the retired one": member.tiles(people.units[1])[0],
        }  # fmt: skip

        found = {name: tiles[4][0].tile.value for name, tiles in overdue.items()}
        reports = [_report(unit, people.administrator)["Findings overdue"] for unit in (None, *people.units[:2])]

    assert found == {
        "manager": 1, "manager in the unit": 1, "member": 1, "administrator": 2, "in the unit of the retired one": 0,
    }  # fmt: skip
    assert reports == [2, 1, 0]


def test_the_definition_stands_beside_the_figures_and_above_a_list_of_a_unit(people) -> None:
    with frozen():
        figures.fill(people, SHARED)
        manager, administrator = as_(people.manager), as_(people.administrator)
        overdue = Eyes(people.manager).tiles(None)[0][4][0]
        pages = [client.get(reverse("web:dashboard")).content.decode() for client in (manager, administrator)]
        lists = [manager.get(reverse("web:finding-list")).content.decode(), manager.get(overdue.url).content.decode()]

    assert parse_qs(urlsplit(overdue.url).query)["unit"] == [str(people.units[0].pk)]
    assert [belonging.WORDS in page for page in pages] == [True, False]
    assert [belonging.WORDS in page for page in lists] == [False, True]


def test_the_report_prints_the_definition(people) -> None:
    with transaction.atomic():
        report = requests.request_register_report(unit=people.units[0], by=people.administrator, now=NOON)

    assert builders.build(report, now=NOON)["counted"] == belonging.WORDS
