"""Which rules tell of an event, and whom. A rule whose filter breaks tells: withholding is worse than one too many."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import models, transaction
from django.db.models import Q

from alerts.models import AlertRule
from alerts.rules import seeing
from alerts.rules.matching import Conditions
from audit.events import Pace
from audit.models import Event
from riskregister import unseen
from scoring.scales import Severity

log = logging.getLogger("alerts")
_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Fit:
    """A rule that tells of an event, and how soon; `note` says why although its filter is broken, else it is empty."""

    rule: AlertRule
    pace: Pace
    note: str = ""


def active() -> list[AlertRule]:
    """Return the active rules with whom they tell, as they are read once for all events that are relayed together."""
    return list(AlertRule.objects.active().order_by("number").prefetch_related("people", "channels"))


def of(event: Event, rules: Sequence[AlertRule]) -> list[AlertRule]:
    """Return which of the rules may tell of an event: those of its unit, and those of the whole organisation.

    Nobody is told by a rule of what its managers may not read.
    """
    if event.scope == Event.Scope.ADMINISTRATION:
        return []
    if event.scope == Event.Scope.ORGANISATION:
        return list(rules)
    # Of an event of all units alone none has the unit.
    return [rule for rule in rules if rule.unit_id in (None, event.unit_id)]


def within(rows: "models.QuerySet[Event]", rule: AlertRule) -> "models.QuerySet[Event]":
    """Return those of the events that a rule may tell of, as `of` has it."""
    rows = rows.exclude(scope=Event.Scope.ADMINISTRATION)
    if rule.unit_id is None:
        return rows
    return rows.filter(Q(scope=Event.Scope.UNIT, unit_id=rule.unit_id) | Q(scope=Event.Scope.ORGANISATION))


def fitting(
    rules: Sequence[AlertRule], event: Event, row: models.Model, *, is_critical: bool, now: datetime
) -> list[Fit]:
    """Return which of the rules tell of an event about the row, and note on those that break that they did."""
    found = [fit for rule in rules if (fit := judged(rule, event, row, is_critical=is_critical))]
    for fit in found:
        if fit.note and fit.rule.broken_why != fit.note[:200]:
            AlertRule.objects.filter(pk=fit.rule.pk).update(broken_at=now, broken_why=fit.note[:200])
    return found


def judged(rule: AlertRule, event: Event, row: models.Model, *, is_critical: bool) -> Fit | None:
    """Return how a rule tells of an event, None where it does not."""
    pace = Pace.CRITICAL if is_critical else Pace(rule.pace) if rule.pace in list(Pace) else Pace.SOON
    try:
        # A statement that fails would else spoil the transaction of the relay.
        with transaction.atomic():
            fits = conditions(rule).fit(seeing.look(event, row))
    except Exception as error:  # Whatever breaks in a filter must not withhold what it is about.
        log.exception("the filter of %s broke on event %s", rule.ref, event.pk)
        why = unseen.in_one_line(f"{type(error).__name__}: {error}", _SHOWN)
        return Fit(rule, pace, f"{rule.ref} tells this because its filter is broken ({why}).")
    return Fit(rule, pace) if fits else None


def conditions(rule: AlertRule) -> Conditions:
    """Return what a rule asks. Raises ValueError and TypeError for what nobody could have written into it."""
    least = Severity(rule.least_severity) if rule.least_severity is not None else None
    if not isinstance(rule.about, list) or not all(isinstance(tier, int) for tier in rule.tiers):
        raise TypeError("what it is about is no list")
    return Conditions(frozenset(rule.about), least, frozenset(rule.tiers), rule.vendor_id, rule.tag)
