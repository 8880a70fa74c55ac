"""What a session outlives, and what it does not; and cookies that no browser was given."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import people
from tests.cast import NOON, Cast, assemble
from tests.web.signed_in import as_

pytestmark = pytest.mark.engine


@pytest.fixture
def cast(db: None) -> Cast:
    return assemble()


@pytest.mark.parametrize(
    "cookie",
    [
        'riskregister_session="\\000aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"',
        'riskregister_session="\\355\\240\\200aaaaaaaaaaaaaa"',
        "riskregister_session=" + "a" * 4000,
        "riskregister_session=../../etc/passwd",
        'riskregister_csrf="\\000"; messages="\\000[]"',
    ],
)
def test_a_made_up_cookie_is_nobody(cast: Cast, cookie: str) -> None:
    response = Client(headers={"Cookie": cookie}).get("/vendors/")

    assert (response.status_code, response.headers["Location"]) == (302, "/sign-in/?next=/vendors/")


def test_a_session_key_of_somebody_elses_choice_is_not_kept(cast: Cast) -> None:
    people.set_password(cast.alice, password="correct horse battery staple", by=cast.alice, now=NOON)
    client = Client()
    client.cookies["riskregister_session"] = "a" * 32

    client.post(reverse("web:sign-in"), {"username": "alice@example.org", "password": "correct horse battery staple"})

    assert client.get("/account/").status_code == 200
    assert client.cookies["riskregister_session"].value != "a" * 32


def test_a_session_ends_with_the_password_that_began_it(cast: Cast) -> None:
    stolen = as_(cast.alice)
    assert stolen.get("/account/").status_code == 200

    people.set_password(cast.alice, password="another long password", by=cast.alice, now=NOON)

    assert stolen.get("/account/").status_code == 302


@pytest.mark.parametrize("step", [people.deactivate, people.end_sessions])
def test_an_administrator_ends_sessions_at_once(cast: Cast, step) -> None:
    theirs = as_(cast.alice)
    assert theirs.get("/account/").status_code == 200

    step(cast.alice, by=cast.ada, now=NOON)

    assert theirs.get("/account/").status_code == 302
    assert theirs.get("/api/v1/me/").status_code == 401


def test_a_session_does_not_come_back_with_the_person(cast: Cast) -> None:
    theirs = as_(cast.alice)
    people.deactivate(cast.alice, by=cast.ada, now=NOON)

    people.activate(cast.alice, by=cast.ada, now=NOON)

    assert theirs.get("/account/").status_code == 302


def test_a_copied_session_is_worth_nothing_after_signing_out(cast: Cast) -> None:
    mine, copied = as_(cast.alice), Client()
    copied.cookies["riskregister_session"] = mine.cookies["riskregister_session"].value

    mine.post(reverse("web:sign-out"))

    assert copied.get("/account/").status_code == 302
