"""Two administrators who do the same at the same moment, in two real transactions."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal
from time import sleep

import pytest
from django.db import connection, transaction

from accounts import people
from accounts.models import Unit, User
from audit.models import Event
from tests.cast import NOON, Cast, assemble
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
            sleep(0.3)
        connection.close()
        return "done"

    def second() -> str:
        assert done.wait(PATIENCE)
        try:
            step()
        except (people.PersonExists, people.UnitExists) as refusal:
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
        lambda: people.open_unit(name="Treasury", code="treasury", by=User.objects.get(pk=cast.ada.pk), now=NOON)
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
