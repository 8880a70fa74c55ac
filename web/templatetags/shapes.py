"""How every status, severity, tier, rating and evidence level looks: word, shape and tone, in one table each."""

from typing import NamedTuple


class Look(NamedTuple):
    """A word for people, a symbol of the icon sprite and a tone of the palette."""

    word: str
    shape: str
    tone: str


STATUS: dict[str, dict[str, Look]] = {
    "vendor": {
        "prospective": Look("Prospective", "s-dashed", "neutral"),
        "active": Look("Active", "s-check", "positive"),
        "offboarding": Look("Offboarding", "s-half", "medium"),
        "offboarded": Look("Offboarded", "s-archive", "neutral"),
    },
    "server": {
        "requested": Look("Requested", "s-dashed", "neutral"),
        "in_review": Look("In review", "s-half", "info"),
        "approved": Look("Approved", "s-check", "positive"),
        "suspended": Look("Suspended", "s-pause", "high"),
        "rejected": Look("Rejected", "s-cross", "critical"),
        "retired": Look("Retired", "s-archive", "neutral"),
    },
    "approval": {
        "granted": Look("In force", "s-check", "positive"),
        "expired": Look("Expired", "s-clock", "high"),
        "withdrawn": Look("Withdrawn", "s-cross", "critical"),
        "superseded": Look("Superseded", "s-archive", "neutral"),
    },
    "decision": {
        "approve": Look("Approved", "s-check", "positive"),
        "approve_with_conditions": Look("Approved with conditions", "s-shield", "medium"),
        "reject": Look("Rejected", "s-cross", "critical"),
    },
    "condition": {
        "open": Look("Open", "s-target", "info"),
        "met": Look("Met", "s-check", "positive"),
        "missed": Look("Missed", "s-alert", "critical"),
    },
    "assessment": {
        "draft": Look("Draft", "s-half", "info"),
        "submitted": Look("Submitted", "s-most", "info"),
        "final": Look("Final", "s-check", "positive"),
        "superseded": Look("Superseded", "s-archive", "neutral"),
        "cancelled": Look("Cancelled", "s-minus", "neutral"),
    },
    "section": {
        "not_started": Look("Not started", "s-dashed", "neutral"),
        "in_progress": Look("In progress", "s-half", "info"),
        "complete": Look("Complete", "s-check", "positive"),
        "problem": Look("There is a problem", "s-alert", "critical"),
        "blocked": Look("Cannot start yet", "s-minus", "neutral"),
    },
    "finding": {
        "proposed": Look("Proposed", "s-dashed", "neutral"),
        "open": Look("Open", "s-target", "high"),
        "remediating": Look("Remediating", "s-half", "info"),
        "awaiting_verification": Look("Awaiting verification", "s-most", "info"),
        "accepted": Look("Risk accepted", "s-shield", "medium"),
        "dismissed": Look("Dismissed", "s-minus", "neutral"),
        "closed": Look("Closed", "s-check", "positive"),
    },
    "verdict": {
        "passed": Look("Passed", "s-check", "positive"),
        "failed": Look("Failed", "s-cross", "critical"),
    },
    "milestone": {
        "open": Look("Open", "s-ring", "neutral"),
        "done": Look("Done", "s-check", "positive"),
        "late": Look("Late", "s-alert", "critical"),
    },
    "acceptance": {
        "requested": Look("Requested", "s-dashed", "info"),
        "granted": Look("Granted", "s-shield", "medium"),
        "refused": Look("Refused", "s-cross", "neutral"),
        "revoked": Look("Revoked", "s-minus", "neutral"),
        "expired": Look("Expired", "s-clock", "critical"),
    },
    "override": {
        "requested": Look("Requested", "s-dashed", "info"),
        "granted": Look("Granted", "s-shield", "medium"),
        "refused": Look("Refused", "s-cross", "neutral"),
        "revoked": Look("Revoked", "s-minus", "neutral"),
        "expired": Look("Expired", "s-clock", "high"),
    },
    "review": {
        "scheduled": Look("Scheduled", "s-clock", "neutral"),
        "open": Look("Open", "s-target", "info"),
        "overdue": Look("Overdue", "s-alert", "critical"),
        "done": Look("Done", "s-check", "positive"),
        "skipped": Look("Skipped", "s-minus", "neutral"),
    },
    "job": {
        "queued": Look("Queued", "s-dashed", "neutral"),
        "running": Look("Running", "s-half", "info"),
        "done": Look("Done", "s-check", "positive"),
        "dead": Look("Stopped", "s-alert", "critical"),
    },
    "report": {
        "requested": Look("Requested", "s-dashed", "neutral"),
        "rendering": Look("Rendering", "s-half", "info"),
        "issued": Look("Issued", "s-check", "positive"),
        "failed": Look("Failed", "s-alert", "critical"),
        "withdrawn": Look("Withdrawn", "s-cross", "neutral"),
    },
    "delivery": {
        "pending": Look("Pending", "s-dashed", "neutral"),
        "sent": Look("Sent", "s-check", "positive"),
        "failed": Look("Failed, will retry", "s-alert", "high"),
        "given_up": Look("Given up", "s-cross", "critical"),
    },
    "evidence": {
        "verified": Look("Verified", "s-check", "positive"),
        "unverified": Look("Not verified", "s-dashed", "neutral"),
        "expired": Look("Expired", "s-clock", "high"),
    },
    "account": {
        "active": Look("Active", "s-check", "positive"),
        "invited": Look("Invited", "s-dashed", "info"),
        "inactive": Look("Inactive", "s-minus", "neutral"),
        "expired": Look("Expired", "s-clock", "high"),
        "revoked": Look("Revoked", "s-cross", "neutral"),
    },
}

