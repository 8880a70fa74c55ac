"""What a room declares of its tables in its `guards.py`, as plain data: tables that only grow, rows that have a
lifecycle, refusals, and what is counted in figures that are kept.

Each declaration says which triggers make it true on SQLite and on PostgreSQL; `audit/triggers.py` puts them in place.
It says too what events tell of a row, so that a change behind the triggers is found (`audit/bound_rows.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Field, Model

NEVER = "1 = 0"
ALWAYS = "1 = 1"
# The bits of pg_trigger.tgtype.
_ROW, _BEFORE = 1, 2
_EVENTS = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}
# SQLite's third trigger stops INSERT OR REPLACE, which deletes the old row without firing the DELETE trigger.
_NO_REPLACE = "BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"


@dataclass(frozen=True, slots=True)
class PostgresTrigger:
    """A trigger of PostgreSQL with the function of the same name that is its body."""

    name: str
    table: str
    events: tuple[str, ...]
    body: str

    @property
    def kind(self) -> int:
        """Return what `pg_trigger.tgtype` says of it."""
        return _BEFORE + (0 if self.events == ("TRUNCATE",) else _ROW) + sum(_EVENTS[event] for event in self.events)

    @property
    def source(self) -> str:
        """Return the text of its function as `pg_proc.prosrc` has it."""
        return f" BEGIN {self.body} END "

    @property
    def statement(self) -> str:
        """Return what makes it, or makes it anew; ENABLE ALWAYS holds in replica role too."""
        level = "STATEMENT" if self.events == ("TRUNCATE",) else "ROW"
        moment = f"BEFORE {' OR '.join(self.events)}"
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $${self.source}$$;"
            f" CREATE OR REPLACE TRIGGER {self.name} {moment} ON {self.table}"
            f" FOR EACH {level} EXECUTE FUNCTION {self.name}();"
            f" ALTER TABLE {self.table} ENABLE ALWAYS TRIGGER {self.name}"
        )


@dataclass(frozen=True, slots=True)
class AppendOnly:
    """Nobody changes, removes, truncates or replaces a row of `model`.

    `unless` is a condition over OLD under which a DELETE is let through; it never excuses an UPDATE. `is_bound`: an
    event says each row that there is, with all its fields; `in_short`: with one digest over all of them.
    """

    model: type[Model]
    unless: str = NEVER
    is_bound: bool = False
    in_short: bool = False

    @property
    def table(self) -> str:
        """Return the table of the model."""
        return self.model._meta.db_table

    @property
    def bound(self) -> "tuple[Field[Any, Any], ...]":
        """Return the fields that an event about a row says."""
        return tuple(self.model._meta.concrete_fields) if self.is_bound or self.in_short else ()

    def sqlite(self) -> dict[str, str]:
        """Return the statements that make the triggers, by trigger name."""
        moments = {
            "no_update": f"BEFORE UPDATE ON {self.table}",
            "no_delete": f"BEFORE DELETE ON {self.table} WHEN NOT ({self.unless})",
            "no_replace": _NO_REPLACE.format(table=self.table, key=self.model._meta.pk.column),
        }
        return {
            f"{self.table}_{name}": _sqlite(f"{self.table}_{name}", moment, f"{self.table} is append-only")
            for name, moment in moments.items()
        }

    def postgres(self) -> Iterator[PostgresTrigger]:
        """Yield the triggers."""
        raised = _raise(f"{self.table} is append-only", "restrict_violation")
        body = f"IF TG_OP = 'DELETE' THEN IF {self.unless} THEN RETURN OLD; END IF; END IF; {raised}"
        yield PostgresTrigger(f"{self.table}_no_change", self.table, ("UPDATE", "DELETE"), body)
        yield PostgresTrigger(f"{self.table}_no_truncate", self.table, ("TRUNCATE",), raised)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An `event` (INSERT, UPDATE or DELETE) on `table` is refused while `when`, a condition over NEW and OLD, holds."""

    name: str
    table: str
    event: str
    when: str

    def sqlite(self) -> dict[str, str]:
        """Return the statement that makes the trigger, by its name."""
        return {self.name: _sqlite_when(self.name, f"BEFORE {self.event} ON {self.table}", self.when)}

    def postgres(self) -> Iterator[PostgresTrigger]:
        """Yield the trigger."""
        yield PostgresTrigger(self.name, self.table, (self.event,), _refuse(self.name, self.event, self.when))


