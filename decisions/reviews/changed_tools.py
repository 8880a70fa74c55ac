"""What follows when the tools differ from those that were approved: a suspension, or a decision that is asked for."""

from datetime import datetime

from django.utils import timezone

from accounts import steps
from audit.context import SYSTEM
from decisions.models import Approval
from exits import plans
from scoring import methodology
from vendors import lifecycle as server_lifecycle
from vendors.models import Release, Server


def follow(server: Server, approval: Approval, captured: Release, *, now: datetime) -> None:
    """Ask for a decision on the captured tools; at the tiers that the method names the server waits for it, suspended.

    Part of the step that captured them, which holds the server; once for each manifest.
    """
    suspends = server.inherent_tier in methodology.load().approvals.suspends
    waits = suspends and server.status == Server.Status.APPROVED
    steps.record(
        "server.tools_changed", server, by=SYSTEM, now=now,
        approval=approval.ref, release=str(captured), manifest_digest=captured.manifest_digest, suspended=waits,
    )  # fmt: skip
    if waits:
        reason = f"The tools of {captured} differ from those that {approval.ref} approved."
        instead = plans.instead_of(server, today=timezone.localdate(now))
        server_lifecycle.suspend.within(server, reason=reason, by=SYSTEM, now=now, instead=instead)
