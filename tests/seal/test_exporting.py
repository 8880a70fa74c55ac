"""Checkpoints leave the database: to a real syslog over UDP and TCP, and to a real webhook, each once and in order."""

import ipaddress
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.db import transaction

from audit import trail
from audit.context import SYSTEM
from seal import claims, exporting, sealing, signing
from seal.models import Checkpoint, Export
from tests.cast import NOON, Cast, assemble
from tests.waiting import PATIENCE, until

pytestmark = pytest.mark.django_db
# Facility 13 (log audit), severity 6, version 1; time, host, program, process and message id; no structured data.
SYSLOG = re.compile(r"<110>1 (\S+) (\S+) riskregister - checkpoint - (\{.*\})\Z", re.DOTALL)


@pytest.fixture
def people(db: None, settings: Any, tmp_path: Any) -> Cast:
    settings.DATA_DIR = tmp_path
    settings.OUTBOUND_ALLOW = [ipaddress.ip_network("127.0.0.0/8")]
    found = assemble()
    sealing.seal(now=NOON)
    return found


def another(people: Cast, hours: int) -> None:
    """Seal one more event."""
    with transaction.atomic():
        trail.record("unit.renamed", people.payments, by=SYSTEM, at=NOON + timedelta(hours=hours))
    sealing.seal(now=NOON + timedelta(hours=hours))


def notes() -> list[str]:
    return list(Checkpoint.objects.order_by("size").values_list("note", flat=True))


def note_in(message: str) -> str:
    """Return the note in a syslog message."""
    found = SYSLOG.match(message)
    assert found, message
    note: str = json.loads(found[3])["checkpoint"]
    assert signing.signer().verifier.has_signed(note)
    return note


def test_each_checkpoint_goes_to_syslog_once_over_udp(people, settings):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(PATIENCE)
        settings.SEAL_SYSLOG = f"udp://127.0.0.1:{server.getsockname()[1]}"
        exporting.export(now=NOON)
        another(people, 1)
        exporting.export(now=NOON)
        exporting.export(now=NOON)

        received = [note_in(server.recv(65_536).decode()) for _ in range(2)]
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.recv(1)

    assert received == notes()
    assert Export.objects.get(target="syslog").size == max(Checkpoint.objects.values_list("size", flat=True))


def test_over_tcp_each_message_says_its_length(people, settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        settings.SEAL_SYSLOG = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        exporting.export(now=NOON)
        there, _address = server.accept()
        with there:
            there.settimeout(PATIENCE)
            framed = b"".join(iter(lambda: there.recv(65_536), b"")).decode()

    length, _, message = framed.partition(" ")
    assert int(length) == len(message.encode())
    assert [note_in(message)] == notes()


@contextmanager
def webhook(status: list[int]) -> Iterator[tuple[str, list[Any]]]:
    """Run a web server that keeps what is posted to it and answers with `status[0]`; yield its address and those."""
    posted: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append((self.path, self.headers["Content-Type"], json.loads(body)))
            self.send_response(status[0])
            self.end_headers()

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/seal?of=register", posted
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_each_checkpoint_is_posted_to_the_webhook_in_order(people, settings):
    another(people, 1)
    with webhook([204]) as (address, posted):
        settings.SEAL_WEBHOOK = address
        exporting.export(now=NOON)
        exporting.export(now=NOON)

    assert [(path, kind) for path, kind, _body in posted] == [("/seal?of=register", "application/json")] * 2
    assert [body["note"] for _path, _kind, body in posted] == notes()
    assert [body["size"] for _path, _kind, body in posted] == sorted(Checkpoint.objects.values_list("size", flat=True))
    assert {body["type"] for _path, _kind, body in posted} == {"trail.checkpoint"}


def test_a_place_that_takes_none_says_why_and_gets_it_next_time(people, settings):
    answers = [503]
    with webhook(answers) as (address, posted):
        settings.SEAL_WEBHOOK = address
        exporting.export(now=NOON)
        refused = Export.objects.get(target="webhook")
        answers[0] = 200
        another(people, 1)
        exporting.export(now=NOON)
        until(lambda: len(posted) == 3, what="both checkpoints to arrive")

    assert (refused.size, refused.error) == (0, "127.0.0.1 answered 503.")
    assert [body["note"] for _path, _kind, body in posted] == [notes()[0], *notes()]
    assert Export.objects.get(target="webhook").error == ""


def test_a_place_that_is_away_holds_up_no_other(people, settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    settings.SEAL_SYSLOG = f"tcp://127.0.0.1:{port}"

    exporting.export(now=NOON)

    assert "refused" in Export.objects.get(target="syslog").error
    assert [json.loads(line)["note"] for line in claims.file().read_text().splitlines()] == notes()


def test_a_private_address_is_posted_to_only_where_it_is_allowed(people, settings):
    settings.OUTBOUND_ALLOW = []
    with webhook([200]) as (address, posted):
        settings.SEAL_WEBHOOK = address
        exporting.export(now=NOON)

    assert posted == []
    assert "RISKREGISTER_OUTBOUND_ALLOW" in Export.objects.get(target="webhook").error