def keeps(name: str, model: type[Model], *fields: str) -> Refusal:
    """Return the refusal to change fields of a row, by which other guards tell what may go."""
    columns = [one.column for one in model._meta.concrete_fields if one.name in fields]
    changed = (f"NEW.{one} <> OLD.{one} OR (NEW.{one} IS NULL) <> (OLD.{one} IS NULL)" for one in columns)
    return Refusal(name, model._meta.db_table, "UPDATE", " OR ".join(changed))


def never_demo(name: str, model: type[Model]) -> Refusal:
    """Return the refusal to make a real row one of the demo organisation, whose rows can be removed."""
    return Refusal(name, model._meta.db_table, "UPDATE", "NEW.is_demo AND NOT OLD.is_demo")


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Rows of `model` stay, and change only as their lifecycle says.

    `name` is the sentence when something else is tried. Of the fields those `told` change with an event that says so,
    those `free` without one; those `once` are filled in once, with an event, those `noted` once without one, and keep
    their value; `status` moves as the TRANSITIONS of the model allow. All others are settled when the row is made.
    `unless` is a condition over OLD under which a row may go, `frozen` one under which nothing but the status moves any
    more. `without_event` are the states that a row goes through without an event, `born` the
    values that a row has while no event has told it yet. `in_short`: events tell such a row with one digest.
    """

    model: type[Model]
    name: str
    told: tuple[str, ...] = ()
    free: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    without_event: tuple[str, ...] = ()
    born: Mapping[str, Any] | None = None
    unless: str = NEVER
    frozen: str = NEVER
    in_short: bool = False

    def __post_init__(self) -> None:
        """Refuse a name that is no field: a typing error would leave its column unguarded."""
        fields = {one.name for one in self.model._meta.concrete_fields}
        if unknown := sorted({*self.told, *self.free, *self.once, *self.noted} - fields):
            raise ValueError(f"{self.model._meta.label} has no field {', '.join(unknown)}.")

    @property
    def table(self) -> str:
        """Return the table of the model."""
        return self.model._meta.db_table

    @property
    def bound(self) -> "tuple[Field[Any, Any], ...]":
        """Return the fields that an event about a row says: all that do not change without one."""
        silent = {*self.free, *self.noted}
        return tuple(one for one in self.model._meta.concrete_fields if one.name not in silent)

    def sqlite(self) -> dict[str, str]:
        """Return the statements that make the triggers, by trigger name."""
        stays, replaced = f"{self.table}_stays", f"{self.table}_no_replace"
        key = self.model._meta.pk.column
        return {
            self.name: _sqlite_when(self.name, f"BEFORE UPDATE ON {self.table}", self._strays("IS NOT")),
            stays: _sqlite(stays, f"BEFORE DELETE ON {self.table} WHEN NOT ({self.unless})", f"{self.table} stays"),
            replaced: _sqlite(replaced, _NO_REPLACE.format(table=self.table, key=key), f"{self.table} stays"),
        }

    def postgres(self) -> Iterator[PostgresTrigger]:
        """Yield the triggers."""
        raised = _raise(f"{self.table} stays", "restrict_violation")
        update = _refuse(self.name, "UPDATE", self._strays("IS DISTINCT FROM"))
        yield PostgresTrigger(self.name, self.table, ("UPDATE",), update)
        gone = f"IF {self.unless} THEN RETURN OLD; END IF; {raised}"
        yield PostgresTrigger(f"{self.table}_stays", self.table, ("DELETE",), gone)
        yield PostgresTrigger(f"{self.table}_no_truncate", self.table, ("TRUNCATE",), raised)

    def _strays(self, differs: str) -> str:
        """Return the condition under which an UPDATE is not the lifecycle's."""
        return " OR ".join(
            condition
            for one in self.model._meta.concrete_fields
            if (condition := self._stray(one, f"NEW.{one.column} {differs} OLD.{one.column}"))
        )

    def _stray(self, one: "Field[Any, Any]", changed: str) -> str:
        if one.name in (*self.told, *self.free):
            return f"({self.frozen}) AND {changed}" if self.frozen != NEVER else ""
        if one.name in (*self.once, *self.noted):
            nothing = "('', '{}', '[]')" if one.get_internal_type() == "JSONField" else "('')"
            return f"COALESCE(CAST(OLD.{one.column} AS TEXT), '') NOT IN {nothing} AND {changed}"
        if one.name == "status":
            return f"{changed} AND OLD.status || '>' || NEW.status NOT IN ({self._moves()})"
        return changed

    def _moves(self) -> str:
        table = getattr(self.model, "TRANSITIONS", {})
        moves = sorted(f"'{was}>{to}'" for was, targets in table.items() for to in targets)
        return ", ".join(moves) or "''"


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of `model` are in figures that are kept: a change of `columns`, a new row and one that goes mark their part.

    `parts` are SQL expressions over a row ({row} is NEW or OLD) that say which parts; the marks go into the table of
    `marks`, one a transaction and part. `name` tells its triggers from those of another figure over the same table.
    """

    model: type[Model]
    marks: type[Model]
    columns: tuple[str, ...]
    parts: tuple[str, ...]
    name: str = "counted"

    @property
    def table(self) -> str:
        """Return the table of the model."""
        return self.model._meta.db_table

    def sqlite(self) -> dict[str, str]:
        """Return the statements that make the triggers, by trigger name."""
        marks = self.marks._meta.db_table
        # One connection writes at a time, and no mark is spared: another reader may be taking the one that is there.
        occasion = f"(SELECT COALESCE(MAX(id), 0) + 1 FROM {marks})"  # noqa: S608 - of declared names
        made = f"INSERT INTO {marks} (part, occasion) SELECT COALESCE({{part}}, ''), {occasion}"
        new, old = (self._each(f"{made};", row) for row in ("NEW", "OLD"))
        left = self._each(f"{made} WHERE {{part}} IS NOT {{other}};", "OLD")
        on = f"ON {self.table}"
        moments = {
            f"{self.table}_{self.name}_new": f"AFTER INSERT {on} BEGIN {new} END",
            f"{self.table}_{self.name}": f"AFTER UPDATE {on} WHEN {self._changed('IS NOT')} BEGIN {left} {new} END",
            f"{self.table}_{self.name}_gone": f"AFTER DELETE {on} BEGIN {old} END",
        }
        return {name: f"CREATE TRIGGER {name} {moment}" for name, moment in moments.items()}

    def postgres(self) -> Iterator[PostgresTrigger]:
        """Yield the trigger."""
        made = (
            f"INSERT INTO {self.marks._meta.db_table} (part, occasion)"  # noqa: S608 - of declared names
            " VALUES (COALESCE(replace(({part})::text, '-', ''), ''), pg_current_xact_id()::text::bigint)"
            " ON CONFLICT DO NOTHING;"
        )
        left = self._each(f"IF {{part}} IS DISTINCT FROM {{other}} THEN {made} END IF;", "OLD")
        body = (
            f"IF TG_OP = 'DELETE' THEN {self._each(made, 'OLD')} RETURN OLD; END IF;"
            f" IF TG_OP = 'UPDATE' THEN IF NOT ({self._changed('IS DISTINCT FROM')}) THEN RETURN NEW; END IF;"
            f" {left} END IF;"
            f" {self._each(made, 'NEW')} RETURN NEW;"
        )
        yield PostgresTrigger(f"{self.table}_{self.name}", self.table, ("INSERT", "UPDATE", "DELETE"), body)

    def _each(self, statement: str, row: str) -> str:
        """Return the statement for each part of a row; of the other one of an update it is `other`."""
        other = "NEW" if row == "OLD" else "OLD"
        pairs = ((part.format(row=row), part.format(row=other)) for part in self.parts)
        return " ".join(statement.format(part=part, other=other) for part, other in pairs)

    def _changed(self, differs: str) -> str:
        fields = {one.name: one.column for one in self.model._meta.concrete_fields}
        return " OR ".join(f"NEW.{fields[name]} {differs} OLD.{fields[name]}" for name in self.columns)


Guard = AppendOnly | Refusal | Lifecycle | Counted
_declared: list[Guard] = []


def declare(*guards: Guard) -> None:
    """Declare guards of a room."""
    _declared.extend(one for one in guards if one not in _declared)


def every() -> tuple[Guard, ...]:
    """Return all guards, in the order of the rooms."""
    return tuple(_declared)


def _sqlite(name: str, moment: str, sentence: str) -> str:
    return f"CREATE TRIGGER {name} {moment} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"


def _sqlite_when(name: str, moment: str, when: str) -> str:
    return f"CREATE TRIGGER {name} {moment} BEGIN SELECT RAISE(ABORT, '{name}') WHERE {when}; END"


def _raise(sentence: str, code: str) -> str:
    return f"RAISE EXCEPTION '{sentence}' USING ERRCODE = '{code}';"


def _refuse(name: str, event: str, when: str) -> str:
    result = "OLD" if event == "DELETE" else "NEW"
    return f"IF {when} THEN {_raise(name, 'check_violation')} END IF; RETURN {result};"
