"""What must follow in the same transaction when a server's tier, use or tools change; rooms above register for it."""

from datetime import datetime
from typing import Protocol

from django.db.models import QuerySet

from jobs import queue
from riskregister.ids import uuid7
from riskregister.unit_of_work import at_end
from vendors.models import Server, Vendor

# The job that tells of one server what changed about its vendor, or of the vendor itself.
LATER = "vendors.follow"


class Follower(Protocol):
    """What a room above does then."""

    def __call__(self, server: Server, *, reason: str, now: datetime) -> None:
        """Take in that the server is another than before."""


class VendorFollower(Protocol):
    """What a room above does when a vendor changed."""

    def __call__(self, vendor: Vendor, *, reason: str, now: datetime) -> None:
        """Take in that the vendor is another than before."""


_followers: list[Follower] = []
_of_vendors: list[VendorFollower] = []


def when_changed(follower: Follower) -> None:
    """Let `follower` be called within each step that changes a server, in the order of registering."""
    if follower not in _followers:
        _followers.append(follower)


def when_vendor_changed(follower: VendorFollower) -> None:
    """Let `follower` be called, in a job of its own, after each step that changes what a vendor supplies."""
    if follower not in _of_vendors:
        _of_vendors.append(follower)


def vendor_changed_later(vendor: Vendor, *, reason: str, now: datetime) -> None:
    """Promise to tell those who follow vendors, in a job of its own: what follows it is held before the vendor."""
    queue.enqueue(LATER, key=f"{LATER}:{vendor.pk}:{uuid7()}", now=now, vendor=str(vendor.pk), reason=reason)


def vendor_changed(vendor: Vendor, *, reason: str, now: datetime) -> None:
    """Tell those who follow vendors."""
    for follower in _of_vendors:
        follower(vendor, reason=reason, now=now)


def changed(server: Server, *, reason: str, now: datetime) -> None:
    """Tell those who follow once, at the end of the step, when the server's row is written. Part of a step."""
    at_end(("server", server.pk), reason, lambda reasons: _tell(server, reason=" ".join(reasons), now=now))


def changed_later(servers: "QuerySet[Server]", *, reason: str, now: datetime) -> None:
    """Promise to tell them the same of each server, in a job of its own.

    A step that holds a vendor does not hold the vendor's servers too: whoever holds a server may wait for the vendor.
    """
    for key in servers.values_list("pk", flat=True):
        queue.enqueue(LATER, key=f"{LATER}:{key}:{uuid7()}", now=now, server=str(key), reason=reason)


def _tell(server: Server, *, reason: str, now: datetime) -> None:
    for follower in _followers:
        follower(server, reason=reason, now=now)
