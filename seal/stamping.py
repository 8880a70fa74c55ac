"""Time stamps of checkpoints (RFC 3161), where an authority is configured: somebody else says when the trail was so.

At most one an hour: what a checkpoint seals was there when it was stamped, and so was all before it.
"""

import base64
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.x509 import Certificate
from django.conf import settings
from django.db import transaction

from riskregister import outbound
from seal.formats import timestamps
from seal.formats.timestamps import NotStamped
from seal.models import Checkpoint, Export, Stamp
from seal.problems import Problem

TARGET = "time stamp"
EVERY = timedelta(hours=1)


def stamp(*, now: datetime) -> None:
    """Have the newest checkpoint stamped when the last stamp is an hour old; why that failed is kept with exports."""
    newest, last = Checkpoint.objects.first(), Stamp.objects.first()
    if not settings.SEAL_TSA or newest is None:
        return
    if last is not None and (last.size >= newest.size or now - last.asked_at < EVERY):
        return
    made, error = None, ""
    try:
        made = _asked(newest, now=now)
    except (OSError, ValueError, outbound.NotSent, NotStamped) as refusal:
        error = str(refusal)
    with transaction.atomic():
        if made is not None:
            made.save(force_insert=True)
        size = made.size if made else last.size if last else 0
        Export.objects.update_or_create(target=TARGET, defaults={"size": size, "tried_at": now, "error": error})


def problems() -> Iterator[Problem]:
    """Yield the stamps that do not prove what they are kept for."""
    for row in Stamp.objects.order_by("size"):
        checkpoint = Checkpoint.objects.filter(size=row.size).first()
        try:
            if checkpoint is None:
                raise NotStamped("The checkpoint that was stamped is gone.")
            read = timestamps.read(base64.b64decode(row.answer), checkpoint.note, trusted=_trusted())
            if read.at != row.at:
                raise NotStamped("Its moment is not the one that was stamped.")
        except (OSError, ValueError, NotStamped) as refusal:
            yield Problem("stamp", str(row.size), str(refusal))


def _asked(checkpoint: Checkpoint, *, now: datetime) -> Stamp:
    """Return the stamp that the authority gives now. Raises NotStamped, NotSent, OSError, ValueError."""
    nonce = secrets.randbits(63)
    answer = outbound.post(
        settings.SEAL_TSA,
        timestamps.query(checkpoint.note, nonce=nonce),
        headers={"Content-Type": timestamps.QUERY, "Accept": timestamps.REPLY},
        allowed=settings.OUTBOUND_ALLOW,
    )
    read = timestamps.read(answer, checkpoint.note, trusted=_trusted())
    if read.nonce != nonce:
        raise NotStamped("The answer is of another query.")
    return Stamp(size=checkpoint.size, at=read.at, asked_at=now, answer=base64.b64encode(answer).decode())


def _trusted() -> list[Certificate]:
    if not settings.SEAL_TSA_CA:
        raise NotStamped("Nobody is trusted to stamp. Name the authority's certificates in RISKREGISTER_SEAL_TSA_CA.")
    return timestamps.certificates(Path(settings.SEAL_TSA_CA).read_bytes())
