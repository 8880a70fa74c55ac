"""The fields of an object that changed, and of its parts: who may read which, on the page and over the API."""

from datetime import timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.db import connection
from django.test import TestCase
from django.urls import reverse

from accounts import people
from accounts.models import Membership, Role, User
from assessments.models import Answer
from audit import context, field_history
from audit.context import SYSTEM
from catalogue.models import Framework
from composition.models import Inventory
from findings import register, remediation
from findings.models import Finding
from intelligence.models import IndicatorHit
from scoring.deadlines import written
from tests import append_only
from tests.api.caller import Caller, frozen
from tests.assessments import scenes
from tests.assessments.scenes import Scene
from tests.cast import NOON, TODAY, person
from tests.web.signed_in import as_
from web.page_parts import field_history as history_page

IN_A_MONTH = TODAY + timedelta(days=30)


def page(kind: str, row: Any) -> str:
    return reverse("web:field-history", args=[kind, row.pk])


@frozen()
class OfAFinding(TestCase):
    scene: Scene
    finding: Finding

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        alice = cls.scene.people.alice
        cls.finding = cls.scene.finding()
        with context.acting(context.actor_of(alice)):
            register.change_severity(
                cls.finding, severity=cls.finding.severity - 1, reason="Worse than it looked.", by=alice, now=NOON
            )
            remediation.plan(
                cls.finding, description="Sign.", target_on=IN_A_MONTH, milestones=[("Ask the vendor", TODAY)],
                by=alice, now=NOON,
            )  # fmt: skip

    def test_it_says_who_changed_which_field_when_and_from_what_to_what(self) -> None:
        entries = Caller(self.scene.people.carol).read(f"/findings/{self.finding.pk}/history/")["results"]

        changed = [(one, change) for one in entries for change in one["changes"] if change["field"] == "severity"]
        entry, change = next(pair for pair in changed if pair[0]["action"] == "updated")
        assert change == {
            "field": "severity", "before": str(self.finding.severity + 1), "after": str(self.finding.severity),
        }  # fmt: skip
        assert (entry["actor"], entry["actor_kind"], entry["object_id"]) == ("Alice", "person", str(self.finding.pk))
        assert entry["object_type"] == "findings.finding"

    def test_the_changes_of_its_parts_are_among_them(self) -> None:
        entries = Caller(self.scene.people.carol).read(f"/findings/{self.finding.pk}/history/")["results"]

        made = {(one["object_type"], one["action"], one["object_label"]) for one in entries}
        assert ("findings.milestone", "created", "Ask the vendor") in made
        assert ("findings.remediationplan", "created", "Sign.") in made

    def test_those_of_others_are_not(self) -> None:
        other = register.open_by_hand(
            self.scene.server, title="Another", severity=3, dimension="provenance", by=self.scene.people.alice, now=NOON
        )

        keys = {entry.object_pk for entry in field_history.of(self.finding)}
        assert str(other.pk) not in keys
        assert str(self.finding.pk) not in {entry.object_pk for entry in field_history.of(other)}

    def test_another_units_are_not_found(self) -> None:
        eve = self.scene.people.eve

        assert Caller(eve).get(f"/findings/{self.finding.pk}/history/").status_code == 404
        assert as_(eve).get(page("finding", self.finding)).status_code == 404

    def test_the_page_says_fields_and_values_in_words(self) -> None:
        shown = as_(self.scene.people.carol).get(page("finding", self.finding)).content.decode()

        assert "Remediating" in shown
        assert "Ask the vendor" in shown
        assert "milestone created" in shown
        assert "Alice" in shown

    def test_the_page_says_days_and_moments_as_all_others_do(self) -> None:
        shown = as_(self.scene.people.carol).get(page("finding", self.finding)).content.decode()

        assert f">{written(TODAY)}</td>" in shown
        assert f">{written(NOON.date())}, 12:00:00 UTC</td>" in shown

    def test_the_history_of_the_finding_leads_to_it(self) -> None:
        shown = as_(self.scene.people.carol).get(reverse("web:finding-detail", args=[self.finding.pk]))

        assert page("finding", self.finding) in shown.content.decode()

    def test_pages_go_on_where_the_last_one_ended(self) -> None:
        carol, path = Caller(self.scene.people.carol), f"/findings/{self.finding.pk}/history/"
        whole = [one["id"] for one in carol.read(path)["results"]]

        first = carol.read(path, limit=2)
        second = carol.read(first["next"])
        assert [one["id"] for one in (*first["results"], *second["results"])] == whole[:4]
        assert carol.get(path, limit=101).status_code == 400
        assert carol.get(path, page=2).status_code == 400

    def test_it_takes_few_statements(self) -> None:
        carol = Caller(self.scene.people.carol)
        with self.assertNumQueries(9):
            carol.read(f"/findings/{self.finding.pk}/history/")


