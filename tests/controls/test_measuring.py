"""What is missing for governance tiers of many deployments at once: of each what is missing of it alone."""

from collections import Counter
from typing import Any

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from controls import statuses
from controls.in_place import reading
from controls.models import ControlStatus, SourcedStatuses
from controls.models.status import TO_DO
from controls.tiers import measuring, tables, units
from controls.tiers.measuring import Measured
from tests.assessments import scenes
from tests.cast import NOON, Cast
from tests.controls import saying
from tests.web.signed_in import as_
from vendors.models import Deployment, Server
from vendors.registering import deployments

TODAY = NOON.date()


class Measuring(TestCase):
    """Four servers with two deployments each, at any tier; of the last two servers nothing is said yet."""

    people: Cast
    servers: list[Server]
    places: list[Deployment]

    @classmethod
    def setUpTestData(cls) -> None:
        scene = scenes.set_up()
        cls.people = scene.people
        cls.servers = [scene.server, *(scene.another_server() for _ in range(3))]
        for number, server in enumerate(cls.servers):
            for name in ("One", "Two"):
                facts: dict[str, Any] = {"environment": "staging", "agent": name, "governance_tier": number % 3 + 1}
                facts["governance_revision"] = tables.load().latest.key
                deployments.add_deployment(server, name=name, **facts, by=scene.people.alice, now=NOON)
        cls.places = list(Deployment.objects.order_by("number"))

    def measured(self) -> list[Measured]:
        return measuring.measure(Deployment.objects.all(), today=TODAY)

    def test_is_what_is_missing_of_each_one_by_one(self) -> None:
        saying.say_anything([None, *self.servers[:2], *self.places[:3]], list(measuring.yardstick().effort))
        found = self.measured()
        assert [one.deployment for one in found] == [row.pk for row in self.places]
        for row, one in zip(self.places, found, strict=True):
            known = reading.load(Deployment.objects.filter(pk=row.pk), today=TODAY)
            days = self.days(row)
            for short in one.shortfalls:
                needs = measuring.yardstick().needs[one.revision, short.tier]
                lacking = frozenset(
                    key for key in needs if not known.effective(row.server_id, key, deployment=row.pk).counts
                )
                assert (short.needed, short.missing) == (len(needs), lacking)
                assert short.effort == sum(days[key] for key in lacking)
        assert len({one.at.missing for one in found}) > 4

    def test_a_unit_is_the_sum_of_its_servers(self) -> None:
        saying.say_anything([None, *self.servers[:2], *self.places[:3]], list(measuring.yardstick().effort))
        rows = self.measured()
        [found] = units.by_unit(Deployment.objects.all(), today=TODAY)
        lacks = Counter(key for row in rows for key in row.at.missing)
        assert sorted((one.deployments for one in found.most_missing), reverse=True) == [
            count for _, count in lacks.most_common(len(found.most_missing))
        ]
        days: dict[Any, int] = {}
        for row in rows:
            for key in row.at.missing:
                days[row.server, key] = max(days.get((row.server, key), 0), row.at.days[key])
        assert (found.missing, found.effort) == (len(days), sum(days.values()))

    def test_where_the_same_is_said_it_is_worked_out_once(self) -> None:
        keys = list(measuring.yardstick().effort)
        saying.say_anything([self.servers[0]], keys)
        _say_the_same(self.servers[0], self.servers[3])
        first, *others, last = (row.shortfalls for row in self.measured())
        assert first is last
        assert first is not others[1]
        row = ControlStatus.objects.filter(server=self.servers[3], state="in_place").first()
        assert row is not None
        statuses.withdraw(row, reason="It was not so.", by=self.people.alice, now=NOON)
        first, *_, last = (row.shortfalls for row in self.measured())
        assert first != last

    def test_the_lists_take_as_many_statements_for_many_rows(self) -> None:
        alice = as_(self.people.alice)
        for servers in (self.servers[:1], self.servers[1:]):
            saying.say_anything(servers, list(measuring.yardstick().effort)[:9], number=1000 + 100 * len(servers))
            for page, most in (("tier-gap-list", 11), ("control-status-list", 10)):
                with CaptureQueriesContext(connection) as asked:
                    answer = alice.get(reverse(f"web:{page}"))
                assert (page, len(asked), answer.status_code) == (page, most, 200)

    def days(self, row: Deployment) -> dict[int, int]:
        """Return the days of work that the nearest status says of each control, or else the table."""
        found = dict(measuring.yardstick().effort)
        rows = ControlStatus.objects.filter(state__in=TO_DO, effort_days__isnull=False)
        for nearer in ({"place": "organisation"}, {"place": "server", "server": row.server_id}, {"deployment": row}):
            found |= {one.control_id: one.effort_days or 0 for one in rows.filter(**nearer)}
        return found


def _say_the_same(of: Server, to: Server) -> None:
    """Let everything be said of a server that is said of another one."""
    for row in (
        *ControlStatus.objects.filter(server=of).order_by("number"),
        *SourcedStatuses.objects.filter(server=of),
    ):
        row.pk, row.server = None, to
        row._state.adding = True
        if isinstance(row, ControlStatus):
            row.number, row.unit = row.number + 90_000, to.unit
        else:
            row.pk = type(row)._meta.pk.get_default()
        row.save(force_insert=True)
