"""Noun by noun: what the steps do behind the API, and that a refusal leaves things as they were."""

import json
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiToken, Membership, Unit, User
from alerts import relay
from assessments.models import Answer, Assessment
from audit.models import Event
from evidence.models import Blob, Evidence
from findings.models import Finding
from jobs.models import Job
from tests import append_only, cast
from tests.api.caller import ROOT, Caller, accepted, frozen
from tests.assessments import documents, scenes
from tests.cast import NOON, TODAY
from tests.evidence.places import place_of
from tests.web.signed_in import as_
from vendors.models import Deployment, Server, Vendor

TODAY_TEXT = TODAY.isoformat()


class Nouns(TestCase):
    """The scene of the assessments' tests, and a caller for each of its people."""

    scene: scenes.Scene
    people: cast.Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        cls.people = cls.scene.people

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)
        self.callers = {name: Caller(person) for name, person in self.people.everybody.items()}
        self.alice, self.bob, self.ada = (self.callers[name] for name in ("alice", "bob", "ada"))

    def unchanged(self, response: Any, status: int) -> Any:
        """Check the status; each test looks itself at what must not have changed."""
        assert response.status_code == status, response.content
        return response.json()

    # Vendors

    def test_a_vendor_is_changed_where_the_patch_says_so_and_nowhere_else(self) -> None:
        made = self.alice.made("/vendors/", name="Acme", kinds=["host"], country="gb", notes="First.")
        changed = accepted(
            self.alice.patch(f"/vendors/{made['id']}/", kinds=["host", "cloud"], parent=str(self.scene.vendor.pk)), 200
        )
        assert changed | {"kinds": ["host"], "parent": None, "version": made["version"]} == made
        assert changed["version"] != made["version"]
        assert (changed["country"], changed["kinds"], changed["parent"]["name"]) == (
            "GB", ["cloud", "host"], "Example Ltd",
        )  # fmt: skip

    def test_contacts_and_sub_processors_come_and_go(self) -> None:
        at = f"/vendors/{self.scene.vendor.pk}"
        other = self.alice.made("/vendors/", name="Cloud Ltd", kinds=["cloud"])
        with_both = self.alice.done(f"{at}/add-contact/", name="Ann", email="ann@example.com")
        with_both = self.alice.done(f"{at}/add-sub-processor/", used=other["id"], purpose="Hosting")
        [contact], [used] = with_both["contacts"], with_both["sub_processors"]
        assert (contact["email"], used["used"]["name"]) == ("ann@example.com", "Cloud Ltd")
        circle = self.alice.post(
            f"/vendors/{other['id']}/add-sub-processor/", used=str(self.scene.vendor.pk), purpose="All"
        )
        assert self.unchanged(circle, 422)["errors"][0]["field"] == "used"
        assert self.alice.post(f"/vendors/{other['id']}/remove-contact/", contact=contact["id"]).status_code == 404
        self.alice.done(f"{at}/remove-contact/", contact=contact["id"])
        without = self.alice.done(f"{at}/remove-sub-processor/", sub_processor=used["id"])
        assert (without["contacts"], without["sub_processors"]) == ([], [])

    def test_a_vendor_that_supplies_what_is_in_use_cannot_be_offboarded(self) -> None:
        at = f"/vendors/{self.scene.vendor.pk}"
        self.scene.approved()
        self.alice.done(f"{at}/activate/")
        self.alice.done(f"{at}/start-offboarding/", reason="Too dear.")
        self.unchanged(self.alice.post(f"{at}/offboard/", reason="Gone."), 422)
        assert Vendor.objects.get(pk=self.scene.vendor.pk).status == "offboarding"

    # Servers, releases, deployments

    def test_a_server_is_registered_with_its_facts_and_rated_by_them(self) -> None:
        facts = {"data_reached": "low", "tool_power": "low", "credentials": "low", "autonomy": "low"}
        made = self.alice.made(
            "/servers/", unit=str(self.people.payments.pk), name="com.example/new", title="New",
            publisher=str(self.scene.vendor.pk), owner=str(self.people.bob.pk), **facts,
        )  # fmt: skip
        assert (made["status"], made["suppliers"][0]["role"], made["owner"]["name"]) == (
            "requested",
            "publisher",
            "Bob",
        )
        assert {name: made[name] for name in facts} == facts
        lower = {"operator": "low", "egress": "low", "dependents": "low", "business_criticality": "low"}
        assert self.alice.done(f"/servers/{made['id']}/set-exposure/", **lower)["inherent_tier"] == 4
        severe = self.alice.done(f"/servers/{made['id']}/set-exposure/", data_reached="severe", tool_power="severe")
        assert severe["inherent_tier"] < 4

    def test_a_server_goes_its_way_and_no_other(self) -> None:
        at = f"/servers/{self.scene.server.pk}"
        self.unchanged(self.bob.post(f"{at}/suspend/", reason="x"), 409)
        self.scene.approved()
        assert self.bob.done(f"{at}/suspend/", reason="An incident.")["status"] == "suspended"
        assert self.bob.done(f"{at}/resume/", reason="It is over.")["status"] == "approved"
        self.unchanged(self.alice.post(f"{at}/retire/", reason="x"), 403)
        self.unchanged(self.bob.post(f"{at}/retire/", reason="x"), 422)
        trial = self.scene.server.deployments.get()
        self.alice.done(f"/deployments/{trial.pk}/end/", on=TODAY_TEXT)
        assert self.bob.done(f"{at}/retire/", reason="Replaced.")["status"] == "retired"
        again = self.alice.done(f"{at}/request-again/", reason="Needed after all.")
        assert (again["status"], again["pinned_release"]) == ("requested", None)
        assert self.alice.done(f"{at}/start-review/")["status"] == "in_review"

    def test_suppliers_come_and_go(self) -> None:
        at = f"/servers/{self.scene.server.pk}"
        vendor = str(self.scene.vendor.pk)
        with_host = self.alice.done(f"{at}/add-supplier/", vendor=vendor, role="host")
        self.unchanged(self.alice.post(f"{at}/add-supplier/", vendor=vendor, role="host"), 409)
        [host] = [row for row in with_host["suppliers"] if row["role"] == "host"]
        assert len(self.alice.done(f"{at}/remove-supplier/", supplier=host["id"])["suppliers"]) == 1

    def test_an_invalid_server_json_names_the_place_and_makes_nothing(self) -> None:
        document = json.loads(cast.server_json())
        del document["packages"][0]["transport"]
        before = Server.objects.count()
        problem = self.unchanged(
            self.alice.post("/servers/import/", unit=str(self.people.payments.pk), document=document), 422
        )
        assert any(error["field"].startswith("packages[0]") for error in problem["errors"])
        assert Server.objects.count() == before

    def test_the_same_document_again_gives_the_same_release(self) -> None:
        body = {"unit": str(self.people.payments.pk), "document": json.loads(cast.server_json())}
        first, second = self.alice.made("/servers/import/", **body), self.alice.made("/servers/import/", **body)
        assert first == second

    def test_tools_of_another_servers_release_are_refused(self) -> None:
        release = cast.a_release(self.people)
        answer = self.alice.post(
            f"/servers/{self.scene.server.pk}/import-tools/", release=str(release.pk),
            document=json.loads(cast.tools("x")), captured_at=NOON.isoformat(), command="npx x",
        )  # fmt: skip
        assert self.unchanged(answer, 422)["errors"][0]["field"] == "release"
        assert not release.tools.exists()

    def test_a_release_is_recorded_by_hand_once(self) -> None:
        body = {"server": str(self.scene.server.pk), "version": "2.0.0", "description": "New"}
        made = self.alice.made("/releases/", **body)
        assert (made["version"], made["tool_count"], made["packages"]) == ("2.0.0", 0, [])
        self.unchanged(self.alice.post("/releases/", **body), 409)
        self.unchanged(self.alice.post("/releases/", **body | {"version": "latest"}), 422)
        listed = self.alice.read("/releases/", server=str(self.scene.server.pk))["results"]
        assert {row["version"] for row in listed} == {"2.0.0", "1.0.0"}

    def test_a_deployment_is_added_changed_and_ended_and_the_server_follows(self) -> None:
        server = str(self.scene.server.pk)
        body = {"name": "Support", "environment": "production", "agent": "Support agent", "in_use_since": TODAY_TEXT}
        made = self.alice.made("/deployments/", server=server, personal_data=True, **body)
        assert self.alice.read(f"/servers/{server}/")["is_in_use"] is True
        self.unchanged(self.alice.post("/deployments/", server=server, **body), 409)
        changed = accepted(self.alice.patch(f"/deployments/{made['id']}/", governance_tier=1), 422)
        assert changed["errors"][0]["field"] == "governance_revision"
        both = {"governance_tier": 1, "governance_revision": "draft"}
        assert accepted(self.alice.patch(f"/deployments/{made['id']}/", **both), 200)["governance_tier"] == 1
        self.unchanged(self.alice.post(f"/deployments/{made['id']}/end/", on="2026-03-01"), 422)
        assert self.alice.done(f"/deployments/{made['id']}/end/", on=TODAY_TEXT)["ended_on"] == TODAY_TEXT
        self.unchanged(self.alice.patch(f"/deployments/{made['id']}/", name="x"), 409)
        assert self.alice.read(f"/servers/{server}/")["is_in_use"] is False
        assert [row["id"] for row in self.alice.read("/deployments/", has_ended="true")["results"]] == [made["id"]]
        assert self.alice.read("/deployments/", has_ended="false")["results"] == []
        assert Deployment.objects.count() == 1

    # Assessments and answers

    def started(self) -> tuple[dict[str, Any], str]:
        draft = self.alice.made("/assessments/", server=str(self.scene.server.pk), kind="initial")
        return draft, f"/assessments/{draft['id']}/answers/{scenes.SERVER_QUESTION}/"

    def test_an_assessment_needs_a_server_and_a_kind_or_a_review_alone(self) -> None:
        self.unchanged(self.alice.post("/assessments/", server=str(self.scene.server.pk)), 400)
        self.unchanged(self.alice.post("/assessments/"), 400)
        self.started()
        self.unchanged(self.alice.post("/assessments/", server=str(self.scene.server.pk), kind="initial"), 409)
        assert Assessment.objects.count() == 1

    def test_an_answer_is_given_taken_back_and_never_overwritten_unseen(self) -> None:
        _draft, at = self.started()
        given = accepted(self.alice.patch(at, choice="option", option="public_commit", version=0, comment="Seen."), 200)
        assert (given["option"], given["version"], given["edited_by"]["name"]) == ("public_commit", 1, "Alice")
        problem = self.unchanged(self.bob.patch(at, choice="dont_know", version=0), 409)
        assert problem["current"] == given
        assert problem["errors"][0]["field"] == "version"
        self.unchanged(self.alice.patch(at, choice="option", option="no such", version=1), 422)
        self.unchanged(self.alice.patch(at, choice="not_applicable", version=1), 422)
        self.unchanged(self.alice.patch(at, choice="dont_know"), 400)
        self.unchanged(self.alice.patch(at, choice="dont_know", version="1"), 400)
        assert self.alice.read(at) == given
        assert accepted(self.alice.patch(at, choice="", version=1), 200)["choice"] == ""

    def test_an_answer_is_read_and_given_without_the_others(self) -> None:
        _draft, at = self.started()
        with CaptureQueriesContext(connection) as captured:
            self.alice.read(at)
            accepted(self.alice.patch(at, choice="dont_know", version=0), 200)
        row = Answer.objects.get(question__key=scenes.SERVER_QUESTION)
        read = [one["sql"] for one in captured if 'FROM "assessments_answer"' in one["sql"]]
        assert read
        assert [sql for sql in read if not {scenes.SERVER_QUESTION, str(row.pk), row.pk.hex} & {*sql.split("'")}] == []

    def test_a_question_that_is_not_asked_is_not_there(self) -> None:
        draft, _at = self.started()
        assert self.alice.get(f"/assessments/{draft['id']}/answers/no.such/").status_code == 404
        assert self.callers["eve"].get(f"/assessments/{draft['id']}/answers/").status_code == 404

    def test_evidence_is_attached_to_an_answer_and_taken_off(self) -> None:
        _draft, at = self.started()
        link = {"kind": "link", "url": "https://example.com/a", "title": "Source", "issuer": "vendor"}
        evidence = self.alice.made("/evidence/", **link)
        with_it = self.alice.done(f"{at}attach/", evidence=evidence["id"])
        assert [(row["ref"], row["level"]) for row in with_it["evidence"]] == [(evidence["ref"], 1)]
        assert self.alice.done(f"{at}detach/", evidence=evidence["id"])["evidence"] == []

    def test_the_former_answer_is_kept_and_a_question_confirmed_as_not_applicable(self) -> None:
        self.scene.final()
        _draft, at = self.started()
        assert self.alice.done(f"{at}keep/", version=0)["option"]
        self.unchanged(self.alice.post(f"{at}keep/", version=0), 409)
        self.alice.patch(at, choice="not_applicable", reason="It is ours.", version=1)
        self.unchanged(self.bob.post(f"{at}confirm-not-applicable/"), 409)
        self.alice.done(f"/assessments/{_draft['id']}/submit/")
        self.unchanged(self.alice.post(f"{at}confirm-not-applicable/"), 403)
        assert self.bob.done(f"{at}confirm-not-applicable/")["na_confirmed_by"]["name"] == "Bob"

    def test_four_eyes_and_returning(self) -> None:
        draft = self.scene.draft()
        at = f"/assessments/{draft.pk}"
        self.unchanged(self.alice.post(f"{at}/submit/", answers_digest="0" * 64), 409)
        self.alice.done(f"{at}/submit/")
        self.unchanged(self.alice.post(f"{at}/finalise/"), 403)
        self.unchanged(self.bob.post(f"{at}/decide/", decision="approve", reason="x"), 422)
        self.unchanged(self.bob.post(f"{at}/return/", reason=" "), 422)
        returned = self.bob.done(f"{at}/return/", reason="One answer is missing.")
        assert (returned["status"], returned["return_reason"]) == ("draft", "One answer is missing.")
        self.unchanged(self.bob.post(f"{at}/finalise/"), 409)
        assert self.alice.done(f"{at}/assign/", assignee=str(self.people.bob.pk))["assignee"]["name"] == "Bob"
        self.unchanged(self.alice.post(f"{at}/assign/", assignee=str(self.people.carol.pk)), 422)
        assert self.alice.get(f"{at}/snapshot/").status_code == 404

    def test_a_session_that_somebody_left_open_signs_nothing(self) -> None:
        draft = self.scene.draft()
        self.alice.done(f"/assessments/{draft.pk}/submit/")
        session = as_(self.people.bob)
        for step in ("finalise", "decide"):
            answer = session.post(f"/api/v1/assessments/{draft.pk}/{step}/", {}, content_type="application/json")
            assert (answer.status_code, answer.json()["type"]) == (403, "urn:mcp-risk-register:problem:token-needed")
        draft.refresh_from_db()
        assert draft.status == "submitted"

    # Findings

    def test_a_finding_is_assigned_judged_anew_and_closed_by_others_only(self) -> None:
        found = self.alice.made(
            "/findings/", vendor=str(self.scene.vendor.pk), title="No contact", severity="low",
            dimension="operational_resilience", owner=str(self.people.alice.pk),
        )  # fmt: skip
        at = f"/findings/{found['id']}"
        assert (found["unit"], found["server"], found["vendor"]["name"]) == (None, None, "Example Ltd")
        higher = self.alice.done(f"{at}/change-severity/", severity="medium", reason="It lasts.")
        assert higher["due_on"] < found["due_on"]
        self.unchanged(self.alice.post(f"{at}/change-severity/", severity="low", reason="No."), 403)
        self.unchanged(self.alice.post(f"{at}/change-due-date/", due_on=found["due_on"], reason="Later."), 403)
        later = self.bob.done(f"{at}/change-due-date/", due_on=found["due_on"], reason="They moved.")
        assert later["due_on"] == found["due_on"]
        assert self.alice.done(f"{at}/assign/", owner=str(self.people.bob.pk))["owner"]["name"] == "Bob"
        self.unchanged(self.bob.post(f"{at}/close/", reason="Mine."), 403)
        self.unchanged(self.alice.post(f"{at}/pass/", note="x"), 403)
        ben = Caller(cast.person("ben", role="approver", unit=self.people.payments))
        self.unchanged(ben.post(f"{at}/pass/", note="x"), 422)
        self.alice.done(f"{at}/assign/", owner=str(self.people.alice.pk))
        closed = self.bob.done(f"{at}/close/", reason="It is gone.")
        assert (closed["status"], closed["close_reason"]) == ("closed", "It is gone.")
        self.unchanged(self.bob.post(f"{at}/dismiss/", reason="x"), 409)

    def test_a_finding_is_about_one_thing(self) -> None:
        body = {"title": "x", "severity": "low", "dimension": "provenance"}
        self.unchanged(self.alice.post("/findings/", **body), 400)
        both = {"server": str(self.scene.server.pk), "vendor": str(self.scene.vendor.pk)}
        self.unchanged(self.alice.post("/findings/", **body | both), 400)
        self.unchanged(self.alice.post("/findings/", **body | {"severity": 1}), 400)
        assert not Finding.objects.exists()

    def test_a_proposed_finding_is_confirmed(self) -> None:
        found = self.alice.made(
            "/findings/", server=str(self.scene.server.pk), title="x", severity="low", dimension="provenance"
        )
        self.unchanged(self.alice.post(f"/findings/{found['id']}/confirm/"), 409)
        with append_only.lifted(connection, Finding):
            Finding.objects.filter(pk=found["id"]).update(status="proposed", due_on=None, opened_at=None)
        assert self.alice.done(f"/findings/{found['id']}/confirm/")["status"] == "open"

    # Evidence

    def uploaded(self, caller: Caller, **facts: Any) -> Any:
        file = SimpleUploadedFile("notes.txt", b"What they wrote.\n", content_type="text/plain")
        return caller.client.post(f"{ROOT}/evidence/", {"file": file, "title": "Notes", "issuer": "vendor"} | facts)

    def test_a_file_is_kept_and_handed_out_byte_for_byte(self) -> None:
        unit = str(self.people.payments.pk)
        made = accepted(self.uploaded(self.alice, unit=unit, valid_until="2027-01-01"), 201)
        assert (made["blob"]["size"], made["state"], made["valid_until"]) == (17, "unverified", "2027-01-01")
        response = self.alice.get(f"/evidence/{made['id']}/file/")
        assert b"".join(response.streaming_content) == b"What they wrote.\n"
        assert response["Content-Disposition"] == 'attachment; filename="notes.txt"'
        assert response["Content-Digest"] == "sha-256=:jaGlOEkTy1PkmIkCuekN4L+aOhvZkzCblATwSmRuksQ=:"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"].startswith("sandbox")
        eve = self.callers["eve"]
        for path in (f"/evidence/{made['id']}/", f"/evidence/{made['id']}/file/"):
            assert eve.get(path).status_code == 404
        self.unchanged(self.uploaded(eve, unit=unit), 422)
        self.unchanged(self.uploaded(self.alice, colour="red"), 400)
        assert Evidence.objects.count() == 1

    def test_an_answer_says_what_its_document_shows(self) -> None:
        draft = self.scene.draft()
        row = draft.answers.select_related("question").get(question__key=scenes.SERVER_QUESTION)
        made = accepted(self.uploaded(self.alice, unit=str(self.people.payments.pk), issuer="independent"), 201)
        at = f"/assessments/{draft.pk}/answers/{row.question.key}"
        attached = self.alice.done(f"{at}/attach/", evidence=made["id"])["evidence"]
        assert [(one["level"], one["state"], one["attached_by"]["name"]) for one in attached] == [
            (1, "unverified", "Alice")
        ]
        found = {"evidence": made["id"], "location": "line 1", "document_date": TODAY_TEXT}
        self.unchanged(self.alice.post(f"{at}/verify/", **found, shows="ok"), 422)
        shows = "The source is public, it says, at the address of the repository."
        for name, level in (("alice", 2), ("bob", 3)):
            (evidence,) = self.callers[name].done(f"{at}/verify/", **found, shows=shows)["evidence"]
            assert (evidence["level"], evidence["state"]) == (level, "verified")
        newest = evidence["verifications"][0]
        assert (newest["shows"], newest["location"], newest["verified_by"]["name"]) == (shows, "line 1", "Bob")
        again = accepted(self.alice.get(f"/evidence/{made['id']}/"), 200)
        assert (again["uses"], again["verified"], again["state"]) == (1, 1, "verified")

    def test_a_copy_is_kept_of_a_link_once(self) -> None:
        body = {"kind": "link", "url": "https://example.com", "title": "Page", "issuer": "vendor"}
        link = accepted(self.alice.post("/evidence/", **body), 201)
        assert link["copy"] is None
        at = f"{ROOT}/evidence/{link['id']}"
        kept = accepted(self.alice.client.post(f"{at}/keep-copy/", {"file": documents.upload("As it stood")}), 200)
        assert (kept["copy"]["file_name"], kept["copy"]["blob"]["size"]) == ("report.txt", 11)
        assert kept["copy"]["kept_by"]["name"] == "Alice"
        response = self.alice.get(f"/evidence/{link['id']}/copy/")
        assert b"".join(response.streaming_content) == b"As it stood"
        self.unchanged(self.alice.client.post(f"{at}/keep-copy/", {"file": documents.upload("Another")}), 409)

    def test_a_lost_file_is_told_until_the_same_file_is_added_again(self) -> None:
        made = accepted(self.uploaded(self.alice), 201)
        at = f"/evidence/{made['id']}/file/"
        place_of(Blob.objects.get()).unlink()
        problem = self.unchanged(self.alice.get(at), 404)
        assert problem["type"] == "urn:mcp-risk-register:problem:file-lost"
        assert made["blob"]["sha256"] in problem["detail"]
        assert "backup" in problem["detail"]
        assert accepted(self.alice.get(at[: -len("file/")]), 200)["id"] == made["id"]
        accepted(self.uploaded(self.alice), 201)
        assert b"".join(self.alice.get(at).streaming_content) == b"What they wrote.\n"

    def test_a_link_and_a_note_are_kept_and_hold_no_file(self) -> None:
        note = self.alice.made("/evidence/", kind="note", title="Call", note="They said so.")
        assert note["state"] == "unverified"
        assert self.alice.get(f"/evidence/{note['id']}/file/").status_code == 404
        self.unchanged(self.alice.post("/evidence/", kind="note", title="x", note="x", url="https://x.example"), 400)
        self.unchanged(self.alice.post("/evidence/", kind="link", title="x", issuer="vendor"), 400)
        bad = {"kind": "link", "title": "x", "issuer": "vendor", "url": "javascript:alert(1)"}
        assert self.unchanged(self.alice.post("/evidence/", **bad), 422)["errors"][0]["field"] == "url"
        self.unchanged(self.alice.post("/evidence/", **bad | {"issuer": "register"}), 400)

    # Reports

    def test_a_report_is_promised_to_a_job_and_has_no_part_before_it_is_issued(self) -> None:
        final = self.scene.final()
        made = self.alice.made("/reports/", kind="assessment", assessment=str(final.pk))
        assert (made["status"], made["parts"]) == ("requested", [])
        assert Job.objects.filter(kind="reports.render", payload__report=made["id"]).count() == 1
        self.unchanged(self.alice.get(f"/reports/{made['id']}/parts/1/"), 422)
        self.unchanged(self.alice.post(f"/reports/{made['id']}/withdraw/", reason="x"), 409)
        self.unchanged(self.alice.post(f"/reports/{made['id']}/request-again/"), 409)
        assert self.callers["eve"].get(f"/reports/{made['id']}/").status_code == 404
        with frozen(NOON + timedelta(seconds=1)):
            again = accepted(self.alice.post("/reports/", kind="assessment", assessment=str(final.pk)), 200)
        assert again["id"] == made["id"]

    def test_a_report_of_all_units_is_for_those_of_the_whole_organisation(self) -> None:
        self.unchanged(self.alice.post("/reports/", kind="register", unit=None), 403)
        self.unchanged(self.callers["carol"].post("/reports/", kind="register", unit=None), 403)
        self.unchanged(self.alice.post("/reports/", kind="register"), 400)
        self.unchanged(self.alice.post("/reports/", kind="assessment", unit=None), 400)
        draft = self.scene.draft()
        self.unchanged(self.alice.post("/reports/", kind="assessment", assessment=str(draft.pk)), 422)
        assert not Job.objects.filter(kind="reports.render").exists()
        assert self.ada.made("/reports/", kind="register", unit=None)["unit"] is None

    def test_an_auditor_asks_for_the_report_of_their_unit_and_of_no_other(self) -> None:
        carol, people = self.callers["carol"], self.people
        self.unchanged(carol.post("/reports/", kind="register", unit=str(people.research.pk)), 422)
        assert not Job.objects.filter(kind="reports.render").exists()
        assert carol.made("/reports/", kind="register", unit=str(people.payments.pk))["unit"]["code"] == "payments"

    # People, units, jobs, alerts, events, questions, figures

    def test_a_person_is_invited_gets_a_role_and_loses_it(self) -> None:
        made = self.ada.made("/people/", email="New@Example.org", name="Nina")
        assert Job.objects.filter(kind="accounts.password_link", payload__email="new@example.org").count() == 1
        at = f"/people/{made['id']}"
        role = {"role": "auditor", "unit": str(self.people.payments.pk), "valid_until": "2026-12-31"}
        [held] = self.ada.done(f"{at}/give-role/", **role)["memberships"]
        assert (held["role"], held["unit"]["code"], held["valid_until"]) == ("auditor", "payments", "2026-12-31")
        assert self.ada.done(f"{at}/take-role/", membership=held["id"])["memberships"] == []
        assert accepted(self.ada.patch(f"{at}/", name="Nina B."), 200)["email"] == "new@example.org"
        assert self.ada.done(f"{at}/deactivate/")["is_active"] is False
        assert self.ada.done(f"{at}/activate/")["is_active"] is True
        self.ada.done(f"{at}/end-sessions/")
        self.ada.done(f"{at}/send-link/")

    def test_who_leaves_hands_their_work_over(self) -> None:
        finding, at = self.scene.finding(), f"/people/{self.people.alice.pk}/deactivate/"
        self.unchanged(self.ada.post(at, hand_over_to=str(self.people.eve.pk)), 422)
        assert self.alice.read(f"/findings/{finding.pk}/")["owner"]["name"] == "Alice"
        assert self.ada.done(at, hand_over_to=str(self.people.bob.pk))["is_active"] is False
        assert self.bob.read(f"/findings/{finding.pk}/")["owner"]["name"] == "Bob"

    def test_who_loses_a_role_hands_over_what_they_cannot_do_without_it(self) -> None:
        finding, at = self.scene.finding(), f"/people/{self.people.alice.pk}/take-role/"
        held = str(Membership.objects.get(user=self.people.alice).pk)
        self.unchanged(self.ada.post(at, membership=held, hand_over_to=str(self.people.eve.pk)), 422)
        assert self.ada.done(at, membership=held, hand_over_to=str(self.people.bob.pk))["memberships"] == []
        assert self.bob.read(f"/findings/{finding.pk}/")["owner"]["name"] == "Bob"

    def test_others_see_names_and_administer_nobody(self) -> None:
        names = {row["name"]: row for row in self.alice.read("/people/")["results"]}
        assert names.keys() == {"Ada", "Alice", "Bob", "Mia", "Carol", "Eve"}
        assert names["Bob"].keys() == {"id", "name", "is_active"}
        assert self.alice.get(f"/people/{self.people.bob.pk}/").status_code == 404
        assert self.alice.read(f"/people/{self.people.alice.pk}/")["email"] == "alice@example.org"
        me = f"/people/{self.people.alice.pk}"
        self.unchanged(self.alice.post(f"{me}/give-role/", role="administrator", unit=None), 403)
        self.unchanged(self.alice.post("/people/", email="x@example.org", name="X"), 403)
        self.unchanged(self.alice.post(f"{me}/send-link/"), 403)
        self.unchanged(self.alice.post("/units/", name="X", code="x"), 403)
        assert (User.objects.count(), Membership.objects.count(), Unit.objects.count()) == (6, 6, 2)

    def test_the_register_keeps_an_administrator(self) -> None:
        [held] = self.ada.read(f"/people/{self.people.ada.pk}/")["memberships"]
        self.unchanged(self.ada.post(f"/people/{self.people.ada.pk}/take-role/", membership=held["id"]), 422)

    def test_units_are_opened_and_renamed(self) -> None:
        made = self.ada.made("/units/", name="Treasury", code="treasury")
        renamed = accepted(self.ada.patch(f"/units/{made['id']}/", name="Treasury and cash"), 200)
        assert (renamed["name"], renamed["code"]) == ("Treasury and cash", "treasury")
        self.unchanged(self.ada.patch(f"/units/{made['id']}/", code="x"), 400)
        assert [row["code"] for row in self.alice.read("/units/")["results"]] == ["payments"]

    def test_jobs_are_for_administrators_and_a_dead_one_is_tried_again(self) -> None:
        self.ada.made("/reports/", kind="register", unit=None)
        self.unchanged(self.alice.get("/jobs/"), 403)
        [job] = self.ada.read("/jobs/", kind="reports.render")["results"]
        self.unchanged(self.ada.post(f"/jobs/{job['id']}/retry/"), 409)
        Job.objects.filter(pk=job["id"]).update(status=Job.Status.DEAD, attempts=5)
        again = self.ada.done(f"/jobs/{job['id']}/retry/")
        assert (again["status"], again["attempts"]) == ("queued", 0)
        [told] = self.ada.read("/events/", object=job["id"], verb="job.retried")["results"]
        assert told["actor_label"].endswith("of Ada")

    def test_an_inbox_is_read_by_its_owner_only(self) -> None:
        self.alice.done(f"/assessments/{self.scene.draft().pk}/submit/")
        relay.relay(now=NOON)
        rows = self.bob.read("/alerts/", is_unread="true")["results"]
        assert rows
        assert self.alice.get(f"/alerts/{rows[0]['id']}/").status_code == 404
        assert self.alice.post(f"/alerts/{rows[0]['id']}/read/").status_code == 404
        assert self.bob.done(f"/alerts/{rows[0]['id']}/read/")["read_at"] == "2026-03-02T12:00:00Z"
        assert self.bob.done("/alerts/read-all/") == {"read": len(rows) - 1}
        assert self.bob.read("/alerts/", is_unread="true")["results"] == []

    def test_the_trail_is_read_by_those_whom_it_concerns(self) -> None:
        server = str(self.scene.server.pk)
        verbs = [row["verb"] for row in self.alice.read("/events/", concerns=server, ordering="at")["results"]]
        assert verbs[0] == "server.registered"
        assert self.callers["eve"].read("/events/", concerns=server)["results"] == []
        assert self.alice.read("/events/", noun="token")["results"] == []
        assert len(self.ada.read("/events/", noun="token")["results"]) == ApiToken.objects.count()
        event = Event.objects.filter(verb="token.issued").first()
        assert event is not None
        assert self.alice.get(f"/events/{event.pk}/").status_code == 404
        self.unchanged(self.ada.post(f"/events/{event.pk}/"), 405)

    def test_the_question_set_and_its_controls_can_be_read(self) -> None:
        listed = {row["version"]: row["id"] for row in self.alice.read("/question-sets/")["results"]}
        sets = {version: self.alice.read(f"/question-sets/{pk}/") for version, pk in listed.items()}
        assert {version: one["each_deployment"] for version, one in sets.items()} == {1: False, 2: True}
        for whole in sets.values():
            assert len({row["dimension"] for row in whole["questions"]}) == 5
            assert all(len(row["options"]) >= 2 for row in whole["questions"])
        [scan] = [row for row in sets[2]["questions"] if row["key"] == "security_posture.known_vulnerabilities"]
        assert (scan["depth"], scan["event"], scan["fresh_days"]) == (1, "scan", 7)
        [withdrawn] = self.alice.read("/controls/", ref="SA-12")["results"]
        assert withdrawn["status"] == "withdrawn"
        assert self.alice.read(f"/controls/{withdrawn['id']}/") == withdrawn

    def test_the_figures_of_the_dashboard_equal_their_lists(self) -> None:
        self.scene.final(choices={scenes.SERVER_QUESTION: "closed"})
        figures = self.alice.read("/dashboard/", unit=str(self.people.payments.pk))
        being_fixed = ["open", "remediating", "awaiting_verification"]
        listed = self.alice.read("/findings/", status=being_fixed, unit=str(self.people.payments.pk))["results"]
        assert figures["findings"]["total"] == len(listed) > 0
        assert figures["servers"]["total"] == len(self.alice.read("/servers/")["results"])
        assert [row["title"] for row in figures["most_at_risk"]] == ["First"]
        assert figures["dimensions"][0]["dimension"] == "provenance"
        assert self.callers["eve"].read("/dashboard/")["servers"]["total"] == 0
        self.unchanged(self.callers["eve"].get("/dashboard/", unit=str(self.people.payments.pk)), 422)
        self.unchanged(self.alice.get("/dashboard/", units="x"), 400)

    def test_every_unanswered_question_counts_in_the_interval(self) -> None:
        draft, _at = self.started()
        interval = self.alice.read(f"/assessments/{draft['id']}/score/")
        assert interval["overall"]["low"]["shown"] == "0.00"
        assert float(interval["overall"]["high"]["shown"]) > 50
        assert Answer.objects.filter(assessment=draft["id"]).exclude(choice="").count() == 0
