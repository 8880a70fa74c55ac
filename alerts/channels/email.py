"""E-mail: one plain message for what a person must know; its Message-ID stays the same however often it is sent."""

import smtplib
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.text import Truncator

from alerts import bundles, links
from alerts.models import Alert, Delivery
from alerts.recipients.routing import one_line
from audit.events import Pace

# A mail is read in a minute; the inbox has all of them.
SHOWN = 25


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
    alerts = list(bundles.contents(delivery))
    return EmailMessage(
        subject=delivery.subject or subject(delivery, alerts),
        body=delivery.body or _body(delivery, alerts),
        to=[delivery.address],
        # RFC 3834: no holiday notice answers a message that a machine wrote.
        headers={"Message-ID": delivery.message_id, "Auto-Submitted": "auto-generated"},
    )


def subject(delivery: Delivery, alerts: Sequence[Alert]) -> str:
    """Return the one thing that a message tells, or the first of many and how many more, or what a digest counts."""
    first, more = alerts[0], len(alerts) - 1
    if not more:
        return one_line(first.title)
    if delivery.kind == Delivery.Kind.DIGEST:
        return "Your day: " + ", ".join(f"{len(found)} {word.lower()}" for word, found in _sections(alerts))
    return one_line(f"{Truncator(one_line(first.title)).chars(160)} and {more} more")


def _body(delivery: Delivery, alerts: Sequence[Alert]) -> str:
    shared = {"organisation": settings.ORGANISATION}
    if len(alerts) == 1:
        parts = {"alert": alerts[0], "link": links.absolute(alerts[0]), **shared}
        return render_to_string("email/alert.txt", parts)
    sections = [
        (
            f"{word} ({len(found)})",
            [(one, one_line(one.body), links.absolute(one)) for one in found[:SHOWN]],
            len(found) - SHOWN,
        )
        for word, found in _sections(alerts)
    ]
    return render_to_string("email/alerts.txt", {"sections": sections, "inbox": links.inbox(), **shared})


def _sections(alerts: Sequence[Alert]) -> list[tuple[str, list[Alert]]]:
    """Return the alerts under the word for what they ask of the reader, the most pressing first."""
    found: dict[str, list[Alert]] = {"Critical": [], "To do": [], "To know": []}
    for alert in alerts:
        critical = alert.pace == Pace.CRITICAL
        found["Critical" if critical else "To do" if alert.is_action else "To know"].append(alert)
    return [(word, those) for word, those in found.items() if those]


def _text(words: object) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return one_line(text) or type(words).__name__
