"""Checkpoints are stamped by an authority: a real one, made of openssl, that answers over HTTP."""

import base64
import ipaddress
import random
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from audit import trail
from audit.context import SYSTEM
from seal import checking, sealing, stamping
from seal.formats import timestamps
from seal.formats.timestamps import NotStamped
from seal.models import Checkpoint, Export, Stamp
from tests import append_only
from tests.cast import Cast, assemble
from tests.tables import for_each

OPENSSL = shutil.which("openssl")
pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not OPENSSL, reason="No openssl to make an authority of.")]
NOW = datetime.now(UTC)
CONFIGURATION = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
crypto_device = builtin
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
EXTENSIONS = {
    "ca": "basicConstraints=critical,CA:true",
    "stamper": "extendedKeyUsage=critical,timeStamping",
    "server": "extendedKeyUsage=serverAuth",
}


def openssl(*words: object, given: bytes = b"") -> bytes:
    done = subprocess.run([str(OPENSSL), *map(str, words)], input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an authority, another one, a certificate that is for servers, and who issued them."""
    here = tmp_path_factory.mktemp("tsa")
    (here / "tsa.cnf").write_text(CONFIGURATION.format(folder=here))
    (here / "serial").write_text("01\n")
    for ca in ("ca", "other"):
        _certificate(here, ca, "ca", "rsa:2048")
    _certificate(here, "rsa", "stamper", "rsa:2048", issuer="ca")
    _certificate(here, "curve", "stamper", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", issuer="ca")
    _certificate(here, "server", "server", "rsa:2048", issuer="ca")
    _certificate(here, "stranger", "stamper", "rsa:2048", issuer="other")
    return here


def _certificate(here: Path, name: str, kind: str, key: str, *more: str, issuer: str = "") -> None:
    signed = ["-CA", here / f"{issuer}.pem", "-CAkey", here / f"{issuer}.key"] if issuer else []
    openssl(
        *("req", "-x509", "-newkey", key, *more, "-nodes", "-days", "30", "-subj", f"/CN={name} of the tests"),
        *("-addext", EXTENSIONS[kind], "-keyout", here / f"{name}.key", "-out", here / f"{name}.pem", *signed),
    )  # fmt: skip


def answered(folder: Path, query: bytes, *, by: str = "rsa") -> bytes:
    """Return what an authority answers to a query."""
    (folder / "query").write_bytes(query)
    words = ("-config", folder / "tsa.cnf", "-signer", folder / f"{by}.pem", "-inkey", folder / f"{by}.key")
    openssl("ts", "-reply", "-queryfile", folder / "query", *words, "-out", folder / "answer")
    return (folder / "answer").read_bytes()


def trusted(folder: Path, name: str = "ca") -> Any:
    return timestamps.certificates((folder / f"{name}.pem").read_bytes())


@for_each("by", ["rsa", "curve"])
def test_an_answer_proves_when_a_text_was_there(folder, by):
    answer = answered(folder, timestamps.query("Sealed.\n", nonce=2**62 + 5), by=by)

    stamp = timestamps.read(answer, "Sealed.\n", trusted=trusted(folder))

    assert stamp.nonce == 2**62 + 5
    assert abs(stamp.at - datetime.now(UTC)) < timedelta(minutes=10)


def test_openssl_reads_the_query_and_checks_the_answer_that_is_kept(folder):
    answered(folder, timestamps.query("Sealed.\n", nonce=7))
    (folder / "text").write_bytes(b"Sealed.\n")
    words = ("-data", folder / "text", "-in", folder / "answer", "-CAfile", folder / "ca.pem")

    assert b"Nonce: 0x07" in openssl("ts", "-query", "-in", folder / "query", "-text")
    assert b"Verification: OK" in openssl("ts", "-verify", *words)


def test_what_proves_nothing_is_refused_and_says_why(folder):
    query = timestamps.query("Sealed.\n", nonce=7)
    good = answered(folder, query)
    wrong = {
        "another text": (good, "Sealed!\n", "ca"),
        "leads to nobody who is trusted": (good, "Sealed.\n", "other"),
        "to nobody who is trusted": (answered(folder, query, by="stranger"), "Sealed.\n", "ca"),
        "cannot be read": (b"", "Sealed.\n", "ca"),
        "be read": (good[: len(good) // 2], "Sealed.\n", "ca"),
        "read": (b"<html>404</html>", "Sealed.\n", "ca"),
    }
    for words, (answer, text, ca) in wrong.items():
        with pytest.raises(NotStamped, match=words):
            timestamps.read(answer, text, trusted=trusted(folder, ca))


def test_a_refusal_of_the_authority_is_no_stamp(folder):
    # Of SHA-224, which this authority does not stamp.
    sha256, sha224 = (bytes.fromhex(f"6086480165030402{end}") for end in ("01", "04"))
    query = timestamps.query("Sealed.\n", nonce=7).replace(sha256, sha224)

    with pytest.raises(NotStamped, match="refused with status 2"):
        timestamps.read(answered(folder, query), "Sealed.\n", trusted=trusted(folder))


def test_no_changed_byte_of_what_is_signed_goes_unseen(folder):
    good, chance = answered(folder, timestamps.query("Sealed.\n", nonce=7)), random.Random(7)
    first = timestamps.read(good, "Sealed.\n", trusted=trusted(folder))
    for _ in range(300):
        changed = bytearray(good)
        changed[chance.randrange(len(good))] ^= 1 << chance.randrange(8)
        try:
            read = timestamps.read(bytes(changed), "Sealed.\n", trusted=trusted(folder))
        except NotStamped:
            continue
        # What is not signed (the status, unused certificates) may differ; what it proves may not.
        assert read == first


def test_a_forged_answer_is_refused_whatever_in_it_cannot_be_read(folder):
    good = answered(folder, timestamps.query("Sealed.\n", nonce=7))
    signature, version, key = b"\x04\x82\x01\x00", b"\xa0\x03\x02\x01\x02", bytes.fromhex("06092a864886f70d010101")
    assert min(good.count(one) for one in (signature, version, key)) >= 1
    for forged in (
        # No signature at all, a certificate of a version that there is not, and one with a key of an unknown kind.
        good[: good.rindex(signature)] + b"\x0c" + good[good.rindex(signature) + 1 :],
        good.replace(version, version[:-1] + b"\x09"),
        good.replace(key, key[:-1] + b"\x63"),
    ):
        with pytest.raises(NotStamped):
            timestamps.read(forged, "Sealed.\n", trusted=trusted(folder))


@pytest.fixture
def people(db: None, settings: Any, tmp_path: Any, folder: Path) -> Cast:
    settings.DATA_DIR = tmp_path
    settings.OUTBOUND_ALLOW = [ipaddress.ip_network("127.0.0.0/8")]
    settings.SEAL_TSA_CA = str(folder / "ca.pem")
    found = assemble(now=NOW)
    sealing.seal(now=NOW)
    return found


@contextmanager
def authority(folder: Path, *, by: str = "rsa") -> Iterator[str]:
    """Run an authority; yield its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == timestamps.QUERY
            self.send_response(200)
            self.send_header("Content-Type", timestamps.REPLY)
            self.end_headers()
            self.wfile.write(answered(folder, query, by=by))

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_checkpoint_is_stamped_each_hour_and_its_stamp_is_checked(people, folder, settings):
    with authority(folder) as settings.SEAL_TSA:
        stamping.stamp(now=NOW)
        stamping.stamp(now=NOW + timedelta(hours=2))
        with transaction.atomic():
            trail.record("unit.renamed", people.payments, by=SYSTEM, at=NOW)
        sealing.seal(now=NOW)
        stamping.stamp(now=NOW + timedelta(minutes=59))
        early = Stamp.objects.count()
        stamping.stamp(now=NOW + timedelta(minutes=61))

    assert early == 1
    assert list(Stamp.objects.values_list("size", flat=True)) == list(Checkpoint.objects.values_list("size", flat=True))
    assert Export.objects.get(target=stamping.TARGET).error == ""
    assert checking.check().problem_count == 0


def test_a_stamp_that_proves_nothing_is_not_kept_and_said(people, folder, settings):
    with authority(folder, by="stranger") as settings.SEAL_TSA:
        stamping.stamp(now=NOW)

    assert not Stamp.objects.exists()
    assert "nobody who is trusted" in Export.objects.get(target=stamping.TARGET).error


def test_without_an_authority_nothing_is_stamped(people):
    stamping.stamp(now=NOW)

    assert not Stamp.objects.exists()
    assert not Export.objects.exists()


def test_a_stamp_that_was_exchanged_is_found(people, folder, settings):
    with authority(folder) as settings.SEAL_TSA:
        stamping.stamp(now=NOW)
    other = base64.b64encode(answered(folder, timestamps.query("Another.\n", nonce=1))).decode()
    with append_only.lifted(connection, Stamp):
        Stamp.objects.update(answer=other)

    (problem,) = checking.check().problems

    assert str(problem) == f"stamp {Stamp.objects.get().size}: The stamp is of another text."
