"""The models of the room, one module a noun."""

from findings.models.finding import Finding, GivenAway, Leniency, Occurrence
from findings.models.overlay import Overlay
from findings.models.remediation import FixClaim, Milestone, RemediationPlan, RiskAcceptance

__all__ = [
    "Finding",
    "FixClaim",
    "GivenAway",
    "Leniency",
    "Milestone",
    "Occurrence",
    "Overlay",
    "RemediationPlan",
    "RiskAcceptance",
]
