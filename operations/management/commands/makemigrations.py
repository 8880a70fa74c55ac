"""makemigrations, so that a new table gets its indexes and constraints when it is made."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.core.management.commands import makemigrations
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation

from riskregister.tables import CreateTable


class Command(makemigrations.Command):
    """Writes migrations that make each new table in one step."""

    def write_migration_files(self, changes: dict[str, list[Any]], *args: Any, **kwargs: Any) -> None:
        """Write them."""
        for migrations in changes.values():
            for migration in migrations:
                migration.operations = Tables(migration.app_label).in_one_step(migration.operations)
        super().write_migration_files(changes, *args, **kwargs)


class Tables:
    """The tables that a migration of an app makes."""

    def __init__(self, app: str) -> None:
        """Begin without tables."""
        self.app = app
        self.made: dict[str, CreateTable] = {}
        # Which get a column only when another table is there: what is added to them may name it.
        self.unfinished: set[str] = set()

    def in_one_step(self, operations: Sequence[Operation]) -> list[Operation]:
        """Return operations that come to the same, in which what is added to a new table stands where it is made.

        Django draws every model around a table anew for each index, and SQLite the table for each constraint: that
        took half of the time in which an empty register is made.
        """
        self.made = {one.name_lower: _new(one) for one in operations if isinstance(one, CreateModel)}
        rest = [one for one in operations if not isinstance(one, CreateModel) and not self._taken(one)]
        return [*self._ordered(), *rest]

    def _taken(self, added: Operation) -> bool:
        """Put what is added to a table where the table is made; return whether that could be done."""
        table = self.made.get(getattr(added, "model_name_lower", ""))
        if table is None:
            return False
        if isinstance(added, AddField) and added.field.many_to_many:
            return False
        if isinstance(added, AddField) and not self._closes_a_circle(added):
            table.fields.append((added.name, added.field))
        elif isinstance(added, AddIndex) and table.name_lower not in self.unfinished:
            table.options.setdefault("indexes", []).append(added.index)
        elif isinstance(added, AddConstraint) and table.name_lower not in self.unfinished:
            table.options.setdefault("constraints", []).append(added.constraint)
        else:
            self.unfinished.add(table.name_lower)
            return False
        return True

    def _closes_a_circle(self, added: AddField) -> bool:
        """Return whether what a column refers to refers to its table, be it by others."""
        seen: set[str] = set()
        ahead = self._referred([added.field])
        while ahead:
            seen |= ahead
            ahead = {name for known in ahead for name in self._needed(self.made[known])} - seen
        return added.model_name_lower in seen

    def _ordered(self) -> Iterator[CreateTable]:
        """Yield the tables, each behind those that it refers to."""
        left = dict(self.made)
        while left:
            name = next(name for name, table in left.items() if not left.keys() & self._needed(table) - {name})
            yield left.pop(name)

    def _needed(self, table: CreateTable) -> set[str]:
        """Return the tables of the migration that one refers to or is made of."""
        return self._referred([field for _name, field in table.fields]) | self._known(table.bases or ())

    def _referred(self, fields: Iterable[Any]) -> set[str]:
        return self._known(field.remote_field.model for field in fields if field.remote_field)

    def _known(self, models: Iterable[Any]) -> set[str]:
        names = (model.lower().removeprefix(f"{self.app}.") for model in models if isinstance(model, str))
        return {name for name in names if name in self.made}


def _new(table: CreateModel) -> CreateTable:
    return CreateTable(table.name, table.fields, table.options, table.bases, table.managers)
