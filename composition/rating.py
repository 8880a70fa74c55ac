"""How bad a finding of a vulnerability is. Pure."""

from composition.models import Vulnerability
from scoring.scales import Severity


def severity_of(vulnerability: Vulnerability) -> Severity:
    """Return how bad a finding of it is: of a malicious package critical; unknown counts as medium, and says so."""
    if vulnerability.is_malicious:
        return Severity.CRITICAL
    return Severity(vulnerability.severity) if vulnerability.severity else Severity.MEDIUM
