"""The sweep over the ladders: what waits begins, climbs while nobody acknowledges it, and ends when it waits no more.

The step that does what waits ends it at once (`end_done`); the sweep ends what the clock has ended.

Any number of sweeps may run at once or be killed anywhere: each holds the row and looks at it again, and what it
changes is written with its event. After an outage every rung that was missed is told, the lower one first.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from functools import cache, partial
from typing import Any, cast
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils import timezone

from accounts import steps
from audit.context import SYSTEM
from escalations import ladders
from escalations.ladders import Ladder
from escalations.models import Escalation, EscalationQuerySet
from riskregister import nouns, sweeps, transitions
from riskregister.queries.compiled import CompiledQuery, Given
from riskregister.transitions import change_if
from riskregister.unit_of_work import unit_of_work
from scoring.scales import Severity

Rung, Status = Escalation.Rung, Escalation.Status
ORDER = (Rung.OWNER, Rung.MANAGERS, Rung.HEAD)
BEGUN = "escalation.begun"
VERBS = {Rung.MANAGERS: "escalation.to_managers", Rung.HEAD: "escalation.to_head"}
_OCCURRENCE_LENGTH = 60
_ANY_DAY = date(2000, 1, 1)


def climb(ladder: Ladder, *, now: datetime) -> int:
    """Bring the escalations of a ladder up to date, each in its own transaction, and return how many changed."""
    over = sum(_end(ladder, key, now=now) for key in list(_left(ladder, now=now)))
    begun = sum(_begin(ladder, key, now=now) for key in sweeps.keys(_new(ladder, now=now)))
    return over + begun + sum(_climb(key, now=now) for key in list(_due(ladder, now=now)))


def end_done(rows: Collection[Model], *, now: datetime) -> int:
    """End what waits no more of these rows, or of what hangs on them; return how many. Part of a step.

    What waits as another occurrence is left to the sweep, which begins that one as it ends the one before.
    """
    return sum(
        _end(ladder, key, now=now)
        for key, word, about in _standing_about(rows)
        if (ladder := ladders.known(word)) and not _rows(ladder, [about], now=now)
    )


def occurrence(ladder: Ladder, row: Any) -> str:
    """Return what tells one occurrence of a row that waits from the next."""
    since = ladder.since(row)
    return f"{since.isoformat() if since else ''}/{ladder.severity(row).word}"[:_OCCURRENCE_LENGTH]


def rung_at(escalation: Escalation, *, now: datetime) -> Escalation.Rung:
    """Return the rung that is due by the time that it has waited."""
    waited, severity = now - escalation.began_at, Severity(escalation.severity)
    if waited >= ladders.until_head(severity):
        return Rung.HEAD
    return Rung.MANAGERS if waited >= ladders.until_managers(severity) else Rung.OWNER


def _standing(ladder: Ladder) -> EscalationQuerySet:
    return Escalation.objects.standing().filter(ladder=ladder.word)


def _standing_about(rows: Collection[Model]) -> list[tuple[UUID, str, UUID]]:
    """Return what stands of these rows, and of those that hang on them: key, ladder, and what it is about.

    In the order of holding. Most steps find nothing, and are held up by the asking alone.
    """
    keys_of = {
        one.word: keys
        for one in ladders.every()
        if (keys := {row.pk for row in rows if one.hangs_on and isinstance(row, _upheld_by(one))})
    }
    found = _standing_query(frozenset(keys_of)).ask(itself={row.pk for row in rows}, **keys_of)
    return cast(list[tuple[UUID, str, UUID]], list(found))


@cache
def _standing_query(words: frozenset[str]) -> CompiledQuery:
    """Return the query about rows themselves, and about those that hang on them by the ladders of these words."""
    return CompiledQuery(partial(_standing_of, words))


def _standing_of(words: frozenset[str]) -> "QuerySet[Escalation, Any]":
    standing = Escalation.objects.standing().order_by().values_list("pk", "ladder", "object_id")
    hanging = [
        standing.filter(ladder=one.word, object_id__in=_hanging_on(one, Given(one.word)))
        for one in ladders.every()
        if one.word in words
    ]
    # A union: each part by its index, which a condition with "or" would not be.
    return standing.filter(object_id__among=Given("itself")).union(*hanging).order_by("pk")


def _hanging_on(ladder: Ladder, given: Given) -> "QuerySet[Any, Any]":
    rows: QuerySet[Any, Any] = _kind(ladder)._base_manager.filter(**{f"{ladder.hangs_on}__pk__among": given})
    return rows.values("pk")


@cache
def _kind(ladder: Ladder) -> type[Model]:
    """Return the kind of row that the ladder is about."""
    kind: type[Model] = ladder.rows(_ANY_DAY).model
    return kind


def _upheld_by(ladder: Ladder) -> type[Model]:
    """Return the kind of row that those of the ladder hang on."""
    return cast(type[Model], _kind(ladder)._meta.get_field(ladder.hangs_on).related_model)


def _new(ladder: Ladder, *, now: datetime) -> "QuerySet[Any]":
    known = _standing(ladder).filter(object_id=OuterRef("pk"))
    rows: QuerySet[Any] = ladder.rows(timezone.localdate(now)).filter(~Exists(known))
    return rows


def _left(ladder: Ladder, *, now: datetime) -> Iterator[UUID]:
    """Yield the keys of what waits no more, or of another occurrence."""
    for batch in _batches(_standing(ladder)):
        waiting = _rows(ladder, [one.object_id for one in batch], now=now)
        yield from (one.pk for one in batch if not _still(ladder, one, waiting.get(one.object_id)))


def _due(ladder: Ladder, *, now: datetime) -> Iterator[UUID]:
    """Yield the keys of what nobody has acknowledged and is to climb."""
    for batch in _batches(_standing(ladder).unacknowledged().exclude(rung=Rung.HEAD)):
        yield from (one.pk for one in batch if ORDER.index(rung_at(one, now=now)) > ORDER.index(Rung(one.rung)))


def _batches(rows: "QuerySet[Escalation]") -> Iterator[list[Escalation]]:
    keys: list[UUID] = []
    for key in sweeps.keys(rows):
        keys.append(key)
        if len(keys) == sweeps.BATCH:
            yield list(rows.filter(pk__in=keys))
            keys = []
    if keys:
        yield list(rows.filter(pk__in=keys))


def _rows(ladder: Ladder, keys: list[UUID], *, now: datetime) -> Mapping[UUID, Any]:
    """Return which of these rows wait."""
    found: Mapping[UUID, Any] = ladder.rows(timezone.localdate(now)).in_bulk(keys)
    return found


def _still(ladder: Ladder, escalation: Escalation, row: Any | None) -> bool:
    return row is not None and occurrence(ladder, row) == escalation.occurrence


def _end(ladder: Ladder, key: UUID, *, now: datetime) -> bool:
    """Return whether this sweep ended it."""
    with unit_of_work():
        escalation = next(iter(nouns.hold_all(_standing(ladder).filter(pk=key))), None)
        if escalation is None or _still(
            ladder, escalation, _rows(ladder, [escalation.object_id], now=now).get(escalation.object_id)
        ):
            return False
        transitions.move(escalation, Status.OVER, over_at=now)
        _record("escalation.over", escalation, now=now)
        return True


def _begin(ladder: Ladder, key: UUID, *, now: datetime) -> bool:
    """Return whether this sweep found it first; the row is held, so that of two at once the second sees that."""
    with unit_of_work():
        row = _new(ladder, now=now).filter(pk=key).first()
        if row is None:
            return False
        nouns.hold(row)
        row = _new(ladder, now=now).filter(pk=key).first()
        if row is None:
            return False
        escalation = _made(ladder, row, now=now)
        escalation.save(force_insert=True)
        _record(BEGUN, escalation, now=now, days=escalation.days(now=now))
        # What nobody has in hand is the managers' from the beginning.
        has_owner = bool(nouns.holders(row, "owner")[1])
        _climb_to(rung_at(escalation, now=now) if has_owner else _later(escalation, now=now), escalation, now=now)
        return True


def _made(ladder: Ladder, row: Any, *, now: datetime) -> Escalation:
    return Escalation(
        unit_id=nouns.unit_of(row),
        ladder=ladder.word,
        object_type=row._meta.label_lower,
        object_id=row.pk,
        label=str(row)[:250],
        occurrence=occurrence(ladder, row),
        severity=ladder.severity(row),
        began_at=ladder.since(row) or now,
        climbed_at=now,
        is_demo=any(nouns.follow(row, path) for path in ladder.demo),
    )


def _climb(key: UUID, *, now: datetime) -> bool:
    """Return whether this sweep told somebody; it is held, so that nobody acknowledges it in between."""
    with unit_of_work():
        escalation = next(iter(nouns.hold_all(Escalation.objects.unacknowledged().filter(pk=key))), None)
        if escalation is None:
            return False
        return _climb_to(rung_at(escalation, now=now), escalation, now=now)


def _later(escalation: Escalation, *, now: datetime) -> Escalation.Rung:
    return max(Rung.MANAGERS, rung_at(escalation, now=now), key=ORDER.index)


def _climb_to(due: Escalation.Rung, escalation: Escalation, *, now: datetime) -> bool:
    """Tell every rung up to the one that is due, and return whether there was one to tell."""
    reached = ORDER.index(Rung(escalation.rung))
    for rung in ORDER[reached + 1 : ORDER.index(due) + 1]:
        change_if(escalation, {}, rung=rung, climbed_at=now)
        _record(VERBS[rung], escalation, now=now, days=escalation.days(now=now))
    return ORDER.index(due) > reached


def _record(verb: str, escalation: Escalation, *, now: datetime, **more: Any) -> None:
    word = Severity(escalation.severity).word
    steps.record(verb, escalation, by=SYSTEM, now=now, what=escalation.what, severity=word, **more)
