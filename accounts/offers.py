"""Whether somebody may take a step now, and if not, why: for buttons, the API and whoever asks before they try."""

from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.utils import timezone

from accounts import access
from accounts.rules import Rule, status_of
from riskregister import nouns, transitions
from riskregister.refusals import Refused


@dataclass(frozen=True, slots=True)
class Offer:
    """Whether somebody may take a step now.

    `is_possible`: whether anybody may, in the state that it is in; `why_not`: the sentence if this person may not;
    `barred`: the same where their roles would do and they have a hand in it.
    """

    name: str
    is_possible: bool
    why_not: str = ""
    barred: str = ""

    @property
    def may(self) -> bool:
        """Return whether this person may take it now."""
        return self.is_possible and not self.why_not


def on(given: models.Model, by: Any, *, rule: Rule, name: str) -> Offer:
    """Return whether somebody may take the step when it is given this row, as it is loaded."""
    offer = of_row(rule.moved(given), by, rule=rule, name=name)
    barred = str(rule.why_barred(given, by) or "") if offer.may else ""
    return replace(offer, why_not=offer.why_not or barred, barred=barred)


def of_row(row: models.Model, by: Any, *, rule: Rule, name: str) -> Offer:
    """Return the same of the row that moves, before it is chosen what is given to the step, which may yet bar."""
    try:
        rule.refuse_state(row, seen=status_of(row))
    except (transitions.IllegalTransition, Refused) as refusal:
        return Offer(name, is_possible=False, why_not=str(refusal))
    if unfit := rule.why_unfit(row) or rule.why_late(row, today=timezone.localdate()):
        return Offer(name, is_possible=False, why_not=str(unfit))
    try:
        rule.require(row, by, unit_id=nouns.unit_of(row))
    except access.NotPermitted as refusal:
        return Offer(name, is_possible=True, why_not=str(refusal))
    return Offer(name, is_possible=True)
