"""The models of the room, one module a noun."""

from decisions.models.approval import Approval, Condition, EndNotice, RatingOverride
from decisions.models.rating import RatingRecord, ServerRating
from decisions.models.review import Reminder, Review

__all__ = ["Approval", "Condition", "EndNotice", "RatingOverride", "RatingRecord", "Reminder", "Review", "ServerRating"]
