"""What is seen of TLS at an address, tried against servers that take what real ones take."""

import json
import ssl
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.sources import tls
from collectors.sources.tls import Prober, Trial, Tried
from inspection.bounds import Bounds
from monitoring.models import Run
from monitoring.observed import Look, Seen
from scoring.scales import Severity
from tests.collectors import tls_server
from tests.collectors.tls_server import Authority, V
from tests.inspection.scene import LOOPBACK
from tests.tables import for_each

# A client checks certificates by its own clock.
NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=200)
BOTH: dict[str, Any] = {"lowest": V.TLSv1_2, "highest": V.TLSv1_3}
OLD: dict[str, Any] = {"lowest": V.TLSv1_2, "highest": V.TLSv1_2}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"), NOW)


@pytest.fixture(scope="module")
def at(authority: Authority) -> Iterator[dict[str, str]]:
    """Give the addresses of all servers."""
    good = authority.certificate("localhost", ends=LATER)
    contexts = {
        "1.3": tls_server.context(good),
        "both": tls_server.context(good, ciphers=tls.STRONG, **BOTH),
        "1.2": tls_server.context(good, ciphers=tls.STRONG, **OLD),
        "weak": tls_server.context(good, ciphers="ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256", **BOTH),
        "before 1.2": _before(good),
        "expired": tls_server.context(authority.certificate("localhost", ends=NOW - timedelta(days=2))),
        "ending": tls_server.context(authority.certificate("localhost", ends=NOW + timedelta(days=3))),
        "of another": tls_server.context(authority.certificate("other.example", ends=LATER)),
        "no version": tls_server.context(authority.of_no_version("localhost", ends=LATER + timedelta(days=1))),
        "mutual": tls_server.context(good, ciphers=tls.STRONG, asks_for=authority.root, **BOTH),
        "mutual 1.3": tls_server.context(good, asks_for=authority.root),
        "silent": None,
    }
    with ExitStack() as stack:
        yield {name: stack.enter_context(tls_server.running(spoken)) for name, spoken in contexts.items()}


@pytest.fixture(autouse=True)
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the authority be one that the register trusts, as whoever runs it adds an authority of a company."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.root))


def _before(file: Path) -> ssl.SSLContext:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return tls_server.context(file, lowest=V.TLSv1_1, highest=V.TLSv1_3, ciphers="ALL:@SECLEVEL=0")


def look(*urls: str, bounds: Bounds = tls.BOUNDS, allowed: Any = LOOPBACK) -> Look:
    return tls.look(urls, prober=Prober(allowed=allowed, bounds=bounds), now=NOW)


def of(found: Look, kind: str) -> Seen:
    """Return what was seen of a kind."""
    assert found.outcome == Run.Status.COMPLETE, found.why
    [one] = [one for one in found.seen if one.key.partition(":")[0] == kind]
    return one


@for_each(
    "name, fact, value, severity",
    [
        ("1.3", "tls_13_only", "1.3 only", None),
        ("both", "tls_12_strong", "1.2 beside 1.3, with strong ciphers only", None),
        ("1.2", "tls_12_only", "1.2 at most, with strong ciphers only", None),
        ("weak", "tls_weak_ciphers", "1.2 with weak ciphers is accepted", Severity.MEDIUM),
        ("before 1.2", "tls_old", "versions before 1.2 are accepted", Severity.HIGH),
    ],
    ids=lambda row: row[0],
)
def test_the_versions_and_ciphers_that_an_address_takes(
    at: dict[str, str], name: str, fact: str, value: str, severity: Severity | None
):
    found = look(at[name])

    versions = of(found, "versions")
    assert (versions.fact, versions.holds, versions.value, versions.severity) == (fact, True, value, severity)
    assert versions.words == f"TLS at {at[name]}"
    assert of(found, "client_certificate").value == "no"
    assert of(found, "certificate").holds is True


