"""How the states of findings look, how bad they are, and what is done about them."""

from findings.models import Finding, FixClaim, RiskAcceptance
from riskregister import looks
from riskregister.looks import Look
from scoring.scales import Severity

looks.declare(
    "finding",
    looks.of(
        Finding.Status,
        proposed=("s-dashed", "neutral"),
        open=("s-target", "high"),
        remediating=("s-half", "info"),
        awaiting_verification=("s-most", "info"),
        accepted=("s-shield", "medium"),
        dismissed=("s-minus", "neutral"),
        closed=("s-check", "positive"),
    ),
)
looks.declare("severity", {one.word: Look(one.label, f"v-{one.word}", one.word) for one in Severity})
looks.declare("verdict", looks.of(FixClaim.Verdict, passed=("s-check", "positive"), failed=("s-cross", "critical")))
looks.declare(
    "milestone",
    {
        "open": Look("Open", "s-ring", "neutral"),
        "done": Look("Done", "s-check", "positive"),
        "late": Look("Late", "s-alert", "critical"),
    },
)
looks.declare(
    "acceptance",
    looks.of(
        RiskAcceptance.Status,
        requested=("s-dashed", "info"),
        granted=("s-shield", "medium"),
        refused=("s-cross", "neutral"),
        revoked=("s-minus", "neutral"),
    )
    | {
        "in_force": Look("In force", "s-shield", "medium"),
        "expired": Look("Expired", "s-clock", "critical"),
    },
)
