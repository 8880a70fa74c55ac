"""How the notices of pages look."""

from riskregister import looks
from riskregister.looks import Look

looks.declare(
    "notice",
    {
        "success": Look("Done", "check-lg", "positive"),
        "info": Look("Note", "info-circle", "info"),
        "debug": Look("Note", "info-circle", "neutral"),
        "warning": Look("Attention", "exclamation-triangle", "medium"),
        "error": Look("Problem", "exclamation-triangle", "critical"),
    },
)
