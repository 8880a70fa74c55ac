"""What is handed in under each template, and what is missing before it can be. Pure.

Nothing is guessed: what the register does not know stays empty, and is said.
"""

import io
import zipfile
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from defusedcsv import csv

from contracts.register_of_information.templates import Column, Template

# So that the same register gives the same file.
_MOMENT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a template by the codes of its columns; `about` is what it is of, in words.

    `things` are the records that it is made of, by what a column's `at` calls them.
    """

    about: str
    values: Mapping[str, str]
    things: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Missing:
    """A cell that must be filled and is not: of what, in which column, and what to do.

    `thing` is the record on whose page it is given; None: it is filled in by hand.
    """

    template: Template
    column: Column
    about: str
    thing: Any = None


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do, and the cells that it fills. Without a `thing` they are filled in by hand, one column each."""

    thing: Any
    at: str
    words: str
    cells: list[Missing] = field(default_factory=list)

    @property
    def columns(self) -> list[tuple[Template, Column]]:
        """Return the columns that it fills, each once."""
        return list(dict.fromkeys((cell.template, cell.column) for cell in self.cells))


Rows = Mapping[str, Sequence[Row]]


def missing(templates: Sequence[Template], rows: Rows) -> list[Missing]:
    """Return the cells that must be filled before it can be handed in, in the order of the templates."""
    return [
        Missing(template, column, row.about, row.things.get(column.at))
        for template in templates
        for row in rows.get(template.code, ())
        for column in template.columns
        if column.needed and not row.values.get(column.code)
    ]


def todos(cells: Iterable[Missing]) -> list[Todo]:
    """Return what is to be done for these cells: what fills several once, by the records, what is by hand last."""
    found: dict[Hashable, Todo] = {}
    for cell in cells:
        at, words = cell.column.at, cell.column.todo
        key = (cell.thing, at, words) if cell.thing else (cell.template, cell.column)
        found.setdefault(key, Todo(cell.thing, at, words)).cells.append(cell)
    order = {thing: place for place, thing in enumerate(dict.fromkeys(one.thing for one in found.values()))}
    return sorted(found.values(), key=lambda one: (one.thing is None, order[one.thing]))


def as_csv(template: Template, rows: Sequence[Row]) -> str:
    """Return a template as CSV: a line of codes, and a line a row."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow([column.code for column in template.columns])
    lines.writerows([row.values.get(column.code, "") for column in template.columns] for row in rows)
    return text.getvalue()


def as_archive(templates: Sequence[Template], rows: Rows) -> bytes:
    """Return all templates as a zip of CSV files, with one that lists what is missing."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for template in templates:
            _put(archive, f"{template.code.lower()}.csv", as_csv(template, rows.get(template.code, ())))
        _put(archive, "missing.csv", _missing_as_csv(templates, rows))
    return buffer.getvalue()


def _missing_as_csv(templates: Sequence[Template], rows: Rows) -> str:
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(["template", "column", "what", "of", "what to do"])
    for one in missing(templates, rows):
        lines.writerow([one.template.code, one.column.code, one.column.title, one.about, one.column.todo])
    return text.getvalue()


def _put(archive: zipfile.ZipFile, name: str, text: str) -> None:
    archive.writestr(zipfile.ZipInfo(name, _MOMENT), text.encode(), zipfile.ZIP_DEFLATED)
