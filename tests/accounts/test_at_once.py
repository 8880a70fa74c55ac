"""People who do the same, or something about each other, at the same moment, in real transactions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from threading import Event as Signal
from time import sleep
from typing import Any
from unittest import mock

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts import access, holding, people
from accounts.models import Membership, Role, Unit, User
from accounts.sign_in import passwords
from accounts.units import units
from audit import trail
from audit.models import Event
from tests.cast import NOON, Cast, assemble, person
from tests.interleaving import WHILE_THE_OTHER_COMES, at_once, overtaken
from tests.waiting import PATIENCE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine]


@pytest.fixture
def cast() -> Cast:
    return assemble()


def one_then_the_other(step: Callable[[], object]) -> list[str]:
    """Do the step twice, the second time while the first is done and not committed; return what came of each."""
    done = Signal()

    def first() -> str:
        with transaction.atomic():
            step()
            done.set()
            sleep(WHILE_THE_OTHER_COMES)
        connection.close()
        return "done"

    def second() -> str:
        assert done.wait(PATIENCE)
        try:
            step()
        except (people.PersonExists, units.UnitExists) as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        return [future.result() for future in (pool.submit(first), pool.submit(second))]


def test_of_two_who_invite_somebody_one_does(cast: Cast) -> None:
    outcome = one_then_the_other(
        lambda: people.invite(email="new@example.org", name="New", by=User.objects.get(pk=cast.ada.pk), now=NOON)
    )

    assert outcome == ["done", "PersonExists"]
    assert Event.objects.filter(verb="person.invited", object_label="New").count() == 1


def test_of_two_who_open_a_unit_one_does(cast: Cast) -> None:
    outcome = one_then_the_other(
        lambda: units.open_unit(name="Treasury", code="treasury", by=User.objects.get(pk=cast.ada.pk), now=NOON)
    )

    assert outcome == ["done", "UnitExists"]
    assert Unit.objects.filter(code="treasury").count() == 1


def test_of_two_who_take_one_address_one_does(cast: Cast) -> None:
    waiting = [cast.alice.pk, cast.bob.pk]
    outcome = one_then_the_other(
        lambda: people.edit(
            User.objects.get(pk=waiting.pop()), email="desk@example.org", name="Desk", by=cast.ada, now=NOON
        )
    )

    assert outcome == ["done", "PersonExists"]
    assert User.objects.filter(email="desk@example.org").count() == 1


@pytest.fixture
def administrators(cast: Cast) -> dict[str, User]:
    """Return three administrators by name, let in as requests let them in: what they may do is read."""
    known = {"ada": cast.ada, "grace": person("grace", role=Role.ADMINISTRATOR, unit=None)}
    known["linus"] = person("linus", role=Role.ADMINISTRATOR, unit=None)
    for one in known.values():
        passwords.set_password(one, password="correct horse battery staple", by=one, now=NOON)
    assert all(access.of(one).everywhere == {Role.ADMINISTRATOR} for one in known.values())
    return known


def taking_role_of(user: User, *, by: User) -> "partial[Any]":
    return partial(people.take_role, Membership.objects.get(user=user), by=by, now=NOON)


def test_of_two_administrators_who_take_each_others_role_one_does(administrators: dict[str, User]) -> None:
    ada, grace = administrators["ada"], administrators["grace"]

    taken, refused = overtaken(taking_role_of(grace, by=ada), taking_role_of(ada, by=grace), at=(trail, "record"))

    assert (taken, type(refused)) == (None, holding.RolesChanged)
    assert set(Membership.objects.values_list("user__name", flat=True).filter(role=Role.ADMINISTRATOR)) == {
        "Ada",
        "Linus",
    }


def test_administrators_who_take_each_others_role_in_a_circle_do_not_lock_each_other_out(
    administrators: dict[str, User],
) -> None:
    ada, grace, linus = administrators.values()

    outcomes = at_once(taking_role_of(grace, by=ada), taking_role_of(linus, by=grace), taking_role_of(ada, by=linus))

    refused = [outcome for outcome in outcomes if outcome is not None]
    assert {type(one) for one in refused} <= {holding.RolesChanged, people.LastAdministrator}
    assert Membership.objects.filter(role=Role.ADMINISTRATOR).count() == 3 - outcomes.count(None) >= 1


def test_of_four_who_use_a_link_at_once_one_sets_the_password(cast: Cast) -> None:
    address = reverse("web:set-password", args=passwords.link_parts(cast.alice))
    all_were_let_in, let_in = Barrier(4), passwords.person_of_link

    def together(uid: str, token: str) -> User:
        found = let_in(uid, token)
        all_were_let_in.wait(PATIENCE)
        return found

    def use(number: int) -> int:
        password = f"correct horse battery staple {number}"
        return Client().post(address, {"password": password, "again": password}).status_code

    with mock.patch.object(passwords, "person_of_link", together):
        outcomes = at_once(*[partial(use, number) for number in range(4)])

    assert sorted(outcomes) == [302, 422, 422, 422]
    assert Event.objects.filter(verb="person.password_set", object_id=cast.alice.pk).count() == 1
    chosen = User.objects.get(pk=cast.alice.pk)
    assert chosen.check_password(f"correct horse battery staple {outcomes.index(302)}")
