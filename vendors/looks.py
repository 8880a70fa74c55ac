"""How the states of vendors and servers look, their tiers, and the facts of a deployment."""

from riskregister import looks
from riskregister.looks import Look
from vendors.models import Server, Vendor
from vendors.tiers import TIERS

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
    {number: Look(f"Tier {number} · {word}", f"tier-{number}", word.lower()) for number, word in TIERS.items()}
    | {"": Look("No tier", "v-none", "neutral")},
)
looks.declare(
    "fact",
    {
        "low": Look("Low", "tier-4", "low"),
        "moderate": Look("Moderate", "tier-3", "medium"),
        "high": Look("High", "tier-2", "high"),
        "severe": Look("Severe", "tier-1", "critical"),
        "": Look("Not known, counts as severe", "v-none", "critical"),
    },
)
