"""Every list that the product offers shows a page without reading the table: by each filter, in each order, to each.

What is tried is read from the declarations of the lists: a new list, filter or order is tried as soon as it is there.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from itertools import groupby
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory, TestCase
from django.utils import timezone
from rest_framework.test import APIRequestFactory, force_authenticate

from accounts.models import Membership, Role, Unit, User
from api import pagination
from riskregister.queries import positions
from tests import cast, listed
from tests.bench import filling, growing
from tests.listed import Door, Question
from tests.plans import explained, too_much
from tests.web.signed_in import as_
from web.page_parts import listing

# A list and one of its filters, or of its orders.
Pair = tuple[str, str]
# Of each table so many rows that reading it whole is dear to the planner too.
SIZE = filling.Size(findings=2_000, servers=1_000, small_findings=20)
# Filters that still read more than a page of some list, for one of the two people at least: no index serves them with
# the order yet (docs/performance.md says so). Everything else that the lists offer is held to the rule.
NOT_YET = {
    ("/api/v1/evidence/", "state"), ("/evidence/", "state"), ("/exit-plans/", "search"),
    ("/servers/", "approval"), ("/servers/", "residual"),
    # What is narrowed by the deployment and by its server at once.
    ("/api/v1/tier-gaps/", "unit"), ("/gap-to-tier/", "inherent_tier"), ("/gap-to-tier/", "unit"),
}  # fmt: skip
# Orders in which a page deep in a list reads more than the first does.
NOT_YET_DEEP = {("/servers/", "approved"), ("/servers/", "review")}
UNBOUND = pagination.UNBOUND | listing.UNBOUND


@pytest.mark.postgres
class EveryList(TestCase):
    """20,000 findings of 10,000 servers in ten units, with all that belongs to them."""

    administrator: User
    member: User
    doors: list[Door]
    rows: dict[str, int]

    @classmethod
    def setUpTestData(cls) -> None:
        # Before there is much to show.
        cls.doors = list(listed.doors(as_(cast.person("ada", role=Role.ADMINISTRATOR, unit=None))))
        register = filling.fill(now=timezone.now(), size=SIZE, judged_by_steps=0)
        growing.multiply(10, digit=0)
        first, *others = Unit.objects.order_by("name")[:3]
        cls.administrator, cls.member = register.administrator, cast.person("three", role=Role.ANALYST, unit=first)
        for unit in others:
            Membership.objects.create(user=cls.member, unit=unit, role=Role.ANALYST)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            cursor.execute("SELECT relname, reltuples::int FROM pg_class WHERE relkind = 'r'")
            cls.rows = dict(cursor.fetchall())

    def test_reads_little_for_an_administrator_and_a_member_of_three_units(self) -> None:
        found = [one for user in self.people for one in self.wrong(user, self.questions(user))]
        self.hold(((question.door.path, question.filter), wrong) for question, wrong in found)

    def test_a_page_deep_in_a_list_costs_what_the_first_does(self) -> None:
        found = [one for user in self.people for one in self.wrong(user, self.deep(user))]
        self.hold((((question.door.path, question.order), wrong) for question, wrong in found), but=NOT_YET_DEEP)

    @property
    def people(self) -> tuple[User, User]:
        return self.administrator, self.member

    def questions(self, user: User) -> Iterator[tuple[Question, str]]:
        for door in self.doors:
            for question in listed.questions(door, user):
                yield question, question.path

    def deep(self, user: User) -> Iterator[tuple[Question, str]]:
        """Yield the page in the middle of every list, in every order."""
        for door in self.doors:
            for order in door.orders:
                question = Question(door, "", "", order)
                yield question, self.middle(user, question)

    def middle(self, user: User, question: Question) -> str:
        """Return the address of the page that begins in the middle of a list."""
        door, order = question.door, question.order
        rows = door.of.rows(user).order_by(*door.of.order(order))
        asked = RequestFactory().get(question.path)
        cursors = positions.Cursors(asked.path, asked.GET, door.of.keys(order), unbound=UNBOUND)
        row = rows[rows.count() // 2 :].first()
        return door.asked(**question.query, **{door.cursor: cursors.at(row, backwards=False)} if row else {})

    def wrong(self, user: User, asked: Iterable[tuple[Question, str]]) -> Iterator[tuple[Question, str]]:
        for _path, questions in groupby(asked, key=lambda one: one[0].door.path):
            # Loaded once a list: what this person may see is read, and held to the rule, with the first question.
            loaded = User.objects.get(pk=user.pk)
            for question, path in questions:
                with explained() as plans:
                    _ask(question.door, path, loaded)
                for plan in plans:
                    yield from ((question, sentence) for sentence in too_much(plan, self.rows))

    def hold(self, found: Iterable[tuple[Pair, str]], *, but: Set[Pair] = NOT_YET) -> None:
        """Hold all to the rule but what is named, which is found: what holds to it by now is named no more."""
        wrong: dict[Pair, set[str]] = defaultdict(set)
        for pair, sentence in found:
            wrong[pair].add(sentence)
        others = [f"{pair}: {sentence}" for pair in sorted({*wrong} - but) for sentence in sorted(wrong[pair])]
        assert not others, "\n".join(["", *others])
        assert sorted(but - {*wrong}) == []


def _ask(door: Door, path: str, user: User) -> Any:
    if door.view is None:
        request: Any = RequestFactory().get(path)
        request.user = user
        shown = listing.listing(request, door.of)
        assert not shown.refused, (path, shown.refused)
        return shown
    request = APIRequestFactory().get(path)
    force_authenticate(request, user=user)
    answer = door.view.as_view({"get": "list"})(request)
    # Some lists are for administrators.
    assert answer.status_code == 200 or (answer.status_code == 403 and user.name == "Three"), (path, answer.data)
    return answer.data
