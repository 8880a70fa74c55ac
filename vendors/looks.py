"""How the states of vendors and servers look, their tiers, and the facts of a deployment."""

from riskregister import looks
from riskregister.looks import Look
from vendors.models import Server, Vendor

looks.declare(
    "vendor",
    looks.of(
        Vendor.Status,
        prospective=("s-dashed", "neutral"),
        active=("s-check", "positive"),
        offboarding=("s-half", "medium"),
        offboarded=("s-archive", "neutral"),
    ),
)
looks.declare(
    "server",
    looks.of(
        Server.Status,
        requested=("s-dashed", "neutral"),
        in_review=("s-half", "info"),
        approved=("s-check", "positive"),
        suspended=("s-pause", "high"),
        rejected=("s-cross", "critical"),
        retired=("s-archive", "neutral"),
    ),
)
looks.declare(
    "tier",
    {
        1: Look("Tier 1 · Critical", "tier-1", "critical"),
        2: Look("Tier 2 · High", "tier-2", "high"),
        3: Look("Tier 3 · Medium", "tier-3", "medium"),
        4: Look("Tier 4 · Low", "tier-4", "low"),
        "": Look("No tier", "v-none", "neutral"),
    },
)
looks.declare(
    "fact",
    {
        "low": Look("Low", "tier-4", "low"),
        "moderate": Look("Moderate", "tier-3", "medium"),
        "high": Look("High", "tier-2", "high"),
        "severe": Look("Severe", "tier-1", "critical"),
        "": Look("Not known, counts as high", "v-none", "high"),
    },
)
