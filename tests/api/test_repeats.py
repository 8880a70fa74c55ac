"""`Idempotency-Key`: what is sent again after a lost connection is done once, and answered as the first time."""

import threading
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase, TransactionTestCase
from django.utils import timezone

from accounts import repeats
from accounts.models import ApiToken, TakenRequest
from accounts.sign_in import passwords
from api.description import schema
from audit.models import Event
from evidence.models import Evidence
from findings.models import Finding
from jobs import queue
from tests import cast
from tests.api.caller import Caller, accepted, frozen
from tests.cast import NOON
from tests.interleaving import at_once
from tests.web.signed_in import sign_in
from vendors.models import Server, Vendor

FINDING = {"title": "Not signed", "severity": "high", "dimension": "provenance"}
PASSWORD = "correct horse battery staple"


def send(caller: Caller, path: str, key: str, **body: Any) -> Any:
    return caller.client.post(f"/api/v1{path}", body, content_type="application/json", headers={"Idempotency-Key": key})


class SentTwice(TestCase):
    """alice and bob, each with a token, and a server."""

    people: cast.Cast
    server: Server

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()
        cls.server = cast.a_server(cls.people)

    def setUp(self) -> None:
        travel = frozen()
        self.clock = travel.start()
        self.addCleanup(travel.stop)
        self.alice, self.bob = Caller(self.people.alice), Caller(self.people.bob)

    def found(self, caller: Caller, key: str, **other: Any) -> Any:
        return send(caller, "/findings/", key, server=str(self.server.pk), **FINDING | other)

    def test_the_same_request_makes_one_finding_and_gets_the_same_answer(self) -> None:
        first, again = self.found(self.alice, "k-1"), self.found(self.alice, "k-1")

        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json() == first.json()
        assert again["Location"] == first["Location"]
        assert again["Content-Type"] == first["Content-Type"] == "application/json"
        assert (first.get("Idempotent-Replayed"), again["Idempotent-Replayed"]) == (None, "true")
        assert Finding.objects.count() == 1
        assert Event.objects.filter(verb="finding.opened").count() == 1

    def test_the_answer_is_that_of_the_first_whatever_happened_since(self) -> None:
        first = self.found(self.alice, "k-1").json()
        self.alice.done(f"/findings/{first['id']}/change-severity/", severity="critical", reason="Worse.")

        assert self.found(self.alice, "k-1").json() == first

    def test_the_order_of_members_is_no_other_body(self) -> None:
        self.found(self.alice, "k-1")
        turned = dict(reversed([*FINDING.items(), ("server", str(self.server.pk))]))

        assert send(self.alice, "/findings/", "k-1", **turned).status_code == 201
        assert Finding.objects.count() == 1

    def test_another_body_address_or_method_under_the_key_is_refused(self) -> None:
        made = self.found(self.alice, "k-1").json()
        others = [
            self.found(self.alice, "k-1", title="Another"),
            send(self.alice, "/vendors/", "k-1", name="Example", kinds=["host"]),
            send(self.alice, f"/findings/{made['id']}/plan/", "k-1"),
            self.alice.client.patch(
                "/api/v1/findings/", {}, content_type="application/json", headers={"Idempotency-Key": "k-1"}
            ),
        ]

        assert [one.status_code for one in others] == [422, 422, 422, 405]
        problem = others[0].json()
        assert problem["type"] == "urn:mcp-risk-register:problem:idempotency-key-reused"
        assert problem["errors"][0]["field"] == "Idempotency-Key"
        assert (Finding.objects.count(), Vendor.objects.count()) == (1, 0)

    def test_keys_of_others_and_of_other_tokens_are_others(self) -> None:
        for caller in (self.alice, self.bob, Caller(self.people.alice)):
            assert self.found(caller, "k-1").status_code == 201
        assert Finding.objects.count() == 3

    def test_without_a_key_each_request_makes_its_own(self) -> None:
        for _ in range(2):
            self.alice.made("/findings/", server=str(self.server.pk), **FINDING)
        assert Finding.objects.count() == 2
        assert not TakenRequest.objects.exists()

    def test_a_refusal_takes_no_key_and_is_judged_anew(self) -> None:
        refused = self.found(self.alice, "k-1", title="")

        assert refused.status_code == 422
        assert not TakenRequest.objects.exists()
        assert self.found(self.alice, "k-1").status_code == 201

    def test_a_step_is_taken_once(self) -> None:
        made = self.found(self.alice, "k-1").json()
        body = {"description": "Sign.", "target_on": "2026-03-20"}
        first, again = (send(self.alice, f"/findings/{made['id']}/plan/", "k-2", **body) for _ in range(2))

        assert (first.status_code, first.json()) == (200, again.json())
        assert len(first.json()["plans"]) == 1
        assert Event.objects.filter(verb="finding.planned").count() == 1

    def test_a_change_is_answered_as_the_first_time_instead_of_conflicting_with_itself(self) -> None:
        vendor = cast.a_vendor(self.people)
        at = f"/api/v1/vendors/{vendor.pk}/"
        body = {"notes": "Once", "version": self.alice.read(f"/vendors/{vendor.pk}/")["version"]}
        headers = {"Idempotency-Key": "k-1"}
        answers = [
            self.alice.client.patch(at, body, content_type="application/json", headers=headers) for _ in range(2)
        ]

        assert [one.status_code for one in answers] == [200, 200]
        assert answers[0].json() == answers[1].json()

    def test_a_file_is_told_by_its_bytes_and_not_by_how_it_was_packed(self) -> None:
        def upload(content: bytes) -> Any:
            file = SimpleUploadedFile("report.txt", content, content_type="text/plain")
            body = {"title": "Report", "issuer": "vendor", "unit": str(self.people.payments.pk), "file": file}
            return self.alice.client.post("/api/v1/evidence/", body, headers={"Idempotency-Key": "k-1"})

        first, again, other = upload(b"What was tested."), upload(b"What was tested."), upload(b"What was not.")

        assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422), other.content
        assert first.json() == again.json()
        assert Evidence.objects.count() == 1

    def test_after_a_day_the_key_is_free_and_its_answer_gone(self) -> None:
        self.found(self.alice, "k-1")
        self.clock.move_to(NOON + timedelta(hours=23, minutes=59), tick=False)
        self.found(self.alice, "k-1")
        assert Finding.objects.count() == 1

        self.clock.move_to(NOON + timedelta(hours=24, minutes=1), tick=False)
        self.found(self.alice, "k-1")

        assert Finding.objects.count() == 2
        assert TakenRequest.objects.count() == 1

    def test_a_sweep_forgets_what_is_older_than_a_day(self) -> None:
        self.found(self.alice, "old")
        self.clock.move_to(NOON + timedelta(hours=25), tick=False)
        self.found(self.alice, "new")
        job = mock.MagicMock()

        queue.handler_of("accounts.requests")(job)

        assert [row.at for row in TakenRequest.objects.all()] == [timezone.now()]

    def test_neither_key_nor_body_can_be_read_from_what_is_kept(self) -> None:
        self.found(self.alice, "k-secret-1")
        row = TakenRequest.objects.get()

        assert "k-secret-1" not in f"{row.key} {row.asked} {row.answer}"
        assert (len(row.key), len(row.asked)) == (64, 64)

    def test_what_is_no_key_is_refused(self) -> None:
        for key in ("", " ", "a b", "żółw", "a" * 256, "a\tb"):
            with self.subTest(key):
                refused = self.found(self.alice, key)

                assert accepted(refused, 400)["errors"][0]["field"] == "Idempotency-Key"
        assert not Finding.objects.exists()

    def test_a_key_of_255_characters_is_one(self) -> None:
        assert self.found(self.alice, "k" * 255).status_code == 201

    def test_a_key_gets_nobody_past_a_guard(self) -> None:
        self.found(self.alice, "k-1")
        carol = Caller(self.people.carol)

        assert self.found(carol, "k-1").status_code == 403
        assert self.found(Caller(self.people.alice, ["read"]), "k-1").status_code == 403
        assert Client().post("/api/v1/findings/", headers={"Idempotency-Key": "k-1"}).status_code == 401

    def test_an_answer_that_was_lost_with_its_process_is_said_to_be(self) -> None:
        self.found(self.alice, "k-1")
        TakenRequest.objects.update(status=None, answer="")
        with mock.patch.object(repeats, "_PATIENCE", 0.1):
            again = self.found(self.alice, "k-1")

        assert "was done already" in accepted(again, 409)["detail"]
        assert Finding.objects.count() == 1

    def test_the_key_of_a_new_token_is_not_kept_and_not_shown_again(self) -> None:
        alice = self.people.alice
        passwords.set_password(alice, password=PASSWORD, by=alice, now=NOON)
        client = Client()
        sign_in(client, alice)
        before = ApiToken.objects.count()
        body = {"name": "ci", "scopes": ["read"], "password": PASSWORD}
        headers = {"Idempotency-Key": "k-1"}
        first, again = (
            client.post("/api/v1/tokens/", body, content_type="application/json", headers=headers) for _ in range(2)
        )

        assert (first.status_code, again.status_code) == (201, 409)
        assert first.json()["key"].startswith("mvr_")
        assert TakenRequest.objects.get().answer == ""
        assert ApiToken.objects.count() == before + 1

    def test_the_description_names_the_key_at_every_change(self) -> None:
        paths = schema.document()["paths"]
        without = [
            f"{method} {path}"
            for path, operations in paths.items()
            for method, operation in operations.items()
            if (method in ("post", "patch"))
            != ("Idempotency-Key" in [one["name"] for one in operation.get("parameters", ())])
        ]
        # It asks, and changes nothing.
        assert without == ["post /api/v1/servers/{id}/verify/"]


