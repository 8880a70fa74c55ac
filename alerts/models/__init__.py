"""Who is told of what: people by their inbox and mail, channels by messages."""

from alerts.models.alert import Alert, Delivery, MailChoice
from alerts.models.channel import Channel
from alerts.models.message import Attempt, Message, Telling

__all__ = ["Alert", "Attempt", "Channel", "Delivery", "MailChoice", "Message", "Telling"]
