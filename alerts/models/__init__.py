"""Who is told of what: people by their inbox and mail, channels by messages."""

from alerts.models.alert import Alert, Delivery, MailChoice
from alerts.models.channel import Channel
from alerts.models.message import Attempt, Message, Telling
from alerts.models.personal import Deputy, QuietHours
from alerts.models.rule import AlertRule

__all__ = [
    "Alert",
    "AlertRule",
    "Attempt",
    "Channel",
    "Delivery",
    "Deputy",
    "MailChoice",
    "Message",
    "QuietHours",
    "Telling",
]
