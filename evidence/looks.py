"""How the levels and states of evidence look."""

from riskregister import looks
from riskregister.looks import Look

looks.declare(
    "evidence",
    {
        "verified": Look("Verified for an answer", "s-check", "positive"),
        "unverified": Look("Not verified", "s-dashed", "neutral"),
        "expired": Look("Expired", "s-clock", "high"),
    },
)
looks.declare(
    "support",
    {
        "verified": Look("Verified", "s-check", "positive"),
        "collected": Look("Seen by the register", "s-check", "positive"),
        "unverified": Look("Not verified", "s-dashed", "neutral"),
        "outdated": Look("Verified for another answer", "s-dashed", "medium"),
        "bare": Look("Link without a copy", "s-dashed", "medium"),
        "expired": Look("Expired", "s-clock", "high"),
    },
)
looks.declare(
    "evidence_level",
    {
        0: Look("E0 Claimed", "e0", "neutral"),
        1: Look("E1 Vendor document", "e1", "neutral"),
        2: Look("E2 Analyst-verified", "e2", "info"),
        3: Look("E3 Independent", "e3", "positive"),
    },
)
