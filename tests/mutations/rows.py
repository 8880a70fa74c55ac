"""Mutations of what the register has stored, at random: each must be refused by the database, or found by a check.

They are made by bare SQL, as the application's role could (the triggers are
on) and as somebody who owns the tables (the triggers are off), in batches of which each is checked once and taken back:
every single mutation must be named by a problem.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID, uuid4

from auditlog.models import LogEntry
from django.db import DatabaseError, connection, transaction
from django.db.models import Field, ForeignKey, Model

from alerts.models import Alert
from audit import bound_rows
from audit.models import Event, Outbox
from riskregister.canonical import digest
from seal import checking, claims
from seal.models import Checkpoint, Leaf
from tests import append_only

A_BATCH = 20
# What of the seal itself is compared; the rest of it only leads to proofs, which whoever gets one checks.
SEALED: dict[type[Model], tuple[str, ...]] = {Leaf: ("hash",), Checkpoint: ("root", "note")}
Undo = Callable[[], object]


@dataclass
class Tally:
    """What became of the mutations; `missed` are those that nobody refused or found."""

    refused: int = 0
    found: int = 0
    missed: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def tried(self) -> int:
        """Return how many mutations there were."""
        return self.refused + self.found + len(self.missed)


@dataclass(frozen=True, slots=True)
class Mutation:
    """A mutation of one row: what it is called, by what a check must name it, and the statements."""

    name: str
    names: frozenset[str]
    make: Callable[[], object]


def run(number: int, *, seed: int) -> Tally:
    """Return what became of so many mutations of the register as it is, half of them by the owner of the tables."""
    chance, tally = random.Random(seed), Tally()
    assert checking.check().problem_count == 0
    while tally.tried < number:
        _batch(chance, tally, min(A_BATCH, number - tally.tried), is_owner=bool(chance.getrandbits(1)))
    assert checking.check().problem_count == 0
    return tally


def _batch(chance: random.Random, tally: Tally, count: int, *, is_owner: bool) -> None:
    with transaction.atomic():
        through: list[Mutation] = []
        chosen = _drawn(chance, count)
        if is_owner:
            with append_only.lifted(connection):
                through = [one for one in chosen if _goes_through(one)]
        else:
            through = [one for one in chosen if _goes_through(one)]
        tally.refused += len(chosen) - len(through)
        _find(through, tally)
        tally.kinds.update(f"{'owner' if is_owner else 'application'} {one.name}" for one in chosen)
        transaction.set_rollback(True)


def _goes_through(mutation: Mutation) -> bool:
    try:
        with transaction.atomic():
            mutation.make()
            connection.check_constraints()
    except DatabaseError:
        return False
    return True


def _find(through: list[Mutation], tally: Tally) -> None:
    """Check the register once, and ask of each mutation whether a problem names it."""
    named: set[str] = set()
    for problem in _problems() if through else ():
        named |= {problem.where.replace("-", ""), f"{problem.kind} {problem.where}"}
    for one in through:
        if one.names & named:
            tally.found += 1
        else:
            tally.missed.append(f"{one.name} {sorted(one.names)}")


def _problems() -> list[Any]:
    kept, checking.KEPT = checking.KEPT, sys.maxsize
    try:
        return checking.check().problems
    finally:
        checking.KEPT = kept


def _drawn(chance: random.Random, count: int) -> list[Mutation]:
    """Return mutations of rows, no row twice, and none beside what tells or seals it: each must be found by itself."""
    models = chance.choice([[*bound_rows.models()], [*bound_rows.models()], [Event, Event, LogEntry], [*SEALED]])
    # Of leaves that are missing side by side a check names the first.
    wanted = 1 if models[0] in SEALED else count
    drawn: dict[tuple[str, Any], Mutation] = {}
    while len(drawn) < wanted:
        model = chance.choice(models)
        keys = list(model._base_manager.order_by("pk").values_list("pk", flat=True))
        if keys:
            row = model._base_manager.get(pk=chance.choice(keys))
            if (model.__name__, row.pk) not in drawn and (made := _mutation(chance, row)):
                drawn[model.__name__, row.pk] = made
    return list(drawn.values())


def _mutation(chance: random.Random, row: Model) -> Mutation | None:
    ways = [_changed, _changed, _changed, _gone, _copied]
    return chance.choice(ways)(chance, row)


def _changed(chance: random.Random, row: Model) -> Mutation | None:
    """Change one to three columns; of what has a digest beside its text, often both."""
    fields = list(_fields(type(row)))
    values: dict[str, Any] = {}
    for one in chance.sample(fields, k=min(len(fields), chance.randint(1, 3))):
        for value in _another(chance, one, getattr(row, one.attname)):
            values[one.attname] = value
    if not values:
        return None
    if isinstance(row, Event) and "body" in values and chance.random() < 0.7:
        values["digest"] = digest(values["body"])
    rows = type(row)._base_manager.filter(pk=row.pk)
    return Mutation(f"{type(row).__name__} changed", _names(row), lambda: _update(rows, values))


def _update(rows: Any, values: dict[str, Any]) -> None:
    rows.update(**values)


def _gone(chance: random.Random, row: Model) -> Mutation:
    def make() -> None:
        if isinstance(row, Event):
            Alert.objects.filter(event=row)._raw_delete("default")
            Outbox.objects.filter(event=row)._raw_delete("default")
        cast(Any, type(row)._base_manager.filter(pk=row.pk))._raw_delete("default")

    return Mutation(f"{type(row).__name__} gone", _names(row), make)


def _copied(chance: random.Random, row: Model) -> Mutation | None:
    """Insert the row once more, under another key and number: something that never happened."""
    if type(row) in SEALED or row._meta.pk.get_internal_type() != "UUIDField":
        return None
    copy = type(row)(**{one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields})
    copy.pk = UUID(int=uuid4().int)
    if hasattr(copy, "number"):
        copy.number = chance.randint(10**6, 10**9)
    if isinstance(copy, Event):
        copy.body = copy.body.replace(str(row.pk), str(copy.pk), 1)
        copy.digest = digest(copy.body)
    return Mutation(f"{type(row).__name__} copied", _names(copy), lambda: copy.save_base(raw=True, force_insert=True))


def _fields(model: type[Model]) -> "Iterator[Field[Any, Any]]":
    """Yield the columns that are compared: those that an event tells of a row, of the trail all."""
    declared = bound_rows.models().get(model)
    fields = declared.bound if declared else model._meta.concrete_fields
    only = SEALED.get(model)
    yield from (one for one in fields if not one.primary_key and (only is None or one.name in only))


def _another(chance: random.Random, one: "Field[Any, Any]", value: Any) -> Iterator[Any]:
    """Yield a value that the column could have instead; none where there is no other."""
    if isinstance(one, ForeignKey):
        others = one.related_model._base_manager.exclude(pk=value).order_by("pk").values_list("pk", flat=True)
        if keys := list(others[:50]):
            yield chance.choice(keys)
        return
    if one.choices and (words := [word for word, _label in cast(Any, one).flatchoices if word != value]):
        yield chance.choice(words)
        return
    yield _other_value(chance, one, value)


def _other_value(chance: random.Random, one: "Field[Any, Any]", value: Any) -> Any:
    days = timedelta(days=chance.choice((-400, -1, 1, 90)))
    kinds: list[tuple[type, Callable[[], Any]]] = [
        (bool, lambda: not value), (int, lambda: value + 1), (datetime, lambda: value + days),
        (date, lambda: value + days), (Decimal, lambda: value + 1 if value < 99 else value - 1), (UUID, uuid4),
        (list, lambda: [*value, "more"]), (dict, lambda: {**value, "more": "said"}),
        (str, lambda: _other_text(chance, one, value)),
    ]  # fmt: skip
    empty = {"DateField": date(2027, 1, 1), "DateTimeField": datetime.fromisoformat("2027-01-01T00:00:00+00:00"),
             "UUIDField": uuid4(), "PositiveSmallIntegerField": 1, "DecimalField": Decimal(50), "IntegerField": 1,
             "BigIntegerField": 1, "PositiveIntegerField": 1, "GenericIPAddressField": "192.0.2.7",
             "BooleanField": True, "JSONField": {"more": "said"}}  # fmt: skip
    made = next((make for kind, make in kinds if isinstance(value, kind)), None)
    return made() if made else empty.get(one.get_internal_type(), "x")


def _other_text(chance: random.Random, one: "Field[Any, Any]", value: str) -> str:
    """Return the text with one letter less, more, or another one, in the length that the column has."""
    if one.get_internal_type() == "GenericIPAddressField":
        return "192.0.2.8"
    place = chance.randrange(len(value)) if value else 0
    ways = [value[:place] + chance.choice("ABCxyz019") + value[place + 1 :], value[:place] + value[place + 1 :]]
    made = [way for way in ways if way not in (value, "")] or [f"{value}x"]
    return chance.choice(made)[: one.max_length or None]


def _names(row: Model) -> frozenset[str]:
    """Return how problems name a row."""
    if isinstance(row, Event):
        return frozenset({f"event {row.pk}".replace("-", "")})
    if isinstance(row, LogEntry):
        return frozenset({f"field change {row.pk}"})
    if isinstance(row, Leaf):
        return frozenset({f"leaf {row.pk}"})
    if isinstance(row, Checkpoint):
        return frozenset({claims.in_database(row.pk)})
    return frozenset({bound_rows.key(row).replace("-", "")})
