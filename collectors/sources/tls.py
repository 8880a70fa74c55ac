"""A trial of TLS at the addresses of a release: which versions and ciphers they take, and whether they can be trusted.

Five handshakes an address, none of which says more than the name of the host: one that checks the certificate as a
client does, and one for each of TLS 1.3, TLS 1.2 with strong and with weak ciphers, and what came before. A refusal
counts; a silence is not assessed.
"""

import contextlib
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

from collectors.sources import fetching
from collectors.sources.fetching import key
from inspection.bounds import Bounds, NothingSeen
from monitoring.observed import Look, Seen
from riskregister import outbound, unseen
from scoring.scales import Severity

BOUNDS = Bounds(overall=60.0, request=10.0)
VERSIONS, CERTIFICATE, CLIENT = "versions", "certificate", "client_certificate"
STRONG = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:DHE+CHACHA20"
# What is left of all without those: no forward secrecy (keys by RSA), or no authenticated encryption (CBC).
WEAK = (
    "ALL:!aNULL:!eNULL:!PSK:!SRP:-ECDHE+AESGCM:-ECDHE+CHACHA20:-DHE+AESGCM:-DHE+CHACHA20:-ECDHE+AESCCM:-DHE+AESCCM:"
    "-ECDHE+ARIAGCM:-DHE+ARIAGCM:@SECLEVEL=0"
)
_EXPIRES_SOON = timedelta(days=14)
_ASKS_FOR_CERTIFICATE = "CERTIFICATE_REQUIRED"
_OTHER_VERSION = ("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL")
# Our own library refuses to try: that says nothing of the other side.
_NOT_TRIED = ("NO_PROTOCOLS_AVAILABLE", "NO_CIPHERS_AVAILABLE")
_SHOWN = 200
# How long what comes after a handshake is waited for, where nobody says anything.
_AFTERWARDS = 2.0


