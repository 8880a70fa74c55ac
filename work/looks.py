"""How the levels of servers, and the freshness of what tells of them, look: unknown never looks like none known."""

from collections.abc import Mapping

from riskregister import looks
from riskregister.looks import Look


def _level(affected: str, clear: str) -> Mapping[str, Look]:
    return {
        "affected": Look(affected, "s-alert", "high"),
        "unknown": Look("Unknown", "s-dashed", "medium"),
        # That nothing is known is no proof, and no praise.
        "clear": Look(clear, "s-check", "info"),
    }


looks.declare("package level", _level("Affected", "None known"))
looks.declare("ecosystem level", _level("Threat met", "None known"))
looks.declare("inspection level", _level("Differs or hit", "As approved"))
looks.declare("runtime level", {"not_watched": Look("Not watched", "s-ring", "neutral")})
looks.declare(
    "freshness",
    {
        "fresh": Look("Fresh", "s-clock", "info"),
        "late": Look("Late", "s-half", "medium"),
        "silent": Look("Silent", "s-dashed", "high"),
        "never": Look("Never ran", "s-dashed", "medium"),
        "off": Look("Off", "s-ring", "neutral"),
    },
)
