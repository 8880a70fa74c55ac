"""A person's own account: password, sessions, tokens, look."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import tokens
from accounts.models import ApiToken
from accounts.sign_in import passwords
from tests.cast import NOON, assemble
from tests.tables import for_each
from tests.web.signed_in import as_

PASSWORD = "correct horse battery staple"
NEW = "quite another long password"


@pytest.fixture
def cast(db):
    made = assemble()
    passwords.set_password(made.alice, password=PASSWORD, by=made.alice, now=NOON)
    return made


def test_changing_the_password_ends_the_other_sessions_only(cast):
    here, elsewhere = as_(cast.alice), as_(cast.alice)

    response = here.post(reverse("web:account-password"), {"current_password": PASSWORD, "password": NEW, "again": NEW})

    assert response.status_code == 302
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_the_password_is_not_changed_without_the_present_one(cast):
    response = as_(cast.alice).post(
        reverse("web:account-password"), {"current_password": "wrong", "password": NEW, "again": NEW}
    )

    cast.alice.refresh_from_db()
    assert response.status_code == 422
    assert "This is not your password." in response.content.decode()
    assert cast.alice.check_password(PASSWORD)


def test_ending_sessions_keeps_this_one(cast):
    here, elsewhere = as_(cast.alice), as_(cast.alice)

    assert "signed out of every other browser" in here.get(reverse("web:account-sessions-end")).content.decode()
    assert elsewhere.get("/account/").status_code == 200
    here.post(reverse("web:account-sessions-end"))

    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def make(client, **changes):
    given = {"name": "ci", "scopes": ["read"], "days": "30", "current_password": PASSWORD} | changes
    return client.post(reverse("web:token-make"), given)


def test_the_key_of_a_token_is_shown_once_and_works(cast):
    client = as_(cast.alice)

    made = make(client)

    key = re.findall(r'value="(mvr_[^"]+)"', made.content.decode())[0]
    assert made.status_code == 201
    assert tokens.authenticate(key, now=timezone.now()).user == cast.alice
    assert key not in client.get("/account/").content.decode()


@for_each(
    "wrong", [{"scopes": []}, {"scopes": ["everything"]}, {"days": "4000"}, {"current_password": "x"}, {"name": ""}]
)
def test_a_token_that_is_asked_for_wrongly_is_not_made(cast, wrong):
    assert make(as_(cast.alice), **wrong).status_code == 422
    assert not ApiToken.objects.exists()


def test_somebody_elses_token_is_not_found(cast):
    make(as_(cast.alice))
    token = ApiToken.objects.get()

    response = as_(cast.eve).post(reverse("web:token-revoke", args=[token.pk]))

    token.refresh_from_db()
    assert response.status_code == 404
    assert token.revoked_at is None


def test_an_administrator_revokes_anybodys_token(cast):
    make(as_(cast.alice))

    url = reverse("web:token-revoke", args=[ApiToken.objects.get().pk]) + "?from=tokens"

    assert as_(cast.ada).post(url)["Location"] == reverse("web:tokens")

    assert ApiToken.objects.get().revoked_at is not None


def test_revoking_a_token_says_first_what_will_happen(cast):
    client = as_(cast.alice)
    make(client)
    url = reverse("web:token-revoke", args=[ApiToken.objects.get().pk])
    assert f'href="{url}"' in client.get("/account/").content.decode()

    page = client.get(url).content.decode()

    assert "Programs that use it are refused at once." in page
    assert ApiToken.objects.get().revoked_at is None
    assert client.post(url)["Location"] == reverse("web:account")
    assert ApiToken.objects.get().revoked_at is not None


def test_the_look_is_kept_and_leads_back(cast):
    client = as_(cast.alice)

    response = client.post(reverse("web:theme"), {"theme": "dark", "next": "/trail/?page=2"})

    assert response["Location"] == "/trail/?page=2"
    assert 'data-bs-theme="dark"' in client.get("/").content.decode()
