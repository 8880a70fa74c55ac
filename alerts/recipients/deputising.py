"""Whoever stands in for somebody is told what that person is told, beside them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from alerts.recipients import personal, recipients
from alerts.recipients.recipients import Recipient
from alerts.recipients.subjects import Subject
from audit.models import Event


def add_to(named: Sequence[Recipient], subject: Subject, event: Event, *, on: date) -> list[Recipient]:
    """Return everybody who is told, with the deputies of the day: of those only who may know of it and do it."""
    found = {one.person.pk: one for one in named}
    standing_in = personal.deputies([one.person for one in named], on=on)
    for one in named:
        stands_in = standing_in.get(one.person.pk)
        if stands_in is None or stands_in.deputy_id in found:
            continue
        if recipients.may_be_told(stands_in.deputy, one.notice, subject, event):
            why = f"You stand in for {one.person} until {stands_in.last_on.day} {stands_in.last_on:%B %Y}."
            found[stands_in.deputy_id] = replace(one, person=stands_in.deputy, why=why)
    return list(found.values())
