"""The letters of the week: on Monday morning one mail to whoever it is for, kept as it was written.

A message is a row with its words, one a person and week, so that no sweep writes a second one and every try says the
same; a week in which there is nothing to say has a row too, which is not sent.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import letters
from accounts.letters import Letter, Section
from accounts.models import User
from alerts import bundles
from alerts.models import Delivery
from alerts.recipients import choosing
from alerts.recipients.routing import one_line
from jobs import queue


def write_due(*, now: datetime) -> int:
    """Write this week's letters that nobody has written yet, and return how many; each in its own transaction."""
    monday = week_of(now)
    if timezone.localtime(now) < monday.replace(hour=bundles.DIGEST_AT.hour):
        return 0
    return sum(
        _write(letter, person, monday.date(), now=now)
        for letter in letters.every()
        for person in _to(letter, monday.date())
    )


def _to(letter: Letter, monday: date) -> list[User]:
    """Return to whom it is still to be written this week."""
    written = Delivery.objects.filter(kind=Delivery.Kind.WEEKLY, occasion=_occasion(letter, monday)).values("recipient")
    people = list(letter.people().exclude(pk__in=written))
    declined = choosing.chosen(people, letter.word)
    return [person for person in people if person.pk not in declined]


def _occasion(letter: Letter, monday: date) -> str:
    return f"{letter.word} {monday.isoformat()}"


def week_of(now: datetime) -> datetime:
    """Return the first moment of the week, in the organisation's zone."""
    local = timezone.localtime(now)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=local.weekday())


def _write(letter: Letter, person: User, monday: date, *, now: datetime) -> bool:
    found = letter.sections(person, timezone.localdate(now))
    delivery = Delivery(
        recipient=person,
        kind=Delivery.Kind.WEEKLY,
        occasion=_occasion(letter, monday),
        address=person.email,
        send_after=now,
        sealed_at=now,
        status=Delivery.Status.PENDING if found else Delivery.Status.DROPPED,
        subject=_subject(letter, found),
        body=_body(letter, found),
    )
    delivery.message_id = f"<{delivery.pk}@{settings.MESSAGE_ID_DOMAIN}>"
    try:
        with transaction.atomic():
            delivery.save(force_insert=True)
            if found:
                queue.enqueue("alerts.send", key=f"mail:{delivery.pk}", now=now, delivery=str(delivery.pk))
    except IntegrityError:  # Another sweep was first.
        return False
    return True


def _subject(letter: Letter, found: Sequence[Section]) -> str:
    return one_line(f"{letter.begins}: " + ", ".join(f"{one.total} {one.words}" for one in found))


def _body(letter: Letter, found: Sequence[Section]) -> str:
    sections = [
        (one, [one_line(line) for line in one.lines], one.total - len(one.lines), _address(one)) for one in found
    ]
    parts = {"sections": sections, "home": _absolute("web:home"), "organisation": settings.ORGANISATION}
    return render_to_string("email/weekly.txt", parts | {"why": letter.why})


def _address(section: Section) -> str:
    if not section.noun:
        return _absolute("web:home")
    query = f"?{urlencode(section.filters)}" if section.filters else ""
    return f"{_absolute(f'web:{section.noun}-list')}{query}"


def _absolute(name: str) -> str:
    return f"{settings.ORIGIN}{reverse(name)}"
