"""What a session outlives, and what it does not; and cookies that no browser was given."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import people, tokens
from accounts.sign_in import passwords
from tests.cast import NOON, Cast, assemble
from tests.web.signed_in import as_

pytestmark = pytest.mark.engine
DAYS = timedelta(days=90)


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
    passwords.set_password(cast.alice, password="correct horse battery staple", by=cast.alice, now=NOON)
    client = Client()
    client.cookies["riskregister_session"] = "a" * 32

    client.post(reverse("web:sign-in"), {"username": "alice@example.org", "password": "correct horse battery staple"})

    assert client.get("/account/").status_code == 200
    assert client.cookies["riskregister_session"].value != "a" * 32


def test_a_session_ends_with_the_password_that_began_it(cast: Cast) -> None:
    stolen = as_(cast.alice)
    assert stolen.get("/account/").status_code == 200

    passwords.set_password(cast.alice, password="another long password", by=cast.alice, now=NOON)

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


def a_token(cast: Cast) -> str:
    """Return the key of a token of alice."""
    now = timezone.now()
    return tokens.issue(cast.alice, name="Script", scopes=["read"], lifetime=DAYS, by=cast.alice, now=now)[1]


def test_sessions_and_tokens_outlive_a_new_secret_key_while_the_former_one_is_kept(cast: Cast, settings) -> None:
    mine, former = as_(cast.alice), settings.SECRET_KEY
    mine_by_token = Client(headers={"Authorization": f"Bearer {a_token(cast)}"})

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key-" + "k" * 50, [former]
    assert mine.get("/account/").status_code == 200
    assert mine_by_token.get("/api/v1/me/").status_code == 200


def test_a_leaked_secret_key_ends_every_session_and_token_when_it_is_not_kept(cast: Cast, settings) -> None:
    mine = as_(cast.alice)
    key = a_token(cast)

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key-" + "k" * 50, []
    assert mine.get("/account/").status_code == 302
    assert Client(headers={"Authorization": f"Bearer {key}"}).get("/api/v1/me/").status_code == 401
