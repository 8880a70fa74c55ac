"""How ratings follow what assessments and findings become: the register of findings knows nothing of ratings."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from accounts.principals import Principal
from assessments.models import Answer, Assessment
from decisions.approvals import conditions
from decisions.models import ServerRating
from decisions.ratings import ratings
from decisions.reviews import reviews
from findings.models import Finding, FixClaim
from riskregister import nouns
from riskregister.unit_of_work import at_end
from vendors.models import Server, Vendor


def assessment_final(assessment: Assessment, answers: Sequence[Answer], by: Principal, now: datetime) -> None:
    """Work out the rating of the server. Findings that have opened say themselves for whom they count."""
    if assessment.vendor_id:
        hold_vendor(assessment.vendor_id)
    if assessment.server is None:
        return
    ratings.refresh_at_end(assessment.server, reason=f"{assessment.ref} became final.", now=now, final=assessment)


def server_changed(server: Server, *, reason: str, now: datetime) -> None:
    """Bring reviews and rating up to date with the server's tier, use and tools."""
    # Reviews first: the rating says when the next one is due.
    reviews.follow(server, now=now)
    ratings.refresh_at_end(server, reason=reason, now=now)


def opened(finding: Finding, *, reason: str, now: datetime) -> None:
    """Take in a finding that has just opened: one that no answer raised counts only while it is severe enough."""
    if finding.question_key:
        changed(finding, reason=reason, now=now)
        return
    for server in rated_with(finding):
        ratings.take_in(finding, server, reason=reason, now=now)


def changed(finding: Finding, *, reason: str, now: datetime) -> None:
    """Work out again the rating of every server that the finding counts for."""
    vendor_id = finding.vendor_id
    if finding.server:
        ratings.refresh_at_end(finding.server, reason=reason, now=now)
    elif vendor_id:
        at_end(("ratings", vendor_id), reason, lambda reasons: _refresh_all_of(vendor_id, reasons, now=now))


def accepted_server(server: Server, *, reason: str, now: datetime) -> None:
    """Work out the rating of a server whose risk is accepted, or is not any more."""
    ratings.refresh_at_end(server, reason=reason, now=now)


def fix_verified(claim: FixClaim, *, by: Principal, now: datetime) -> None:
    """Note that the missed condition behind the finding is met."""
    conditions.settle(claim, by=by, now=now)


def residual_of(server: Server) -> str:
    """Return the residual risk that the server is shown with."""
    return ServerRating.objects.filter(server=server).values_list("residual", flat=True).first() or ""


def hold_vendor(vendor_id: UUID) -> None:
    """Hold what the servers of a vendor are rated by until the step ends. Part of a step, after what it changed.

    Of a step about a finding on the vendor and one that makes an assessment of the vendor final, each alone would miss
    the other: the later one waits here, and then sees both.
    """
    nouns.hold_all(Vendor.objects.only("pk").filter(pk=vendor_id))


def rated_with(finding: Finding) -> Iterable[Server]:
    """Return the servers that the finding counts for; for one of a vendor the vendor is held first."""
    if finding.server:
        return [finding.server]
    if finding.vendor_id is None:
        return []
    hold_vendor(finding.vendor_id)
    return _rated_by(finding.vendor_id)


def _rated_by(vendor_id: UUID) -> Iterable[Server]:
    assessed = Assessment.objects.filter(vendor=vendor_id, server__isnull=False, status=Assessment.Status.FINAL)
    # In one order, so that two steps about the same vendor wait for each other instead of locking each other out.
    return Server.objects.filter(pk__in=assessed.values("server")).order_by("pk").iterator(chunk_size=200)


def _refresh_all_of(vendor_id: UUID, reasons: Iterable[str], *, now: datetime) -> None:
    hold_vendor(vendor_id)
    for server in _rated_by(vendor_id):
        for reason in reasons:
            ratings.refresh_at_end(server, reason=reason, now=now)
