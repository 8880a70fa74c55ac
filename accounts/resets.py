"""Asking for a link to set a password."""

import hashlib
from datetime import datetime, timedelta

from django.db import transaction

from jobs import queue

# However often somebody asks, an address gets one mail in this time.
_GRAIN = timedelta(minutes=5)


@transaction.atomic
def ask_for_link(email: str, *, now: datetime) -> bool:
    """Promise a mail with a link to the address; return whether it is a new promise.

    Whether anybody has the address is asked by the job alone, so that neither the answer nor its time tells.
    """
    email = email.strip().lower()
    named = hashlib.sha256(email.encode()).hexdigest()[:32]
    period = int(now.timestamp() // _GRAIN.total_seconds())
    return queue.enqueue("accounts.password_link", key=f"password-link:{named}:{period}", now=now, email=email)
