"""Two callers change one object: the later one is told what changed, and writes over nothing unseen."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import TransactionTestCase

from accounts import people
from accounts.models import Role, User
from api import offers, versions
from api.steps import in_body
from api.urls import router
from audit.context import SYSTEM
from audit.models import Event
from tests import cast
from tests.api.caller import Caller, accepted, frozen
from tests.containment.isolation import ISOLATION
from tests.interleaving import at_once
from tests.journeys import built, estate

# Of each endpoint that writes facts anew: the object, and what two callers say of it.
PATCHED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "vendors": ("vendor", {"notes": "Theirs"}, {"notes": "Mine"}),
    "servers": ("server", {"purpose": "Theirs"}, {"purpose": "Mine"}),
    "deployments": ("deployment", {"agent": "Theirs"}, {"agent": "Mine"}),
    "contracts": ("contract", {"reference": "Theirs"}, {"reference": "Mine"}),
    "legal-profiles": ("legal_profile", {"nis2": "essential"}, {"nis2": "important"}),
    "shared-services": ("shared_service", {"stand_in": "Theirs"}, {"stand_in": "Mine"}),
    "technical-profiles": ("technical_profile", {"segment": "Theirs"}, {"segment": "Mine"}),
    "substitutabilities": ("substitutability", {"reason": "Theirs"}, {"reason": "Mine"}),
    "use-cases": ("use_case", {"purpose": "Theirs"}, {"purpose": "Mine"}),
    "business-processes": ("business_process", {"when_it_stops": "Theirs"}, {"when_it_stops": "Mine"}),
    "people": ("person", {"name": "Theirs"}, {"name": "Mine"}),
    "units": ("unit", {"name": "Theirs"}, {"name": "Mine"}),
}
WHY = {"reason": "So it is."}
# A rule is written anew whole: what is not said of it is as nobody had set it.
RULE: dict[str, Any] = {
    "about": ["findings"], "least_severity": None, "tiers": [], "places": ["owner"], "people": [], "channels": [],
}  # fmt: skip
STEPS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "servers/set-exposure": ("server", {"egress": "high"}, {"egress": "low"}),
    "exit-plans/rewrite": (
        "exit_plan",
        {"plan": "Theirs", "replacement": "Files", "days": 1},
        {"plan": "Mine", "replacement": "Files", "days": 2},
    ),
    "certificates/correct": ("certificate", {"body": "Theirs"}, {"body": "Mine"}),
    "certificates/judge": ("certificate", {"is_read": True}, {"is_read": False}),
    "due-diligence-items/record": (
        "due_diligence_item",
        {"outcome": "satisfactory", "looked_on": "2026-03-02", "note": "Theirs"},
        {"outcome": "unsatisfactory", "looked_on": "2026-03-02", "note": "Mine"},
    ),
    "control-statuses/restate": (
        "control_status",
        {"state": "missing", "note": "Theirs"},
        {"state": "missing", "note": "Mine"},
    ),
    "tier-plans/change": ("tier_plan", {"note": "Theirs"}, {"note": "Mine"}),
    "feeds/change": ("feed", {"name": "Theirs"}, {"name": "Mine"}),
    "alert-rules/rewrite": ("alert_rule", {"name": "Theirs", **RULE}, {"name": "Mine", **RULE}),
    "channels/change": ("channel", {"name": "Theirs"}, {"name": "Mine"}),
    "isolation-profiles/redescribe": ("isolation_profile", {**ISOLATION, "port": 8081}, {**ISOLATION, "port": 8082}),
    "findings/change-severity": ("finding", {"severity": "high", **WHY}, {"severity": "critical", **WHY}),
    "findings/change-due-date": ("finding", {"due_on": "2026-04-02", **WHY}, {"due_on": "2026-04-03", **WHY}),
    "findings/plan": (
        "finding",
        {"description": "Theirs", "target_on": "2026-03-20"},
        {"description": "Mine", "target_on": "2026-03-20"},
    ),
    "findings/assign": ("finding", {"owner": "bob"}, {"owner": "zoe"}),
    "assessments/assign": ("assessment", {"assignee": "bob"}, {"assignee": "zoe"}),
    "reviews/assign": ("review", {"assignee": "bob"}, {"assignee": "zoe"}),
}

# Of those that write a part of an object anew: the part, which has the version, and what two callers say of it.
PARTS: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "frameworks/change-control": (
        "framework", "control", {"title": "Two people", "section": "Theirs"}, {"title": "Two people", "section": "Mine"}
    ),
}  # fmt: skip


def declared() -> Iterator[str]:
    """Yield every endpoint whose step writes facts anew: `vendors` for its PATCH, `servers/set-exposure` for a step."""
    for plural, view, _name in router.registry:
        if edits := versions.edits(view):
            patch = getattr(getattr(view, "partial_update", None), "takes", ())
            yield from [plural] if any(one.rule.edits for one in patch) else []
            below = {name: endpoint.takes[0] for name, endpoint in offers.below(view).items()}
            yield from (f"{plural}/{name}" for name, step in below.items() if step in edits)


def declared_of_parts() -> Iterator[str]:
    """Yield every endpoint whose step writes a part of the object anew that its body chooses."""
    for plural, view, _name in router.registry:
        for name, endpoint in offers.below(view).items():
            if endpoint.given is in_body and endpoint.takes[0].rule.edits:
                yield f"{plural}/{name}"


class Versions(built.OnTheEstate):
    """The estate, and zoe, who may everything and has no hand in anything."""

    zoe: User

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.zoe = people.add(email="zoe@example.org", name="Zoe", by=SYSTEM, now=estate.NOW)
        for role in Role.values:
            people.give_role(cls.zoe, role=role, unit=None, by=SYSTEM, now=estate.NOW)

    def setUp(self) -> None:
        super().setUp()
        self.caller = Caller(self.zoe, now=estate.NOW)
        self.people = {"bob": str(self.estate.people.bob.pk), "zoe": str(self.zoe.pk)}

    def named(self, facts: dict[str, Any]) -> dict[str, Any]:
        return {
            name: self.people.get(value, value) if isinstance(value, str) else value for name, value in facts.items()
        }

    def test_every_change_of_facts_is_tried(self) -> None:
        assert set(declared()) == PATCHED.keys() | STEPS.keys()

    def tried(self, send: Callable[..., Any], at: str, below: str, theirs: Any, mine: Any) -> None:
        version = self.caller.read(at)["version"]
        accepted(send(f"{at}{below}", **self.named(theirs), version=version), 200)
        before = self.caller.read(at)

        refused = send(f"{at}{below}", **self.named(mine), version=version)

        problem = accepted(refused, 409)
        assert problem["type"].endswith(":conflict")
        assert set(problem["changed"]) <= {*theirs, "milestones"}
        assert problem["changed"], problem
        assert self.caller.read(at) == before
        assert version != before["version"]
        accepted(send(f"{at}{below}", **self.named(mine), version=before["version"]), 200)

    def test_a_patch_over_a_newer_version_is_refused(self) -> None:
        for plural, (name, theirs, mine) in PATCHED.items():
            with self.subTest(plural):
                self.tried(self.caller.patch, f"/{plural}/{self.estate.keys[name]}/", "", theirs, mine)

    def test_so_is_a_step_that_writes_facts_anew(self) -> None:
        for address, (name, theirs, mine) in STEPS.items():
            plural, _, step = address.partition("/")
            with self.subTest(address):
                at = f"/{plural}/{self.estate.keys[name]}/"
                self.tried(self.caller.post, at, f"{step}/", theirs, mine)

    def test_so_is_a_step_that_writes_a_part_anew(self) -> None:
        assert set(declared_of_parts()) == PARTS.keys()
        for address, (whole, part, theirs, mine) in PARTS.items():
            plural, _, step = address.partition("/")
            with self.subTest(address):
                at, key = f"/{plural}/{self.estate.keys[whole]}/{step}/", self.estate.keys[part]
                version = self.caller.read(f"/{part}s/{key}/")["version"]
                accepted(self.caller.post(at, **theirs, **{part: key}, version=version), 200)
                before = self.caller.read(f"/{part}s/{key}/")

                problem = accepted(self.caller.post(at, **mine, **{part: key}, version=version), 409)

                assert set(problem["changed"]) <= theirs.keys()
                assert self.caller.read(f"/{part}s/{key}/") == before
                accepted(self.caller.post(at, **mine, **{part: key}, version=before["version"]), 200)

    def test_a_patch_says_on_which_version_it_is_made(self) -> None:
        at = f"/vendors/{self.estate.keys['vendor']}/"
        answer = self.caller.client.patch(f"/api/v1{at}", {"notes": "Blind"}, content_type="application/json")

        assert accepted(answer, 400)["errors"] == [
            {"field": "version", "message": "Send the `version` of the object that you read."}
        ]
        assert self.caller.read(at)["notes"] != "Blind"

    def test_a_version_that_is_none_is_of_another_state(self) -> None:
        at = f"/vendors/{self.estate.keys['vendor']}/"
        for version in ("", "x", "żółw", "A" * 1000):
            assert self.caller.patch(at, notes="Blind", version=version).status_code == 409, version
        assert self.caller.patch(at, notes="Blind", version="A" * 1001).status_code == 400
        assert self.caller.patch(at, notes="Blind", version=7).status_code == 400

    def test_reading_and_changing_nothing_leave_the_version(self) -> None:
        at = f"/vendors/{self.estate.keys['vendor']}/"
        first = self.caller.read(at)
        again = accepted(self.caller.patch(at, notes=first["notes"], version=first["version"]), 200)

        assert again["version"] == first["version"]


@pytest.mark.engine
class AtTheSameMoment(TransactionTestCase):
    """Two analysts of a unit."""

    def test_of_two_changes_of_one_version_one_is_kept(self) -> None:
        with frozen():
            everybody = cast.assemble()
            vendor = cast.a_vendor(everybody)
            callers = [Caller(everybody.alice), Caller(everybody.bob)]
            at = f"/vendors/{vendor.pk}/"
            version = callers[0].read(at)["version"]

            answers = at_once(
                *(lambda who=who: who.patch(at, notes=who.person.name, version=version) for who in callers)
            )

            assert sorted(one.status_code for one in answers) == [200, 409]
            [kept] = [one.json() for one in answers if one.status_code == 200]
            [lost] = [one.json() for one in answers if one.status_code == 409]
            vendor.refresh_from_db()
            assert lost["changed"] == ["notes"]
            assert kept["notes"] == vendor.notes
            assert Event.objects.filter(verb="vendor.edited").count() == 1
