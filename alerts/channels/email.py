"""E-mail: one plain message an alert, with a Message-ID that stays the same however often it is sent."""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from alerts import links
from alerts.models import Delivery
from alerts.routing import one_line


class NotSent(Exception):
    """The message could not be handed over; trying again later may help."""


class Refused(NotSent):
    """The mail server refuses this recipient for good; trying again does not help."""


def send(delivery: Delivery) -> None:
    """Hand the message over to the mail server, or to a file; raise NotSent or Refused.

    It may arrive twice when the register is killed between handing over and noting it: both have one Message-ID, by
    which mail programs know a copy.
    """
    try:
        message(delivery).send()
    except smtplib.SMTPRecipientsRefused as error:
        code, words = next(iter(error.recipients.values()))
        raise (Refused if code >= 500 else NotSent)(f"{code} {_text(words)}") from error
    except ValueError as error:  # The address or a header cannot be written in a mail: Django refuses it, always.
        raise Refused(_text(error)) from error
    except OSError as error:  # Also every other smtplib.SMTPException.
        raise NotSent(_text(error)) from error


def message(delivery: Delivery) -> EmailMessage:
    """Return the message of a delivery."""
    alert = delivery.alert
    parts = {"alert": alert, "link": links.absolute(alert), "organisation": settings.ORGANISATION}
    return EmailMessage(
        subject=one_line(alert.title),
        body=render_to_string("email/alert.txt", parts),
        to=[delivery.address],
        # RFC 3834: no holiday notice answers a message that a machine wrote.
        headers={"Message-ID": delivery.message_id, "Auto-Submitted": "auto-generated"},
    )


def _text(words: object) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return one_line(text) or type(words).__name__
