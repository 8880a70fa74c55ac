"""Pages of channels, rules, a person's times, and who is on call."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from alerts.models import AlertRule, Channel, Deputy, Message, QuietHours
from alerts.recipients import personal
from alerts.rules import preview, writing
from audit import events
from escalations import climbing, ladders
from escalations.models import Escalation
from riskregister import kept_secrets
from riskregister.ids import uuid7
from tests.alerts import scene as scenes
from tests.alerts.channel_scene import opened, told
from tests.alerts.scene import Scene, say
from tests.api.caller import frozen
from tests.cast import NOON, TODAY
from tests.web.signed_in import as_
from web.forms.alert_rules import NewRuleForm

URL = "https://hooks.example.com/services/secret-part"
DAY = timedelta(days=1)


@pytest.fixture
def scene(db) -> Scene:
    return scenes.build()


def text(response: Any) -> str:
    """Return the words of a page, with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_the_secret_of_a_webhook_is_shown_once_and_its_address_never(scene):
    mia = as_(scene.cast.mia)
    fields = {"unit": str(scene.cast.payments.pk), "name": "Pager", "kind": "webhook", "address": URL, "form": ""}

    made = mia.post(reverse("web:channel-open"), fields)

    channel = Channel.objects.get()
    secret = kept_secrets.read(channel.secret_kept)
    assert made.status_code == 201
    assert made.headers["Cache-Control"].endswith("private")
    assert secret in made.content.decode()
    pages = [mia.get(reverse(f"web:channel-{page}", args=[channel.pk])) for page in ("detail", "change", "rotate")]
    pages.append(mia.get(reverse("web:field-history", args=["channel", channel.pk])))
    for page in (made, *pages):
        assert "secret-part" not in page.content.decode()
    for page in pages:
        assert page.status_code == 200
        assert secret not in page.content.decode()


def test_exchanging_the_secret_shows_the_new_one_and_says_until_when_the_former_one_signs(scene):
    channel, former = opened(scene, URL)
    mia = as_(scene.cast.mia)

    made = mia.post(reverse("web:channel-rotate", args=[channel.pk]))

    channel.refresh_from_db()
    new = kept_secrets.read(channel.secret_kept)
    assert new != former
    assert new in made.content.decode()
    assert "The former secret signs until" in text(mia.get(reverse("web:channel-detail", args=[channel.pk])))


def test_an_address_that_does_not_fit_comes_back_with_a_sentence(scene):
    fields = {"unit": str(scene.cast.payments.pk), "name": "SIEM", "kind": "syslog", "address": URL, "form": "cef"}

    refused = as_(scene.cast.mia).post(reverse("web:channel-open"), fields)

    assert refused.status_code == 422
    assert "Write the address as one of: udp://siem.example:514" in text(refused)
    assert not Channel.objects.exists()


def test_a_trial_is_promised_and_what_was_given_up_is_sent_again(scene):
    channel, _ = opened(scene, URL)
    mia = as_(scene.cast.mia)

    mia.post(reverse("web:channel-try", args=[channel.pk]))
    Message.objects.update(status="given_up", error="hooks.example.com is not known.")
    message = Message.objects.get()
    page = text(mia.get(reverse("web:message-detail", args=[message.pk])))
    assert "Trial to CH-1 On call" in page
    assert "Send again" in page
    mia.post(reverse("web:message-replay", args=[message.pk]))

    assert Message.objects.get().status == "pending"


def test_the_title_of_the_page_of_a_message_marks_what_deceives(scene):
    channel, _ = opened(scene, URL)
    message = told(scene, channel, title="Keys \u202eare gone")

    page = as_(scene.cast.mia).get(reverse("web:message-detail", args=[message.pk])).content.decode()

    assert "<title>Keys [U+202E]are gone" in " ".join(page.split())


def test_a_receiver_that_is_left_alone_is_not_called_unreachable(scene):
    channel, _ = opened(scene, URL)
    Channel.objects.update(rests_until=NOON + DAY)

    with frozen():
        page = text(as_(scene.cast.mia).get(reverse("web:channel-detail", args=[channel.pk])))

    assert "Its receiver was not reached, or asks to be left alone. What waits is tried again from 3 Mar 2026" in page


def rule_said(scene: Scene, **changes: Any) -> dict[str, Any]:
    return {
        "unit": str(scene.cast.payments.pk), "name": "Worst first", "about": ["findings"], "least_severity": "high",
        "tiers": ["1", "2"], "vendor": "", "places": ["approvers"], "people": [str(scene.cast.carol.pk)],
        "channels": [], "pace": "soon",
    } | changes  # fmt: skip


def test_a_channel_for_syslog_says_in_which_form_its_lines_are(scene):
    channel, _secret = opened(scene, "tls://siem.example.com:6514", kind="syslog", form="cef")
    assert "Syslog, CEF" in text(as_(scene.cast.mia).get(reverse("web:channel-detail", args=[channel.pk])))


def test_who_writes_a_rule_while_no_channel_is_open_is_told_so(scene):
    mia = as_(scene.cast.mia)
    assert "None is open yet: open one under Channels." in text(mia.get(reverse("web:alert-rule-write")))
    opened(scene, URL)
    assert "None is open yet" not in text(mia.get(reverse("web:alert-rule-write")))


