"""What rules see of an event: by its declaration, and by the cards of what it is about."""

import logging
from typing import Any

from django.db import models, transaction

from alerts.rules.matching import Sight
from audit import events
from audit.events import Pace
from audit.models import Event
from riskregister import nouns
from scoring.scales import Severity

log = logging.getLogger("alerts")


def look(event: Event, row: models.Model) -> Sight:
    """Return what a rule sees of an event that is about the row."""
    subject = nouns.subject_of(row)
    about = subject if subject is not None and nouns.known(type(subject)) else row
    card = nouns.card(about)
    found, has_severity = severity(event, row)
    return Sight(
        event.verb,
        found,
        has_severity,
        tier=nouns.follow(about, card.tier) if card.tier else None,
        vendors=tuple(card.vendors(about)),
        tags=tuple(card.tags(about)),
    )


def severity_now(event: Event, row: models.Model) -> Severity | None:
    """Return how severe it is, None where nobody knows it or nothing has a severity."""
    try:
        # A statement that fails would else spoil the transaction of the relay.
        with transaction.atomic():
            return severity(event, row)[0]
    except Exception:  # What breaks in a card withholds no message.
        log.exception("the severity of event %s cannot be read", event.pk)
        return None


def severity(event: Event, row: models.Model) -> tuple[Severity | None, bool]:
    """Return how severe it is, and whether it is anything that has a severity.

    The event says how severe it was; else the row says how severe it is. What is critical by its declaration is.
    """
    kind = events.of(event.verb)
    data = kind.typed(event.data)
    if kind.tell and kind.tell.pace_of(data) is Pace.CRITICAL:
        return Severity.CRITICAL, True
    if "severity" in kind.members():
        return _read(data.severity), True
    path = nouns.card(row).severity
    return (_read(nouns.follow(row, path)), True) if path else (None, False)


def _read(value: Any) -> Severity | None:
    """Return a severity by its number or word, None for what is none: nobody knows it."""
    try:
        return Severity.of(value) if isinstance(value, str) else Severity(value)
    except ValueError:
        return None
