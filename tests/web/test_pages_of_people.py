"""Every page of this part opens for whoever may open it, and for nobody else."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import assemble
from tests.tables import for_each
from tests.web.signed_in import as_

OPEN_TO_MEMBERS = ("home", "dashboard", "inbox", "search", "help", "trail", "account")
OPEN_TO_ADMINISTRATORS = ("people", "person-invite", "units", "tokens", "jobs", "about")


@pytest.fixture
def cast(db):
    return assemble()


@for_each("name", OPEN_TO_MEMBERS)
@for_each("who", ["alice", "bob", "mia", "carol", "eve", "ada"])
def test_every_role_opens_the_pages_of_everybody(cast, name, who):
    response = as_(getattr(cast, who)).get(reverse(f"web:{name}"))

    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"


@for_each("name", OPEN_TO_MEMBERS)
def test_a_stranger_is_asked_to_sign_in(db, name):
    response = Client().get(reverse(f"web:{name}"))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("web:sign-in"))


@for_each("name", OPEN_TO_ADMINISTRATORS)
@for_each("who", ["alice", "bob", "mia", "carol", "eve"])
def test_administration_is_closed_to_others(cast, name, who):
    assert as_(getattr(cast, who)).get(reverse(f"web:{name}")).status_code == 403


@for_each("name", OPEN_TO_ADMINISTRATORS)
def test_administrators_open_administration(cast, name):
    assert as_(cast.ada).get(reverse(f"web:{name}")).status_code == 200
