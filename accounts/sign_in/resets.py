"""Asking for a link to set a password."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from jobs import queue
from jobs.models import Job

_KIND = "accounts.password_link"
# However often somebody asks, an address gets one mail in this time.
_GRAIN = timedelta(minutes=5)
# Of one network in the cool-off of the sign-in: an office may ask on its first morning, nobody mails everybody.
_OF_A_SENDER = 20


@transaction.atomic
def ask_for_link(email: str, *, now: datetime, sender: str = "") -> bool:
    """Promise a mail with a link to the address; return whether it is a new promise.

    `sender` is the network address that a stranger asks from: beyond 20 promises in 15 minutes it gets no further one.
    Whether anybody has the address is asked by the job alone, so that neither the answer nor its time tells.
    """
    # Kept for as long as the job is: a digest, so that it tells nobody from where somebody asked.
    asked_from: dict[str, Any] = {"sender": salted_hmac("accounts.resets", sender).hexdigest()[:32]} if sender else {}
    if asked_from and _asks_too_often(asked_from["sender"], now=now):
        return False
    email = email.strip().lower()
    named = hashlib.sha256(email.encode()).hexdigest()[:32]
    period = int(now.timestamp() // _GRAIN.total_seconds())
    return queue.enqueue(_KIND, key=f"password-link:{named}:{period}", now=now, email=email, **asked_from)


def _asks_too_often(sender: str, *, now: datetime) -> bool:
    # Every status is named because the index of jobs begins with it: a stranger must not have the table read.
    recent = Job.objects.filter(status__in=Job.Status.values, created_at__gt=now - settings.AXES_COOLOFF_TIME)
    return recent.filter(kind=_KIND, payload__sender=sender).count() >= _OF_A_SENDER
