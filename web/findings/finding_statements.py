"""What the page of a finding shows of what is said of it: statements, and what is suppressed because of them."""

from datetime import date
from typing import Any

from django.urls import reverse

from accounts.models import User
from composition.models import Hit, Statement, Suppression
from composition.statements import suppressing, taking
from findings.models import Finding
from web.page_parts import buttons
from web.page_parts.buttons import Button

S = Suppression.Status
BUTTONS = (
    Button(suppressing.accept, "accept", "Accept it", when=(S.PROPOSED,), is_main=True),
    Button(suppressing.accept, "accept", "Accept it again", when=(S.ENDED,)),
    Button(suppressing.end, "end", "End it", when=(S.ACCEPTED,)),
)


def of(finding: Finding, user: User, *, today: date) -> dict[str, Any]:
    """Return what is said of the hit that a finding is of, and what the person can do about it."""
    is_observed = finding.source == Finding.Source.MONITORING
    rows = Hit.objects.filter(observation__finding=finding).select_related("server", "vulnerability")
    hit = rows.first() if is_observed else None
    if hit is None:
        return {"is_of_package": False}
    hit.observation.finding = finding
    known = {one.statement_id: one for one in Suppression.objects.filter(hit=hit).select_related("decided_by")}
    statements = Statement.objects.visible_to(user).filter(hits=hit).select_related("unit", "server", "release")
    may_state = finding.server_id is not None and taking.state.offer(hit, user).may
    return {
        "is_of_package": True,
        "statements": [_line(one, known.get(one.pk), hit, user, today=today) for one in statements.order_by("-number")],
        "state_url": reverse("web:hit-state", args=[hit.pk]) if may_state else "",
    }


def _line(statement: Statement, suppression: Suppression | None, hit: Hit, user: User, *, today: date) -> Any:
    offers: list[buttons.Offer] = []
    if suppression is not None:
        suppression.hit, suppression.statement = hit, statement
        offers = list(buttons.offers(BUTTONS, suppression, user, of="suppression"))
    return statement, statement.state(today=today), suppression, offers
