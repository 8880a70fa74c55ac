"""How the statuses of controls look, as word, shape and tone."""

from controls.models import Place, Word
from riskregister import looks

looks.declare(
    "control status",
    {
        **looks.of(
            Word,
            in_place=("s-check", "positive"),
            partly=("s-half", "medium"),
            planned=("s-clock", "low"),
            missing=("s-cross", "high"),
            not_applicable=("s-minus", "neutral"),
            not_known=("s-dashed", "neutral"),
        ),
    },
)
looks.declare(
    "control place",
    looks.of(
        Place,
        organisation=("s-ring", "neutral"),
        server=("s-ring", "neutral"),
        deployment=("s-ring", "neutral"),
    ),
)