@dataclass(frozen=True, slots=True)
class Trial:
    """How a handshake ended: `accepted`, or refused with a reason of the other side; and the certificate it showed."""

    accepted: bool
    reason: str = ""
    certificate: bytes = b""

    @property
    def is_of_the_version(self) -> bool:
        """Return whether it was refused for the version of TLS, and nothing else."""
        return any(word in self.reason for word in _OTHER_VERSION)

    @property
    def was_made(self) -> bool:
        """Return whether it says anything of the other side."""
        return not any(word in self.reason for word in _NOT_TRIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What the handshakes with one address came to; `trusted` is that of a client that checks the certificate."""

    url: str
    trusted: Trial
    newest: Trial
    strong: Trial
    weak: Trial
    old: Trial

    @property
    def certificate(self) -> bytes:
        """Return the certificate that it showed in any of them."""
        shown = (one.certificate for one in (self.trusted, self.newest, self.strong, self.weak, self.old))
        return next(filter(None, shown), b"")

    @property
    def asks_for_certificate(self) -> bool | None:
        """Return whether it demands one of clients; None where it refuses TLS 1.3, before which nobody says why."""
        if _ASKS_FOR_CERTIFICATE in self.newest.reason:
            return True
        return False if self.newest.accepted or self.strong.accepted or self.weak.accepted else None


@dataclass
class Prober:
    """What makes the handshakes of one look: its time runs from here."""

    allowed: outbound.Networks = ()
    bounds: Bounds = BOUNDS
    ends: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin the look."""
        self.ends = time.monotonic() + self.bounds.overall

    def tried(self, url: str) -> Tried:
        """Return what the handshakes with an address came to. Raises NothingSeen where it cannot be reached."""
        trials = {name: self.handshake(url, context()) for name, context in _CONTEXTS.items()}
        return Tried(url=url, **trials)

    def handshake(self, url: str, context: ssl.SSLContext) -> Trial:
        """Return how a handshake ends. Raises NothingSeen for a host that is not reached, or says nothing in time."""
        host, left = urlsplit(url).hostname or "", min(self.bounds.request, self.ends - time.monotonic())
        if left <= 0:
            raise NothingSeen(
                "too_slow", f"{host} took longer than {self.bounds.overall:g} seconds for all handshakes."
            )
        try:
            there = outbound.socket_to(url, allowed=self.allowed, patience=left)
        except (outbound.NotSent, OSError) as error:
            raise NothingSeen(
                "not_reached", f"{host} is not reached: {unseen.in_one_line(str(error), _SHOWN)}"
            ) from error
        tls = context.wrap_socket(there, server_hostname=host, do_handshake_on_connect=False)
        over = threading.Event()
        timer = threading.Timer(left, outbound.cut, ([tls], over))
        timer.start()
        try:
            return _shaken(tls)
        except OSError as error:
            if over.is_set() or isinstance(error, TimeoutError):
                raise NothingSeen("too_slow", f"{host} took longer than {left:g} seconds for a handshake.") from error
            return Trial(accepted=False, reason=getattr(error, "reason", "") or type(error).__name__)
        finally:
            timer.cancel()
            tls.close()


def look(urls: Sequence[str], *, prober: Prober, now: datetime) -> Look:
    """Return what is seen of TLS at the addresses. Never raises for what a server does."""
    encrypted = [url for url in urls if url.startswith("https:")]
    try:
        tried = [prober.tried(url) for url in encrypted]
    except NothingSeen as nothing:
        return fetching.not_assessed(nothing)
    silent = [one for one in tried if not one.certificate and one.asks_for_certificate is None]
    if silent:
        why = (
            f"{urlsplit(silent[0].url).hostname} refuses each version of TLS that was tried: {silent[0].newest.reason}."
        )
        return fetching.not_assessed(NothingSeen("declined", why))
    seen = [row for one in tried for row in seen_of(one, now=now)]
    plain = [
        Seen(key(VERSIONS, url), f"TLS at {url}", "none: it is not encrypted") for url in urls if url not in encrypted
    ]
    return fetching.complete((*seen, *plain), [_kept(one) for one in tried])


def seen_of(tried: Tried, *, now: datetime) -> Iterator[Seen]:
    """Yield what an address shows of itself."""
    yield _versions(tried)
    yield _certificate(tried, now=now)
    asks = tried.asks_for_certificate
    words = f"A certificate of the client is demanded at {tried.url}"
    if asks is None:
        why = "Not assessed: before TLS 1.3 nobody says why a handshake is refused"
        yield Seen(key(CLIENT, tried.url), words, why, is_assessed=False)
    else:
        yield Seen(key(CLIENT, tried.url), words, "yes" if asks else "no")


def _versions(tried: Tried) -> Seen:
    at, words = key(VERSIONS, tried.url), f"TLS at {tried.url}"
    refused = [one for one in (tried.strong, tried.weak) if not one.accepted]
    # Who demands a certificate of clients refuses a handshake without one, whatever its version.
    if tried.asks_for_certificate and not all(one.is_of_the_version for one in refused):
        return Seen(at, words, "Not assessed: it demands a certificate of clients", is_assessed=False)
    if not (tried.old.accepted or all(one.was_made for one in (tried.old, tried.weak, tried.strong))):
        why = "Not assessed: the library of this installation does not try what is old or weak"
        return Seen(at, words, why, is_assessed=False)
    fact, value, severity = _takes(tried)
    return Seen(at, words, value, severity=severity, fact=fact, holds=True)


def _takes(tried: Tried) -> tuple[str, str, Severity | None]:
    if tried.old.accepted:
        return "tls_old", "versions before 1.2 are accepted", Severity.HIGH
    if tried.weak.accepted:
        return "tls_weak_ciphers", "1.2 with weak ciphers is accepted", Severity.MEDIUM
    if not tried.strong.accepted:
        return "tls_13_only", "1.3 only", None
    if tried.newest.accepted or tried.asks_for_certificate:
        return "tls_12_strong", "1.2 beside 1.3, with strong ciphers only", None
    return "tls_12_only", "1.2 at most, with strong ciphers only", None


def _certificate(tried: Tried, *, now: datetime) -> Seen:
    at, words = key(CERTIFICATE, tried.url), f"The certificate at {tried.url}"
    ends = _ends(tried.certificate)
    if tried.trusted.accepted or _ASKS_FOR_CERTIFICATE in tried.trusted.reason:
        value = f"is valid until {ends.date().isoformat()}" if ends else "is valid"
        soon = bool(ends and ends < now + _EXPIRES_SOON)
        return Seen(
            at, words, value, severity=Severity.MEDIUM if soon else None, fact="certificate_valid", holds=True
        )  # fmt: skip
    if not tried.trusted.reason.startswith(_UNTRUSTED):
        why = f"Not assessed: a client with ordinary settings is refused ({tried.trusted.reason})"
        return Seen(at, words, why, is_assessed=False)
    value = f"cannot be trusted: {tried.trusted.reason.removeprefix(_UNTRUSTED)}"
    value += f"; it is valid until {ends.date().isoformat()}" if ends else ""
    return Seen(at, words, value, severity=Severity.HIGH, fact="certificate_valid", holds=False)


_UNTRUSTED = "untrusted: "


def _shaken(tls: ssl.SSLSocket) -> Trial:
    try:
        tls.do_handshake()
    except ssl.SSLCertVerificationError as error:
        return Trial(accepted=False, reason=f"{_UNTRUSTED}{unseen.in_one_line(error.verify_message, _SHOWN)}")
    certificate = tls.getpeercert(binary_form=True) or b""
    reason = _said_afterwards(tls) if tls.version() == "TLSv1.3" else ""
    return Trial(accepted=not reason, reason=reason, certificate=certificate)


def _said_afterwards(tls: ssl.SSLSocket) -> str:
    """Return that the other side demands a certificate, empty for anything else.

    In TLS 1.3 the handshake is over before it has seen that none came. Nothing is sent meanwhile: what it has not read
    when it hangs up would reset the connection, and its reason be lost.
    """
    tls.settimeout(_AFTERWARDS)
    with contextlib.suppress(OSError):
        # Where it has hung up by now, what it said before can be read all the same.
        socket.socket.shutdown(tls, socket.SHUT_WR)
    try:
        tls.recv(1)
    except ssl.SSLError as error:
        return error.reason if error.reason and _ASKS_FOR_CERTIFICATE in error.reason else ""
    except OSError:
        return ""
    return ""


def _ends(certificate: bytes) -> datetime | None:
    try:
        return x509.load_der_x509_certificate(certificate).not_valid_after_utc
    except (ValueError, x509.InvalidVersion):
        return None


def _kept(tried: Tried) -> dict[str, Any]:
    trials = {name: getattr(tried, name) for name in _CONTEXTS}
    return {
        "url": tried.url,
        "certificate": tried.certificate.hex(),
        "handshakes": {
            name: "accepted" if one.accepted else one.reason if one.was_made else "not tried"
            for name, one in trials.items()
        },
    }


def _trusting() -> ssl.SSLContext:
    return ssl.create_default_context()


def _taking(lowest: ssl.TLSVersion, highest: ssl.TLSVersion, ciphers: str) -> Callable[[], ssl.SSLContext]:
    """Return what makes a context that takes these versions and ciphers, from anybody."""

    @cache
    def made() -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with warnings.catch_warnings():
            # Python warns of versions before 1.2, which are tried here so that nobody takes them.
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = lowest, highest
        if ciphers:
            context.set_ciphers(ciphers)
        return context

    return made


_V = ssl.TLSVersion
_CONTEXTS: dict[str, Callable[[], ssl.SSLContext]] = {
    "trusted": _trusting,
    "newest": _taking(_V.TLSv1_3, _V.TLSv1_3, ""),
    "strong": _taking(_V.TLSv1_2, _V.TLSv1_2, STRONG),
    "weak": _taking(_V.TLSv1_2, _V.TLSv1_2, WEAK),
    "old": _taking(_V.MINIMUM_SUPPORTED, _V.TLSv1_1, "ALL:@SECLEVEL=0"),
}
