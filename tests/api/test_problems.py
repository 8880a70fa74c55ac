"""Every refusal is a problem document that says what to do, and changes nothing."""

import json
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase

from accounts import people
from audit.context import SYSTEM
from audit.models import Event
from tests import cast
from tests.api.caller import ROOT, Caller, frozen
from vendors.models import Server, Vendor

NOWHERE = "01900000-0000-7000-8000-000000000000"


class Problems(TestCase):
    """alice, who may write in Payments, and eve, who may not."""

    people: cast.Cast
    server: Server
    vendor: Vendor

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()
        with frozen():
            cls.server = cast.a_server(cls.people)
        cls.vendor = cast.a_vendor(cls.people)

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)
        self.alice, self.eve = Caller(self.people.alice), Caller(self.people.eve)
        self.events = Event.objects.count()

    def refused(self, response: Any, status: int, kind: str) -> dict[str, Any]:
        """Check the shape of a refusal, and that nothing happened; return the document."""
        assert response.status_code == status, response.content
        problem: dict[str, Any] = response.json()
        assert response["Content-Type"] == "application/problem+json"
        assert problem["type"] == f"urn:mcp-risk-register:problem:{kind}"
        assert {"type", "title", "status", "detail", "instance", "errors"} <= problem.keys()
        assert problem["status"] == status
        assert problem["instance"] == response.wsgi_request.path
        assert problem["detail"]
        assert Event.objects.count() == self.events
        return problem

    def raw(self, body: str | bytes, content_type: str = "application/json", path: str = "/vendors/") -> Any:
        return self.alice.client.post(f"{ROOT}{path}", body, content_type=content_type)

    def test_who_could_never_take_a_step_is_told_so_whatever_the_body_says(self) -> None:
        both = cast.person("both", role="approver", unit=self.people.research)
        people.give_role(both, role="auditor", unit=self.people.payments, by=SYSTEM, now=cast.NOON)
        carol, visitor, at = Caller(self.people.carol), Caller(both), f"/servers/{self.server.pk}"
        self.events = Event.objects.count()
        bodies: list[dict[str, Any]] = [{}, {"nonsense": 1}, {"name": ""}, {"unit": NOWHERE}]
        for body in bodies:
            for path in ("/vendors/", "/servers/", "/findings/", "/people/", f"{at}/suspend/", f"{at}/set-exposure/"):
                self.refused(carol.post(path, **body), 403, "not-permitted")
            self.refused(visitor.post(f"{at}/suspend/", **body), 403, "not-permitted")
        self.refused(self.alice.post(f"{at}/set-exposure/", nonsense=1), 400, "invalid")
        assert carol.client.put(f"{ROOT}/vendors/", "{}", content_type="application/json").status_code == 405

    def test_a_word_that_is_none_of_the_choices_is_told_which_there_are(self) -> None:
        problem = self.refused(self.alice.post("/vendors/", name="Another Ltd", kinds=["shop"]), 400, "invalid")
        [error] = problem["errors"]
        assert error["message"].startswith("“shop” is none of: mcp_publisher, "), error

    def test_without_a_token_it_asks_for_one(self) -> None:
        response = Client().get(f"{ROOT}/vendors/")
        self.refused(response, 401, "not-authenticated")
        assert "Authorization: Bearer mvr_" in response.json()["detail"]
        assert response["WWW-Authenticate"].startswith("Bearer ")

    def test_malformed_json_is_refused_with_the_place(self) -> None:
        problem = self.refused(self.raw('{"name": "A",\n "kinds": [}'), 400, "malformed")
        assert "line 2, column 12" in problem["detail"]

    def test_json_that_can_be_read_in_two_ways_is_refused(self) -> None:
        problem = self.refused(self.raw('{"name": "A", "name": "B", "kinds": ["host"]}'), 400, "malformed")
        assert "'name' is there twice" in problem["detail"]

    def test_a_nul_or_half_a_character_is_refused_with_its_field(self) -> None:
        for text in ("a\\u0000b", "a\\ud800b"):
            problem = self.refused(
                self.raw('{"name": "TEXT", "kinds": ["host"]}'.replace("TEXT", text)), 400, "malformed"
            )
            assert problem["errors"][0]["field"] == "name"

    def test_an_unknown_field_is_named_with_those_that_are_known(self) -> None:
        problem = self.refused(self.alice.post("/vendors/", name="A", kinds=["host"], tier=1), 400, "invalid")
        [error] = problem["errors"]
        assert error["field"] == "tier"
        assert "legal_entity" in error["message"]

    def test_an_unknown_field_of_an_inner_object_is_named_with_its_path(self) -> None:
        subject = {"server": str(self.server.pk), "title": "x", "severity": "low", "dimension": "provenance"}
        found = self.alice.made("/findings/", **subject)
        self.events = Event.objects.count()
        milestone = {"title": "x", "due_on": "2026-03-03", "name": "x"}
        response = self.alice.post(
            f"/findings/{found['id']}/plan/", description="x", target_on="2026-03-03", milestones=[milestone]
        )
        problem = self.refused(response, 400, "invalid")
        assert [error["field"] for error in problem["errors"]] == ["milestones[0].name"]

    def test_a_step_without_a_body_takes_none(self) -> None:
        self.refused(self.alice.post(f"/servers/{self.server.pk}/start-review/", force=True), 400, "invalid")

    def test_wrong_types_are_refused_by_field(self) -> None:
        problem = self.refused(
            self.alice.post("/vendors/", name=5, kinds="host", parent={"id": 1}, notes=["x"]), 400, "invalid"
        )
        assert {error["field"] for error in problem["errors"]} == {"name", "kinds", "parent", "notes"}

    def test_a_body_that_is_no_object_is_refused(self) -> None:
        for body in ("[]", '"x"', "5", "null", "true"):
            problem = self.refused(self.raw(body), 400, "invalid")
            assert body == "null" or problem["errors"] == [{"field": "", "message": "Send an object."}]

    def test_a_body_over_a_mebibyte_is_refused_before_it_is_parsed(self) -> None:
        self.refused(self.raw(b"[" * (1024 * 1024 + 1)), 413, "body-too-large")

    def test_an_import_over_four_mebibytes_is_refused_and_one_below_is_read(self) -> None:
        self.refused(self.raw(b"[" * (4 * 1024 * 1024 + 1), path="/servers/import/"), 413, "body-too-large")
        body = json.dumps({"unit": str(self.people.payments.pk), "document": {"x": ["y" * 500_000] * 6}})
        problem = self.refused(self.raw(body, path="/servers/import/"), 422, "document-invalid")
        assert problem["errors"]

    def test_an_upload_over_the_limit_is_refused_before_it_is_parsed(self) -> None:
        body = b"-" * (settings.UPLOAD_MAX_BYTES + 2 * 1024 * 1024)
        response = self.alice.client.post(f"{ROOT}/evidence/", body, content_type="multipart/form-data; boundary=x")
        self.refused(response, 413, "body-too-large")

    def test_another_media_type_is_refused(self) -> None:
        self.refused(self.raw("<a/>", "application/xml"), 415, "unsupported-media-type")
        self.refused(self.raw("name=A", "application/x-www-form-urlencoded"), 415, "unsupported-media-type")

    def test_a_method_that_is_not_listed_is_refused(self) -> None:
        at = f"{ROOT}/vendors/{self.vendor.pk}/"
        for method in ("put", "delete", "options", "trace"):
            response = getattr(self.alice.client, method)(at)
            self.refused(response, 405, "method-not-allowed")
            assert response["Allow"] == "GET, PATCH, HEAD"

    def test_an_address_that_is_not_there_is_a_problem_too(self) -> None:
        for path in ("/nothing/", "/vendors", f"/vendors/{NOWHERE}/", "/vendors/5/", f"/vendors/{self.vendor.pk}/x/"):
            self.refused(self.alice.get(path), 404, "not-found")

    def test_what_a_stranger_asks_for_is_not_there(self) -> None:
        self.refused(self.eve.get(f"/servers/{self.server.pk}/"), 404, "not-found")
        self.refused(self.eve.post(f"/servers/{self.server.pk}/suspend/", reason="x"), 404, "not-found")
        self.refused(self.eve.patch(f"/servers/{self.server.pk}/", title="Mine"), 404, "not-found")

    def test_a_foreign_id_in_a_body_looks_like_one_that_is_not_there(self) -> None:
        hidden = self.refused(
            self.eve.post("/assessments/", server=str(self.server.pk), kind="initial"), 422, "unknown-reference"
        )
        missing = self.refused(self.eve.post("/assessments/", server=NOWHERE, kind="initial"), 422, "unknown-reference")
        assert hidden == missing
        unit = str(self.people.payments.pk)
        self.refused(
            self.eve.post("/servers/", unit=unit, name="com.example/mine", title="Mine"), 422, "unknown-reference"
        )
        assert Server.objects.count() == 1

    def test_an_illegal_move_is_a_conflict_that_names_both_states(self) -> None:
        response = self.alice.post(f"/vendors/{self.vendor.pk}/start-offboarding/", reason="x")
        problem = self.refused(response, 409, "illegal-transition")
        assert (problem["was"], problem["to"]) == ("prospective", "offboarding")
        assert Vendor.objects.get(pk=self.vendor.pk).status == "prospective"

    def test_a_name_that_is_taken_is_a_conflict_with_its_field(self) -> None:
        problem = self.refused(self.alice.post("/vendors/", name="EXAMPLE LTD", kinds=["host"]), 409, "conflict")
        assert problem["errors"][0]["field"] == "name"

    def test_what_the_step_refuses_names_the_field(self) -> None:
        problem = self.refused(self.alice.post("/vendors/", name="Evil\u202eName", kinds=["host"]), 422, "refused")
        assert problem["errors"][0]["field"] == "name"
        assert "RIGHT-TO-LEFT OVERRIDE" in problem["detail"]

    def test_what_the_roles_do_not_allow_is_forbidden(self) -> None:
        carol = Caller(self.people.carol)
        self.events += 1  # The token of carol was issued.
        self.refused(carol.post("/vendors/", name="A", kinds=["host"]), 403, "not-permitted")
        self.refused(carol.patch(f"/servers/{self.server.pk}/", title="x"), 403, "not-permitted")

    def test_an_unknown_filter_is_refused_instead_of_showing_everything(self) -> None:
        problem = self.refused(self.alice.get("/findings/", serverity="high"), 400, "invalid")
        assert "severity" in problem["errors"][0]["message"]
        self.refused(self.alice.get("/findings/", severity="worst"), 400, "invalid")
        self.refused(self.alice.get("/findings/", server="x"), 400, "invalid")
        self.refused(self.alice.get("/me/", x="1"), 400, "invalid")

    def test_json_in_another_encoding_is_refused_as_such(self) -> None:
        body = json.dumps({"name": "Acme", "kinds": ["host"]})
        for sent, charset in (
            (body.encode("utf-16"), "utf-16"),
            (body.encode("utf-16"), ""),
            (body.encode("utf-16-le"), ""),
            (body.encode("utf-16-be"), "utf-16be"),
            (body.encode("utf-32"), "utf-32"),
            (body.encode("latin-1"), "iso-8859-1"),
            (body.encode(), "klingon"),
        ):
            kind = f"application/json; charset={charset}" if charset else "application/json"
            with self.subTest(kind, begins=sent[:4]):
                response = self.alice.client.generic("POST", f"{ROOT}/vendors/", sent, content_type=kind)
                self.refused(response, 415, "unsupported-media-type")
        answer = self.alice.client.generic(
            "POST", f"{ROOT}/vendors/", body, content_type='application/json; charset="UTF-8"'
        )
        assert answer.status_code == 201

    def test_an_executable_named_pdf_is_refused(self) -> None:
        file = SimpleUploadedFile("report.pdf", b"MZ\x90\x00" + b"\0" * 64, content_type="application/pdf")
        response = self.alice.client.post(f"{ROOT}/evidence/", {"file": file, "title": "Report", "issuer": "vendor"})
        self.refused(response, 422, "refused")

    def test_what_nobody_foresaw_is_a_500_without_its_details(self) -> None:
        client = Client(headers={"Authorization": f"Bearer {self.alice.key}"}, raise_request_exception=False)
        with self.settings(EVIDENCE_DIR="/proc/nowhere"):
            file = SimpleUploadedFile("a.txt", b"text")
            response = client.post(f"{ROOT}/evidence/", {"file": file, "title": "Report", "issuer": "vendor"})
        problem = self.refused(response, 500, "internal")
        assert "nowhere" not in response.content.decode()
        assert problem["errors"] == []

    def test_answers_are_not_kept_by_anybody(self) -> None:
        assert self.alice.get("/vendors/")["Cache-Control"] == "no-store"
