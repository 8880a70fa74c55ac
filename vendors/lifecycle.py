"""Steps that move a server or a vendor from one status to the next; see `TRANSITIONS` beside each status."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import access
from accounts.access import Capability
from accounts.models import User
from audit import trail
from riskregister import transitions
from riskregister.refusals import Refused
from riskregister.text import clean_reason, clean_text
from vendors.models import Release, Server, ServerSupplier, Vendor

_VENDOR_VERBS = {
    Vendor.Status.ACTIVE: "vendor.activated",
    Vendor.Status.OFFBOARDING: "vendor.offboarding",
    Vendor.Status.OFFBOARDED: "vendor.offboarded",
    Vendor.Status.PROSPECTIVE: "vendor.prospected",
}


class StillInUse(Refused):
    """Agents use it, so it cannot be said to be gone."""


class ReleaseOfAnotherServer(Refused):
    """The release does not belong to the server."""


@transaction.atomic
def request_again(server: Server, *, by: User, now: datetime, reason: str = "") -> Server:
    """Return a rejected or retired server as requested, without its pin. Raises IllegalTransition."""
    access.require(by, Capability.WRITE, unit_id=server.unit_id)
    moved = transitions.move(server, Server.Status.REQUESTED, pinned_release=None)
    return _record("server.requested", moved, by=by, now=now, reason=clean_text(reason, field="reason"))


@transaction.atomic
def start_review(server: Server, *, by: User, now: datetime) -> Server:
    """Return a requested server, now in review. Raises IllegalTransition."""
    access.require(by, Capability.WRITE, unit_id=server.unit_id)
    return _record("server.review_started", transitions.move(server, Server.Status.IN_REVIEW), by=by, now=now)


@transaction.atomic
def approve(server: Server, release: Release, *, by: User, now: datetime) -> Server:
    """Return the server, approved and pinned to the release; an approved one gets the new pin.

    Raises ReleaseOfAnotherServer, or IllegalTransition when it is not in review, suspended or approved.
    """
    access.require(by, Capability.DECIDE, unit_id=server.unit_id)
    if release.server_id != server.pk:
        raise ReleaseOfAnotherServer(f"{release} is no release of {server}.", field="release")
    if server.status == Server.Status.APPROVED:
        _pin(server, release)
    else:
        transitions.move(server, Server.Status.APPROVED, pinned_release=release)
    return _record("server.approved", server, by=by, now=now, **_pinned(release))


@transaction.atomic
def reject(server: Server, *, reason: str, by: User, now: datetime) -> Server:
    """Return the server, rejected; its pin stays as the record of what was approved. Raises IllegalTransition."""
    access.require(by, Capability.DECIDE, unit_id=server.unit_id)
    said = clean_reason(reason)
    return _record("server.rejected", transitions.move(server, Server.Status.REJECTED), by=by, now=now, reason=said)


@transaction.atomic
def suspend(server: Server, *, reason: str, by: User, now: datetime) -> Server:
    """Return an approved server, suspended: approvers and managers may, since to stop is the safe side."""
    access.require_any(by, Capability.MANAGE, Capability.DECIDE, unit_id=server.unit_id)
    said = clean_reason(reason)
    return _record("server.suspended", transitions.move(server, Server.Status.SUSPENDED), by=by, now=now, reason=said)


@transaction.atomic
def resume(server: Server, *, by: User, now: datetime, reason: str = "") -> Server:
    """Return a suspended server, approved again at the release it is pinned to. Raises IllegalTransition.

    Whether an approval is still in date is asked by the caller: approvals live a step above.
    """
    access.require(by, Capability.DECIDE, unit_id=server.unit_id)
    if server.status != Server.Status.SUSPENDED:
        raise transitions.IllegalTransition(server, server.status, Server.Status.APPROVED)
    said = clean_text(reason, field="reason")
    return _record("server.resumed", transitions.move(server, Server.Status.APPROVED), by=by, now=now, reason=said)


@transaction.atomic
def retire(server: Server, *, reason: str, by: User, now: datetime) -> Server:
    """Return the server, retired; planned deployments and those in use must have ended. Raises StillInUse."""
    access.require_any(by, Capability.MANAGE, Capability.DECIDE, unit_id=server.unit_id)
    said = clean_reason(reason)
    Server.objects.select_for_update(no_key=True).get(pk=server.pk)
    left = server.deployments.filter(ended_on__isnull=True).count()
    if left:
        raise StillInUse(f"{server} has {left} current deployment{'s' if left > 1 else ''}. End them first.")
    return _record("server.retired", transitions.move(server, Server.Status.RETIRED), by=by, now=now, reason=said)


@transaction.atomic
def set_status(vendor: Vendor, to: str, *, reason: str, by: User, now: datetime) -> Vendor:
    """Return the vendor in its new status; a reason is needed for every move but to active.

    Raises IllegalTransition, and StillInUse for a vendor that is to be offboarded while it supplies a server that is
    approved or in use.
    """
    access.require(by, Capability.WRITE)
    verb = _VENDOR_VERBS.get(Vendor.Status(to)) if to in Vendor.Status.values else None
    if verb is None:
        raise transitions.IllegalTransition(vendor, vendor.status, to)
    said = clean_text(reason, field="reason") if to == Vendor.Status.ACTIVE else clean_reason(reason)
    if to == Vendor.Status.OFFBOARDED:
        _refuse_supplying(vendor)
    transitions.move(vendor, to)
    trail.record(verb, vendor, by=by, at=now, reason=said, concerns=vendor)
    return vendor


def _pin(server: Server, release: Release) -> None:
    if not transitions.change_if(server, {"status": Server.Status.APPROVED}, pinned_release=release):
        was = Server.objects.values_list("status", flat=True).get(pk=server.pk)
        raise transitions.IllegalTransition(server, was, Server.Status.APPROVED)


def _pinned(release: Release) -> dict[str, Any]:
    return {"release": str(release), "release_id": str(release.pk), "manifest_digest": release.manifest_digest}


def _refuse_supplying(vendor: Vendor) -> None:
    supplied = Server.objects.filter(suppliers__vendor=vendor).exclude(suppliers__role=_UPSTREAM)
    left = sum(1 for server in supplied.distinct() if server.is_in_use or server.status == Server.Status.APPROVED)
    if left:
        raise StillInUse(
            f"{vendor} still supplies {left} server{'s' if left > 1 else ''} that we use. Retire them first."
        )


_UPSTREAM = ServerSupplier.SupplierRole.UPSTREAM


def _record(verb: str, server: Server, *, by: User, now: datetime, reason: str = "", **data: Any) -> Server:
    trail.record(verb, server, by=by, at=now, reason=reason, concerns=server, **data)
    return server
