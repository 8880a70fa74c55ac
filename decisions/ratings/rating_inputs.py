"""What a rating is worked out from: gathered from the rows, in few statements."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.utils import timezone

from assessments import snapshots
from assessments.models import AnswerEvidence, Assessment
from decisions.models import Approval, RatingOverride, Review
from evidence.models import Evidence
from findings.models import Finding, FixClaim, Overlay, RiskAcceptance
from riskregister import nouns
from scoring import caps, overlays
from scoring.scales import Severity
from vendors.models import Deployment, Release, Server


@dataclass(frozen=True, slots=True)
class Known:
    """What the register knows of a server beside its assessment and its findings.

    `tools`: the digest of the newest captured manifest; `promised`: by when somebody promised to assess again, which
    skipping that review does not move; `next_review`: the first review that waits; `approved_as`: the residual risk
    with which it was approved, while that approval stands and agents use the server; `evidence_moved`: whether evidence
    that its answers rest on is valid until another day, or issued by another, than when they were frozen.
    """

    inherent_tier: int
    tools: str | None
    promised: date | None
    next_review: date | None
    override: str | None
    override_until: date | None
    approved_until: date | None
    approved_as: str | None
    evidence_moved: bool


def final_assessment(server: Server) -> Assessment | None:
    """Return the final assessment of a server with its snapshot, or None."""
    rows = Assessment.objects.filter(server=server, status=Assessment.Status.FINAL).select_related("snapshot")
    # A rating is worked out in every step that touches a finding: what it does not look at stays in the database.
    lean = rows.only("server_id", "vendor_id", "manifest_digest", "finalised_at", "snapshot__body")
    return lean.order_by("-finalised_at").first()


def known(server: Server, assessment: Assessment | None, *, today: date) -> Known:
    """Return what is known of a server, in one statement."""
    reviews = Review.objects.filter(server=OuterRef("pk")).order_by("due_on").values("due_on")
    waiting = Q(status__in=Review.WAITING)
    promised = waiting
    if assessment:
        skipped = Q(status=Review.Status.SKIPPED, trigger=Review.Trigger.CADENCE)
        promised |= skipped & Q(created_at__gte=assessment.finalised_at)
    overrides = RatingOverride.objects.in_force(today=today).filter(server=OuterRef("pk"))
    granted_to = Approval.objects.filter(server=OuterRef("pk"), status=Approval.Status.GRANTED)
    approvals = granted_to.exclude(decision=Approval.Decision.REJECT)
    used = approvals.filter(server__is_in_use=True).exclude(server__status__in=Server.OUT_OF_USE)
    columns = (
        _newest_tools().values("manifest_digest")[:1],
        reviews.filter(promised)[:1],
        reviews.filter(waiting)[:1],
        overrides.values("residual")[:1],
        overrides.values("expires_on")[:1],
        approvals.values("valid_until")[:1],
        used.values("residual")[:1],
    )
    found = (*(Subquery(one) for one in columns), _moved_behind(assessment))
    return Known(*Server.objects.values_list("inherent_tier", *found).get(pk=server.pk))


def _moved_behind(assessment: Assessment | None) -> Value | Exists:
    if assessment is None:
        return Value(False)
    attached = AnswerEvidence.objects.filter(answer__assessment=assessment)
    return Exists(attached.filter(evidence__moved_at__gt=assessment.finalised_at))


def moved_evidence(frozen: Mapping[str, Any]) -> dict[str, snapshots.Moved]:
    """Return by its number how the evidence behind a snapshot's answers stands that moved since it was frozen."""
    card = nouns.card(Evidence)
    numbers = [number for ref in snapshots.evidence_of(frozen) if (number := card.number_in(ref))]
    since = datetime.fromisoformat(frozen["finalised"]["at"])
    rows = Evidence.objects.filter(number__in=numbers, moved_at__gt=since)
    return {
        row.ref: snapshots.Moved(row.valid_until, row.issuer) for row in rows.only("number", "valid_until", "issuer")
    }


def laid_over(assessment: Assessment) -> list[overlays.Overlay]:
    """Return what was laid over the answers of an assessment since."""
    # Fetched beside them, not joined: most assessments have no overlay, and joins cost even where nothing is found.
    rows = Overlay.objects.filter(assessment=assessment).prefetch_related("option", "evidence")
    return [_overlay(row) for row in rows]


def _overlay(row: Overlay) -> overlays.Overlay:
    """Return the overlay at the level that its evidence had on its day, from which time takes one level, once."""
    laid_on, evidence = timezone.localdate(row.at), row.evidence
    # What moved since is what time, or whoever stopped a certificate, has taken from it.
    moved_since = evidence is not None and evidence.moved_at is not None and evidence.moved_at > row.at
    had_ended = evidence is not None and not moved_since and evidence.is_expired(today=laid_on)
    return overlays.Overlay(
        question=row.question_key,
        kind=overlays.OverlayKind(row.kind),
        at=row.at,
        value=Fraction(row.option.quarters, 4) if row.option else None,
        evidence_level=row.evidence_level,
        valid_until=evidence.valid_until if evidence and not had_ended else None,
    )


def rated_findings(server: Server, assessment: Assessment) -> list[caps.RatedFinding]:
    """Return what a rating looks at of the findings of the server, and of the assessed vendor."""
    about = Q(server=server) | Q(vendor=assessment.vendor_id) if assessment.vendor_id else Q(server=server)
    granted = RiskAcceptance.objects.filter(finding=OuterRef("pk"), status=RiskAcceptance.Status.GRANTED)
    # A fix that was verified before the finding opened again is none any more.
    passed = FixClaim.objects.filter(
        finding=OuterRef("pk"), verdict=FixClaim.Verdict.PASSED, verified_at__gte=OuterRef("opened_at")
    )
    # Of the others no cap ever says anything: what is medium or low, and settled ones that no answer raised.
    by_severity = Q(severity__lte=Severity.HIGH, status__in=caps.STANDING)
    rows = (
        Finding.objects.filter(about)
        .filter(by_severity | ~Q(question_key=""))
        .annotate(
            accepted_until=Subquery(granted.order_by("-expires_on").values("expires_on")[:1]),
            is_verified=Exists(passed),
        )
    )
    return [
        caps.RatedFinding(
            number=Finding.ref_of(number),
            severity=Severity(severity),
            status=status,
            due_on=due_on,
            accepted_until=accepted_until,
            question=question_key or None,
            verified=is_verified,
        )
        for number, severity, status, due_on, accepted_until, question_key, is_verified in rows.values_list(
            "number", "severity", "status", "due_on", "accepted_until", "question_key", "is_verified"
        )
    ]


def new_deployments(server: Server, counted: Collection[str] | None) -> list[str]:
    """Return the deployments in use of which the final assessment counted no answers, by number.

    It counts none of one that was only planned while another was in use. `counted` are those of which it counted some;
    None where it asked once for all of them.
    """
    if counted is None:
        return []
    in_use = Deployment.objects.filter(server=server, ended_on__isnull=True, in_use_since__isnull=False)
    refs = [Deployment.ref_of(number) for number in in_use.order_by("number").values_list("number", flat=True)]
    return [ref for ref in refs if ref not in counted]


def _newest_tools() -> "QuerySet[Release]":
    return Release.objects.filter(server=OuterRef("pk")).captured()


def tools_changed(server: Server, assessed_digest: str) -> bool:
    """Return whether the newest captured manifest of the server is another than the assessed one."""
    newest = _newest_tools().values("manifest_digest")[:1]
    found = Server.objects.values_list(Subquery(newest), flat=True).get(pk=server.pk)
    return found not in (None, assessed_digest)
