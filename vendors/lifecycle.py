"""Steps that move a server or a vendor from one status to the next; see `TRANSITIONS` beside each status."""

from datetime import datetime

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, step
from riskregister import plurals
from riskregister.refusals import Refused
from vendors.models import Release, Server, ServerSupplier, Vendor

WRITE, DECIDE, MANAGE = Capability.WRITE, Capability.DECIDE, Capability.MANAGE


class StillInUse(Refused):
    """Agents use it, so it cannot be said to be gone."""


class ReleaseOfAnotherServer(Refused):
    """The release does not belong to the server."""


class NotPinned(Refused):
    """The release names something that is another one tomorrow."""


@step("server.requested", needs=WRITE, to=Server.Status.REQUESTED, note="reason")
def request_again(server: Server, *, by: Principal, now: datetime, reason: str = "") -> Server:
    """Return a rejected or retired server as requested, without its pin."""
    server.pinned_release = None
    return server


@step("server.review_started", needs=WRITE, to=Server.Status.IN_REVIEW)
def start_review(server: Server, *, by: Principal, now: datetime) -> Server:
    """Return a requested server, now in review."""
    return server


@step(
    "server.approved",
    needs=DECIDE,
    frm=(Server.Status.IN_REVIEW, Server.Status.SUSPENDED, Server.Status.APPROVED),
    to=Server.Status.APPROVED,
    as_seen=True,
)
def approve(server: Server, release: Release, *, by: Principal, now: datetime) -> Done[Server]:
    """Return the server, approved and pinned to the release; an approved one gets the new pin.

    Not when somebody has just suspended it. Raises ReleaseOfAnotherServer, and NotPinned for a package that names no
    fixed version.
    """
    if release.server_id != server.pk:
        raise ReleaseOfAnotherServer(f"{release} is no release of {server}.", field="release")
    refuse_unpinned(release)
    server.pinned_release = release
    return Done(server, release=str(release), release_id=str(release.pk), manifest_digest=release.manifest_digest)


def refuse_unpinned(release: Release) -> None:
    """Raise NotPinned when a package of the release may be another one tomorrow."""
    for package in release.packages.all():
        if why := package.why_not_pinned:
            raise NotPinned(
                f"{release} cannot be pinned: {package.registry_type} {package.identifier}. {why} Import a "
                "release that names one version.",
                field="release",
            )


@step("server.rejected", needs=DECIDE, to=Server.Status.REJECTED, reason="reason")
def reject(server: Server, *, reason: str, by: Principal, now: datetime) -> Server:
    """Return the server, rejected; its pin stays as the record of what was approved."""
    return server


@step(
    "server.suspended",
    needs=(MANAGE, DECIDE),
    to=Server.Status.SUSPENDED,
    reason="reason",
    unsigned="To stop is the safe side, and must be quick.",
)
def suspend(server: Server, *, reason: str, by: Principal, now: datetime, instead: str = "") -> Done[Server]:
    """Return an approved server, suspended: approvers and managers may, since to stop is the safe side.

    `instead` is a sentence on how agents go on; whoever is told of it reads it.
    """
    server.suspended_at, server.suspension_reason = now, reason
    return Done(server, instead=instead)


@step("server.resumed", needs=DECIDE, frm=(Server.Status.SUSPENDED,), to=Server.Status.APPROVED, note="reason")
def resume(server: Server, *, by: Principal, now: datetime, reason: str = "") -> Server:
    """Return a suspended server, approved again at the release it is pinned to.

    Whether an approval is still in date is asked by the caller: approvals live a step above.
    """
    return server


@step("server.retired", needs=(MANAGE, DECIDE), to=Server.Status.RETIRED, reason="reason")
def retire(server: Server, *, reason: str, by: Principal, now: datetime) -> Server:
    """Return the server, retired; planned deployments and those in use must have ended. Raises StillInUse."""
    left = server.deployments.filter(ended_on__isnull=True).count()
    if left:
        raise StillInUse(f"{server} has {left} current deployment{'s' if left > 1 else ''}. End them first.")
    return server


@step("vendor.activated", needs=WRITE, to=Vendor.Status.ACTIVE, note="reason")
def activate(vendor: Vendor, *, by: Principal, now: datetime, reason: str = "") -> Vendor:
    """Return the vendor as one that we work with."""
    return vendor


@step("vendor.offboarding", needs=WRITE, to=Vendor.Status.OFFBOARDING, reason="reason")
def start_offboarding(vendor: Vendor, *, reason: str, by: Principal, now: datetime) -> Vendor:
    """Return an active vendor as one that we are leaving."""
    return vendor


@step("vendor.offboarded", needs=WRITE, to=Vendor.Status.OFFBOARDED, reason="reason")
def offboard(vendor: Vendor, *, reason: str, by: Principal, now: datetime) -> Vendor:
    """Return the vendor as one that we no longer use.

    Raises StillInUse while it supplies a server that is approved or in use.
    """
    supplied = Server.objects.filter(suppliers__vendor=vendor).exclude(suppliers__role=_UPSTREAM)
    left = sum(1 for server in supplied.distinct() if server.is_in_use or server.status == Server.Status.APPROVED)
    if left:
        raise StillInUse(f"{vendor} still supplies {plurals.counted(left, 'server')} that we use. Retire them first.")
    return vendor


@step("vendor.prospected", needs=WRITE, to=Vendor.Status.PROSPECTIVE, reason="reason")
def prospect(vendor: Vendor, *, reason: str, by: Principal, now: datetime) -> Vendor:
    """Return an offboarded vendor as one that we consider again."""
    return vendor


_UPSTREAM = ServerSupplier.SupplierRole.UPSTREAM
