"""The cards of what is found, and of what is done about it."""

from findings.models import Finding, FixClaim, RiskAcceptance
from riskregister import nouns
from riskregister.nouns import Noun

nouns.register(
    Noun(Finding, subject="subject", moving=("status", "severity", "due_on", "owner", "opened_at")),
    Noun(FixClaim, unit="finding.unit_id", subject="finding.subject", holds=("finding",), moving=("verdict",)),
    Noun(RiskAcceptance, subject="subject", holds=("finding",), moving=("status", "expires_on")),
)
