"""A request that arrives twice is taken once: what was done under a sender's key is known for a day.

The key is claimed in the transaction of the first step that the request takes, so that a refusal claims nothing, and
nothing that was done is done again, also when the process ends before it has answered.
"""

import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings

from accounts.models import TakenRequest
from riskregister.unit_of_work import beginning_with

KEPT = timedelta(hours=24)
# So long a repeated request waits for the answer to the first, which has been done and is being written.
_PATIENCE, _PAUSE = 10.0, 0.05


class AlreadyTaken(Exception):
    """The sender has used this key before; `row` says for what, and what came of it."""

    def __init__(self, row: TakenRequest) -> None:
        """Keep what is known of the first request."""
        self.row = row
        super().__init__(str(row))


class Request:
    """One arrival of a request that may have arrived before."""

    def __init__(self, *, sender: str, key: str, asked: bytes, now: datetime) -> None:
        """Keep digests alone of the key and of what is asked for: a body can hold a password."""
        self._row = TakenRequest(sender=sender, key=_digest(key.encode()), asked=_digest(asked), at=now)

    @contextmanager
    def taken_once(self) -> Iterator[None]:
        """Let the steps of the block be taken. Raises AlreadyTaken, before or in their place, for one that was."""
        if (known := self._known()) is not None:
            raise AlreadyTaken(known)
        with beginning_with(self._claim):
            yield

    def keep(self, *, status: int, location: str = "", answer: str = "") -> None:
        """Keep what the sender was answered, if anything was done."""
        rows = TakenRequest.objects.filter(pk=self._row.pk)
        rows.update(status=status, location=location, answer=answer)

    def is_same_as(self, other: TakenRequest) -> bool:
        """Return whether the same was asked for."""
        return hmac.compare_digest(self._row.asked, other.asked)

    def _claim(self) -> None:
        """Write the key down; on PostgreSQL this waits until another request with it is through."""
        TakenRequest.objects.filter(sender=self._row.sender, key=self._row.key, at__lt=self._row.at - KEPT).delete()
        TakenRequest.objects.bulk_create([self._row], ignore_conflicts=True)
        known = self._known()
        if known is not None and known.pk != self._row.pk:
            raise AlreadyTaken(known)

    def _known(self) -> TakenRequest | None:
        since = self._row.at - KEPT
        return TakenRequest.objects.filter(sender=self._row.sender, key=self._row.key, at__gte=since).first()


def answered(row: TakenRequest) -> TakenRequest:
    """Return the request once its answer is known, or as it is after ten seconds."""
    end = time.monotonic() + _PATIENCE
    while row.status is None and time.monotonic() < end:
        time.sleep(_PAUSE)
        row.refresh_from_db()
    return row


def forget_old(*, now: datetime) -> int:
    """Delete what is older than a day; return how many."""
    return TakenRequest.objects.filter(at__lt=now - KEPT).delete()[0]


def _digest(message: bytes) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), message, sha256).hexdigest()
