"""Days are told ahead, on the day and afterwards, each once, whatever has the day."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from accounts import people, tokens
from accounts.access import Capability
from accounts.models import Role
from alerts import relay, tasks
from assessments import lifecycle
from assessments.models import Assessment
from audit.context import SYSTEM
from audit.models import Event
from findings import register, remediation
from findings.models import Finding, RemediationPlan
from jobs import dated
from jobs.models import DayNotice
from scoring.scales import Severity
from tests.alerts.scene import told
from tests.assessments import scenes
from tests.cast import NOON, TODAY
from tests.tables import for_each

__all__ = ["tasks"]
pytestmark = pytest.mark.django_db
A_YEAR = 400


def of(word: str) -> dated.Dated:
    return next(one for one in dated.every() if one.word == word)


def days_on_which(word: str, *, among: int = A_YEAR) -> list[tuple[int, str, str]]:
    """Return on which days of a year, or of the first few, something is told, by which event and as which notice."""
    found = []
    for day in range(among):
        now: datetime = NOON + timedelta(days=day)
        if dated.tell(of(word), now=now) or dated.tell(of(word), now=now):
            event = Event.objects.latest("at", "pk")
            found.append((day, event.verb, event.data["step"]))
    return found


def test_a_finding_is_told_a_week_before_on_its_day_and_the_day_after(scene):
    assert days_on_which("finding") == [
        (23, "finding.due_soon", "7"),
        (30, "finding.due_soon", "0"),
        (31, "finding.overdue", "passed"),
    ]


@for_each(
    "left, days",
    [
        (8, [(1, "finding.due_soon", "7"), (8, "finding.due_soon", "0"), (9, "finding.overdue", "passed")]),
        (7, [(7, "finding.due_soon", "0"), (8, "finding.overdue", "passed")]),
        (3, [(3, "finding.due_soon", "0"), (4, "finding.overdue", "passed")]),
        (0, [(1, "finding.overdue", "passed")]),
    ],
)
def test_a_finding_that_is_due_within_a_week_is_not_told_twice_on_the_day_on_which_it_is_new(scene, left, days):
    with transaction.atomic():
        Finding.objects.update(opened_at=NOON, due_on=TODAY + timedelta(days=left))
        assert days_on_which("finding", among=10) == days
        transaction.set_rollback(True)


def test_the_owner_is_told_ahead_and_the_managers_too_once_it_has_passed(scene):
    dated.tell(of("finding"), now=NOON + timedelta(days=23))
    assert {name: one.title for name, one in told(Event.objects.get(verb="finding.due_soon")).items()} == {
        "alice": f"{scene.finding} is due in 7 days"
    }
    dated.tell(of("finding"), now=NOON + timedelta(days=31))
    late = told(Event.objects.get(verb="finding.overdue"))
    assert {name: one.title for name, one in late.items()} == dict.fromkeys(
        ("alice", "mia"), f"{scene.finding} is overdue by 1 day"
    )


def test_a_day_that_is_moved_is_told_anew(scene):
    dated.tell(of("finding"), now=NOON + timedelta(days=23))
    scene.finding.due_on = TODAY + timedelta(days=60)
    scene.finding.save(update_fields=["due_on"])

    assert dated.tell(of("finding"), now=NOON + timedelta(days=40)) == 0
    assert dated.tell(of("finding"), now=NOON + timedelta(days=53)) == 1
    assert DayNotice.objects.count() == 2


def test_a_sweep_with_nothing_to_tell_asks_whether_a_row_is_near_its_day_and_then_for_all_notices_at_once(
    scene, django_assert_num_queries
):
    week_before = NOON + timedelta(days=23)
    with django_assert_num_queries(1):
        assert dated.tell(of("finding"), now=NOON) == 0
    assert dated.tell(of("finding"), now=week_before) == 1
    with django_assert_num_queries(2):
        assert dated.tell(of("finding"), now=week_before) == 0


def test_a_finding_that_is_dismissed_is_told_no_more(scene):
    scene.finding.severity = Severity.MEDIUM
    scene.finding.save(update_fields=["severity"])
    register.dismiss(scene.finding, reason="It is not so.", by=scene.cast.bob, now=NOON)
    assert days_on_which("finding") == []


def planned(scene, *, target: int, milestones: tuple[int, ...] = ()) -> RemediationPlan:
    """Return alice's plan, whose steps are due in so many days."""
    steps = [(f"Step {number}", TODAY + timedelta(days=day)) for number, day in enumerate(milestones)]
    return remediation.plan(
        scene.finding, description="Ask the vendor.", target_on=TODAY + timedelta(days=target), milestones=steps,
        by=scene.cast.alice, now=NOON,
    )  # fmt: skip


