"""On call: what nobody has acknowledged, since when, and whose turn it is; and what lies undelivered."""

from dataclasses import dataclass
from datetime import date, datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import access
from accounts.models import Role, User
from alerts.models import Message
from alerts.recipients import personal
from escalations import ladders
from escalations.models import Escalation
from riskregister import nouns
from scoring.scales import Severity
from web.page_parts import lists
from web.page_parts.access import MemberRequest, member

SHOWN, NAMED = 50, 4
Rung = Escalation.Rung


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that waits: who has been told last, and who is told next and when (nobody: the top is reached)."""

    row: Escalation
    whose: str
    next_word: str
    next_at: datetime | None


@require_safe
@member
def page(request: MemberRequest) -> HttpResponse:
    """Show what nobody has acknowledged, the worst first, and the messages that were given up."""
    rows = Escalation.objects.visible_to(request.user).unacknowledged().select_related("unit")
    today = timezone.localdate()
    dead = Message.objects.visible_to(request.user).filter(status=Message.Status.GIVEN_UP)
    shown = {
        "turns": [_turn(row, today=today) for row in rows[:SHOWN]],
        "total": rows.count(),
        "given_up": dead.count(),
        "section": "inbox",
    }
    return render(request, "escalations/on_call.html", shown)


def _turn(row: Escalation, *, today: date) -> Turn:
    severity = Severity(row.severity)
    following = {
        Rung.OWNER: (Rung.MANAGERS, ladders.until_managers(severity)),
        Rung.MANAGERS: (Rung.HEAD, ladders.until_head(severity)),
    }
    word, after = following.get(Rung(row.rung), (None, None))
    return Turn(row, _named(_on(row), today=today), word.label if word else "", row.began_at + after if after else None)


def _on(row: Escalation) -> list[User]:
    """Return who stands on the rung that was told last; whoever administers the register where nobody does."""
    found: list[User] = []
    if row.rung == Rung.OWNER and row.about is not None:
        found = nouns.holders(row.about, "owner")[1]
    elif row.rung == Rung.HEAD:
        found = list(access.people_of_all_units(Role.MANAGER))
    return (
        found
        or (list(access.people_with([Role.MANAGER], unit_id=row.unit_id)) if row.rung != Rung.HEAD else [])
        or list(access.people_with([Role.ADMINISTRATOR], unit_id=None))
    )


def _named(people: list[User], *, today: date) -> str:
    """Return the names, each with that of the deputy while they are away."""
    away = personal.deputies(people, on=today)
    names = [f"{away[one.pk].deputy} for {one}" if one.pk in away else str(one) for one in people]
    return lists.named(names, most=NAMED)
