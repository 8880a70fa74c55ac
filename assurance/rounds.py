"""Steps of due diligence: a round begins, its items are looked at or waived, and another person completes it."""

from collections.abc import Sequence
from datetime import date, datetime

from django.utils import timezone

from accounts import access, principals
from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, step
from assurance import following, templates, weight
from assurance.models import DueDiligence, DueDiligenceHand, DueDiligenceItem
from evidence import records
from evidence.models import Evidence
from riskregister import versions
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_text
from scoring import deadlines
from vendors import fields
from vendors.models import Vendor

S, Outcome = DueDiligence.Status, DueDiligenceItem.Outcome
_NAMED = 5


class DueDiligenceInvalid(Refused):
    """What was found, or a round, cannot be recorded like this."""


class ItemsOpen(DueDiligenceInvalid):
    """Of some items nobody has said what was found."""


class OwnRound(access.NotPermitted):
    """Whoever looked or waived does not complete the round, and whoever looked at an item does not waive it."""


def with_a_hand(due_diligence: DueDiligence, by: Principal) -> OwnRound | None:
    """Return the refusal for whoever recorded an item of the round or lets one be left out, for others None."""
    person = by.person
    if person is None:
        return None
    if due_diligence.hands.filter(person=person).exists() or due_diligence.items.filter(waived_by=person).exists():
        return OwnRound("You recorded what was found here, or waived it. Somebody else completes it.")
    return None


def who_looked(item: DueDiligenceItem, by: Principal) -> OwnRound | None:
    """Return the refusal for whoever looked at the item, for others None."""
    if by.person is None or item.looked_by_id != by.person.pk:
        return None
    return OwnRound("You looked at this. Somebody else waives it.")


def items_open(due_diligence: DueDiligence) -> ItemsOpen | None:
    """Return the refusal for a round with items that nobody looked at and nobody ever waived, or None."""
    return _refusal(list(due_diligence.items.filter(outcome="", waived_until=None)))


def _refusal(left: list[DueDiligenceItem]) -> ItemsOpen | None:
    if not left:
        return None
    named = ", ".join(item.title for item in left[:_NAMED])
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    return ItemsOpen(f"Say first what was found, or waive: {named}{more}.")


@step("due_diligence.started", needs=Capability.WRITE, makes=DueDiligence)
def start(vendor: Vendor, *, by: Principal, now: datetime) -> Done[DueDiligence]:
    """Return a round with the items of the newest list that fit what the vendor supplies and what depends on it.

    Raises Conflict while a round is open.
    """
    known = weight.of(vendor.criticality, weight.worst_tier(vendor))
    made = DueDiligence(
        vendor=vendor,
        template=templates.LATEST,
        weight=known.rank,
        weight_reason=known.reason,
        started_by=principals.person_of(by),
        started_at=now,
    )
    fields.save_once(made, otherwise=Conflict("A round of this vendor is open already. Go on with that one."))
    kinds = [row.kind for row in vendor.kinds.all()]
    asked = templates.load().asked(weight=known.rank, kinds=kinds)
    items = _items(made, asked)
    for item in items:
        item.save(force_insert=True)
    return Done(made, items=len(items)).made(*items)


def _items(made: DueDiligence, asked: Sequence[templates.Item]) -> list[DueDiligenceItem]:
    return [
        DueDiligenceItem(
            due_diligence=made,
            position=position,
            key=item.key,
            topic=item.topic,
            title=item.title,
            look_at=item.look_at,
            good=item.good,
        )
        for position, item in enumerate(asked, start=1)
    ]