@frozen()
class OfPeople(TestCase):
    scene: Scene

    @classmethod
    def setUpTestData(cls) -> None:
        cls.scene = scenes.set_up()
        bob = User.objects.get(pk=cls.scene.people.bob.pk)
        bob.set_password("a long passphrase of his")
        with context.acting(SYSTEM):
            bob.save()

    def test_a_password_is_hidden_whatever_the_entry_holds(self) -> None:
        entry = field_history.of(self.scene.people.bob).filter(action=LogEntry.Action.UPDATE)[0]
        assert entry.changes["password"] == ["(hidden)", "(hidden)"]

        with append_only.lifted(connection):
            changes = {"password": ["old", "new"], "last_login": ["None", "x"]}
            LogEntry.objects.filter(pk=entry.pk).update(changes=changes)
        entry.refresh_from_db()
        [shown] = field_history.read([entry])
        [change] = shown.changes
        assert (change.before, change.after) == ("(hidden)", "(hidden)")

    def test_the_roles_of_a_person_are_part_of_their_history(self) -> None:
        people.give_role(self.scene.people.alice, role=Role.APPROVER, unit=None, by=self.scene.people.ada, now=NOON)
        given = Membership.objects.get(user=self.scene.people.alice, role=Role.APPROVER)

        assert str(given.pk) in {entry.object_pk for entry in field_history.of(self.scene.people.alice)}

    def test_it_is_for_administrators_and_auditors_of_all(self) -> None:
        alice, mia, ada = (getattr(self.scene.people, name) for name in ("alice", "mia", "ada"))
        audrey = person("audrey", role=Role.AUDITOR, unit=None)
        for who, status in ((ada, 200), (audrey, 200), (alice, 404), (mia, 404)):
            with self.subTest(who.name):
                assert as_(who).get(page("user", alice)).status_code == status
        assert Caller(alice).get(f"/people/{alice.pk}/history/").status_code == 403
        assert Caller(ada).get(f"/people/{alice.pk}/history/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["event", "job", "milestone", "nothing"])
def test_what_has_no_field_history_of_its_own_has_no_page(kind: str) -> None:
    scene = scenes.set_up()

    assert as_(scene.people.ada).get(page(kind, scene.server)).status_code == 404


def test_only_what_keeps_its_fields_leads_to_a_page_of_them() -> None:
    finding = Finding()

    assert history_page.url(finding) == page("finding", finding)
    assert [history_page.url(row) for row in (Inventory(), IndicatorHit(), Framework())] == ["", "", ""]


@frozen()
class OfAnAssessment(TestCase):
    def test_an_answer_is_called_by_its_question_through_both_doors(self) -> None:
        scene = scenes.set_up()
        draft = scene.draft()
        first = Answer.objects.filter(assessment=draft).select_related("question")[0]

        entries = Caller(scene.people.carol).read(f"/assessments/{draft.pk}/history/")["results"]
        labels = [entry["object_label"] for entry in entries if entry["object_id"] == str(first.pk)]
        assert labels == [first.question.text]
        shown = as_(scene.people.carol).get(page("assessment", draft))
        self.assertContains(shown, first.question.text, html=False)
        self.assertNotContains(shown, "Not answered")
