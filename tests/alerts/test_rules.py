"""Rules: they add to what is told, never hold back, and can be looked at before they tell anybody."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.access import NotPermitted
from accounts.models import Role, User
from alerts import relay
from alerts.models import Alert, AlertRule, Delivery, Message, Telling
from alerts.recipients import choosing
from alerts.rules import preview, wording, writing
from alerts.rules.matching import Conditions, Sight
from alerts.rules.writing import RuleInvalid
from audit.events import Pace
from audit.models import Event
from findings.models import Finding
from riskregister.refusals import Refused
from scoring.scales import Severity
from tests import append_only, cast
from tests.alerts.channel_scene import opened
from tests.alerts.scene import Scene, say
from tests.cast import NOON
from tests.tables import for_each
from vendors.models import Server
from vendors.registering import registration

pytestmark = pytest.mark.django_db
URL = "https://hooks.example.com/1"
DAY = timedelta(days=1)


def written(
    scene: Scene, *, name: str = "A rule", by: User | None = None, is_of_payments: bool = True, **facts: Any
) -> AlertRule:
    """Return a rule of Payments that is started; unless said, all findings are told to carol at once."""
    whole: dict[str, Any] = {
        "about": ["findings"], "least_severity": "", "tiers": [], "vendor": None, "places": [],
        "people": [scene.cast.carol], "channels": [], "pace": "soon",
    } | facts  # fmt: skip
    unit, manager = scene.cast.payments if is_of_payments else None, by or scene.cast.mia
    rule = writing.write(unit=unit, name=name, facts=whole, by=manager, now=NOON)
    return writing.start(rule, by=manager, now=NOON)


def assigned(scene: Scene, **more: Any) -> Event:
    """Return the event that mia gave the finding to alice, who is told of it anyway."""
    return say("finding.assigned", scene.finding, by=scene.cast.mia, **more)


def alerts_of(event: Event) -> dict[str, Alert]:
    relay.relay(now=NOON)
    return {alert.recipient.name.lower(): alert for alert in Alert.objects.filter(event=event)}


def mailed(event: Event, name: str) -> str:
    """Return in which kind of mail somebody is told of an event."""
    relay.relay(now=NOON)
    delivery = Delivery.objects.get(alerts__event=event, recipient__name=name)
    return str(delivery.kind)


# What it selects


HIGH = Sight("finding.opened", Severity.HIGH, has_severity=True, tier=2)


@for_each(
    "conditions, sight, fits",
    [
        (Conditions({"findings"}), HIGH, True),
        (Conditions({"finding.opened"}), HIGH, True),
        (Conditions({"finding.closed", "reviews"}), HIGH, False),
        (Conditions({"findings"}, Severity.HIGH), HIGH, True),
        (Conditions({"findings"}, Severity.MEDIUM), HIGH, True),
        (Conditions({"findings"}, Severity.CRITICAL), HIGH, False),
        # What nobody knows is told; what has no severity is not severe.
        (Conditions({"findings"}, Severity.CRITICAL), Sight("finding.opened", None, has_severity=True), True),
        (Conditions({"reviews"}, Severity.LOW), Sight("review.overdue"), False),
        (Conditions({"findings"}, tiers={1, 2}), HIGH, True),
        (Conditions({"findings"}, tiers={1}), HIGH, False),
        (Conditions({"findings"}, tiers={1}), Sight("finding.opened"), False),
        (Conditions({"findings"}, tag="pci"), Sight("finding.opened", tags=("pci", "till")), True),
        (Conditions({"findings"}, tag="pci"), HIGH, False),
    ],
)
def test_what_a_rule_selects(conditions, sight, fits):
    assert conditions.fit(sight) is fits


def test_it_selects_by_the_severity_that_the_event_says_and_else_by_that_of_the_row(scene):
    written(scene, least_severity="critical")
    lately = say("finding.severity_changed", scene.finding, by=scene.cast.mia, was="high", severity="critical")
    before = say("finding.severity_changed", scene.finding, by=scene.cast.mia, was="low", severity="medium")
    silent = assigned(scene)

    assert "carol" in alerts_of(lately)
    assert "carol" not in alerts_of(before)
    assert scene.finding.severity == 2
    assert "carol" not in alerts_of(silent)


def test_it_selects_by_the_tier_of_the_server_and_the_vendors_behind_it(scene):
    vendor = cast.a_vendor(scene.cast)
    rule = written(scene, tiers=[4])
    Server.objects.filter(pk=scene.server.pk).update(inherent_tier=2)
    assert "carol" not in alerts_of(assigned(scene))
    rewritten(rule, scene, tiers=[2], vendor=vendor)
    assert "carol" not in alerts_of(assigned(scene))

    registration.add_supplier(scene.server, vendor, role="host", by=scene.cast.alice, now=NOON)

    assert "carol" in alerts_of(assigned(scene))


def test_it_selects_by_the_tag_of_the_server_written_in_whatever_way(scene):
    rule = written(scene, tag="Customer Data")
    assert rule.tag == "customer-data"
    assert wording.what(rule) == "Findings, about servers tagged customer-data"
    before = assigned(scene)
    assert "carol" not in alerts_of(before)

    registration.edit_server(scene.server, changes={"tags": ["customer-data"]}, by=scene.cast.alice, now=NOON)

    assert "carol" in alerts_of(assigned(scene))
    # It is asked of the server as it is today.
    assert before.pk in {would.event.pk for would in preview.last_week(rule, reader=scene.cast.mia, now=NOON).found}
    with pytest.raises(Refused, match="is no tag"):
        rewritten(rule, scene, tag="a,b")


def rewritten(rule: AlertRule, scene: Scene, **changes: Any) -> None:
    """Let a rule say something else."""
    facts = {name: getattr(rule, name) for name in ("about", "tiers", "vendor", "places", "pace")}
    facts |= {"least_severity": "", "people": list(rule.people.all()), "channels": []} | changes
    writing.rewrite(rule, name=rule.name, facts=facts, by=scene.cast.mia, now=NOON)


# Whom it tells


def test_it_adds_to_those_who_are_told_anyway_and_tells_nobody_twice(scene):
    rule = written(scene, people=[scene.cast.carol, scene.cast.alice], places=["approvers", "managers"])

    found = alerts_of(assigned(scene))

    # mia did it and knows; alice is told as the owner, as she would be without the rule.
    assert found.keys() == {"alice", "carol", "bob"}
    assert found["alice"].why == "You own this finding."
    assert found["carol"].why == f"Rule {rule} names you."
    assert found["bob"].why == f"Rule {rule}."
    assert not found["carol"].is_action


def test_it_tells_of_events_of_which_nobody_else_is_told(scene):
    written(scene, about=["finding.observed_again"])

    [alert] = alerts_of(say("finding.observed_again", scene.finding, by=scene.cast.alice)).values()

    assert alert.recipient == scene.cast.carol
    assert alert.title == f"Observed again: {scene.finding}"


def test_at_once_is_at_once_whatever_the_person_chose_and_a_digest_is_one(scene):
    choosing.choose(scene.cast.carol, choices={"findings": "never"}, by=scene.cast.carol, now=NOON)
    rule = written(scene)
    assert mailed(assigned(scene), "Carol") == Delivery.Kind.PROMPT

    rewritten(rule, scene, pace="daily")
    assert mailed(assigned(scene), "Carol") == Delivery.Kind.DIGEST


def test_it_speeds_up_and_never_slows_what_is_told_anyway(scene):
    written(scene, people=[scene.cast.alice], pace="daily")

    assert mailed(assigned(scene), "Alice") == Delivery.Kind.PROMPT


def test_a_channel_hears_of_it_once_however_many_rules_name_it(scene):
    channel, _ = opened(scene, URL)
    written(scene, channels=[channel], people=[], pace="daily")
    written(scene, channels=[channel], people=[], name="Sooner")

    event = assigned(scene)
    relay.relay(now=NOON)
    relay.relay(now=NOON)

    [telling] = Telling.objects.all()
    assert (telling.event, telling.channel, telling.severity) == (event, channel, 2)
    assert telling.title == f"{scene.finding} is yours now"
    assert Message.objects.get().kind == Message.Kind.PROMPT


def test_a_paused_rule_tells_nobody_and_a_started_one_only_what_comes(scene):
    rule = written(scene)
    writing.pause(rule, reason="Too much.", by=scene.cast.mia, now=NOON)

    assert "carol" not in alerts_of(assigned(scene))


def test_a_rule_of_a_unit_tells_nothing_of_another_and_nothing_of_administration(scene):
    channel, _ = opened(scene, URL)
    server = cast.a_server(scene.cast, unit=scene.cast.research, by=scene.cast.eve)
    written(scene, about=["servers", "account", "server.registered"], channels=[channel])
    Telling.objects.all().delete()
    say("server.registered", server, by=scene.cast.eve)
    say("person.mail_chosen", scene.cast.alice, by=scene.cast.alice)

    relay.relay(now=NOON)

    assert not Telling.objects.exists()
    max_ = cast.person("max", role=Role.MANAGER, unit=None)
    written(scene, is_of_payments=False, by=max_, about=["server.registered"], people=[], places=["head"])
    event = say("server.registered", server, by=scene.cast.eve)
    assert alerts_of(event).keys() == {"max"}


# Nothing is held back


def broken(rule: AlertRule, **columns: Any) -> None:
    AlertRule.objects.filter(pk=rule.pk).update(**columns)


@for_each(
    "columns, why",
    [
        ({"least_severity": 99}, "ValueError: 99 is not a valid Severity"),
        ({"tiers": ["worst"]}, "TypeError: what it is about is no list"),
        ({"about": "findings"}, "TypeError: what it is about is no list"),
    ],
)
def test_a_filter_that_breaks_tells_and_says_so(scene, columns, why):
    AlertRule.objects.update(status=AlertRule.Status.RETIRED)
    channel, _ = opened(scene, URL)
    rule = written(scene, channels=[channel], least_severity="critical")
    broken(rule, **columns)

    found = alerts_of(assigned(scene))

    note = f"{rule.ref} tells this because its filter is broken ({why})."
    assert found["carol"].body.startswith(note)
    assert Telling.objects.latest("id").note == note
    rule.refresh_from_db()
    assert (rule.broken_why, rule.broken_at) == (note, NOON)
    assert found["alice"].why == "You own this finding."


@pytest.mark.engine
def test_a_card_that_breaks_spoils_neither_the_relay_nor_the_default(scene, monkeypatch):
    channel, _ = opened(scene, URL)
    rule = written(scene, channels=[channel])

    def fails(*args: object, **more: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nothing FROM nowhere")

    for asked in ("look", "severity"):
        monkeypatch.setattr(f"alerts.rules.seeing.{asked}", fails)

    assert alerts_of(assigned(scene)).keys() == {"alice", "carol"}
    assert set(Telling.objects.values_list("severity", flat=True)) == {None}
    rule.refresh_from_db()
    error = "ProgrammingError" if connection.vendor == "postgresql" else "OperationalError"
    assert rule.broken_why.startswith(f"{rule.ref} tells this because its filter is broken ({error}:")


def test_a_rule_that_reaches_nobody_tells_the_managers(scene):
    channel, _ = opened(scene, URL)
    rule = written(scene, channels=[channel], people=[])
    type(channel).objects.update(status="retired")

    event = say("finding.assigned", scene.finding, by=scene.cast.ada)
    found = alerts_of(event)

    assert found.keys() == {"alice", "mia"}
    assert found["mia"].body.startswith(f"{rule.ref} reaches nobody whom it names, so you are told.")


def test_what_is_critical_is_told_at_once_by_a_rule_that_says_digest(scene):
    channel, _ = opened(scene, URL)
    written(scene, about=["servers", "server.suspended"], channels=[channel], pace="daily")

    event = say("server.suspended", scene.server, by=scene.cast.bob, reason="It leaks.")
    found = alerts_of(event)

    assert found["carol"].pace == Pace.CRITICAL
    assert Message.objects.get().kind == Message.Kind.PROMPT


# What it would have said


def test_last_week_says_what_the_rule_would_have_told_and_tells_nobody(scene):
    rule = writing.pause(written(scene), reason="To look first.", by=scene.cast.mia, now=NOON)
    assigned(scene, at=NOON - 8 * DAY)
    first, second = assigned(scene, at=NOON - 2 * DAY), assigned(scene, at=NOON - DAY)
    say("review.overdue", scene.review, by=scene.cast.mia)
    before = (Alert.objects.count(), Message.objects.count(), Event.objects.count())

    week = preview.last_week(rule, reader=scene.cast.mia, now=NOON)

    assert [would.event for would in week.found] == [second, first]
    assert [[one.person for one in would.heard.people] for would in week.found] == [[scene.cast.carol]] * 2
    assert (week.looked_at, week.is_whole, week.since) == (2, True, NOON - preview.WEEK)
    assert (Alert.objects.count(), Message.objects.count(), Event.objects.count()) == before


def test_last_week_shows_a_broken_filter_and_a_week_that_is_too_long_says_so(scene, monkeypatch):
    rule = written(scene, least_severity="critical")
    assigned(scene), assigned(scene)
    assert preview.last_week(rule, reader=scene.cast.mia, now=NOON).found == []
    broken(rule, least_severity=99)
    rule.refresh_from_db()
    monkeypatch.setattr(preview, "MOST", 1)

    week = preview.last_week(rule, reader=scene.cast.mia, now=NOON)

    assert [would.note for would in week.found] == [
        f"{rule.ref} tells this because its filter is broken (ValueError: 99 is not a valid Severity)."
    ]
    assert (week.looked_at, week.is_whole) == (1, False)
    rule.refresh_from_db()
    assert rule.broken_why == ""


# In words, and what cannot be a rule


def test_a_rule_is_one_sentence(scene):
    vendor = cast.a_vendor(scene.cast)
    channel, _ = opened(scene, URL)
    rule = written(
        scene, about=["findings", "review.overdue"], least_severity="high", tiers=[2, 1], vendor=vendor,
        places=["owner"], channels=[channel], pace="daily",
    )  # fmt: skip

    assert wording.sentence(rule) == (
        f"Findings and “Review overdue”, of high severity or worse, about servers of tier 1 or 2, of {vendor}: tells "
        "whoever owns it, Carol and CH-1 On call in the digest of the day."
    )


@for_each(
    "facts, field",
    [
        ({"people": []}, "places"),
        ({"about": []}, "about"),
        ({"about": ["weekly"]}, "about"),
        ({"about": ["finding.vanished"]}, "about"),
        ({"least_severity": "dreadful"}, "least_severity"),
        ({"tiers": [5]}, "tiers"),
        ({"places": ["self"]}, "places"),
        ({"pace": "critical"}, "pace"),
    ],
)
def test_what_cannot_be_a_rule_is_refused(scene, facts, field):
    with pytest.raises(RuleInvalid) as refused:
        written(scene, **facts)

    assert refused.value.field == field
    assert not AlertRule.objects.exists()


def test_nobody_is_named_who_has_no_role_there_and_no_channel_of_somebody_else(scene):
    eves, _ = opened(scene, URL, unit=scene.cast.research, by=_manager_of_research(scene))
    for facts in ({"people": [scene.cast.eve]}, {"channels": [eves]}):
        with pytest.raises(RuleInvalid):
            written(scene, **facts)
    with pytest.raises(NotPermitted):
        written(scene, by=scene.cast.alice)
    with pytest.raises(NotPermitted):
        written(scene, is_of_payments=False)


def _manager_of_research(scene: Scene) -> User:
    return cast.person("rosa", role=Role.MANAGER, unit=scene.cast.research)


def test_a_row_that_cannot_be_seen_is_told_to_nobody_by_a_rule_either(scene):
    rule = written(scene)
    with append_only.lifted(connection, Finding):
        Finding.objects.filter(pk=scene.finding.pk).update(unit=scene.cast.research)
    AlertRule.objects.filter(pk=rule.pk).update(unit=None)
    event = say("finding.assigned", Finding.objects.get(pk=scene.finding.pk), by=scene.cast.mia)

    assert "carol" not in alerts_of(event)
