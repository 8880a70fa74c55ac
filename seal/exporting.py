"""Checkpoints leave the database: to a file of the data folder, and to syslog and a webhook where they are configured.

Whoever rewrites the database cannot rewrite what others hold already. A place that does not take one gets it next time.
"""

import json
import os
import socket
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from riskregister import outbound
from seal import claims
from seal.models import Checkpoint, Export

AT_ONCE = 500
# RFC 5424: facility 13 (log audit), severity 6 (informational).
_PRIORITY = 13 * 8 + 6
Send = Callable[[Checkpoint], None]


def export(*, now: datetime) -> None:
    """Hand what was signed since on to every place that is configured."""
    for target, send in _targets().items():
        _hand_on(target, send, now=now)


def _targets() -> dict[str, Send]:
    found: dict[str, Send] = {"file": _to_file}
    if settings.SEAL_SYSLOG:
        found["syslog"] = _to_syslog
    if settings.SEAL_WEBHOOK:
        found["webhook"] = _to_webhook
    return found


def _hand_on(target: str, send: Send, *, now: datetime) -> None:
    reached = Export.objects.filter(target=target).values_list("size", flat=True).first() or 0
    error = ""
    for checkpoint in Checkpoint.objects.filter(size__gt=reached).order_by("size")[:AT_ONCE]:
        try:
            send(checkpoint)
        except (OSError, outbound.NotSent) as refusal:
            error = str(refusal)
            break
        reached = checkpoint.size
    with transaction.atomic():
        Export.objects.update_or_create(target=target, defaults={"size": reached, "tried_at": now, "error": error})


def _to_file(checkpoint: Checkpoint) -> None:
    with claims.file().open("a") as lines:
        lines.write(json.dumps({"at": checkpoint.at.isoformat(), "note": checkpoint.note}) + "\n")
        lines.flush()
        os.fsync(lines.fileno())


def _to_syslog(checkpoint: Checkpoint) -> None:
    parts = urlsplit(settings.SEAL_SYSLOG)
    payload = json.dumps({"checkpoint": checkpoint.note})
    line = f"<{_PRIORITY}>1 {checkpoint.at.isoformat()} {socket.gethostname()} riskregister - checkpoint - {payload}"
    where = (parts.hostname or "localhost", parts.port or 514)
    if parts.scheme == "tcp":
        with socket.create_connection(where, outbound.PATIENCE) as there:
            there.sendall(f"{len(line.encode())} {line}".encode())
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        there.sendto(line.encode(), where)


def _to_webhook(checkpoint: Checkpoint) -> None:
    body = json.dumps({"type": "trail.checkpoint", "size": checkpoint.size, "note": checkpoint.note}).encode()
    headers = {"Content-Type": "application/json"}
    outbound.post(settings.SEAL_WEBHOOK, body, headers=headers, allowed=settings.OUTBOUND_ALLOW)
