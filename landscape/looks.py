"""How what stands in this room looks, and what is so, is not so or is not known, as word, shape and tone."""

from landscape.models import BusinessProcess, SharedService, Substitutability, UseCase
from riskregister import looks
from riskregister.looks import Look

looks.declare(
    "business process", looks.of(BusinessProcess.Status, standing=("s-check", "positive"), ended=("s-minus", "neutral"))
)
looks.declare("use case", looks.of(UseCase.Status, standing=("s-check", "positive"), ended=("s-minus", "neutral")))
looks.declare(
    "shared service", looks.of(SharedService.Status, standing=("s-check", "positive"), ended=("s-minus", "neutral"))
)
looks.declare(
    "service assessment",
    looks.of(
        SharedService.Result,
        passed=("s-check", "positive"),
        passed_with_gaps=("s-half", "medium"),
        failed=("s-cross", "critical"),
    )
    | {
        "never": Look("Never assessed", "s-dashed", "high"),
        "lapsed": Look("Assessed too long ago", "s-clock", "high"),
    },
)
looks.declare(
    "known",
    {
        True: Look("Yes", "s-ring", "neutral"),
        False: Look("No", "s-minus", "neutral"),
        "": Look("Not known", "s-dashed", "medium"),
    },
)
looks.declare(
    "substitutability",
    looks.of(
        Substitutability.Level,
        **{"not": ("s-cross", "critical"), "hard": ("s-half", "medium"), "easy": ("s-check", "positive")},
    )
    | {"": Look("Not known", "s-dashed", "high")},
)
