"""From a vendor to a decision, a fixed finding and an accepted risk, over REST alone: two people, each with a token."""

import json
from datetime import timedelta
from typing import Any

from django.test import TestCase

from audit.models import Event
from tests import cast
from tests.api.caller import Caller, accepted, frozen
from tests.assessments import scenes
from tests.cast import NOON, TODAY
from vendors.models.deployment import FACTS

YEAR = (TODAY + timedelta(days=365)).isoformat()


class Journey(TestCase):
    """alice registers, assesses and remediates; bob decides."""

    people: cast.Cast

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()

    def setUp(self) -> None:
        clock = frozen()
        clock.start()
        self.addCleanup(clock.stop)
        self.alice, self.bob, self.mia = (Caller(getattr(self.people, name)) for name in ("alice", "bob", "mia"))

    def imported(self) -> Any:
        return imported(self.alice, self.people)


def imported(alice: Caller, people: cast.Cast) -> Any:
    vendor = alice.made("/vendors/", name="Example Ltd", kinds=["mcp_publisher"])
    return alice.made(
        "/servers/import/",
        unit=str(people.payments.pk),
        publisher=vendor["id"],
        document=json.loads(cast.server_json()),
    )


def known(alice: Caller, people: cast.Cast) -> Any:
    """Return an imported server of tier 4, with captured tools: what an approval of it needs."""
    server = imported(alice, people)["server"]
    at = f"/servers/{server['id']}"
    tools = json.loads(cast.tools("read"))
    alice.made(f"{at}/import-tools/", document=tools, captured_at=NOON.isoformat(), command="npx weather")
    return alice.done(f"{at}/set-exposure/", **dict.fromkeys(FACTS, "low"))


def drafted(alice: Caller, people: cast.Cast) -> Any:
    """Return an assessment with the best option everywhere."""
    server = known(alice, people)
    draft = alice.made("/assessments/", server=server["id"], kind="initial")
    asked = alice.read(f"/question-sets/{draft['question_set']}/")["questions"]
    options = {one["key"]: {row["key"]: row["quarters"] for row in one["options"]} for one in asked}
    for row in alice.read(f"/assessments/{draft['id']}/answers/"):
        quarters = options[row["question"]]
        choose(alice, draft, row["question"], max(quarters, key=lambda key: quarters[key]), version=row["version"])
    return draft


def choose(alice: Caller, draft: Any, question: str, option: str, *, version: int) -> None:
    address = f"/assessments/{draft['id']}/answers/{question}/"
    accepted(alice.patch(address, choice="option", option=option, version=version), 200)


