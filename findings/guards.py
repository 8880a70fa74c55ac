"""Findings, claims and acceptances stay, and change only as their lifecycles say: guarded by triggers."""

from accounts.models import PartMark
from assessments.guards import DEMO_ASSESSMENT
from findings.models import Finding, FixClaim, Overlay, RiskAcceptance
from findings.models.finding import GivenAway, Leniency
from riskregister.guards import AppendOnly, Counted, Lifecycle, declare

_DEMO_FINDING = "EXISTS (SELECT 1 FROM findings_finding f WHERE f.id = OLD.finding_id AND f.is_demo)"
_DEMO_SERVER = "EXISTS (SELECT 1 FROM vendors_server s WHERE s.id = OLD.server_id AND s.is_demo)"
declare(
    AppendOnly(Overlay, unless=DEMO_ASSESSMENT),
    AppendOnly(GivenAway, unless=_DEMO_FINDING),
    AppendOnly(Leniency, unless=_DEMO_FINDING),
    Lifecycle(
        Finding,
        "a_finding_keeps_what_it_is",
        told=("severity", "owner", "opened_at", "due_on", "closed_at", "dismissed_at", "close_reason"),
        # What a source says of it; a person's judgement is among those above.
        free=(
            "observed_severity",
            "is_information_gap",
            "is_observed",
            "last_observed_at",
            "question_text",
            "answer_text",
        ),
        unless="OLD.is_demo",
    ),
    Lifecycle(
        FixClaim,
        "a_claim_and_its_verdict_do_not_change",
        once=("verdict", "verdict_note", "shows", "location", "document_date", "verified_by", "verified_at"),
        unless=_DEMO_FINDING,
    ),
    Lifecycle(
        RiskAcceptance,
        "an_acceptance_does_not_change",
        once=("decided_by", "decided_at", "decision_note", "revoked_by", "revoked_at", "expiry_recorded_at"),
        unless=f"{_DEMO_FINDING} OR {_DEMO_SERVER}",
    ),
    Counted(
        Finding,
        PartMark,
        ("unit", "vendor", "status", "severity", "owner", "due_on", "created_at", "opened_at", "closed_at"),
        ("{row}.unit_id",),
    ),
    Counted(RiskAcceptance, PartMark, ("unit", "finding", "status", "expires_on"), ("{row}.unit_id",)),
)
