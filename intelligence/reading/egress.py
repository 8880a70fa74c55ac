"""Logs of proxies and networks: which host was contacted from where, and when. Four forms, told by their first line.

Squid's own format, Squid with one JSON object a line (`logformat` of the guide), Zeek's `conn.log` as JSON, and flows
of Hubble as `hubble observe -o json` prints them. Only host, port, moment and source are read: what was asked for and
answered stays where it is.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from intelligence.reading import documents, indicators, values
from intelligence.reading.documents import Source
from intelligence.reading.indicators import Bad, NotSo, Unusable
from vendors import strict_json

_LINE_LIMIT = 64 * 1024
_KNOWN = "Squid, Squid in JSON, Zeek's conn.log in JSON, or flows of Hubble"
_PORTS = {"http": 80, "https": 443, "ftp": 21}
_LONGEST_HOST = 253
# What a line comes to that has another shape than its form: lists for objects, moments that no calendar has.
_UNREAD = (strict_json.DocumentInvalid, LookupError, AttributeError, TypeError, ValueError, OverflowError, OSError)


@dataclass(frozen=True, slots=True)
class Contact:
    """That a client reached for a host: a domain or an IP address. `client` is an address, or the name of a pod.

    `was_let` is no where the proxy or the network refused.
    """

    host: str
    port: int
    at: datetime
    client: str
    was_let: bool


@dataclass(frozen=True, slots=True)
class Log:
    """A log that is read: the name of its form, and what it holds, a line at a time."""

    form: str
    contacts: Iterator[Contact | Bad]


def read(source: Source) -> Log:
    """Return a log. Raises Unusable for a file whose first line is of no form that is known."""
    lines = documents.lines(source)
    first = next(lines, None)
    if first is None:
        raise Unusable("The file is empty.")
    form = _form(first[1])
    return Log(form, _contacts(_FORMS[form], first, lines))


def _contacts(
    by: "Callable[[bytes], Contact | None]", first: tuple[int, bytes], lines: Iterator[tuple[int, bytes]]
) -> Iterator[Contact | Bad]:
    for number, line in chain([first], lines):
        yield from _contact(by, number, line)


def _contact(by: "Callable[[bytes], Contact | None]", number: int, line: bytes) -> Iterator[Contact | Bad]:
    try:
        found = by(line)
    except _UNREAD as error:
        yield Bad(f"line {number}", _why(error), documents.excerpt(line))
        return
    if found is not None:
        yield found


def _why(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"There is no {error}."
    is_ours = isinstance(error, NotSo | strict_json.DocumentInvalid)
    return str(error) if is_ours else "It is not as the lines of this form are."


def _form(line: bytes) -> str:
    if not line.startswith(b"{"):
        cells = line.split()
        if len(cells) < 7 or b"/" not in cells[3] or not cells[0].replace(b".", b"").isdigit():
            raise Unusable(f"The first line is none of a log that is known: {_KNOWN}.")
        return "squid"
    try:
        entry = json.loads(line[:_LINE_LIMIT])
    except (ValueError, RecursionError) as error:
        raise Unusable("The first line is no JSON object.") from error
    if "flow" in entry or "lost_events" in entry:
        return "hubble"
    if "id.resp_h" in entry:
        return "zeek"
    if "squid" in entry and "host" in entry:
        return "squid-json"
    raise Unusable(f"The log is none that is known: {_KNOWN}.")


def _squid(line: bytes) -> Contact:
    """Return what a line of Squid's own format says: time, duration, client, result/status, bytes, method, address."""
    cells = line.decode().split()
    if len(cells) < 7 or "/" not in cells[3]:
        raise NotSo("It is no line of Squid's own format.")
    if cells[5] == "CONNECT":
        name, _, port = cells[6].rpartition(":")
    else:
        parts = urlsplit(cells[6])
        name, port = parts.hostname or "", str(parts.port or _PORTS.get(parts.scheme, 0))
    return _made(name, port, cells[0], cells[2], was_let="DENIED" not in cells[3])


def _squid_json(line: bytes) -> Contact:
    entry = _object(line)
    return _made(
        entry["host"], entry["port"], entry["ts"], str(entry["client"]), was_let="DENIED" not in str(entry["squid"])
    )


def _zeek(line: bytes) -> Contact | None:
    entry = _object(line)
    if entry.get("proto") not in (None, "tcp", "udp"):
        return None
    was_let = entry.get("conn_state") not in ("REJ", "S0", "RSTOS0")
    return _made(entry["id.resp_h"], entry["id.resp_p"], entry["ts"], str(entry["id.orig_h"]), was_let=was_let)


def _hubble(line: bytes) -> Contact | None:
    """Return the contact that a flow is, None for a reply, for one that stays inside, and for a count of lost ones."""
    flow = _object(line).get("flow")
    if not isinstance(flow, dict) or flow.get("is_reply") or flow.get("traffic_direction") == "INGRESS":
        return None
    source, names = flow.get("source") or {}, flow.get("destination_names") or []
    ports = [one for one in (flow.get("l4") or {}).values() if isinstance(one, dict) and "destination_port" in one]
    if not ports:
        return None
    name = names[0] if names else flow["IP"]["destination"]
    pod = f"{source.get('namespace', '')}/{source.get('pod_name', '')}".strip("/")
    at = indicators.moment(_microseconds(str(flow["time"])), "time")
    if at is None:
        raise NotSo("The flow has no time.")
    client = pod or str(flow["IP"]["source"])
    return Contact(
        _host(str(name)), _port(ports[0]["destination_port"]), at, client, flow.get("verdict") == "FORWARDED"
    )


_FORMS: Mapping[str, "Callable[[bytes], Contact | None]"] = {
    "squid": _squid,
    "squid-json": _squid_json,
    "zeek": _zeek,
    "hubble": _hubble,
}


def _made(name: Any, port: Any, seconds: Any, client: str, *, was_let: bool) -> Contact:
    return Contact(_host(str(name)), _port(port), datetime.fromtimestamp(float(seconds), UTC), client, was_let)


def _host(name: str) -> str:
    """Return a host as it is compared; a name without a dot is one of a network of one's own. Raises NotSo."""
    bare = name.strip().lower().removesuffix(".")
    is_short = 0 < len(bare) <= _LONGEST_HOST
    if is_short and "." not in bare and ":" not in bare and bare.replace("-", "").isalnum():
        return bare
    return values.host(name).value


def _port(value: Any) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise NotSo(f"{indicators.shown(value)} is no port.")
    return int(text)


def _object(line: bytes) -> dict[str, Any]:
    found = strict_json.read(line, limit=_LINE_LIMIT)
    if not isinstance(found, dict):
        raise NotSo("It is no JSON object.")
    return found


def _microseconds(text: str) -> str:
    """Return a moment without the digits behind microseconds, which Go writes and Python does not read."""
    whole, point, behind = text.partition(".")
    digits = behind.rstrip("Zz")
    return f"{whole}.{digits[:6]}Z" if point and digits.isdigit() else text
