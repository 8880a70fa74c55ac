"""How far a statement may rest on a piece of evidence: its level, 0 to 3. Nobody picks it; it follows from the record.

E0 nothing, a note, or a document of our own that nobody checked. E1 a document of the vendor, or one said to be
independent that nobody checked: whoever attaches a file also states its issuer, and that alone must not lift it to the
top. E2 a document that an analyst checked. E3 an independent document that was checked, or what the register collected
itself. Once its validity has ended evidence counts one level less.
"""

from datetime import date

from evidence.models import Evidence

_UNCHECKED = {Evidence.Issuer.VENDOR: 1, Evidence.Issuer.INDEPENDENT: 1, Evidence.Issuer.ORGANISATION: 0}
_CHECKED = {Evidence.Issuer.VENDOR: 2, Evidence.Issuer.INDEPENDENT: 3, Evidence.Issuer.ORGANISATION: 2}


def level(evidence: Evidence, *, today: date) -> int:
    """Return the evidence level on a day. Reads `evidence.verifications`, which lists should prefetch."""
    full = _fresh_level(evidence)
    return max(full - 1, 0) if evidence.is_expired(today=today) else full


def state(evidence: Evidence, *, today: date) -> str:
    """Return how a piece of evidence stands on a day: "expired", "verified" or "unverified". Reads the same rows."""
    if evidence.is_expired(today=today):
        return "expired"
    return "verified" if len(evidence.verifications.all()) else "unverified"


def _fresh_level(evidence: Evidence) -> int:
    if evidence.kind == Evidence.Kind.NOTE:
        return 0
    if evidence.issuer == Evidence.Issuer.REGISTER:
        return 3
    levels = _CHECKED if len(evidence.verifications.all()) else _UNCHECKED
    return levels[Evidence.Issuer(evidence.issuer)]
