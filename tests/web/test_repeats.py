"""A form that arrives twice is taken once: a double click, a reload of what was sent, a connection that broke."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client, TransactionTestCase
from django.urls import reverse

from accounts.models import TakenRequest, User
from audit.models import Event
from findings.models import Finding
from tests import cast
from tests.interleaving import at_once
from tests.web.forms import shown
from tests.web.signed_in import as_, sign_in
from vendors.models import Vendor

NEW = {"name": ["Example Ltd"], "kinds": ["host"]}
FINDING = {"title": ["Not signed"], "severity": ["2"], "dimension": ["provenance"], "description": ["All."]}


def checked(person: User) -> Client:
    """Return a client of the person whose forms need their token, as in a browser."""
    client = Client(enforce_csrf_checks=True)
    sign_in(client, person)
    return client


def opened(client: Client, at: str, having: str, **changes: list[str]) -> dict[str, list[str]]:
    """Return a form as it is shown now, filled in."""
    return shown(client.get(at), having) | changes


def words(answer: Any) -> list[str]:
    return [str(one) for one in get_messages(answer.wsgi_request)]


@pytest.fixture
def people(db: None) -> cast.Cast:
    return cast.assemble()


def test_the_same_form_twice_makes_one_and_leads_to_it(people):
    alice, server = checked(people.alice), cast.a_server(people)
    at = f"{reverse('web:finding-raise')}?server={server.pk}"
    form = opened(alice, at, "title", **FINDING)

    first, again = alice.post(at, form), alice.post(at, form)

    assert (first.status_code, again.status_code) == (302, 302)
    assert again["Location"] == first["Location"]
    assert words(again)[-1] == "You sent this twice. It was done once."
    assert Finding.objects.count() == 1


def test_the_page_opened_anew_may_say_the_same_again(people):
    alice, server = checked(people.alice), cast.a_server(people)
    at = f"{reverse('web:finding-raise')}?server={server.pk}"

    for _ in range(2):
        assert alice.post(at, opened(alice, at, "title", **FINDING)).status_code == 302

    assert Finding.objects.count() == 2


def test_something_else_on_the_same_page_is_something_else(people):
    alice, server = checked(people.alice), cast.a_server(people)
    at = f"{reverse('web:finding-raise')}?server={server.pk}"
    form = opened(alice, at, "title", **FINDING)

    alice.post(at, form)
    alice.post(at, form | {"title": ["Not scanned"]})

    assert Finding.objects.count() == 2


def test_what_was_refused_can_be_sent_again_as_it_was(people):
    alice, at = checked(people.alice), reverse("web:vendor-register")
    cast.a_vendor(people, "Example Ltd")
    form = opened(alice, at, "name", **NEW)
    assert alice.post(at, form).status_code == 422

    Vendor.objects.update(name="Renamed Ltd")
    assert alice.post(at, form).status_code == 302


def test_what_is_no_step_can_be_sent_again_from_the_same_page(people):
    client, at = as_(people.alice), reverse("web:theme")
    for theme in ("dark", "light", "dark"):
        client.post(at, {"theme": theme, "csrfmiddlewaretoken": "of this page"})

    people.alice.refresh_from_db()
    assert people.alice.theme == "dark"
    assert not TakenRequest.objects.exists()


def test_the_same_form_of_two_people_is_two(people):
    server = cast.a_server(people)
    at = f"{reverse('web:finding-raise')}?server={server.pk}"
    for person in (people.alice, people.bob):
        as_(person).post(at, FINDING | {"csrfmiddlewaretoken": "of both"})

    assert Finding.objects.count() == 2


def test_a_step_is_taken_once(people):
    alice, vendor = checked(people.alice), cast.a_vendor(people)
    at = reverse("web:vendor-move", args=[vendor.pk, "active"])
    form = opened(alice, at, "reason")

    answers = [alice.post(at, form) for _ in range(2)]

    assert [one.status_code for one in answers] == [302, 302]
    assert Event.objects.filter(verb="vendor.activated").count() == 1


@pytest.mark.engine
class AtTheSameMoment(TransactionTestCase):
    """A double click, whose two requests reach two processes."""

    def test_one_is_taken_and_both_lead_to_it(self) -> None:
        people = cast.assemble()
        alice, server = checked(people.alice), cast.a_server(people)
        at = f"{reverse('web:finding-raise')}?server={server.pk}"
        form = opened(alice, at, "title", **FINDING)
        again = checked(people.alice)
        again.cookies = alice.cookies

        answers = at_once(lambda: alice.post(at, form), lambda: again.post(at, form))

        assert [one.status_code for one in answers] == [302, 302]
        assert len({one["Location"] for one in answers}) == 1
        assert Finding.objects.count() == 1
