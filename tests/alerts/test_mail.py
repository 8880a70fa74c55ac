"""Mail on the wire: a real SMTP server, which may be down, refuse, or be told twice."""

import email
import email.policy
import socket
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.db import connection
from django.test import override_settings

from accounts import people
from accounts.access import NotPermitted
from alerts import relay
from alerts.channels import email as channel
from alerts.delivery import deliveries
from alerts.models import Alert, Delivery
from findings.models import Finding
from jobs import runner
from jobs.models import Job
from riskregister.addresses import mail
from riskregister.transitions import IllegalTransition
from tests import append_only
from tests.alerts.scene import say
from tests.cast import NOON

pytestmark = pytest.mark.django_db


class Postbox:
    """Keeps what it is sent; refuses recipients with the answer it was given."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.answer = "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's name
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        parsed["X-Envelope-To"] = ",".join(envelope.rcpt_tos)
        self.received.append(parsed)
        return "250 OK"


class Server:
    """An SMTP server that can be stopped and started again on the same port."""

    def __init__(self, port: int) -> None:
        self.port, self.box = port, Postbox()
        self.controller: Controller | None = None

    def start(self) -> None:
        self.controller = Controller(self.box, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def stop(self) -> None:
        if self.controller:
            self.controller.stop()
        self.controller = None


@pytest.fixture
def smtp():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(port)
    server.start()
    with override_settings(**mail(f"smtp://127.0.0.1:{port}", folder=Path())):
        yield server
    server.stop()


@pytest.fixture
def delivery(scene) -> Delivery:
    say("finding.assigned", scene.finding, by=scene.cast.mia, reason="You know it best.")
    relay.relay(now=NOON)
    return Delivery.objects.get()


def work() -> None:
    """Do every waiting mail job once, as if its time had come."""
    Job.objects.filter(kind="alerts.send", status=Job.Status.QUEUED).update(run_after=NOON)
    for job_id in Job.objects.filter(kind="alerts.send", status=Job.Status.QUEUED).values_list("pk", flat=True):
        runner.run(job_id, now=NOON + timedelta(hours=1))


def test_a_mail_says_what_why_and_where(scene, delivery, smtp):
    work()

    [received] = smtp.box.received
    text = received.get_content()
    assert received["Subject"] == f"{scene.finding} is yours now"
    assert received["To"] == received["X-Envelope-To"] == "alice@example.org"
    assert received["Message-ID"] == delivery.message_id
    assert received["Auto-Submitted"] == "auto-generated"
    assert "Mia: You know it best." in text
    assert f"Open it: http://localhost:8000/go/finding/{scene.finding.pk}\n" in text.replace("\r\n", "\n")
    assert "You own this finding." in text
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.error) == (Delivery.Status.SENT, 1, "")
    assert delivery.sent_at is not None


def test_a_server_that_was_down_gets_the_same_message_when_it_is_up_again(delivery, smtp):
    smtp.stop()
    work()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == (Delivery.Status.FAILED, 1)
    assert "refused" in delivery.error
    assert Job.objects.filter(kind="alerts.send", status=Job.Status.QUEUED).count() == 1

    smtp.start()
    work()

    assert [received["Message-ID"] for received in smtp.box.received] == [delivery.message_id]
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.error) == (Delivery.Status.SENT, 2, "")
    work()
    assert len(smtp.box.received) == 1


def test_a_worker_killed_between_sending_and_noting_sends_the_same_message_again(delivery, smtp):
    channel.send(delivery)

    work()

    first, second = smtp.box.received
    assert first["Message-ID"] == second["Message-ID"] == delivery.message_id


def test_the_pauses_grow_and_after_the_last_try_it_is_given_up_in_sight(delivery, smtp):
    smtp.stop()
    waits = []
    for _ in range(len(deliveries.PAUSES)):
        work()
        job = Job.objects.get(kind="alerts.send", status=Job.Status.QUEUED)
        waits.append(job.run_after - job.created_at)
    assert tuple(waits) == deliveries.PAUSES
    assert list(deliveries.given_up()) == []

    work()

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == (Delivery.Status.GIVEN_UP, len(deliveries.PAUSES) + 1)
    assert list(deliveries.given_up()) == [delivery]
    assert not Job.objects.filter(kind="alerts.send").exclude(status=Job.Status.DONE).exists()


def test_a_recipient_that_the_server_refuses_for_good_is_given_up_at_once(delivery, smtp):
    smtp.box.answer = "550 5.1.1 No such user"
    work()

    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == (Delivery.Status.GIVEN_UP, 1)
    assert delivery.error == "550 5.1.1 No such user"


def test_a_recipient_that_is_refused_for_now_is_tried_again(delivery, smtp):
    smtp.box.answer = "451 4.7.1 Greylisted"
    work()
    smtp.box.answer = "250 OK"
    work()

    assert [received["Message-ID"] for received in smtp.box.received] == [delivery.message_id]


def test_an_administrator_tries_once_more_with_the_same_message_id(scene, delivery, smtp):
    smtp.box.answer = "550 No such user"
    work()
    smtp.box.answer = "250 OK"
    delivery.refresh_from_db()

    with pytest.raises(NotPermitted):
        deliveries.retry(delivery, by=scene.cast.alice, now=NOON)
    deliveries.retry(delivery, by=scene.cast.ada, now=NOON)
    work()

    assert [received["Message-ID"] for received in smtp.box.received] == [delivery.message_id]
    delivery.refresh_from_db()
    with pytest.raises(IllegalTransition, match="from sent"):
        deliveries.retry(delivery, by=scene.cast.ada, now=NOON)


def test_who_has_left_since_gets_no_mail(scene, delivery, smtp):
    people.deactivate(scene.cast.alice, by=scene.cast.ada, now=NOON)
    work()

    assert smtp.box.received == []
    delivery.refresh_from_db()
    assert (delivery.status, delivery.error) == (Delivery.Status.GIVEN_UP, "The person is no longer active.")


def test_a_line_break_in_a_name_begins_no_header(scene, smtp):
    scene.finding.title = "Keys\r\nBcc: eve@example.org\r\n\r\nHello"
    with append_only.lifted(connection, Finding):
        scene.finding.save()
    say("finding.assigned", scene.finding, by=scene.cast.mia)
    relay.relay(now=NOON)
    # The inbox's title was cleaned; a row that was not must not get through either.
    alert = Alert.objects.get(delivery=Delivery.objects.get())
    alert.title = "Keys\nBcc: eve@example.org"
    alert.save()
    work()

    [received] = smtp.box.received
    assert received["Bcc"] is None
    assert received["X-Envelope-To"] == "alice@example.org"
    assert received["Subject"] == "Keys Bcc: eve@example.org"


def test_an_address_that_no_mail_can_have_is_given_up_not_retried_for_ever(delivery, smtp):
    delivery.address = "alice@example.org\nBcc: eve@example.org"
    delivery.save()
    work()

    assert smtp.box.received == []
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.GIVEN_UP


def test_words_of_other_languages_arrive_as_written(scene, smtp):
    scene.finding.title = "Schlüssel 鍵 <b>nicht</b> & rotiert"
    with append_only.lifted(connection, Finding):
        scene.finding.save()
    say("finding.assigned", scene.finding, by=scene.cast.mia)
    relay.relay(now=NOON)
    work()

    [received] = smtp.box.received
    # Folded onto a second line, the parser keeps the space that the folding added.
    assert received["Subject"].strip() == f"{scene.finding} is yours now"
    assert "Schlüssel 鍵 <b>nicht</b> & rotiert is yours now" in received.get_content()


def test_without_a_mail_server_the_same_message_lies_in_the_folder(delivery, tmp_path):
    with override_settings(**mail("", folder=tmp_path)):
        work()

    [file] = tmp_path.iterdir()
    message = email.message_from_string(file.read_text())
    assert message["Message-ID"] == delivery.message_id
    assert message["To"] == "alice@example.org"
    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.SENT
