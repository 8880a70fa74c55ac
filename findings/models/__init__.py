"""The models of the room, one module a noun."""

from findings.models.finding import Finding, GivenAway, Occurrence
from findings.models.overlay import Overlay
from findings.models.remediation import FixClaim, Milestone, RemediationPlan, RiskAcceptance

__all__ = [
    "Finding",
    "FixClaim",
    "GivenAway",
    "Milestone",
    "Occurrence",
    "Overlay",
    "RemediationPlan",
    "RiskAcceptance",
]
