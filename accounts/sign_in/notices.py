"""Mails that tell somebody what was done to their account, at the address of before too.

Whoever administers the register can move an account to an address of their own, have a link sent there, set the
password, and move it back: the address that the person reads hears of each of these.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from accounts.models import User
from jobs import queue

# For so long the address of before hears of what is done to the account.
TOLD_FOR = timedelta(days=30)
MOVED = "Its address was changed. Links to set the password go to the new one."
SENT = "A link to set its password was sent, to the address that it has now."
SET = "Its password was set with a one-time link. Its sessions and API tokens have ended."


def former_address(person: User, *, now: datetime) -> set[str]:
    """Return the address that the account had before, if it was another one within the last 30 days."""
    changed_at = person.email_changed_at
    is_recent = changed_at is not None and now - changed_at < TOLD_FOR
    return {person.former_email} if is_recent and person.former_email else set()


def tell(addresses: Iterable[str], what: str, *, person: User, now: datetime) -> None:
    """Promise a mail to each of the addresses. Part of a step, or of a job's end."""
    for address in sorted(addresses):
        digest = hashlib.sha256(f"{person.pk} {address} {what} {now.isoformat()}".encode()).hexdigest()[:32]
        queue.enqueue("accounts.notice", key=f"notice:{digest}", now=now, email=address, what=what)
