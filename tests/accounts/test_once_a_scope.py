"""A query is put together once for all who see the same units, and shows each what they see and no more."""

import copy
import threading
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.test import TestCase

from accounts.models import Role, User
from accounts.units import once_a_scope, units
from accounts.units.once_a_scope import OnceAScope
from tests import cast
from vendors.models import Server


class Queries(TestCase):
    """Servers, as a list has them."""

    people: cast.Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()
        cast.a_server(cls.people)

    def setUp(self) -> None:
        self.made: list[str] = []
        self.rows: OnceAScope[Server] = OnceAScope(self.seen)

    def seen(self, user: User) -> QuerySet[Server]:
        self.made.append(user.name)
        return Server.objects.visible_to(user)

    def test_it_is_put_together_once_for_all_who_see_the_same_units(self) -> None:
        people = self.people
        numbers = {name: self.rows(getattr(people, name)).count() for name in ("alice", "bob", "eve", "ada", "mia")}
        assert numbers == {"alice": 1, "bob": 1, "eve": 0, "ada": 1, "mia": 1}
        assert self.made == ["Alice", "Eve", "Ada"]

    def test_what_is_asked_of_it_further_changes_nothing_for_the_next(self) -> None:
        alice = self.people.alice
        assert not self.rows(alice).filter(title="Another").order_by("title").exists()
        assert list(self.rows(alice)) == list(self.rows(alice).order_by("number")) == list(Server.objects.all())

    def test_each_time_it_is_read_anew(self) -> None:
        assert len(self.rows(self.people.alice)) == 1
        cast.a_server(self.people, "com.example/another")
        assert len(self.rows(self.people.alice)) == 2

    def test_whoever_loses_a_role_sees_no_more_than_the_others(self) -> None:
        nobody = User.objects.create(email="nobody@example.org", name="Nobody")
        assert not self.rows(nobody).exists()
        lia = cast.person("lia", role=Role.ANALYST, unit=self.people.payments)
        assert self.rows(lia).count() == 1
        lia.memberships.all().delete()
        assert not self.rows(User.objects.get(pk=lia.pk)).exists()

    def test_what_holds_it_can_be_copied(self) -> None:
        assert copy.deepcopy({"rows": self.rows})["rows"] is self.rows

    def test_each_thread_has_its_own(self) -> None:
        alice = self.people.alice
        found: list[Any] = [self.rows(alice).query]

        def read() -> None:
            found.append(self.rows(alice).query)
            connection.close()

        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
        assert len(found) == len(self.made) == 2

    def test_it_keeps_no_more_than_some(self) -> None:
        for number in range(once_a_scope.MOST + 2):
            unit = units.open_unit(name=f"U{number}", code=f"u{number}", by=self.people.ada, now=cast.NOON)
            self.rows(cast.person(f"p{number}", role=Role.ANALYST, unit=unit)).count()
        assert len(self.rows._known) == once_a_scope.MOST
