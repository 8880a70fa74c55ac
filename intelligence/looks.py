"""How indicators and watch lists look, as word, shape and tone."""

from intelligence.models import WatchEntry
from intelligence.models.indicator import IN_FORCE, STANDINGS, TLPS
from riskregister import looks
from riskregister.looks import Look

_SHAPES = {
    IN_FORCE: ("s-check", "info"),
    "taken_back": ("s-cross", "neutral"),
    "gone": ("s-dashed", "neutral"),
    "expired": ("s-dashed", "neutral"),
    "not_yet": ("s-ring", "neutral"),
    "no_confidence": ("s-dashed", "neutral"),
    "not_matched": ("s-dashed", "medium"),
}
looks.declare("indicator", {word: Look(STANDINGS[word], *shape) for word, shape in _SHAPES.items()})
looks.declare(
    "indicator hit",
    {
        "certain": Look("Met", "s-alert", "high"),
        "verify": Look("To be verified", "s-half", "medium"),
        "gone": Look("Not met any more", "s-dashed", "neutral"),
    },
)
looks.declare(
    "watch entry", looks.of(WatchEntry.Status, watched=("s-alert", "medium"), settled=("s-check", "positive"))
)
# How far something may travel is no judgement.
looks.declare("marking", {value: Look(word, "s-ring", "neutral") for value, word in TLPS})
