"""What the world says of threats, what of ours it hits, and what of it is passed on."""

from intelligence.models.egress import EgressContact, EgressLog
from intelligence.models.hit import IndicatorHit
from intelligence.models.indicator import Indicator, IndicatorTerm
from intelligence.models.shared import Share
from intelligence.models.watched import WatchEntry

__all__ = ["EgressContact", "EgressLog", "Indicator", "IndicatorHit", "IndicatorTerm", "Share", "WatchEntry"]
