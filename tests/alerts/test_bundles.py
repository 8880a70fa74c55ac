"""One message a person and occasion: what it gathers, when it goes, and what it leaves out."""

from collections import Counter
from datetime import timedelta

import pytest

from accounts import tokens
from accounts.access import Capability
from alerts import bundles, relay, tasks
from alerts.channels import email
from alerts.models import Alert, Delivery
from audit import context, events
from audit.context import SYSTEM
from audit.events import Pace
from findings.models import Finding
from jobs import runner
from jobs.models import Job
from scoring.scales import Severity
from tests.alerts.scene import say, told
from tests.alerts.test_mail import smtp
from tests.cast import NOON, TODAY, a_release
from vendors.models import Deployment

__all__ = ["smtp", "tasks"]
pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def work(now) -> None:
    """Relay what waits, and send what is due by then."""
    relay.relay(now=now)
    due = Job.objects.filter(kind="alerts.send", status=Job.Status.QUEUED, run_after__lte=now)
    for job_id in list(due.values_list("pk", flat=True)):
        runner.run(job_id, now=now)
    Delivery.objects.filter(sealed_at__gt=now).update(sealed_at=now)


def finding(scene, number: int, severity: Severity) -> Finding:
    return Finding.objects.create(
        unit=scene.cast.payments, server=scene.server, source="manual", stable_key=f"key {number}",
        owner=scene.cast.alice, title=f"Finding {number}", severity=severity, dimension="security_posture",
        last_observed_at=NOON, created_at=NOON, opened_at=NOON, due_on=TODAY + timedelta(days=30),
    )  # fmt: skip


def open_many(scene, count: int, severity: Severity = Severity.HIGH, *, first: int = 0) -> None:
    for number in range(first, first + count):
        opened = finding(scene, number, severity)
        say("finding.opened", opened, by=scene.cast.bob, severity=severity.word, gap=None)


def test_two_hundred_findings_of_one_step_are_one_message(scene, smtp):
    with context.acting(SYSTEM):
        open_many(scene, 200)
    work(NOON)

    [received] = smtp.box.received
    text = received.get_content().replace("\r\n", "\n")
    assert Alert.objects.filter(recipient=scene.cast.alice).count() == 200
    assert received["Subject"].replace("\n", "") == "New finding: F-2 Finding 0 and 199 more"
    assert "To know (200)" in text
    assert "And 175 more in your inbox." in text
    assert "http://localhost:8000/inbox/" in text
    [sent] = Delivery.objects.all()
    assert sent.alerts.count() == 200


@pytest.mark.parametrize("severity", [Severity.CRITICAL, Severity.HIGH])
def test_two_hundred_findings_one_by_one_are_three_messages_at_most(scene, smtp, severity):
    for second in range(100):
        open_many(scene, 2, severity, first=2 * second)
        work(NOON + timedelta(seconds=second))
    work(NOON + 15 * MINUTE)

    by_person = Counter(received["To"] for received in smtp.box.received)
    assert by_person["alice@example.org"] in {2, 3}
    sent = Delivery.objects.filter(recipient=scene.cast.alice, status=Delivery.Status.SENT)
    assert sum(one.alerts.count() for one in sent) == 200
    assert not Alert.objects.filter(delivery=None).exists()


def test_a_critical_finding_is_not_held_back_by_the_pause_of_others(scene, smtp):
    open_many(scene, 1)
    work(NOON)
    open_many(scene, 1, first=1)
    work(NOON + MINUTE)
    open_many(scene, 1, Severity.CRITICAL, first=2)
    work(NOON + 2 * MINUTE)

    first, second = smtp.box.received
    assert first["Subject"].endswith("Finding 0")
    text = second.get_content()
    assert text.index("Critical (1)") < text.index("Finding 2") < text.index("To know (1)") < text.index("Finding 1")


def test_what_is_not_urgent_comes_once_in_the_morning(scene, smtp):
    open_many(scene, 3, Severity.LOW)
    work(NOON)
    open_many(scene, 2, Severity.MEDIUM, first=3)
    work(NOON + 60 * MINUTE)
    assert smtp.box.received == []

    morning = bundles.next_digest(NOON)
    assert (morning - NOON, morning.hour) == (timedelta(hours=19), 7)
    work(morning)

    [received] = smtp.box.received
    assert received["Subject"] == "Your day: 5 to know"
    assert Alert.objects.filter(recipient=scene.cast.alice).count() == 5


@pytest.mark.parametrize("status", ["approved", "in_review"])
def test_fifty_critical_findings_tell_approvers_and_managers_of_what_is_approved_and_in_use(scene, smtp, status):
    scene.server.status, scene.server.pinned_release = status, a_release(scene.cast, "forecast")
    scene.server.save()
    Deployment.objects.create(server=scene.server, name="Desk", environment="production", agent="Desk agent")
    with context.acting(SYSTEM):
        open_many(scene, 50, Severity.CRITICAL)
    work(NOON)

    people = Counter(Alert.objects.values_list("recipient__name", flat=True))
    assert people == ({"Alice": 50, "Mia": 50} if status == "approved" else {"Alice": 50})
    assert Counter(received["To"] for received in smtp.box.received) == dict.fromkeys(
        (f"{name.lower()}@example.org" for name in people), 1
    )