def test_events_are_offered_below_the_kind_of_thing_that_they_are_of_each_once(scene):
    about: Any = NewRuleForm(by=scene.cast.mia).fields["about"]
    offered = dict(about.choices)
    assert offered["Findings"][0] == ("findings", "All of: Findings")
    assert "finding.opened" in dict(offered["Findings"])
    events_offered = [verb for rows in offered.values() for verb, _words in rows if "." in verb]
    assert sorted(events_offered) == sorted(one.verb for one in events.every())
    page = as_(scene.cast.mia).get(reverse("web:alert-rule-write")).content.decode()
    assert '<optgroup label="Findings">' in page


def test_a_rule_is_written_looked_at_and_started(scene):
    say("finding.assigned", scene.finding, by=scene.cast.mia, at=NOON - DAY)
    mia = as_(scene.cast.mia)

    with frozen():
        made = mia.post(reverse("web:alert-rule-write"), rule_said(scene, tiers=[]))
        rule = AlertRule.objects.get()
        week = mia.get(made.headers["Location"])
        assert rule.status == "paused"
        mia.post(reverse("web:alert-rule-start", args=[rule.pk]))

    assert made.headers["Location"] == reverse("web:alert-rule-last-week", args=[rule.pk])
    assert "1 of 1 event since" in text(week)
    assert f"{scene.finding} is yours now" in text(week)
    assert "Carol, Bob" in text(week)
    assert AlertRule.objects.get().status == "active"
    page = text(mia.get(reverse("web:alert-rule-detail", args=[rule.pk])))
    assert "Findings, of high severity or worse: tells approvers of the unit and Carol at once." in page


def test_last_week_says_when_it_shows_the_latest_only(scene, monkeypatch):
    for days in (1, 2):
        say("finding.assigned", scene.finding, by=scene.cast.mia, at=NOON - days * DAY)
    monkeypatch.setattr(preview, "SHOWN", 1)
    mia = as_(scene.cast.mia)

    with frozen():
        made = mia.post(reverse("web:alert-rule-write"), rule_said(scene, tiers=[]))
        page = text(mia.get(made.headers["Location"]))

    assert "It would have told The latest 1 of 2." in page
    assert page.count(f"{scene.finding} is yours now") == 1


def test_a_rule_is_changed_from_what_it_says(scene):
    whole: dict[str, Any] = {
        "about": ["findings"], "least_severity": "", "tiers": [2], "vendor": None, "places": ["owner"],
        "people": [scene.cast.carol], "channels": [], "pace": "daily",
    }  # fmt: skip
    rule = writing.write(unit=scene.cast.payments, name="A rule", facts=whole, by=scene.cast.mia, now=NOON)
    mia, address = as_(scene.cast.mia), reverse("web:alert-rule-rewrite", args=[rule.pk])
    form = mia.get(address).context["form"]
    began = {name: form[name].value() for name in form.fields}
    assert (began["people"], began["tiers"], began["pace"]) == ([str(scene.cast.carol.pk)], ["2"], "daily")
    assert ("2", "Tier 2 · High") in form.fields["tiers"].choices

    fields = {name: value for name, value in began.items() if value} | {"name": "Another", "people": []}
    changed = mia.post(address, fields)

    assert changed.status_code == 302
    rule.refresh_from_db()
    assert (rule.name, rule.tiers, list(rule.people.all()), rule.places) == ("Another", [2], [], ["owner"])


def test_people_set_their_quiet_hours_and_name_a_deputy(scene):
    alice = as_(scene.cast.alice)

    with frozen():
        alice.post(reverse("web:account-quiet-hours"), {"begins": "20:00", "ends": "07:00", "weekends": "on"})
        fields = {"deputy": str(scene.cast.carol.pk), "first_on": "2026-03-02", "last_on": "2026-03-09"}
        alice.post(reverse("web:account-deputy"), fields)
        refused = alice.post(reverse("web:account-deputy"), fields | {"last_on": "2026-03-01"})

    assert str(QuietHours.objects.get(person=scene.cast.alice)) == "20:00 to 07:00, and weekends"
    assert Deputy.objects.get(person=scene.cast.alice).deputy == scene.cast.carol
    assert refused.status_code == 422


def test_on_call_shows_since_when_something_waits_and_whose_turn_it_is(scene):
    [ladder] = [one for one in ladders.every() if one.word == "finding_overdue"]
    late = NOON + 31 * DAY
    climbing.climb(ladder, now=late)
    personal.name_deputy(
        scene.cast.alice, deputy=scene.cast.carol, first_on=TODAY, last_on=TODAY + 90 * DAY, by=scene.cast.alice,
        now=NOON,
    )  # fmt: skip

    with frozen(late):
        page = text(as_(scene.cast.mia).get(reverse("web:on-call")))
        stranger = text(as_(scene.cast.eve).get(reverse("web:on-call")))

    assert Escalation.objects.get().rung == "owner"
    assert f"{scene.finding} Overdue finding · Payments · since 2 Apr 2026" in page
    assert "Owner: Carol for Alice · managers from 5 Apr 2026" in page
    assert "Everything is acknowledged" in stranger


def test_on_call_says_when_it_shows_the_worst_only(scene, monkeypatch):
    [ladder] = [one for one in ladders.every() if one.word == "finding_overdue"]
    climbing.climb(ladder, now=NOON + 31 * DAY)
    row = Escalation.objects.get()
    row.pk, row.object_id, row.severity = uuid7(), uuid7(), row.severity + 1
    row.save(force_insert=True)
    monkeypatch.setattr("web.alerts.on_call.SHOWN", 1)

    page = text(as_(scene.cast.mia).get(reverse("web:on-call")))

    assert "Not acknowledged 2 The first 1 of 2." in page
    assert page.count(str(scene.finding)) == 1
