"""Lists: cursors that hold still while rows come in, orderings, filters, and what a list costs."""

import itertools
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from accounts.models import Role
from api.pagination import Keyset
from api.urls import router
from catalogue.models import Dimension
from findings import register, remediation
from findings.models import Finding
from riskregister.queries.ordering import Key
from scoring.scales import Severity
from tests import append_only, cast
from tests.api.caller import Caller, frozen
from tests.cast import NOON, TODAY
from vendors.models import Server, Vendor


class AListOfFindings(TestCase):
    """Thirty findings of Payments, one of Research, one of a vendor; two without a due date."""

    people: cast.Cast
    server: Server
    elsewhere: Server
    vendor: Vendor

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()
        cls.server = cast.a_server(cls.people)
        cls.elsewhere = cast.a_server(cls.people, unit=cls.people.research, by=cls.people.eve)
        cls.vendor = cast.a_vendor(cls.people)
        for index in range(30):
            cls.found(index)
        who: dict[str, Any] = {"dimension": Dimension.PROVENANCE, "now": NOON}
        register.open_by_hand(cls.elsewhere, title="Elsewhere", severity=1, by=cls.people.eve, **who)
        register.open_by_hand(cls.vendor, title="Of the vendor", severity=1, by=cls.people.alice, **who)
        for finding in Finding.objects.filter(title__in=["Number 3", "Number 4"]):
            # Nothing proposes findings by step yet; a proposed one has no due date.
            finding.status, finding.due_on, finding.opened_at = Finding.Status.PROPOSED, None, None
            with append_only.lifted(connection, Finding):
                finding.save()

    @classmethod
    def found(cls, index: int) -> Finding:
        return register.open_by_hand(
            cls.server,
            title=f"Number {index}",
            severity=list(Severity)[index % 4],
            dimension=Dimension.values[index % 5],
            by=cls.people.alice,
            # In threes at one moment, so that ties must be told apart.
            now=NOON + timedelta(minutes=index // 3),
        )

    def setUp(self) -> None:
        clock = frozen(NOON + timedelta(hours=2))
        clock.start()
        self.addCleanup(clock.stop)
        self.alice, self.ada = Caller(self.people.alice), Caller(self.people.ada)

    def pages(self, way: str = "next", start: str = "/findings/", **query: Any) -> list[list[str]]:
        """Return the titles page by page."""
        page = self.alice.read(start, **query)
        titles = [[row["title"] for row in page["results"]]]
        while page[way]:
            page = self.alice.read(page[way])
            titles.append([row["title"] for row in page["results"]])
        return titles

    def test_rows_without_a_due_date_come_last_and_turned_round_first(self) -> None:
        without = {"Number 3", "Number 4"}
        for word, end in (("due_on", slice(-2, None)), ("-due_on", slice(2))):
            rows = self.alice.read("/findings/", ordering=word)["results"]
            assert {row["title"] for row in rows[end]} == without

    def test_rows_that_come_in_shift_nothing(self) -> None:
        before = [title for page in self.pages(limit=10) for title in page]
        first = self.alice.read("/findings/", limit=10)
        for index in range(100, 105):
            register.open_by_hand(
                self.server, title=f"New {index}", severity=1, dimension="provenance", by=self.people.alice,
                now=NOON + timedelta(hours=1),
            )  # fmt: skip
        rest = self.pages(start=first["next"])
        seen = [row["title"] for row in first["results"]] + [title for page in rest for title in page]
        assert seen == before

    def test_a_row_that_goes_out_of_the_list_shifts_nothing(self) -> None:
        first = self.alice.read("/findings/", limit=10, status="open")
        expected = [title for page in self.pages(start=first["next"]) for title in page]
        last = Finding.objects.get(pk=first["results"][-1]["id"])
        remediation.plan(last, description="Do.", target_on=TODAY, by=self.people.alice, now=NOON)
        assert [title for page in self.pages(start=first["next"]) for title in page] == expected

    def test_limits_and_orderings_that_are_none_are_refused(self) -> None:
        for query in (
            {"limit": 0},
            {"limit": 101},
            {"limit": "x"},
            {"limit": "-1"},
            {"limit": "٣"},
            {"ordering": "title"},
        ):
            assert self.alice.get("/findings/", **query).status_code == 400, query

    def test_what_takes_one_value_is_given_once(self) -> None:
        for twice in (
            "due_before=2026-01-01&due_before=2026-02-01",
            "is_overdue=true&is_overdue=false",
            "limit=1&limit=2",
            "search=a&search=b",
            "cursor=a&cursor=b",
            "ordering=number&ordering=due_on",
        ):
            refused = self.alice.client.get(f"/api/v1/findings/?{twice}")
            assert refused.status_code == 400, twice
            assert [one["field"] for one in refused.json()["errors"]] == [twice.partition("=")[0]], twice
        assert self.alice.client.get("/api/v1/findings/?status=open&status=closed").status_code == 200

    def test_the_light_rows_say_what_the_serializer_says(self) -> None:
        listed = {row["id"]: row for row in self.ada.read("/findings/")["results"]}
        for key, row in listed.items():
            whole = self.ada.read(f"/findings/{key}/")
            assert {name: whole[name] for name in row} == row

    def test_a_page_costs_four_statements_for_everybody(self) -> None:
        for caller in (self.alice, self.ada):
            caller.read("/findings/")
            for query in ({}, {"severity": "high", "status": "open"}, {"ordering": "severity"}, {"search": "x"}):
                with CaptureQueriesContext(
                    connection,
                ) as captured:
                    caller.read("/findings/", **query)
                # Where nothing fits, nothing is read.
                assert len(captured) == (3 if "search" in query else 4), (query, [one["sql"][:80] for one in captured])

    def test_one_finding_costs_the_same_however_much_belongs_to_it(self) -> None:
        finding = Finding.objects.get(title="Number 0")
        self.alice.read(f"/findings/{finding.pk}/")
        with CaptureQueriesContext(connection) as captured:
            self.alice.read(f"/findings/{finding.pk}/")
        bare = len(captured)
        assert bare <= 10
        steps = [(f"Step {n}", TODAY) for n in range(5)]
        for _ in range(3):
            remediation.plan(
                finding, description="x", target_on=TODAY, milestones=steps, by=self.people.alice, now=NOON
            )
        with CaptureQueriesContext(connection) as captured:
            shown = self.alice.read(f"/findings/{finding.pk}/")
        assert [len(plan["milestones"]) for plan in shown["plans"]] == [5, 5, 5]
        # The milestones, and who planned.
        assert len(captured) == bare + 2

    def test_recording_one_answers_what_is_read_later_and_costs_what_it_did(self) -> None:
        server = Finding.objects.get(title="Number 0").server_id
        body = {"server": str(server), "title": "By hand", "severity": "high", "dimension": "provenance"}
        self.alice.made("/findings/", **body)
        with CaptureQueriesContext(connection) as captured:
            made = self.alice.made("/findings/", **body)
        assert len(captured) <= 22, [one["sql"][:80] for one in captured]
        assert made == self.alice.read(f"/findings/{made['id']}/")


class WhatOtherListsCost(TestCase):
    """Lists take the same number of statements for one row and for many."""

    people: cast.Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()

    def cost(self, caller: Caller, path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            caller.read(path)
        return len(captured)

    def add(self, index: int) -> None:
        vendor = cast.a_vendor(self.people, name=f"Vendor {index}", relationship_owner=self.people.bob)
        cast.a_server(self.people, name=f"com.example/s{index}", publisher=vendor, owner=self.people.bob)

    def test_vendors_servers_ratings_and_events_cost_the_same_for_many_rows(self) -> None:
        numbers = itertools.count()
        manager = cast.person("max", role=Role.MANAGER, unit=None)
        for person in (self.people.alice, manager):
            with frozen():
                caller = Caller(person)
                caller.read("/me/")
                self.add(next(numbers))
                paths = ("/vendors/", "/servers/", "/ratings/", "/events/", "/deployments/", "/people/", "/units/")
                few = {path: self.cost(caller, path) for path in paths}
                for _ in range(5):
                    self.add(next(numbers))
                assert {path: self.cost(caller, path) for path in paths} == few
                assert max(few.values()) <= 5, few


class TheOrderOfKeys(TestCase):
    """The words of an ordering."""

    def test_a_key_turned_twice_is_itself(self) -> None:
        for word in ("a", "-a", "a?", "-a?"):
            key = Key.parse(word)
            assert key.turned().turned() == key
            assert key.turned().descending != key.descending

    def test_each_ordering_ends_in_what_tells_rows_apart(self) -> None:
        unique = {"id", "number", "server_id", "name"}
        viewsets: list[Any] = [viewset for _prefix, viewset, _basename in router.registry]
        for viewset in viewsets:
            assert viewset.pagination_class is Keyset
            for keys in viewset.of.orderings(*viewset.orders).values():
                assert Key.parse(keys[-1]).field in unique, viewset