def test_what_comes_after_the_sealing_opens_the_next_message_and_a_retry_says_the_same(scene, smtp):
    open_many(scene, 2)
    relay.relay(now=NOON)
    delivery = Delivery.objects.get()
    bundles.seal(delivery.pk, now=NOON)
    before = email.message(delivery)
    open_many(scene, 1, first=2)
    relay.relay(now=NOON)
    Alert.objects.filter(delivery=delivery).update(settled_at=NOON + MINUTE)
    delivery.refresh_from_db()
    after = email.message(delivery)

    assert (before.subject, before.body, before.extra_headers) == (after.subject, after.body, after.extra_headers)
    assert Counter(Alert.objects.values_list("delivery", flat=True)) == {
        delivery.pk: 2,
        Delivery.objects.exclude(pk=delivery.pk).get().pk: 1,
    }


def test_several_things_in_one_message_say_their_days_too(scene, smtp):
    for number in range(2):
        say("finding.overdue", finding(scene, number, Severity.HIGH), by=scene.cast.bob)
    work(NOON)

    text = next(received for received in smtp.box.received if received["To"] == "mia@example.org").get_content()
    assert text.replace("\r\n", "\n").count("\n  Due on Wednesday 1 April 2026.\n") == 2
    assert "{" not in text


def test_an_alert_is_settled_for_all_when_one_of_them_did_it(scene, smtp):
    asked = told(say("finding.fix_claimed", scene.finding, by=scene.cast.alice))
    say("finding.fix_passed", scene.finding, by=scene.cast.bob, at=NOON + MINUTE)
    relay.relay(now=NOON)

    assert asked
    for alert in asked.values():
        alert.refresh_from_db()
        assert (alert.settled_at, alert.settled_by) == (NOON + MINUTE, "Bob")
    assert not Alert.objects.filter(pk__in=[one.pk for one in asked.values()]).unread().exists()


def test_what_waits_is_settled_however_it_ends(scene):
    token, _key = tokens.issue(
        scene.cast.alice, name="ci", scopes=[Capability.READ], lifetime=timedelta(days=60), by=SYSTEM, now=NOON
    )
    for waits, ends, row in (
        ("finding.proposed", "finding.closed", scene.finding),
        ("finding.due_soon", "finding.due_date_changed", scene.finding),
        ("finding.acceptance_requested", "finding.closed", scene.finding),
        ("token.expiring", "token.expired", token),
    ):
        [alert] = told(say(waits, row, by=SYSTEM)).values()
        assert alert.settled_at is None, waits
        say(ends, row, by=SYSTEM, at=NOON + MINUTE)
        relay.relay(now=NOON)
        alert.refresh_from_db()
        assert alert.settled_at == NOON + MINUTE, waits


def test_a_message_with_nothing_left_to_say_is_not_sent(scene, smtp):
    told(say("finding.fix_claimed", scene.finding, by=scene.cast.alice))
    say("finding.fix_passed", scene.finding, by=scene.cast.bob, at=NOON + MINUTE)
    relay.relay(now=NOON)
    work(NOON)

    dropped = Delivery.objects.filter(status=Delivery.Status.DROPPED)
    assert dropped.exists()
    assert not any("verify it" in received["Subject"] for received in smtp.box.received)


def test_a_step_that_is_relayed_before_what_it_settles_settles_it_too(scene):
    claimed = say("finding.fix_claimed", scene.finding, by=scene.cast.alice)
    passed = say("finding.fix_passed", scene.finding, by=scene.cast.bob, at=NOON + MINUTE)
    relay.relay_one(passed.pk, now=NOON)
    relay.relay_one(claimed.pk, now=NOON)

    alerts = Alert.objects.filter(event=claimed)
    assert alerts
    assert {(one.settled_by, one.delivery) for one in alerts} == {("Bob", None)}


def test_everything_that_waits_for_somebody_says_what_settles_it():
    declared = {one.verb for one in events.every()}
    for one in events.every():
        if one.tell and one.tell.is_action:
            assert one.tell.settled_by, one.verb
            assert {*one.tell.settled_by, *one.tell.ended_by} <= declared, one.verb


def test_only_what_is_declared_so_is_critical():
    always = {one.verb for one in events.every() if one.tell and one.tell.pace is events.critical}
    assert always == {
        "approval.withdrawn", "approval.expired", "server.suspended", "server.suspended_elsewhere",
        "server.tools_changed", "asker.disobeyed", "person.link_made",
        "person.link_sent", "person.edited", "person.password_set", "token.issued", "token.revoked", "trail.broken",
    }  # fmt: skip
    assert Pace("critical") is Pace.CRITICAL
