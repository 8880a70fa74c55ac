"""Whom the rules tell of an event: people beside those whom its room names, and channels."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from accounts.models import User
from alerts import posting
from alerts.models import AlertRule, Channel, Telling
from alerts.recipients import choosing, recipients, routing
from alerts.recipients.recipients import Recipient
from alerts.recipients.routing import Notice
from alerts.recipients.subjects import Subject
from alerts.rules import seeing
from alerts.rules.applying import Fit
from audit.events import Pace, Who
from audit.models import Event


@dataclass(frozen=True, slots=True)
class Heard:
    """What the rules have said of an event: whom of the people each would tell, and the channels with how soon each.

    `note` says why it is told although a filter is broken, else it is empty.
    """

    title: str
    people: Sequence[Recipient]
    channels: Mapping[Channel, Pace]
    note: str = ""

    def add_to(self, others: Sequence[Recipient]) -> list[Recipient]:
        """Return everybody who is told, each person once: of whom the room names, the rules can only speed it up."""
        found = {one.person.pk: one for one in others}
        for one in self.people:
            known = found.get(one.person.pk, one)
            found[one.person.pk] = replace(known, by_rule=choosing.soonest(known.by_rule, one.by_rule))
        return list(found.values())

    def post(self, event: Event, subject: Subject, *, now: datetime) -> None:
        """Promise the messages to the channels, in one order: two relays that want the same wait for each other."""
        severity = seeing.severity_now(event, subject.row)
        for channel, pace in sorted(self.channels.items(), key=lambda pair: pair[0].pk):
            one = Telling(
                channel=channel,
                event=event,
                title=self.title,
                note=self.note,
                severity=severity,
                pace=pace,
                object_type=subject.opens._meta.label_lower,
                object_id=subject.opens.pk,
            )
            posting.promise(one, now=now)


def of(fits: Sequence[Fit], event: Event, subject: Subject, words: tuple[str, str]) -> Heard:
    """Return what the rules that tell of an event say of it, in a title and a body."""
    title, body = words
    people = [one for fit in fits for one in _people(fit, event, subject, title, body)]
    channels: dict[Channel, Pace] = {}
    for fit in fits:
        for channel in _in_use(fit.rule):
            channels[channel] = choosing.soonest(channels.get(channel), fit.pace) or fit.pace
    return Heard(title, people, channels, next((fit.note for fit in fits if fit.note), ""))


def _people(fit: Fit, event: Event, subject: Subject, title: str, body: str) -> Iterator[Recipient]:
    """Yield whom a rule tells; where it reaches nobody at all, the managers, so that nothing is withheld."""
    named = [(person, why) for person, why in _named(fit.rule, subject) if recipients.may_see(person, subject.opens)]
    note = fit.note
    if not named and not _in_use(fit.rule):
        note = f"{note} {fit.rule.ref} reaches nobody whom it names, so you are told. Change it.".strip()
        named = [(person, routing.why(Who.MANAGERS, "")) for person in recipients.holders(Who.MANAGERS, subject)]
    notice = Notice(Who.SELF, None, title, "\n\n".join(filter(None, (note, body))), is_action=False, by_mail=True)
    for person, why in named:
        if recipients.may_be_told(person, notice, subject, event):
            yield Recipient(person, replace(notice, pace=fit.pace), why, by_rule=fit.pace)


def _named(rule: AlertRule, subject: Subject) -> Iterator[tuple[User, str]]:
    """Yield the people whom a rule names, by themselves or by a place, each with the sentence why they are told."""
    seen: set[UUID] = set()
    by_place = [(one, f"Rule {rule}.") for place in _places(rule) for one in recipients.holders(place, subject)]
    for person, why in (*((one, f"Rule {rule} names you.") for one in rule.people.all()), *by_place):
        if person.pk not in seen:
            seen.add(person.pk)
            yield person, why


def _places(rule: AlertRule) -> list[Who]:
    known = set(Who)
    return [Who(place) for place in rule.places if place in known]


def _in_use(rule: AlertRule) -> list[Channel]:
    """Return the channels of a rule that are told: of its own unit, so that nobody hears of another one's."""
    return [one for one in rule.channels.all() if one.status == Channel.Status.ACTIVE and one.unit_id == rule.unit_id]