@pytest.mark.engine
class AtTheSameMoment(TransactionTestCase):
    """The same request in several connections at once, as a client sends it that does not wait."""

    def test_one_is_taken_and_all_get_its_answer(self) -> None:
        with frozen():
            people = cast.assemble()
            server = cast.a_server(people)
            alice = Caller(people.alice)
            body = {"server": str(server.pk), **FINDING}

            answers = at_once(*[lambda: send(alice, "/findings/", "k-1", **body)] * 5)

            assert [one.status_code for one in answers] == [201] * 5
            assert len({one.json()["id"] for one in answers}) == 1
            assert sum("Idempotent-Replayed" in one for one in answers) == 4
            assert Finding.objects.count() == 1
            assert TakenRequest.objects.count() == 1

    def test_of_two_bodies_under_one_key_one_is_taken(self) -> None:
        with frozen():
            people = cast.assemble()
            server = cast.a_server(people)
            alice = Caller(people.alice)
            bodies = [{"server": str(server.pk), **FINDING, "title": title} for title in ("One", "Other")]

            answers = at_once(*(lambda body=body: send(alice, "/findings/", "k-1", **body) for body in bodies))

            assert sorted(one.status_code for one in answers) == [201, 422]
            assert Finding.objects.count() == 1

    def test_the_second_takes_over_when_the_first_is_refused(self) -> None:
        with frozen():
            people = cast.assemble()
            server = cast.a_server(people)
            alice = Caller(people.alice)
            body = {"server": str(server.pk), **FINDING}
            refused = threading.Event()

            def first() -> Any:
                answer = send(alice, "/findings/", "k-1", **body | {"title": ""})
                refused.set()
                return answer

            answers = at_once(first, lambda: refused.wait() and send(alice, "/findings/", "k-1", **body))

            assert [one.status_code for one in answers] == [422, 201]
