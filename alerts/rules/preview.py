"""What a rule would have said last week: it is run over the events of the week, and nobody is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts import access
from accounts.models import User
from alerts.models import AlertRule
from alerts.recipients import kinds, routing, subjects
from alerts.rules import applying, telling
from alerts.rules.telling import Heard
from audit import events
from audit.models import Event

WEEK = timedelta(days=7)
# Each event asks for what it is about.
MOST = 500
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Would:
    """An event that the rule would have told of, and whom."""

    event: Event
    heard: Heard

    @property
    def whom(self) -> str:
        """Return the names of whom it would have told."""
        return ", ".join([*(str(one.person) for one in self.heard.people), *map(str, self.heard.channels)])

    @property
    def note(self) -> str:
        """Return why it would have been told although the filter is broken, or an empty text."""
        return self.heard.note


@dataclass(frozen=True, slots=True)
class LastWeek:
    """What came of it: since when, how many events there were to look at, and what would have been told of them.

    `is_whole` says whether all of the week was looked at; else it is the latest MOST events.
    """

    since: datetime
    looked_at: int
    is_whole: bool
    found: list[Would]

    @property
    def shown(self) -> list[Would]:
        """Return the latest of what would have been told."""
        return self.found[:SHOWN]


def last_week(rule: AlertRule, *, reader: User, now: datetime) -> LastWeek:
    """Return what the rule would have said in the week before now, of what the reader may see, the latest first.

    What is asked of rows (whose they are, how severe) is asked of them as they are today.
    """
    since = now - WEEK
    rows = applying.within(access.visible_events(reader), rule).filter(at__gt=since, at__lte=now, verb__in=_verbs(rule))
    latest = list(rows.select_related("outbox").order_by("-at", "-id")[: MOST + 1])
    looked = latest[:MOST]
    found = [would for event in looked if (would := _would(rule, event))]
    return LastWeek(since, len(looked), len(latest) <= MOST, found)


def _would(rule: AlertRule, event: Event) -> Would | None:
    subject = subjects.find(event)
    if subject is None:
        return None
    kind, facts = events.of(event.verb), subjects.facts(event, subject)
    fit = applying.judged(rule, event, subject.row, is_critical=routing.is_critical(kind, facts))
    return Would(event, telling.of([fit], event, subject, routing.words(kind, facts))) if fit else None


def _verbs(rule: AlertRule) -> list[str]:
    about = rule.about if isinstance(rule.about, list) else []
    known = [one.verb for one in events.every() if one.verb in about or kinds.of(one.verb) in about]
    # What cannot be read tells of everything, and the preview says so too.
    return known or [one.verb for one in events.every()]
