"""Channels on the wire: real receivers, which may be slow, lead inward, be down, or be told twice."""

import ipaddress
import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from accounts.access import NotPermitted
from accounts.models import Role
from alerts import posting
from alerts.channels import encryption, managing, over_http, siem
from alerts.channels.outcome import NotDelivered
from alerts.delivery import ledger
from alerts.models import Attempt, Channel, Delivery, Message
from audit.events import Pace
from audit.models import Event
from jobs.models import Job
from riskregister import kept_secrets
from riskregister.refusals import Refused
from riskregister.transitions import IllegalTransition
from tests.alerts import receiver as receivers
from tests.alerts.channel_scene import HOUR, opened, tell, told, work
from tests.alerts.receiver import Receiver
from tests.alerts.scene import say
from tests.cast import NOON, person
from tests.tables import for_each
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db
LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture(scope="module")
def server() -> Iterator[Receiver]:
    with receivers.running() as served:
        yield served


@pytest.fixture
def receiver(server: Receiver, settings: Any) -> Receiver:
    settings.OUTBOUND_ALLOW = LOOPBACK
    server.posts.clear()
    server.status, server.headers, server.is_silent = 204, {}, False
    return server


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def test_a_receiver_knows_with_the_official_library_that_the_register_sent_it(scene, receiver):
    channel, secret = opened(scene, f"{receiver.url}/hook")
    message = told(scene, channel)

    work()

    [post] = receiver.posts
    assert post.path == "/hook"
    payload = Webhook(secret).verify(post.body, post.headers)
    assert post.headers["webhook-id"] == str(message.pk)
    assert payload["type"] == "finding.opened"
    [alert] = payload["data"]["alerts"]
    event = Event.objects.get(verb="finding.opened", object_id=scene.finding.pk)
    assert (alert["event"], alert["severity"], alert["unit"]) == (str(event.pk), "high", "Payments")
    assert alert["url"] == f"http://localhost:8000/go/finding/{scene.finding.pk}"
    assert (fresh(message).status, fresh(message).attempts, fresh(message).error) == ("sent", 1, "")
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(post.body + b" ", post.headers)


