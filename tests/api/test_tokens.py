"""Tokens: who is let in, for what, and what is stored of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client, TestCase

from accounts import people as steps
from accounts.models import ApiToken
from audit.context import SYSTEM
from tests import cast
from tests.api.caller import ROOT, Caller, accepted, frozen
from tests.cast import NOON
from tests.web.signed_in import sign_in


class SigningIn(TestCase):
    """alice and her token."""

    people: cast.Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)
        self.alice = Caller(self.people.alice)

    def status(self, header: str) -> int:
        return Client(headers={"Authorization": header}).get(f"{ROOT}/me/").status_code

    def test_a_token_lets_its_owner_in(self) -> None:
        me = self.alice.read("/me/")
        assert me["person"]["name"] == "Alice"
        assert [row["role"] for row in me["memberships"]] == ["analyst"]
        assert me["capabilities"] == ["read", "write", "report", "discover"]
        assert me["scopes"] == ["administer", "decide", "discover", "manage", "read", "report", "write"]

    def test_headers_that_are_no_token_are_refused(self) -> None:
        _mvr, prefix, secret = self.alice.key.split("_")
        wrong = [
            f"mvr_{prefix}_{secret[:-1]}", f"mvr_{prefix}_{secret}x", f"mvr_{prefix}_{secret[::-1]}", f"mvr_{prefix}_",
            f"mvr_zzzzzzzz_{secret}", "mvr_", "", "x y", "é", f"{prefix}_{secret}",
        ]  # fmt: skip
        assert {self.status(f"Bearer {key}") for key in wrong} == {401}
        assert self.status(f"Token {self.alice.key}") == 401
        assert self.status(f"Bearer {self.alice.key}") == 200

    def test_a_revoked_token_is_refused(self) -> None:
        self.alice.done(f"/tokens/{self.alice.token.pk}/revoke/")
        response = self.alice.get("/me/")
        assert (response.status_code, response.json()["detail"]) == (401, "This token was revoked.")

    def test_an_expired_token_is_refused_from_its_moment_on(self) -> None:
        with frozen(NOON + timedelta(days=300) - timedelta(seconds=1)):
            assert self.alice.get("/me/").status_code == 200
        with frozen(NOON + timedelta(days=300)):
            assert self.alice.get("/me/").status_code == 401

    def test_a_token_of_somebody_who_left_is_refused(self) -> None:
        person = self.people.alice
        person.is_active = False
        person.save(update_fields=["is_active"])
        assert self.alice.get("/me/").status_code == 401

    def test_deactivating_a_person_revokes_their_tokens_for_good(self) -> None:
        steps.deactivate(self.people.alice, by=SYSTEM, now=NOON)
        steps.activate(self.people.alice, by=SYSTEM, now=NOON)
        assert self.alice.get("/me/").status_code == 401

    def test_a_person_without_a_role_sees_nothing(self) -> None:
        cast.a_vendor(self.people)
        stranger = Caller(steps.invite(email="sam@example.org", name="Sam", by=SYSTEM, now=NOON))
        assert stranger.read("/vendors/")["results"] == []
        assert stranger.read("/me/")["capabilities"] == []

    def test_no_key_is_stored(self) -> None:
        secret = self.alice.key.split("_")[2]
        self.alice.get("/me/")
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names():
                cursor.execute(f'SELECT * FROM "{table}"')
                assert not any(secret in str(value) for row in cursor.fetchall() for value in row), table

    def test_a_token_makes_no_tokens(self) -> None:
        response = self.alice.post("/tokens/", name="Successor", scopes=["administer"])
        assert response.status_code == 403
        assert ApiToken.objects.count() == 1

    def test_a_session_makes_a_token_with_a_csrf_token_and_not_without(self) -> None:
        password = "correct horse battery staple"
        self.people.alice.set_password(password)
        self.people.alice.save()
        client = Client(enforce_csrf_checks=True)
        sign_in(client, self.people.alice)
        body: dict[str, Any] = {"name": "Mine", "scopes": ["read"], "days": 1, "password": password}
        assert client.post(f"{ROOT}/tokens/", body, content_type="application/json").status_code == 403
        easy = Client()
        sign_in(easy, self.people.alice)
        for wrong in (body | {"password": "wrong horse"}, {"name": "Mine", "scopes": ["read"]}):
            assert easy.post(f"{ROOT}/tokens/", wrong, content_type="application/json").status_code == 400
        assert ApiToken.objects.filter(name="Mine").count() == 0
        made = accepted(easy.post(f"{ROOT}/tokens/", body, content_type="application/json"), 201)
        assert Client(headers={"Authorization": f"Bearer {made['key']}"}).get(f"{ROOT}/vendors/").status_code == 200
        assert "key" not in easy.get(f"{ROOT}/tokens/{made['id']}/").json()

    def test_somebody_elses_token_can_neither_be_seen_nor_revoked(self) -> None:
        bob = Caller(self.people.bob)
        assert [row["id"] for row in bob.read("/tokens/")["results"]] == [str(bob.token.pk)]
        assert bob.post(f"/tokens/{self.alice.token.pk}/revoke/").status_code == 404
        ada = Caller(self.people.ada)
        ada.done(f"/tokens/{self.alice.token.pk}/revoke/")
        assert self.alice.get("/me/").status_code == 401

    def test_the_last_use_is_noted(self) -> None:
        self.alice.get("/me/")
        self.alice.token.refresh_from_db()
        assert self.alice.token.last_used_at == NOON


@pytest.mark.django_db
def test_a_token_that_may_only_write_cannot_read():
    alice = Caller(cast.assemble().alice, ["write"])
    with frozen():
        response = alice.get("/vendors/")
    assert response.status_code == 403
    assert "'read'" in response.json()["detail"]


@pytest.mark.django_db
def test_a_scope_gives_no_more_than_the_roles_of_its_owner():
    people = cast.assemble()
    carol = Caller(people.carol)
    with frozen():
        assert carol.post("/vendors/", name="A", kinds=["host"]).status_code == 403
        assert carol.get("/jobs/").status_code == 403


@pytest.mark.django_db
def test_a_flood_of_requests_is_told_to_wait(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("api.throttles.PerMinute.rate", 3)
    alice = Caller(cast.assemble().alice)
    with frozen():
        statuses = [alice.get("/me/").status_code for _ in range(4)]
        refused = alice.get("/me/")
    assert statuses == [200, 200, 200, 429]
    assert 0 < int(refused["Retry-After"]) <= 60
    assert refused["Content-Type"] == "application/problem+json"
