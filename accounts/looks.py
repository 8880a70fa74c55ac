"""How the states of people and of their tokens look."""

from riskregister import looks
from riskregister.looks import Look

looks.declare(
    "account",
    {
        "active": Look("Active", "s-check", "positive"),
        "invited": Look("Invited", "s-dashed", "info"),
        "inactive": Look("Inactive", "s-minus", "neutral"),
        "expired": Look("Expired", "s-clock", "high"),
        "revoked": Look("Revoked", "s-cross", "neutral"),
    },
)