def test_the_next_step_of_a_plan_is_told_a_week_before_on_its_day_and_once_it_is_late(scene):
    plan = planned(scene, target=25, milestones=(10, 22))
    assert days_on_which("plan", among=14) == [
        (3, "remediation_plan.step_due_soon", "7"),
        (10, "remediation_plan.step_due_soon", "0"),
        (11, "remediation_plan.step_overdue", "passed"),
    ]
    late = told(Event.objects.get(verb="remediation_plan.step_overdue"))
    assert {name: one.title for name, one in late.items()} == {
        "alice": f"A step of the plan for {scene.finding} is overdue by 1 day"
    }

    remediation.complete_milestone(plan.milestones.earliest("due_on"), by=scene.cast.bob, now=NOON + timedelta(days=12))
    relay.relay(now=NOON)
    late["alice"].refresh_from_db()
    assert late["alice"].settled_by == "Bob"
    assert [day for day, _verb, _step in days_on_which("plan", among=24)] == [15, 22, 23]


def test_where_all_milestones_are_done_it_is_the_target_that_is_told(scene):
    remediation.complete_milestone(
        planned(scene, target=20, milestones=(10,)).milestones.get(), by=scene.cast.alice, now=NOON
    )
    assert [day for day, _verb, _step in days_on_which("plan")] == [13, 20, 21]


def test_a_step_is_not_told_beside_its_finding_nor_once_that_is_not_being_fixed_any_more(scene):
    planned(scene, target=30)
    assert days_on_which("plan") == []
    planned(scene, target=20)
    remediation.claim_fixed(scene.finding, note="Done.", by=scene.cast.alice, now=NOON)
    assert days_on_which("plan") == []


def test_answers_are_told_to_whoever_gives_them_and_to_managers_once_they_are_late(db):
    made = scenes.set_up()
    draft = lifecycle.start(
        made.server, kind="initial", assignee=made.people.bob, due_on=TODAY + timedelta(days=20),
        by=made.people.alice, now=NOON,
    )  # fmt: skip
    assert days_on_which("answers") == [
        (13, "assessment.due_soon", "7"),
        (20, "assessment.due_soon", "0"),
        (21, "assessment.overdue", "passed"),
    ]
    soon = told(Event.objects.filter(verb="assessment.due_soon").earliest("at"))
    assert {name: one.title for name, one in soon.items()} == {"bob": f"{draft} is due in 7 days"}
    late = told(Event.objects.get(verb="assessment.overdue"))
    assert {name: one.title for name, one in late.items()} == dict.fromkeys(
        ("bob", "mia"), f"{draft} is overdue by 1 day"
    )


def test_answers_that_were_handed_in_are_told_no_more(db):
    made = scenes.set_up()
    lifecycle.start(made.server, kind="initial", due_on=TODAY, by=made.people.alice, now=NOON)
    Assessment.objects.update(status=Assessment.Status.SUBMITTED, submitted_by=made.people.alice, submitted_at=NOON)
    assert days_on_which("answers", among=9) == []


def test_a_role_is_told_two_weeks_before_on_its_last_day_and_the_day_after(scene):
    people.give_role(
        scene.cast.eve, role=Role.AUDITOR, unit=scene.cast.payments, by=SYSTEM, now=NOON,
        valid_until=TODAY + timedelta(days=90),
    )  # fmt: skip
    assert days_on_which("role") == [
        (76, "role.ending", "14"),
        (90, "role.ending", "0"),
        (91, "role.ended", "passed"),
    ]
    assert list(told(Event.objects.get(verb="role.ended"))) == ["eve"]


def test_a_token_is_told_two_weeks_before_on_its_last_day_and_the_day_after(scene):
    tokens.issue(scene.cast.eve, name="ci", scopes=[Capability.READ], lifetime=timedelta(days=60), by=SYSTEM, now=NOON)
    assert days_on_which("token") == [
        (46, "token.expiring", "14"),
        (60, "token.expiring", "0"),
        (61, "token.expired", "passed"),
    ]


def test_a_token_for_two_weeks_is_told_on_its_last_day_and_the_day_after(scene):
    tokens.issue(scene.cast.eve, name="ci", scopes=[Capability.READ], lifetime=timedelta(days=14), by=SYSTEM, now=NOON)
    assert [day for day, _verb, _step in days_on_which("token")] == [14, 15]