class FromADraftOn(Journey):
    """What becomes of an assessment whose every question is answered."""

    draft: Any

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        with frozen():
            cls.draft = drafted(Caller(cls.people.alice), cls.people)

    def submitted(self, **chosen: str) -> Any:
        """Return the assessment, submitted with another option where `chosen` names one."""
        at = f"/assessments/{self.draft['id']}"
        for row in self.alice.read(f"{at}/answers/"):
            if option := chosen.get(row["question"].replace(".", "_")):
                choose(self.alice, self.draft, row["question"], option, version=row["version"])
        progress = self.alice.read(f"{at}/progress/")
        assert all(one["is_complete"] for one in progress["dimensions"])
        return self.alice.done(f"{at}/submit/", answers_digest=progress["digest"])

    def test_a_good_server_is_approved_rated_and_planned_for_review(self) -> None:
        submitted = self.submitted()
        at = f"/assessments/{submitted['id']}"
        preview = self.bob.read(f"{at}/preview/")
        interval = self.bob.read(f"{at}/score/")
        approval = self.bob.made(f"{at}/decide/", decision="approve", reason="Well kept.", valid_until=YEAR)

        server = self.alice.read(f"/servers/{submitted['server']['id']}/")
        rating = self.alice.read(f"/ratings/{server['id']}/")
        assert (server["status"], server["pinned_release"]["version"]) == ("approved", "1.2.3")
        assert approval["status"] == "granted"
        assert rating["residual"] == preview["residual"] == server["rating"]["residual"]
        assert interval["overall"]["low"] == interval["overall"]["high"]
        assert rating["score_percent"] == interval["overall"]["low"]["shown"]
        assert self.alice.read("/reviews/", server=server["id"])["results"][0]["status"] == "scheduled"
        snapshot = self.alice.read(f"{at}/snapshot/")
        assert len(snapshot["digest"]) == 64
        assert len(snapshot["body"]["answers"]) == len(self.alice.read(f"{at}/answers/"))
        assert self.alice.read(f"/ratings/{server['id']}/history/")[0]["residual"] == rating["residual"]

    def test_a_cap_that_a_question_brings_names_it_by_key_and_in_words(self) -> None:
        critical = scenes.questions().filter(is_critical=True, applies_when__isnull=True).order_by("key")[0]
        submitted = self.submitted(**{critical.key.replace(".", "_"): scenes.worst(critical)})
        preview = self.bob.read(f"/assessments/{submitted['id']}/preview/")
        self.bob.done(f"/assessments/{submitted['id']}/finalise/")
        rating = self.alice.read(f"/ratings/{submitted['server']['id']}/")
        for caps in (preview["caps"], rating["caps"]):
            [cap] = [cap for cap in caps if cap["id"] == "critical-question"]
            assert (cap["subject"], cap["question"]) == (critical.key, critical.text)

    def test_a_finding_is_planned_fixed_verified_and_the_rating_rises(self) -> None:
        submitted = self.submitted(provenance_source_available="closed")
        self.bob.done(f"/assessments/{submitted['id']}/finalise/")
        [found] = self.alice.read("/findings/", search="source")["results"][:1]
        at = f"/findings/{found['id']}"
        server = found["server"]["id"]
        before = self.alice.read(f"/ratings/{server}/")
        planned = self.alice.done(
            f"{at}/plan/",
            description="Ask the vendor for a tag.",
            target_on=found["due_on"],
            milestones=[{"title": "Write to them", "due_on": TODAY.isoformat()}],
        )
        [plan] = planned["plans"]
        self.alice.done(f"{at}/complete-milestone/", milestone=plan["milestones"][0]["id"])
        self.alice.done(f"{at}/claim-fixed/", note="Tagged now.", new_option_key="public_commit")
        assert self.alice.post(f"{at}/pass/", note="I say so.").status_code == 403
        self.bob.done(f"{at}/fail/", note="The tag is not signed.")
        self.alice.done(f"{at}/claim-fixed/", note="Signed.", new_option_key="public_commit")
        closed = self.bob.done(f"{at}/pass/", note="Seen it.")
        after = self.alice.read(f"/ratings/{server}/")
        assert closed["status"] == "closed"
        assert sorted(one["verdict"] for one in closed["fix_claims"]) == ["failed", "passed"]
        assert float(after["score_percent"]) > float(before["score_percent"])
        reopened = self.alice.done(f"{at}/reopen/", reason="The tag was moved.")
        assert (reopened["status"], reopened["closed_at"]) == ("open", None)

    def test_a_condition_is_met_and_an_approval_withdrawn(self) -> None:
        submitted = self.submitted()
        approval = self.bob.made(
            f"/assessments/{submitted['id']}/decide/",
            decision="approve_with_conditions",
            reason="Good enough.",
            valid_until=YEAR,
            conditions=[{"text": "Pin the package.", "due_on": TODAY.isoformat()}],
        )
        at = f"/approvals/{approval['id']}"
        met = self.bob.done(
            f"{at}/meet-condition/", condition=approval["conditions"][0]["id"], note="Pinned by digest."
        )
        assert met["conditions"][0]["met_by"]["name"] == "Bob"
        withdrawn = self.bob.done(f"{at}/withdraw/", reason="It was taken over.")
        assert withdrawn["status"] == "withdrawn"
        assert self.alice.read(f"/servers/{approval['server']['id']}/")["status"] == "suspended"

    def test_a_second_decision_names_the_one_that_it_replaces(self) -> None:
        at = f"/assessments/{self.submitted()['id']}/decide/"
        decision = {"reason": "Well kept.", "valid_until": YEAR}
        first = self.bob.made(at, decision="approve", **decision)
        problem = accepted(self.bob.post(at, decision="reject", **decision), 409)
        assert first["ref"] in problem["detail"]
        self.bob.made(at, decision="reject", replaces=first["id"], **decision)
        assert [row["status"] for row in self.alice.read("/approvals/")["results"]] == ["granted", "superseded"]
        accepted(self.bob.post(at, decision="reject", **decision), 422)


