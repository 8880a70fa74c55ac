"""What can be done with an object now, drawn from the declarations of its steps: buttons, and who else may."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.urls import reverse

from accounts import access
from accounts.access import Capability
from accounts.models import User
from accounts.steps import Step
from riskregister import nouns


@dataclass(frozen=True, slots=True)
class Button:
    """How a step looks on the page of an object: the route after the noun, its label, and its weight.

    `when` narrows the states that the step has; a main step leads the object on, and each state has one at most.
    """

    step: Step[Any, Any]
    route: str
    label: str
    when: tuple[str, ...] = ()
    is_main: bool = False
    is_danger: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A step that is possible now; `who` says who takes it when this person may not."""

    key: str
    label: str
    url: str
    is_danger: bool
    is_main: bool
    who: str


def offers(
    buttons: Iterable[Button], row: models.Model, user: User, *, of: str, given: models.Model | None = None
) -> Iterator[Offer]:
    """Yield what the state of the row allows, in order; `of` is the noun in the routes, `given` what the steps take."""
    for button in buttons:
        if button.when and getattr(row, "status", "") not in button.when:
            continue
        offer = button.step.offer(given or row, user)
        if offer.is_possible:
            url = reverse(f"web:{of}-{button.route}", args=[row.pk])
            who = "" if offer.may else _who(button.step, row, user, offer.barred)
            yield Offer(button.route, button.label, url, button.is_danger, button.is_main, who)


def who_may(needed: Iterable[Capability], row: models.Model) -> str:
    """Return who can do one of these in the row's unit, e.g. "An analyst or approver of Payments"."""
    named = access.who_can(*needed)
    who = f"{named[0].upper()}{named[1:]}"
    unit = getattr(row, "unit", None) if nouns.unit_of(row) else None
    return f"{who} of {unit}" if unit else who


def _who(step: Step[Any, Any], row: models.Model, user: User, barred: str) -> str:
    needed = step.rule.takers(row)
    if not needed:
        return "Only whoever it belongs to"
    who = who_may(needed, row)
    # Whoever has none of the roles is not told what would bar them besides.
    if not barred or not any(access.of(user).can(one, nouns.unit_of(row)) for one in needed):
        return who
    why = barred.partition(". ")[0].rstrip(".")
    return f"{who} other than you: {why[0].lower()}{why[1:]}"
