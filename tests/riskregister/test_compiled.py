"""A compiled query answers for each time's own values, and its SQL is made once."""

import gc
import threading
import weakref
from datetime import timedelta
from unittest import mock

import pytest
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.test import TestCase, TransactionTestCase

from composition.models import Comparison, PackageVersion
from riskregister.queries.compiled import CompiledQuery, CompiledUpdate, Given
from tests import cast
from tests.cast import NOON
from vendors.models import Server

pytestmark = pytest.mark.engine

# As awkward as texts are: what arrays and JSON have marks for.
NAMES = ('a"b', "{c,d}", "e'\\f", "NULL", "", "ß%s")


def named(name: str) -> PackageVersion:
    return PackageVersion.objects.create(ecosystem="npm", name=name, folded=name)


def servers() -> list[Server]:
    people = cast.assemble()
    return [cast.a_server(people, f"com.example/{name}") for name in ("one", "other")]


class Among(TestCase):
    def setUp(self) -> None:
        self.rows = [named(name) for name in NAMES]

    def test_finds_what_has_one_of_the_values_whatever_is_in_them(self) -> None:
        named("other")
        found = PackageVersion.objects.filter(name__among=[*NAMES, "nobody"])
        assert {row.name for row in found} == set(NAMES)

    def test_finds_keys(self) -> None:
        found = PackageVersion.objects.filter(pk__among={row.pk for row in self.rows[:2]})
        assert {row.name for row in found} == set(NAMES[:2])

    def test_finds_none_of_none(self) -> None:
        assert not PackageVersion.objects.filter(name__among=[]).exists()

    def test_many_values_are_one_parameter(self) -> None:
        sql, params = PackageVersion.objects.filter(name__among=NAMES).query.sql_with_params()
        assert (sql.count("%s"), len(params)) == (1, 1)


class Compiled(TestCase):
    def query(self) -> CompiledQuery:
        rows = PackageVersion.objects.order_by("name").values_list("pk", "name", "is_matched")
        self.made = mock.Mock(
            side_effect=lambda: rows.filter(ecosystem="npm", name__among=Given("names"), pk__among=Given("keys"))
        )
        return CompiledQuery(self.made)

    def test_a_connection_that_is_used_no_more_goes(self) -> None:
        query, used = self.query(), []

        def ask() -> None:
            assert list(query.ask(names=["nobody"], keys=[])) == []
            used.append(weakref.ref(connections[DEFAULT_DB_ALIAS]))
            connections.close_all()

        asking = threading.Thread(target=ask)
        asking.start()
        asking.join()
        gc.collect()
        assert [one() for one in used] == [None]

    def test_answers_with_what_it_is_given_each_time(self) -> None:
        one, other, query = named("one"), named("other"), self.query()
        keys = [one.pk, other.pk]
        for names in (["one"], ["other"], [], ["one", "other"], ["nobody"]):
            rows = [(row.pk, row.name, False) for row in (one, other) if row.name in names]
            with self.assertNumQueries(1):
                assert list(query.ask(names=names, keys=keys)) == rows
        assert list(query.ask(names=["one", "other"], keys=[other.pk])) == [(other.pk, "other", False)]

    def test_makes_its_sql_once(self) -> None:
        query = self.query()
        for _ in range(3):
            query.ask(names=["one"], keys=[])
        assert self.made.call_count == 1


class Updating(TestCase):
    def test_updates_what_it_is_given_with_what_it_is_given(self) -> None:
        rows = [Comparison.objects.create(server=server, due_since=NOON, is_due=False) for server in servers()]
        made = mock.Mock(side_effect=lambda: Comparison.objects.filter(server__id__among=Given("servers")))
        update = CompiledUpdate(made, is_due=True, due_since=Given("now"))
        for row, later in zip(rows, (NOON + timedelta(hours=1), NOON + timedelta(hours=2)), strict=True):
            with self.assertNumQueries(1):
                assert update.do(servers=[row.pk], now=later) == 1
            row.refresh_from_db()
            assert (row.is_due, row.due_since) == (True, later)
        assert update.do(servers=[], now=NOON) == 0
        assert made.call_count == 1


class Holding(TransactionTestCase):
    def test_rows_are_held_in_a_transaction_only(self) -> None:
        query = CompiledQuery(lambda: PackageVersion.objects.select_for_update().values_list("pk"))
        with transaction.atomic():
            assert list(query.ask()) == []
        with pytest.raises(transaction.TransactionManagementError):
            query.ask()
