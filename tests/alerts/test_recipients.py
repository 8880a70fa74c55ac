"""Who exactly is told of an event, and who never is."""

from datetime import timedelta

import pytest

from accounts import people, tokens
from accounts.access import Capability
from accounts.models import Role
from accounts.sign_in import passwords
from alerts import relay
from alerts.models import Alert
from audit.context import SYSTEM, Actor
from audit.models import Event
from findings.models import Finding, FixClaim, RiskAcceptance
from jobs import dated
from jobs.models import Job
from tests.alerts.scene import say, told
from tests.alerts.test_days import of
from tests.cast import NOON, TODAY, person
from vendors.models import Vendor

pytestmark = pytest.mark.django_db


def accept(scene, **more) -> RiskAcceptance:
    return RiskAcceptance.objects.create(
        **{"finding": scene.finding} | more,
        unit=scene.cast.payments,
        reason="It is read only.",
        compensating_control="A firewall",
        expires_on=TODAY + timedelta(days=90),
        requested_at=NOON,
    )


def test_the_owner_is_told_of_a_finding_and_where_it_is(scene):
    alerts = told(say("finding.opened", scene.finding, by=scene.cast.bob))

    assert list(alerts) == ["alice"]
    alert = alerts["alice"]
    assert alert.title == f"New finding: {scene.finding.ref} Keys are not rotated"
    assert alert.why == "You own this finding."
    assert (alert.object_type, alert.object_id) == ("findings.finding", scene.finding.pk)
    assert alert.created_at == NOON
    assert not alert.is_action


def test_a_severity_that_goes_up_is_told_by_how_bad_it_is_now_and_one_that_goes_down_is_not(scene):
    steps = [("medium", "critical"), ("low", "high"), ("low", "medium"), ("high", "low"), ("critical", "high")]
    found = [
        told(say("finding.severity_changed", scene.finding, by=SYSTEM, was=was, severity=now)) for was, now in steps
    ]

    assert [[(name, one.pace, one.title) for name, one in alerts.items()] for alerts in found] == [
        [("alice", "critical", f"{scene.finding} is critical now")],
        [("alice", "soon", f"{scene.finding} is high now")],
        [("alice", "daily", f"{scene.finding} is medium now")],
        [],
        [],
    ]


def test_without_an_owner_the_analysts_of_the_unit_are_told_and_no_others(scene):
    scene.finding.owner = None
    scene.finding.save()

    alerts = told(say("finding.opened", scene.finding, by=scene.cast.bob))

    assert list(alerts) == ["alice"]
    assert alerts["alice"].why == "You are an analyst of this unit."


def test_who_did_it_is_not_told(scene):
    assert told(say("finding.opened", scene.finding, by=scene.cast.alice)) == {}


def test_who_did_it_by_a_token_is_not_told(scene):
    token, _key = tokens.issue(
        scene.cast.alice,
        name="ci",
        scopes=[Capability.WRITE],
        lifetime=timedelta(days=30),
        by=scene.cast.alice,
        now=NOON,
    )
    by = Actor("token", str(token.pk), "ci of Alice", str(scene.cast.alice.pk))

    assert told(say("finding.opened", scene.finding, by=by)) == {}


def test_what_a_job_did_for_somebody_is_news_to_them(scene):
    by = Actor("job", str(scene.review.pk), "Job for Alice", str(scene.cast.alice.pk))

    assert list(told(say("finding.opened", scene.finding, by=by))) == ["alice"]


def test_inactive_people_are_not_told(scene):
    people.deactivate(scene.cast.alice, by=scene.cast.ada, now=NOON)

    assert told(say("finding.assigned", scene.finding, by=scene.cast.mia)) == {}


def test_an_owner_who_left_the_unit_is_not_told_but_its_analysts_are(scene):
    scene.finding.owner = scene.cast.eve
    scene.finding.save()

    assert list(told(say("finding.reopened", scene.finding, by=scene.cast.bob))) == ["alice"]


def test_a_claimed_fix_waits_for_those_who_may_verify_it(scene):
    person("anna", role=Role.ANALYST, unit=scene.cast.payments)
    claim = {"note": "Rotated", "claimed_by": scene.cast.alice, "claimed_at": NOON}
    FixClaim.objects.create(finding=scene.finding, **claim)

    alerts = told(say("finding.fix_claimed", scene.finding, by=scene.cast.alice))

    assert set(alerts) == {"bob"}
    assert all(alert.is_action for alert in alerts.values())


def test_a_claim_made_for_somebody_by_the_register_does_not_wait_for_them(scene):
    FixClaim.objects.create(finding=scene.finding, note="Rotated", claimed_by=scene.cast.bob, claimed_at=NOON)

    assert set(told(say("finding.fix_claimed", scene.finding, by=SYSTEM))) == {"mia"}