def test_while_a_secret_is_exchanged_both_sign_and_then_the_new_one_alone(scene, receiver):
    channel, old = opened(scene, receiver.url)
    _, new = managing.rotate(channel, by=scene.cast.mia, now=timezone.now())
    told(scene, channel)
    work()
    managing.end_former(channel, by=scene.cast.mia, now=NOON)
    tell(channel, say("finding.assigned", scene.finding, by=scene.cast.mia))
    work()

    both, one = receiver.posts
    for secret in (old, new):
        Webhook(secret).verify(both.body, both.headers)
    Webhook(new).verify(one.body, one.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(one.body, one.headers)


def test_a_former_secret_is_ended_where_there_is_one(scene, receiver):
    channel, _ = opened(scene, receiver.url)
    mia = scene.cast.mia
    assert managing.end_former.offer(channel, mia).why_not == "It has no former secret: there is nothing to end."
    with pytest.raises(managing.NoFormerSecret):
        managing.end_former(channel, by=mia, now=NOON)

    channel, _ = managing.rotate(channel, by=mia, now=NOON)
    assert managing.end_former.offer(channel, mia).may
    channel = managing.end_former(channel, by=mia, now=NOON)
    assert not managing.end_former.offer(channel, mia).is_possible


def test_neither_the_database_nor_the_trail_holds_an_address_or_a_secret(scene, receiver):
    channel, secret = opened(scene, f"{receiver.url}/services/T0/secret-part")

    kept = Channel.objects.filter(pk=channel.pk).values().get()
    bodies = "".join(Event.objects.values_list("body", flat=True))
    assert "secret-part" not in str(kept) + bodies
    assert secret.removeprefix("whsec_") not in str(kept) + bodies
    assert kept_secrets.read(kept["secret_kept"]) == secret
    assert channel.place == receiver.url


def test_what_was_kept_under_another_key_is_said_and_tried_again(scene, receiver, settings):
    channel, _ = opened(scene, receiver.url)
    message = told(scene, channel)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "x" * 50, []

    work()

    assert receiver.posts == []
    assert fresh(message).status == "failed"
    assert "SECRET_KEY_FALLBACKS" in fresh(message).error


def test_a_receiver_that_was_down_gets_the_same_message_when_it_is_back(scene, receiver):
    channel, secret = opened(scene, f"http://127.0.0.1:{closed_port()}")
    message = told(scene, channel)
    work()
    assert fresh(message).status == "failed"
    assert "refused" in fresh(message).error
    channel.refresh_from_db()
    assert channel.failures == 1
    body = fresh(message).body

    managing.change(channel, name="On call", address=receiver.url, form="", by=scene.cast.mia, now=NOON)
    work()
    work()

    [post] = receiver.posts
    Webhook(secret).verify(post.body, post.headers)
    assert (post.headers["webhook-id"], post.body.decode()) == (str(message.pk), body)
    assert (fresh(message).status, fresh(message).attempts) == ("sent", 2)
    assert [bool(one.error) for one in message.tries.all()] == [True, False]


def test_a_worker_killed_between_sending_and_noting_sends_the_same_message_again(scene, receiver, monkeypatch):
    channel, secret = opened(scene, receiver.url)
    message = told(scene, channel)

    def killed(*args: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as now_killed:
        now_killed.setattr(posting, "_note", killed)
        with pytest.raises(KeyboardInterrupt):
            work()
    Job.objects.filter(kind="alerts.post").update(status=Job.Status.QUEUED)
    work()

    first, second = receiver.posts
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == str(message.pk)
    assert first.body == second.body
    assert Webhook(secret).verify(second.body, second.headers)
    assert fresh(message).status == "sent"


def test_the_pauses_grow_over_days_and_after_the_last_try_it_is_given_up_in_sight(scene, receiver):
    receiver.status = 500
    channel, _ = opened(scene, receiver.url)
    message = told(scene, channel)
    waits = []
    for _ in posting.PAUSES:
        work()
        job = Job.objects.get(kind="alerts.post", status=Job.Status.QUEUED)
        waits.append(job.run_after - job.created_at)

    assert [usual <= wait <= usual * 1.1 for usual, wait in zip(posting.PAUSES, waits, strict=True)] == [True] * 9
    assert sum(posting.PAUSES, timedelta()) > timedelta(days=3)
    work()

    assert (fresh(message).status, fresh(message).error) == ("given_up", "127.0.0.1 answered 500.")
    assert message.tries.count() == len(posting.PAUSES) + 1
    assert not Job.objects.filter(kind="alerts.post").exclude(status=Job.Status.DONE).exists()


def test_a_receiver_that_answers_too_late_is_left_and_keeps_nobody_waiting(scene, receiver, monkeypatch):
    monkeypatch.setattr(over_http, "PATIENCE", 0.2)
    receiver.is_silent = True
    channel, _ = opened(scene, receiver.url)
    first, second = told(scene, channel), tell(channel, say("finding.assigned", scene.finding, by=scene.cast.mia))

    work()

    assert len(receiver.posts) == 1
    outcomes = {(one.status, one.attempts, one.error) for one in (fresh(first), fresh(second))}
    assert outcomes == {("failed", 1, "127.0.0.1 gave no answer within 0.2 seconds."), ("pending", 0, "")}
    assert Job.objects.filter(kind="alerts.post", status=Job.Status.QUEUED).count() == 2
    receiver.over.set()


def test_what_leads_on_is_not_followed(scene, receiver):
    receiver.status, receiver.headers = 302, {"Location": "http://169.254.169.254/latest/meta-data?x=secret"}
    channel, _ = opened(scene, receiver.url)
    message = told(scene, channel)

    work()

    assert len(receiver.posts) == 1
    assert fresh(message).error == (
        "127.0.0.1 leads on to http://169.254.169.254. The register follows nobody: give the channel that address."
    )


def test_an_inward_address_is_refused_at_the_socket_unless_it_is_named(scene, receiver, settings):
    channel, _ = opened(scene, receiver.url)
    message = told(scene, channel)
    settings.OUTBOUND_ALLOW = []

    work()

    assert receiver.posts == []
    assert fresh(message).error.startswith("127.0.0.1 leads to 127.0.0.1, which is not public.")


@for_each(
    "address, kind, form",
    [
        ("http://127.0.0.1:8000/hook", "webhook", ""),
        ("https://[::ffff:10.0.0.1]/", "slack", ""),
        ("https://169.254.169.254/latest", "teams", ""),
        ("https://2130706433/", "webhook", ""),
        ("https://localhost./", "webhook", ""),
        ("tls://10.1.2.3:6514", "syslog", "cef"),
    ],
)
def test_an_inward_address_is_refused_when_a_channel_is_opened_and_when_it_is_moved(scene, address, kind, form):
    known = Channel.objects.count()
    with pytest.raises(Refused, match="which is not public") as caught:
        opened(scene, address, kind=kind, form=form)
    assert (caught.value.field, Channel.objects.count()) == ("address", known)

    outward = "tls://siem.example.com:6514" if form else "https://example.com/hook"
    channel, _ = opened(scene, outward, kind=kind, form=form)
    with pytest.raises(Refused, match="which is not public"):
        managing.change(channel, name="On call", address=address, form=form, by=scene.cast.mia, now=NOON)
    channel.refresh_from_db()
    assert kept_secrets.read(channel.address_kept) == outward


def test_nothing_goes_unencrypted_to_a_network_that_nobody_named(settings):
    settings.OUTBOUND_ALLOW = LOOPBACK

    encryption.require("siem.example", "127.0.0.1")
    encryption.require("siem.example", "::ffff:127.0.0.1")
    with pytest.raises(NotDelivered, match=r"siem\.example is reached without encryption"):
        encryption.require("siem.example", "192.0.2.1")


def test_a_receiver_that_wants_nothing_any_more_is_given_up_at_once(scene, receiver):
    receiver.status = 410
    channel, _ = opened(scene, receiver.url)
    message = told(scene, channel)

    work()

    assert (fresh(message).status, fresh(message).attempts) == ("given_up", 1)


def test_a_receiver_that_is_asked_too_often_is_left_alone_for_as_long_as_it_says(scene, receiver):
    receiver.status, receiver.headers = 429, {"Retry-After": "3600"}
    channel, _ = opened(scene, receiver.url)
    message = told(scene, channel)

    work()

    job = Job.objects.get(kind="alerts.post", status=Job.Status.QUEUED)
    assert job.run_after - job.created_at == HOUR
    channel.refresh_from_db()
    assert channel.rests_until == job.run_after
    assert fresh(message).error == "127.0.0.1 answered 429."


def test_a_person_sends_again_what_was_given_up_or_lost_under_the_same_id(scene, receiver):
    receiver.status = 410
    channel, _ = opened(scene, receiver.url)
    message = told(scene, channel)
    work()
    receiver.status = 204
    for by in (scene.cast.alice, scene.cast.eve):
        with pytest.raises(NotPermitted):
            posting.replay(fresh(message), by=by, now=NOON)

    posting.replay(fresh(message), by=scene.cast.mia, now=NOON)
    work()
    posting.replay(fresh(message), by=scene.cast.mia, now=NOON + HOUR)
    with pytest.raises(IllegalTransition):
        posting.replay(fresh(message), by=scene.cast.mia, now=NOON + HOUR)
    work()

    assert {post.headers["webhook-id"] for post in receiver.posts} == {str(message.pk)}
    assert [one.answer for one in Attempt.objects.order_by("at", "pk")] == [410, 204, 204]


def test_all_that_was_given_up_is_sent_again_at_once_the_oldest_first(scene, receiver, monkeypatch):
    monkeypatch.setattr(managing, "AGAIN_AT_ONCE", 2)
    receiver.status = 410
    channel, _ = opened(scene, receiver.url)
    assigned = [say("finding.assigned", scene.finding, by=scene.cast.mia) for _ in range(2)]
    gone = [told(scene, channel), *(tell(channel, event) for event in assigned)]
    work()
    receiver.status = 204
    receiver.posts.clear()
    mia = scene.cast.mia
    with pytest.raises(NotPermitted):
        managing.replay(channel, by=scene.cast.alice, now=NOON)

    managing.replay(channel, by=mia, now=NOON)
    assert [fresh(one).status for one in gone] == ["pending", "pending", "given_up"]
    work()
    managing.replay(channel, by=mia, now=NOON + HOUR)
    work()

    assert sorted(post.headers["webhook-id"] for post in receiver.posts) == sorted(str(one.pk) for one in gone)
    assert {fresh(one).status for one in gone} == {"sent"}
    replayed = Event.objects.filter(verb="channel.replayed").order_by("pk")
    assert [one.data["messages"] for one in replayed] == [2, 1]
    assert Event.objects.filter(verb="message.replayed").count() == 3
    assert managing.replay.offer(channel, mia).why_not == "No message to it was given up."
    with pytest.raises(managing.NothingGivenUp):
        managing.replay(channel, by=mia, now=NOON + HOUR)


def test_what_waits_for_a_channel_that_is_retired_lies_in_sight(scene, receiver):
    channel, _ = opened(scene, receiver.url)
    message = told(scene, channel)
    managing.retire(channel, reason="We moved.", by=scene.cast.mia, now=NOON)

    work()

    assert receiver.posts == []
    assert (fresh(message).status, fresh(message).error) == ("given_up", "The channel is retired.")


def test_slack_gets_text_and_blocks_in_which_what_strangers_wrote_is_no_markup(scene, receiver):
    channel, secret = opened(scene, f"{receiver.url}/services/1", kind="slack")
    told(scene, channel, title="<!channel> *Pay* & <https://evil.example|here>")

    work()

    [post] = receiver.posts
    payload = json.loads(post.body)
    assert secret == ""
    assert "webhook-signature" not in post.headers
    [block] = payload["blocks"]
    text = block["text"]["text"]
    assert "&lt;!channel&gt; \u200b*Pay\u200b* &amp; &lt;https://evil.example|here&gt;" in text
    assert f"<http://localhost:8000/go/finding/{scene.finding.pk}|Open it>" in text
    assert payload["text"].startswith("&lt;!channel&gt;")


def test_teams_gets_an_adaptive_card_whose_words_are_plain_text(scene, receiver):
    channel, _ = opened(scene, receiver.url, kind="teams")
    told(scene, channel, title="[Pay](https://evil.example)")

    work()

    [attachment] = json.loads(receiver.posts[0].body)["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert {one["type"] for one in card["body"]} == {"RichTextBlock"}
    assert card["body"][0]["inlines"][0]["text"] == "[Pay](https://evil.example)"
    assert card["actions"][0]["url"] == f"http://localhost:8000/go/finding/{scene.finding.pk}"


def test_a_siem_gets_a_line_of_cef_over_udp(scene, receiver):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as siem_:
        siem_.bind(("127.0.0.1", 0))
        siem_.settimeout(PATIENCE)
        address = f"udp://127.0.0.1:{siem_.getsockname()[1]}"
        channel, _ = opened(scene, address, kind="syslog", form="cef")
        message = told(scene, channel, title="A | in a=b")
        work()
        line = siem_.recv(65_536).decode()

    head, _, text = line.partition("\ufeff")
    priority, at, _host, app, process, key, data = head.split()
    # Facility 13, severity 3: high.
    assert (priority, app, process, key, data) == ("<107>1", "riskregister", "-", message.pk.hex, "-")
    assert at == NOON.isoformat().replace("+00:00", "Z")
    assert text.startswith("CEF:0|MCP risk register|MCP risk register|0.1.0|finding.opened|A \\| in a=b|8|rt=")
    assert " msg=A | in a\\=b " in text


def test_a_siem_gets_a_detection_finding_over_tcp_in_frames_that_say_their_length(scene, receiver):
    with socket.create_server(("127.0.0.1", 0)) as siem_:
        siem_.settimeout(PATIENCE)
        address = f"tcp://127.0.0.1:{siem_.getsockname()[1]}"
        channel, _ = opened(scene, address, kind="syslog", form="ocsf")
        message = told(scene, channel)
        work()
        there, _ = siem_.accept()
        with there, there.makefile("rb") as frames:
            frame = frames.read()

    length, _, line = frame.partition(b" ")
    assert int(length) == len(line)
    finding = json.loads(line[line.index(b"{") :])
    assert (finding["class_uid"], finding["type_uid"], finding["severity_id"]) == (2004, 200401, 4)
    assert finding["metadata"]["uid"] == str(message.tellings.get().event_id)
    assert finding["time"] == round(NOON.timestamp() * 1000)
    assert fresh(message).status == "sent"


def test_a_siem_that_is_down_is_no_delivery(scene, receiver):
    channel, _ = opened(scene, f"tcp://127.0.0.1:{closed_port()}", kind="syslog", form="cef")
    message = told(scene, channel)

    work()

    assert fresh(message).status == "failed"
    assert "could not be reached" in fresh(message).error


def test_what_nobody_knows_the_severity_of_is_unknown_to_a_siem_and_not_low():
    one: dict[str, Any] = {
        "severity": None, "verb": "x.y", "title": "T", "at": "2026-03-02T12:00:00Z", "event": "1", "actor": "A",
        "reason": "", "url": "u", "unit": None, "object": {"type": "t", "id": "1", "label": "l"},
    }  # fmt: skip

    assert "|T|Unknown|" in siem.cef(one)
    assert json.loads(siem.ocsf(one))["severity_id"] == 0


def test_what_is_not_urgent_waits_for_the_digest_of_the_day(scene, receiver):
    channel, _ = opened(scene, receiver.url)
    first = told(scene, channel, pace=Pace.DAILY, now=NOON)
    second = tell(channel, say("finding.assigned", scene.finding, by=scene.cast.mia), pace=Pace.DAILY, now=NOON)

    assert first == second
    assert first.send_after.isoformat() == "2026-03-03T07:00:00+00:00"
    work()

    payload = json.loads(receiver.posts[0].body)
    assert payload["type"] == "alerts.digest"
    assert payload["data"]["title"] == "2 things to know"
    assert len(payload["data"]["alerts"]) == 2


def test_a_flood_is_gathered_and_what_is_critical_is_not(scene, receiver):
    channel, _ = opened(scene, receiver.url)
    events = [say("finding.opened", scene.finding, by=scene.cast.alice) for _ in range(posting.BURST + 4)]

    messages = [tell(channel, event) for event in events[:-1]]
    critical = tell(channel, events[-1], pace=Pace.CRITICAL)

    assert [one.kind for one in messages] == ["prompt"] * posting.BURST + ["digest"] * 3
    assert len(set(messages)) == posting.BURST + 1
    assert critical.kind == "prompt"


def test_a_trial_shows_how_one_will_be_told(scene, receiver):
    channel, secret = opened(scene, receiver.url)

    managing.try_out(channel, by=scene.cast.mia, now=NOON)
    work()

    [post] = receiver.posts
    payload = Webhook(secret).verify(post.body, post.headers)
    assert payload["type"] == "channel.tried"
    assert payload["data"]["title"] == f"A trial of {channel}: so you will be told."
    assert Message.objects.get().status == "sent"


def test_whatever_was_promised_is_sent_waits_or_lies_in_sight(scene, receiver):
    channel, _ = opened(scene, receiver.url)
    say("finding.assigned", scene.finding, by=scene.cast.mia)
    messages = [tell(channel, say("finding.opened", scene.finding, by=scene.cast.alice)) for _ in range(4)]
    posting.begin(channel, Message.Kind.TRIAL, now=NOON)
    assert ledger.balance() == ledger.Balance(promised=5, sent=0, pending=5, dead=0, dropped=0)
    work()
    Message.objects.filter(pk=messages[0].pk).update(status="given_up")
    Message.objects.filter(pk=messages[1].pk).update(status="failed")
    Message.objects.filter(pk=messages[2].pk).update(status="pending")
    stopped = Job.objects.filter(payload={"message": str(messages[1].pk)})
    stopped.update(status=Job.Status.DEAD)

    found = ledger.balance()

    # The one whose job is done and which was never delivered is lost, and that is what the balance is for.
    assert (found, found.lost) == (ledger.Balance(promised=5, sent=2, pending=0, dead=2, dropped=0), 1)
    assert not Delivery.objects.exists()


@for_each(
    "kind, form, address, words",
    [
        ("webhook", "", "", "Write the address, such as https://example.com/hooks/1."),
        ("webhook", "", "ftp://example.com", "Start the address with https:// or http://."),
        ("webhook", "", "https://a:b@example.com", "Leave user name and password out of the address."),
        ("slack", "", "javascript:alert(1)", "Start the address with https:// or http://."),
        ("carrier pigeon", "", "https://example.com", "Choose one of: webhook, slack, teams, syslog."),
        ("syslog", "", "udp://siem.example", "Choose one of: cef, ocsf."),
        ("syslog", "cef", "https://siem.example", "Write the address as one of: "),
        ("syslog", "cef", "tcp://siem.example/path", "Write the address as one of: "),
        ("syslog", "ocsf", "udp://", "Write the address as one of: "),
        ("syslog", "ocsf", "tls://siem.example:notaport", "This is no address."),
    ],
)
def test_an_address_that_a_kind_does_not_have_is_refused(scene, kind, form, address, words):
    with pytest.raises(Refused) as refused:
        opened(scene, address, kind=kind, form=form)

    assert refused.value.message.startswith(words)
    assert not Channel.objects.exists()


def test_channels_of_the_whole_organisation_are_for_whoever_manages_all_of_it(scene, receiver):
    max_ = person("max", role=Role.MANAGER, unit=None)
    with pytest.raises(NotPermitted):
        opened(scene, receiver.url, unit=None)

    channel, _ = opened(scene, receiver.url, unit=None, by=max_)

    with pytest.raises(NotPermitted):
        managing.retire(channel, reason="No.", by=scene.cast.mia, now=NOON)
    assert list(Channel.objects.visible_to(scene.cast.mia)) == []
    assert list(Channel.objects.visible_to(max_)) == [channel]