class TheOtherWays(Journey):
    """What needs no assessment whose questions are answered."""

    def test_a_risk_is_accepted_by_somebody_else_and_revoked(self) -> None:
        server = self.imported()["server"]
        found = self.alice.made(
            "/findings/", server=server["id"], title="No signature", severity="high", dimension="provenance"
        )
        asked = self.alice.made(
            f"/findings/{found['id']}/accept-risk/",
            reason="Needed until the next release.",
            compensating_control="It runs without network.",
            expires_on=YEAR,
        )
        assert self.alice.post(f"/acceptances/{asked['id']}/grant/").status_code == 403
        granted = self.bob.done(f"/acceptances/{asked['id']}/grant/", note="Until then.")
        assert (granted["status"], granted["decided_by"]["name"]) == ("granted", "Bob")
        assert self.alice.read(f"/findings/{found['id']}/")["status"] == "accepted"
        self.bob.done(f"/acceptances/{asked['id']}/revoke/", reason="It has network after all.")
        assert self.alice.read(f"/findings/{found['id']}/")["status"] == "open"

    def test_the_trail_names_the_token_and_its_owner(self) -> None:
        self.imported()
        [event] = Event.objects.filter(verb="server.registered")
        assert (event.actor_kind, event.actor_label) == ("token", "Token Test of Alice")
        shown = self.alice.read("/events/", verb="server.registered")["results"]
        assert [row["actor_label"] for row in shown] == ["Token Test of Alice"]
        whole = self.alice.read(f"/events/{event.pk}/")
        assert json.loads(whole["body"])["data"] == whole["details"]

    def test_an_override_is_asked_for_by_a_manager_and_decided_by_an_approver(self) -> None:
        server = self.imported()["server"]
        asked = self.mia.made(
            f"/servers/{server['id']}/request-override/", residual="low", reason="It is off.", expires_on=YEAR
        )
        self.bob.done(f"/overrides/{asked['id']}/grant/", note="It is.")
        rating = self.alice.read(f"/ratings/{server['id']}/")
        assert (rating["residual"], rating["residual_computed"]) == ("low", "not_assessed")
        self.bob.done(f"/overrides/{asked['id']}/revoke/", reason="It is on again.")
        assert self.alice.read(f"/ratings/{server['id']}/")["residual"] == "not_assessed"

    def test_a_requested_review_starts_an_assessment(self) -> None:
        server = self.imported()["server"]
        review = self.mia.made("/reviews/", server=server["id"], reason="After an incident.", due_on=YEAR)
        self.mia.done(f"/reviews/{review['id']}/assign/", assignee=str(self.people.alice.pk))
        started = self.alice.made("/assessments/", review=review["id"])
        assert started["kind"] == "triggered"
        assert self.alice.read(f"/reviews/{review['id']}/")["assessment"]["id"] == started["id"]
        assert self.alice.post(f"/reviews/{review['id']}/start/").status_code == 409
        assert self.mia.post(f"/reviews/{review['id']}/skip/", reason="Not needed.").status_code == 409
        self.alice.done(f"/assessments/{started['id']}/cancel/", reason="Wrong server.")
        skipped = self.mia.done(f"/reviews/{review['id']}/skip/", reason="Not needed.")
        assert (skipped["status"], skipped["skip_reason"]) == ("skipped", "Not needed.")

    def test_tools_are_imported_and_read_back(self) -> None:
        imported = self.imported()
        release = self.alice.made(
            f"/servers/{imported['server']['id']}/import-tools/",
            document=json.loads(cast.tools("forecast", "history", readOnlyHint=True)),
            captured_at=NOON.isoformat(),
            command="npx @example/weather",
        )
        assert (release["id"], release["tool_count"]) == (imported["release"]["id"], 2)
        tools = self.alice.read(f"/releases/{release['id']}/tools/")
        assert [(row["name"], row["read_only"], row["destructive"]) for row in tools] == [
            ("forecast", True, None), ("history", True, None),
        ]  # fmt: skip
        package = release["packages"][0]["id"]
        noted = self.alice.done(f"/releases/{release['id']}/record-digest/", package=package, integrity=cast.INTEGRITY)
        assert noted["packages"][0]["integrity"] == cast.INTEGRITY