def test_a_request_to_accept_a_risk_waits_for_those_who_may_decide_it_until_one_does(scene):
    ann, ben = (person(name, role=Role.APPROVER, unit=scene.cast.payments) for name in ("ann", "ben"))
    scene.finding.given_away.create(person=ann, at=NOON)
    acceptance = accept(scene, requested_by=ben)

    alerts = told(say("finding.acceptance_requested", scene.finding, by=SYSTEM))
    # Ann gave the finding away since it opened, Ben asks himself.
    assert {name: alert.is_action for name, alert in alerts.items()} == {"bob": True}

    say("acceptance.granted", acceptance, by=ann)
    relay.relay(now=NOON)
    settled = Alert.objects.get(pk=alerts["bob"].pk)
    assert (settled.settled_at, settled.settled_by) == (NOON, "Ann")


def test_a_request_to_accept_the_risk_of_a_server_waits_for_all_approvers_but_the_one_who_asks(scene):
    ben = person("ben", role=Role.APPROVER, unit=scene.cast.payments)
    acceptance = accept(scene, requested_by=ben, finding=None, server=scene.server)

    alerts = told(say("acceptance.requested", acceptance, by=SYSTEM))

    assert {name: alert.is_action for name, alert in alerts.items()} == {"bob": True}


def test_when_the_only_approver_asks_the_manager_is_told(scene):
    acceptance = accept(scene, requested_by=scene.cast.bob)

    alerts = told(say("acceptance.requested", acceptance, by=scene.cast.bob))

    assert list(alerts) == ["mia"]
    assert alerts["mia"].title == f"Bob asks to accept the risk of {scene.finding}"
    assert alerts["mia"].why == "You manage this unit."


def test_a_decided_acceptance_is_told_to_who_asked_and_to_the_owner(scene):
    acceptance = accept(scene, requested_by=scene.cast.mia)

    alerts = told(say("acceptance.refused", acceptance, by=scene.cast.bob, reason="Too long."))

    assert {name: alert.why for name, alert in alerts.items()} == {
        "mia": "You asked for it.",
        "alice": "You own this finding.",
    }
    assert alerts["mia"].body == "Bob: Too long."
    assert alerts["mia"].object_id == scene.finding.pk


def test_an_overdue_review_is_told_to_assignee_and_managers(scene):
    event = say("review.overdue", scene.review, by=SYSTEM, at=NOON + timedelta(days=17))

    alerts = told(event)

    assert set(alerts) == {"alice", "mia"}
    assert alerts["mia"].title == f"Review of {scene.server} is overdue by 3 days"


def test_a_person_in_two_places_is_told_once(scene):
    people.give_role(scene.cast.alice, role=Role.MANAGER, unit=scene.cast.payments, by=SYSTEM, now=NOON)

    alerts = told(say("review.overdue", scene.review, by=SYSTEM))

    assert alerts["alice"].why == "This review is assigned to you."
    assert set(alerts) == {"alice", "mia"}


def test_a_vendors_finding_is_told_to_who_looks_after_the_vendor(scene):
    vendor = Vendor.objects.create(name="Files Ltd", relationship_owner=scene.cast.eve, created_at=NOON)
    finding = Finding.objects.create(
        vendor=vendor, source="manual", stable_key="x", title="No contact", severity=3, dimension="provenance",
        last_observed_at=NOON, created_at=NOON, due_on=TODAY,
    )  # fmt: skip

    assert list(told(say("finding.opened", finding, by=scene.cast.bob))) == ["eve"]


def test_a_dead_job_waits_for_the_administrators(scene):
    job = Job.objects.create(kind="reports.render", key="r", run_after=NOON, actor_kind="system", created_at=NOON)

    alerts = told(say("job.died", job, by=SYSTEM, kind=job.kind))

    assert list(alerts) == ["ada"]
    assert alerts["ada"].title == "A background job stopped: Draw a report"
    assert alerts["ada"].delivery is not None


def test_a_dead_mail_job_breeds_no_mail(scene):
    job = Job.objects.create(kind="alerts.send", key="m", run_after=NOON, actor_kind="system", created_at=NOON)

    assert told(say("job.died", job, by=SYSTEM, kind=job.kind))["ada"].delivery is None


def test_a_token_that_expires_soon_is_told_to_its_owner_once(scene):
    tokens.issue(scene.cast.eve, name="ci", scopes=[Capability.READ], lifetime=timedelta(days=60), by=SYSTEM, now=NOON)
    later = NOON + timedelta(days=50)

    assert [dated.tell(of("token"), now=moment) for moment in (NOON, later, later)] == [0, 1, 0]
    relay.relay(now=later)

    [alert] = Alert.objects.filter(event__verb="token.expiring")
    assert (alert.recipient, alert.title.partition(") ")[2]) == (scene.cast.eve, "expires in 10 days")


def test_whoever_can_be_impersonated_by_a_link_is_told_without_the_link(scene):
    passwords.record_link(scene.cast.alice, by=scene.cast.ada, now=NOON)
    event = Event.objects.get(verb="person.link_made")

    [alert] = told(event).values()

    assert (alert.recipient, alert.object_id) == (scene.cast.alice, scene.cast.alice.pk)
    assert alert.title.startswith("Ada holds a link that sets your password")
    assert "http" not in alert.title + alert.body
    assert alert.delivery is not None


def test_an_event_about_something_that_is_gone_is_told_to_nobody(scene):
    event = say("review.opened", scene.review, by=SYSTEM)
    scene.review.delete()

    assert told(event) == {}
