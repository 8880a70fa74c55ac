"""What people see when something is refused, missing or broken."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import people
from audit.context import SYSTEM
from tests.cast import NOON, assemble
from tests.web.signed_in import as_
from web.home import guide


@pytest.fixture
def cast(db):
    return assemble()


def test_a_page_that_is_not_there(cast):
    response = as_(cast.alice).get("/no/such/page/")

    assert response.status_code == 404
    assert "There is no such page" in response.content.decode()


def test_somebody_without_a_role_is_told_and_can_sign_out(cast):
    newcomer = people.add(email="new@example.org", name="New", by=SYSTEM, now=NOON)

    response = as_(newcomer).get(reverse("web:finding-list"))

    assert response.status_code == 403
    assert "Your roles do not let you read this here." in response.content.decode()
    assert f'action="{reverse("web:sign-out")}"' in response.content.decode()


def test_a_form_without_its_token_is_refused(cast):
    client = Client(enforce_csrf_checks=True)

    response = client.post(reverse("web:sign-in"), {"username": "alice@example.org", "password": "x"})

    assert response.status_code == 403
    assert "This form is no longer valid" in response.content.decode()


def test_a_malformed_request_is_answered_with_400(cast):
    response = Client(headers={"host": "elsewhere.example"}).get("/sign-in/")

    assert response.status_code == 400
    assert "We could not read that request" in response.content.decode()


def test_a_broken_page_tells_nothing_about_the_inside(cast, monkeypatch):
    def breaks(*args, **kwargs):
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr(guide, "render", breaks)
    client = as_(cast.alice)
    client.raise_request_exception = False

    response = client.get(reverse("web:help"))

    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()
    assert "secret of the inside" not in response.content.decode()


def test_health_needs_no_sign_in_and_is_never_cached(cast):
    for path in ("/healthz", "/readyz"):
        response = Client().get(path)
        assert response.status_code == 200
        assert "no-store" in response["Cache-Control"]