@for_each(
    "name, holds, value, severity",
    [
        ("1.3", True, f"is valid until {LATER:%Y-%m-%d}", None),
        ("ending", True, f"is valid until {NOW + timedelta(days=3):%Y-%m-%d}", Severity.MEDIUM),
        ("expired", False, "cannot be trusted: certificate has expired; it is valid until "
         f"{NOW - timedelta(days=2):%Y-%m-%d}", Severity.HIGH),
        ("of another", False, "cannot be trusted: Hostname mismatch, certificate is not valid for 'localhost'.; it is "
         f"valid until {LATER:%Y-%m-%d}", Severity.HIGH),
    ],
    ids=lambda row: row[0],
)  # fmt: skip
def test_whether_a_client_can_trust_its_certificate(
    at: dict[str, str], name: str, holds: bool, value: str, severity: Severity | None
):
    certificate = of(look(at[name]), "certificate")
    assert (certificate.fact, certificate.holds) == ("certificate_valid", holds)
    assert (certificate.value, certificate.severity) == (value, severity)


@for_each("untried, reason", [("old", "NO_PROTOCOLS_AVAILABLE"), ("weak", "NO_CIPHERS_AVAILABLE")])
def test_what_our_own_library_does_not_try_does_not_pass_for_refused(untried: str, reason: str):
    made = dict.fromkeys(("trusted", "newest", "strong"), Trial(accepted=True))
    refused = dict.fromkeys(("weak", "old"), Trial(accepted=False, reason="HANDSHAKE_FAILURE"))
    tried = Tried(url="https://a.example/mcp", **made | refused | {untried: Trial(accepted=False, reason=reason)})

    versions = next(tls.seen_of(tried, now=NOW))
    assert (versions.is_assessed, versions.fact, versions.holds) == (False, "", None)
    assert versions.value.startswith("Not assessed: the library of this installation")


def test_a_certificate_that_nobody_can_read_is_not_trusted(at: dict[str, str]):
    certificate = of(look(at["no version"]), "certificate")
    assert (certificate.holds, certificate.severity) == (False, Severity.HIGH)
    assert certificate.value.startswith("cannot be trusted: ")
    assert "valid until" not in certificate.value


def test_a_certificate_of_an_authority_that_nobody_knows_is_not_trusted(
    at: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("SSL_CERT_FILE")
    certificate = of(look(at["1.3"]), "certificate")
    assert certificate.holds is False
    assert certificate.value.startswith("cannot be trusted: unable to get local issuer certificate")


def test_an_address_that_demands_a_certificate_of_clients_says_so(at: dict[str, str]):
    found = look(at["mutual 1.3"])
    assert of(found, "client_certificate").value == "yes"
    assert (of(found, "versions").fact, of(found, "certificate").holds) == ("tls_13_only", True)


def test_what_refuses_everybody_without_a_certificate_does_not_pass_for_what_refuses_older_versions(at: dict[str, str]):
    found = look(at["mutual"])
    assert of(found, "client_certificate").value == "yes"
    versions = of(found, "versions")
    assert (versions.is_assessed, versions.fact) == (False, "")
    assert versions.value == "Not assessed: it demands a certificate of clients"


def test_it_is_kept_what_each_handshake_came_to(at: dict[str, str]):
    [kept] = json.loads(look(at["1.2"]).raw)["came"]
    assert kept["handshakes"] | {"old": ""} == {
        "trusted": "accepted", "newest": "TLSV1_ALERT_PROTOCOL_VERSION", "strong": "accepted",
        "weak": "SSLV3_ALERT_HANDSHAKE_FAILURE", "old": "",
    }  # fmt: skip
    assert len(bytes.fromhex(kept["certificate"])) > 300


def test_a_silent_address_is_not_assessed_in_time(at: dict[str, str]):
    found = look(at["1.3"], at["silent"], bounds=Bounds(overall=5.0, request=0.2))
    assert (found.outcome, found.code, found.seen) == (Run.Status.FAILED, "too_slow", ())


def test_an_address_where_nobody_is_is_not_assessed():
    found = look("https://localhost:1/mcp")
    assert (found.outcome, found.code) == (Run.Status.FAILED, "not_reached")


def test_an_address_in_a_private_network_is_refused_unless_it_is_allowed(at: dict[str, str]):
    found = look(at["1.3"], allowed=())
    assert (found.outcome, found.code) == (Run.Status.FAILED, "not_reached")
    assert "which is not public" in found.why


def test_a_plain_address_beside_an_encrypted_one_is_told_and_passes_for_nothing(at: dict[str, str]):
    found = look(at["1.3"], "http://localhost:1/mcp")
    [plain] = [one for one in found.seen if one.key == "versions:http://localhost:1/mcp"]
    assert (plain.value, plain.fact) == ("none: it is not encrypted", "")