@step(
    "due_diligence.item_recorded",
    needs=Capability.WRITE,
    on="due_diligence",
    frm=(S.OPEN,),
    edits=versions.facts("outcome", "looked_on", "note", "evidence", "valid_until"),
)
def record(
    item: DueDiligenceItem,
    *,
    outcome: str,
    looked_on: date,
    by: Principal,
    now: datetime,
    note: str = "",
    evidence: Evidence | None = None,
    valid_until: date | None = None,
) -> Done[DueDiligenceItem]:
    """Return an item with what somebody found on a day; it counts until `valid_until`, or until the next round.

    A waiver that the item had ends with it: what was found is not left out.

    Raises DueDiligenceInvalid for another outcome, days that contradict each other, or one that needs a note; Refused
    for a day of a year that cannot be meant.
    """
    person = principals.person_of(by)
    if outcome not in Outcome.values:
        raise DueDiligenceInvalid(f"Choose one of: {', '.join(Outcome.values)}.", field="outcome")
    _refuse_days(looked_on, valid_until, today=timezone.localdate(now))
    text = clean_text(note, field="note")
    if outcome != Outcome.SATISFACTORY and not text:
        raise DueDiligenceInvalid("Write what was found, and what is not as it should be.", field="note")
    if evidence is not None:
        records.require_usable(evidence, unit_id=None, by=person)
    item.outcome, item.looked_on, item.looked_by, item.note = outcome, looked_on, person, text
    item.evidence, item.valid_until = evidence, valid_until
    item.waived_until, item.waived_by, item.waived_reason = None, None, ""
    item.save()
    DueDiligenceHand.objects.get_or_create(due_diligence=item.due_diligence, person=person)
    return Done(item, item=item.key, outcome=str(outcome))


@step(
    "due_diligence.item_waived",
    needs=Capability.DECIDE,
    on="due_diligence",
    frm=(S.OPEN, S.COMPLETE),
    barred=(who_looked,),
    reason="reason",
)
def waive(item: DueDiligenceItem, *, until: date, reason: str, by: Principal, now: datetime) -> Done[DueDiligenceItem]:
    """Let an item be left out until a day within a year; from the day after that it counts again."""
    today = timezone.localdate(now)
    if until == today or not deadlines.is_within_a_year(until, today=today):
        raise DueDiligenceInvalid("An item is waived until a day within a year, tomorrow or later.", field="until")
    item.waived_until, item.waived_by, item.waived_reason = until, principals.person_of(by), reason
    item.save()
    vendor = item.due_diligence.vendor
    done = Done(item, item=item.key, until=until.isoformat())
    return done.and_then(lambda: following.follow(vendor, now=now))


@step("due_diligence.superseded", needs=Capability.DECIDE, frm=(S.COMPLETE,), to=S.SUPERSEDED)
def supersede(due_diligence: DueDiligence, *, by: Principal, now: datetime) -> DueDiligence:
    """Let a newer round stand in its place. Part of completing that one."""
    return due_diligence


@step(
    "due_diligence.completed",
    needs=Capability.DECIDE,
    frm=(S.OPEN,),
    to=S.COMPLETE,
    barred=(with_a_hand,),
    unfit=items_open,
)
def complete(due_diligence: DueDiligence, *, conclusion: str, by: Principal, now: datetime) -> Done[DueDiligence]:
    """Complete a round that others did; the next one is due by how much depends on the vendor now.

    Raises ItemsOpen while something was neither looked at nor waived, OwnRound for whoever looked or waived.
    """
    today, vendor = timezone.localdate(now), due_diligence.vendor
    if refusal := _refusal([item for item in due_diligence.items.all() if item.state(today=today) == "open"]):
        raise refusal
    known = weight.of(vendor.criticality, weight.worst_tier(vendor))
    for former in DueDiligence.objects.filter(vendor=vendor, status=S.COMPLETE):
        supersede.within(former, by=by, now=now)
    due_diligence.conclusion = clean_text(conclusion, field="conclusion")
    due_diligence.completed_by, due_diligence.completed_on = principals.person_of(by), today
    due_diligence.next_due_on = deadlines.add_months(today, templates.load().months[known.rank])
    done = Done(due_diligence, next_due_on=due_diligence.next_due_on.isoformat())
    return done.and_then(lambda: following.follow(vendor, now=now))


@step("due_diligence.cancelled", needs=Capability.WRITE, frm=(S.OPEN,), to=S.CANCELLED, reason="reason")
def cancel(due_diligence: DueDiligence, *, reason: str, by: Principal, now: datetime) -> DueDiligence:
    """Give a round up that was begun by mistake or is done no more; the last complete one goes on counting."""
    return due_diligence


def _refuse_days(looked_on: date, valid_until: date | None, *, today: date) -> None:
    fields.day(looked_on, "looked_on")
    fields.day(valid_until, "valid_until")
    if looked_on > today:
        raise DueDiligenceInvalid("Give the day on which it was looked at, today at the latest.", field="looked_on")
    if valid_until is not None and valid_until < looked_on:
        raise DueDiligenceInvalid("It is valid until the day on which it was looked at or later.", field="valid_until")
