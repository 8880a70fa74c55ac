"""Syslog (RFC 5424) over UDP, TCP or TLS: a line for each alert, in the form that a SIEM reads."""

import contextlib
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from alerts.channels import encryption, siem
from alerts.channels.outcome import NotDelivered, Outgoing
from riskregister import outbound, unseen

PORTS = {"udp": 514, "tcp": 601, "tls": 6514}
PATIENCE = 10.0
# A receiver that refuses a frame closes at once; one that takes it says nothing.
_AFTERWARDS = 1.0
# RFC 5426 asks receivers of datagrams to take so much.
_DATAGRAM = 2048
# Facility 13 (log audit); severity by RFC 5424: critical, error, warning, notice; of what nobody knows: warning.
_FACILITY = 13
_SEVERITIES = {"critical": 2, "high": 3, "medium": 4, "low": 5}
_UNKNOWN = 4
_FORMS = {"cef": siem.cef, "ocsf": siem.ocsf}
_SHOWN = 200


def send(address: str, message: Outgoing) -> None:
    """Hand the lines of a message over. Raises NotDelivered where the receiver cannot be reached.

    Syslog has no answer: a datagram that is lost is not missed, and neither is what a receiver takes and drops.
    """
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    sent = [line(one, message) for one in message.payload["data"]["alerts"]]  # type: ignore[index]
    try:
        if parts.scheme == "udp":
            _as_datagrams(host, port, sent)
        else:
            _as_stream(host, port, sent, is_secure=parts.scheme == "tls")
    except outbound.NotSent as refusal:
        raise NotDelivered(str(refusal), is_away=True) from refusal
    except OSError as error:
        why = unseen.in_one_line(str(error), _SHOWN) or type(error).__name__
        raise NotDelivered(f"{host} could not be reached: {why}", is_away=True) from error


def line(one: dict[str, Any], message: Outgoing) -> bytes:
    """Return one alert as a message of RFC 5424; its MSGID is the id of the message, which stays over tries."""
    priority = _FACILITY * 8 + _SEVERITIES.get(one["severity"], _UNKNOWN)
    text = _FORMS[message.form](one)
    # The mark of UTF-8 stands before what is text, and not before JSON.
    mark = "\ufeff" if message.form == "cef" else ""
    # A MSGID has 32 characters at most, which is a UUID without its dashes.
    head = f"<{priority}>1 {one['at']} {socket.gethostname()} riskregister - {message.key.replace('-', '')} -"
    return f"{head} {mark}{text}".encode()


def _as_datagrams(host: str, port: int, lines: list[bytes]) -> None:
    address = outbound.judged(host, port, allowed=settings.OUTBOUND_ALLOW)[0]
    encryption.require(host, address)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as there:
        for one in lines:
            there.sendto(one[:_DATAGRAM].decode(errors="ignore").encode(), (address, port))


def _as_stream(host: str, port: int, lines: list[bytes], *, is_secure: bool) -> None:
    with outbound.reached(host, port, allowed=settings.OUTBOUND_ALLOW, patience=PATIENCE) as plain:
        if not is_secure:
            encryption.require(host, str(plain.getpeername()[0]))
        there = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if is_secure else plain
        there.sendall(b"".join(b"%d %s" % (len(one), one) for one in lines))
        there.settimeout(_AFTERWARDS)
        with contextlib.suppress(TimeoutError):
            if not is_secure:
                there.shutdown(socket.SHUT_WR)
            there.recv(1)
        there.close()
