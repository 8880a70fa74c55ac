"""Steps of rules: written, written anew, started, paused, retired."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import models

from accounts import access, principals
from accounts.access import Capability
from accounts.models import Unit, User
from accounts.principals import Principal
from accounts.steps import Done, step
from alerts.channels.managing import beyond_their_units
from alerts.models import AlertRule, Channel
from alerts.rules import wording
from audit import events
from riskregister import tags
from riskregister.refusals import Refused
from riskregister.text import clean_name
from scoring.scales import Severity

MANAGE = Capability.MANAGE
ACTIVE, PAUSED = AlertRule.Status.ACTIVE, AlertRule.Status.PAUSED
TIERS = (1, 2, 3, 4)
# More conditions than this nobody reads.
LONGEST = 60


class RuleInvalid(Refused):
    """A rule cannot be like this; the message says what to change."""


def _facts(rule: AlertRule) -> Mapping[str, Any]:
    """Return what a rule says, as a form has it."""
    return {
        "name": rule.name,
        "about": sorted(rule.about),
        "least_severity": Severity(rule.least_severity).word if rule.least_severity else "",
        "tiers": sorted(str(tier) for tier in rule.tiers),
        "vendor": rule.vendor_id,
        "tag": rule.tag,
        "places": sorted(rule.places),
        "people": sorted(str(key) for key in rule.people.values_list("pk", flat=True)),
        "channels": sorted(str(key) for key in rule.channels.values_list("pk", flat=True)),
        "pace": str(rule.pace),
    }


@step("alert_rule.written", needs=MANAGE, makes=AlertRule)
def write(*, unit: Unit | None, name: str, facts: Mapping[str, Any], by: Principal, now: datetime) -> Done[AlertRule]:
    """Return a new rule of a unit (None: of the whole organisation), paused.

    `facts` are `about`, `least_severity` (a word, empty: any), `tiers`, `vendor` (None: any), `tag` (empty: any),
    `places`, `people`, `channels` and `pace`. Raises RuleInvalid.
    """
    made = AlertRule(unit=unit)
    if refusal := beyond_their_units(made, by):
        raise refusal
    _say(made, name=name, by=by, now=now, **facts)
    made.save(force_insert=True)
    _name(made, **facts)
    return Done(made, words=wording.sentence(made))


@step(
    "alert_rule.rewritten",
    needs=MANAGE,
    frm=(ACTIVE, PAUSED),
    barred=(beyond_their_units,),
    edits=_facts,
)
def rewrite(rule: AlertRule, *, name: str, facts: Mapping[str, Any], by: Principal, now: datetime) -> Done[AlertRule]:
    """Return the rule, which says this from now on, as `write` has it; it goes on, or stays paused.

    Raises RuleInvalid.
    """
    _say(rule, name=name, by=by, now=now, **facts)
    rule.broken_at, rule.broken_why = None, ""
    _name(rule, **facts)
    return Done(rule, words=wording.sentence(rule))


@step("alert_rule.started", needs=MANAGE, to=ACTIVE, barred=(beyond_their_units,))
def start(rule: AlertRule, *, by: Principal, now: datetime) -> AlertRule:
    """Return the rule, by which people and channels are told from now on."""
    return rule


@step("alert_rule.paused", needs=MANAGE, to=PAUSED, barred=(beyond_their_units,), reason="reason")
def pause(rule: AlertRule, *, reason: str, by: Principal, now: datetime) -> AlertRule:
    """Return the rule, by which nobody is told until it is started again."""
    return rule


@step("alert_rule.retired", needs=MANAGE, to=AlertRule.Status.RETIRED, barred=(beyond_their_units,), reason="reason")
def retire(rule: AlertRule, *, reason: str, by: Principal, now: datetime) -> AlertRule:
    """Return the rule, which has ended."""
    return rule


def _say(
    rule: AlertRule,
    *,
    name: str,
    about: Collection[str],
    least_severity: str,
    tiers: Collection[int],
    vendor: models.Model | None,
    places: Collection[str],
    people: Collection[User],
    channels: Collection[Channel],
    pace: str,
    by: Principal,
    now: datetime,
    tag: str = "",
) -> None:
    """Set the columns. Raises RuleInvalid, and Refused for what is no tag."""
    if not (places or people or channels):
        raise RuleInvalid("Say whom it tells: a place, people or a channel.", field="places")
    _refuse_people(rule, people)
    _refuse_channels(rule, channels)
    rule.name = clean_name(name, field="name", limit=120)
    rule.about = sorted({_about(one) for one in about})
    if not 0 < len(rule.about) <= LONGEST:
        raise RuleInvalid(f"Say what it is about: 1 to {LONGEST} kinds of things or events.", field="about")
    rule.least_severity = _severity(least_severity)
    rule.tiers = sorted({_one_of(int(tier), TIERS, "tiers") for tier in tiers})
    rule.vendor_id = vendor.pk if vendor else None
    rule.tag = tags.one_or_none(tag, "tag")
    rule.places = sorted({_one_of(place, list(wording.PLACES), "places") for place in places})
    rule.pace = _one_of(pace, AlertRule.Speed.values, "pace")
    rule.written_by, rule.written_at = principals.person_of(by), now


def _name(rule: AlertRule, *, people: Collection[User], channels: Collection[Channel], **_rest: Any) -> None:
    rule.people.set(people)
    rule.channels.set(channels)


def _about(word: str) -> str:
    """Return the word of a kind or the verb of an event. Raises RuleInvalid."""
    if word in wording.kinds_of_things():
        return word
    try:
        return events.of(word).verb
    except events.Undeclared:
        known = ", ".join(wording.kinds_of_things())
        raise RuleInvalid(f"There is no kind or event {word[:60]!r}. Kinds are: {known}.", field="about") from None


def _severity(word: str) -> int | None:
    try:
        return Severity.of(word).value if word else None
    except ValueError as error:
        raise RuleInvalid(
            f"Choose one of: {', '.join(one.word for one in Severity)}.", field="least_severity"
        ) from error


def _one_of(value: Any, known: Collection[Any], field: str) -> Any:
    if value not in known:
        raise RuleInvalid(f"Choose one of: {', '.join(str(one) for one in known)}.", field=field)
    return value


def _refuse_people(rule: AlertRule, people: Collection[User]) -> None:
    """Raise RuleInvalid for somebody who may not read what it tells."""
    for person in people:
        here = access.of(person)
        if not (here.can(Capability.READ, rule.unit_id) if rule.unit_id else here.sees_all_units):
            raise RuleInvalid(f"{person} has no role there, and would be told of nothing.", field="people")


def _refuse_channels(rule: AlertRule, channels: Collection[Channel]) -> None:
    """Raise RuleInvalid for a channel of somebody else: a unit's is told of that unit alone."""
    for channel in channels:
        if channel.unit_id != rule.unit_id or channel.status == Channel.Status.RETIRED:
            raise RuleInvalid(
                f"{channel} is of {channel.whose}, or retired. Choose one of the rule’s own.", field="channels"
            )