SEVERITY = {
    "critical": Look("Critical", "v-critical", "critical"),
    "high": Look("High", "v-high", "high"),
    "medium": Look("Medium", "v-medium", "medium"),
    "low": Look("Low", "v-low", "low"),
}

RESIDUAL = {
    "not_assessed": Look("Not assessed", "v-none", "neutral"),
    "critical": Look("Critical", "v-critical", "critical"),
    "high": Look("High", "v-high", "high"),
    "medium": Look("Medium", "v-medium", "medium"),
    "low": Look("Low", "v-low", "positive"),
}

BAND = {
    "strong": Look("Strong", "s-check", "positive"),
    "adequate": Look("Adequate", "s-most", "info"),
    "weak": Look("Weak", "s-half", "medium"),
    "unacceptable": Look("Unacceptable", "s-alert", "critical"),
    "not_assessed": Look("Not assessed", "v-none", "neutral"),
}

TIER = {
    1: Look("Tier 1 · Critical", "tier-1", "critical"),
    2: Look("Tier 2 · High", "tier-2", "high"),
    3: Look("Tier 3 · Medium", "tier-3", "medium"),
    4: Look("Tier 4 · Low", "tier-4", "low"),
}

FACT = {
    "low": Look("Low", "tier-4", "low"),
    "moderate": Look("Moderate", "tier-3", "medium"),
    "high": Look("High", "tier-2", "high"),
    "severe": Look("Severe", "tier-1", "critical"),
    "": Look("Not known, counts as high", "v-none", "high"),
}

EVIDENCE_LEVEL = {
    0: Look("E0 Claimed", "e0", "neutral"),
    1: Look("E1 Vendor document", "e1", "neutral"),
    2: Look("E2 Analyst-verified", "e2", "info"),
    3: Look("E3 Independent", "e3", "positive"),
}

MESSAGE = {
    "success": Look("Done", "check-lg", "positive"),
    "info": Look("Note", "info-circle", "info"),
    "debug": Look("Note", "info-circle", "neutral"),
    "warning": Look("Attention", "exclamation-triangle", "medium"),
    "error": Look("Problem", "exclamation-triangle", "critical"),
}
