"""What technical profiles say, in words: the facts in their groups, and each as people read it."""

from collections.abc import Mapping

from landscape.models import TechnicalProfile
from scoring import deadlines

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Connection": ("transport", "tls", "mutual_tls", "certificate_owner", "certificate_ends_on"),
    "Identity and keys": (
        "authentication", "token_minutes", "key_rotation_days", "key_rotated_on", "key_rotation_due_on",
    ),
    "Logs": ("calls_logged", "logs_what", "logs_where", "logs_days"),
    "Data integrity": (
        "signatures_checked", "checksums_checked", "schema_checked", "business_rules_checked", "cross_checked",
        "freshness_minutes", "freshness_pointer",
    ),
    "Isolation": ("is_contained", "segment", "egress_hosts", "limits"),
    "When it fails": ("has_circuit_breaker", "fallback", "degraded_mode", "safe_agent"),
}  # fmt: skip


def label(name: str) -> str:
    """Return what a fact is called."""
    words = str(getattr(TechnicalProfile._meta.get_field(name), "verbose_name", name))
    return f"{words[0].upper()}{words[1:]}"


def in_words(profile: TechnicalProfile, name: str) -> str:
    """Return what a profile says of a fact; empty where nobody knows it."""
    value = getattr(profile, name)
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if name.endswith("_on"):
        return deadlines.written(value)
    shown = getattr(profile, f"get_{name}_display", None)
    return str(shown() if shown else value)
