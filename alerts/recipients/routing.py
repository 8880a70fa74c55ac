"""Whom an event is told to, in which words: text only, no database. The rooms declare it in their `events.py`."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from audit.events import EventType, Pace, Tell, Who

TITLE_LENGTH = 250


@dataclass(frozen=True, slots=True)
class Facts:
    """What the alerts of an event say.

    `subject` is the server or vendor that it is about, `opens` what they lead to; `data` is what the event says, as
    declared; `is_part` that another alert of the same step tells of it by mail; `also` are the places that are told
    because of what the row is.
    """

    label: str
    today: date
    subject: str = ""
    opens: str = ""
    actor: str = ""
    reason: str = ""
    due_on: date | None = None
    data: Any = None
    is_part: bool = False
    also: tuple[Who, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """One group of people to tell, in which words; `otherwise` is told when the event would reach nobody at all."""

    to: Who
    otherwise: Who | None
    title: str
    body: str
    is_action: bool
    by_mail: bool
    pace: Pace = Pace.SOON


def notices(tell: Tell, facts: Facts) -> list[Notice]:
    """Return whom to tell of an event, most concerned first."""
    if not tell.when(facts.data):
        return []
    title, body = one_line(tell.title.format_map(_words(tell, facts))), _body(facts)
    pace = tell.pace_of(facts.data)
    by_mail = tell.by_mail(facts.data) and (pace is Pace.CRITICAL or not facts.is_part)
    to = dict.fromkeys((*tell.to, *facts.also))
    return [Notice(who, tell.otherwise, title, body, tell.is_action, by_mail, pace) for who in to]


def is_critical(kind: EventType, facts: Facts) -> bool:
    """Return whether an event is told at once whatever anybody chose."""
    return kind.tell is not None and kind.tell.pace_of(facts.data) is Pace.CRITICAL


def words(kind: EventType, facts: Facts) -> tuple[str, str]:
    """Return title and body of what an event says to whoever is told of it beside those whom its room names."""
    title = kind.tell.title.format_map(_words(kind.tell, facts)) if kind.tell else f"{kind.words}: {facts.label}"
    return one_line(title), _body(facts)


def why(who: Who, noun: str) -> str:
    """Return the sentence that tells a person why they are told: which place they hold, and in what kind of thing."""
    return _WHY[who].format(noun=noun)


def one_line(text: str) -> str:
    """Return a title without line breaks and invisible characters, cut to what a title holds.

    A line break in a mail's subject would begin a header; a direction override would show other words than it says.
    """
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= TITLE_LENGTH else f"{plain[: TITLE_LENGTH - 1]}…"


def due(due_on: date | None, today: date) -> str:
    """Return how far a due date is, e.g. "is due in 14 days", "is due today", "is overdue by 1 day"."""
    if due_on is None:
        return "is due"
    days = (due_on - today).days
    if days == 0:
        return "is due today"
    return f"is due in {_days(days)}" if days > 0 else f"is overdue by {_days(-days)}"


def _days(days: int) -> str:
    return f"{days} day" if days == 1 else f"{days} days"


def _words(tell: Tell, facts: Facts) -> dict[str, str]:
    return {
        **tell.fill(facts.data),
        "label": facts.label,
        "subject": facts.subject,
        "opens": facts.opens,
        "actor": facts.actor,
        "due": due(facts.due_on, facts.today),
    }


def _body(facts: Facts) -> str:
    day = f"Due on {facts.due_on:%A} {facts.due_on.day} {facts.due_on:%B %Y}." if facts.due_on else ""
    sentence = f"{facts.actor}: {facts.reason.strip()}" if facts.reason.strip() else ""
    return "\n\n".join(part for part in (day, sentence) if part)


_WHY = {
    Who.SELF: "You own this account.",
    Who.OWNER: "You own this {noun}.",
    Who.DEPLOYERS: "You own a deployment of this {noun}.",
    Who.ASSIGNEE: "This {noun} is assigned to you.",
    Who.SUBMITTER: "You submitted the assessment.",
    Who.REQUESTER: "You asked for it.",
    Who.ALSO_ASKED: "You asked for it too.",
    Who.ANALYSTS: "You are an analyst of this unit.",
    Who.APPROVERS: "You are an approver of this unit.",
    Who.MANAGERS: "You manage this unit.",
    Who.HEAD: "You manage the whole organisation.",
    Who.ADMINISTRATORS: "You administer the register.",
}
