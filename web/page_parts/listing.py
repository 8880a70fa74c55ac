"""One behaviour for every list: filters and sorting in the address, pages, CSV of exactly what is shown."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from defusedcsv import csv as safe_csv
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from riskregister.filters import FilterSet
from riskregister.lists import Column, List
from riskregister.queries import positions
from scoring.deadlines import written

PER_PAGE = 50
# Beyond this a count costs more than it tells.
COUNT_LIMIT = 500
CSV_LIMIT = 100_000
# What stands in the address of a list beside its filters.
PARAMETERS = ("sort", "position", "format")
# What the position of a page is not bound to: the order is part of it.
UNBOUND = {"sort", "position"}
# What defusedcsv lets through, which looks at the first character alone: a formula after blanks or with full-width
# signs, and one after a semicolon or a line's end, where spreadsheets of half the world begin a new cell.
_FORMULA_WITHIN = re.compile(r"(\A\s+|\A(?=[＝＋－＠])|[;\t\r\n]\s*)([=+@＝＋＠]|[-－](?!\s))")


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, or one that is not understood, and the address without it."""

    label: str
    url: str
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list, ready for the list components; `refused` are the filters that nobody understands.

    `note` says what a filter in force counts in, where its word alone does not.
    """

    of: List
    columns: Sequence[Column]
    word: str
    rows: list[Any]
    today: date
    form: Any
    sort: str
    is_first: bool
    total: int | None
    chips: list[Chip]
    refused: list[Chip]
    note: str
    previous_url: str
    next_url: str
    csv_url: str


@dataclass(frozen=True, slots=True)
class _Selection:
    """What the address asks for."""

    query: QueryDict
    filterset: FilterSet
    rows: QuerySet[Any]
    sort: str
    refused: list[Chip]


def shown(
    request: HttpRequest,
    of: List,
    *,
    template: str,
    page: Mapping[str, Any] = MappingProxyType({}),
    more: Callable[["Listing"], dict[str, Any]] = lambda _listed: {},
) -> HttpResponseBase:
    """Return a list as a page, or with `?format=csv` as a file of exactly that view.

    The template gets what is in `page`, and what `more` makes of the rows of the page.
    """
    if request.GET.get("format") == "csv":
        return file_of(request, of)
    listed = listing(request, of)
    return render(request, template, {**page, "list": listed, **more(listed)})


def listing(request: HttpRequest, of: List, *, path: str = "") -> Listing:
    """Return the page of a list that the address asks for; sorts and positions that are not known are left out.

    While a filter is not understood nothing is listed. `total` is None beyond COUNT_LIMIT. `path` is that of the list
    where another page is asked for its rows: the position of a page is known under no other.
    """
    asked = _select(request, of)
    shown = asked.filterset.as_shown(of.rows(request.user))
    page, is_first = paged(path or request.path, asked.query, asked.rows, of.keys(asked.sort), shown=shown)
    return Listing(
        of=of,
        columns=of.on_page,
        word=of.word,
        rows=page.rows,
        today=asked.filterset.today,
        form=asked.filterset.form,
        sort=asked.sort,
        is_first=is_first,
        total=len(page.rows) if is_first and not page.following else _count(asked.rows),
        chips=[*_chips(asked), *asked.refused],
        refused=asked.refused,
        note=_note(asked),
        previous_url=_url(asked.query, position=page.previous) if page.previous else "",
        next_url=_url(asked.query, position=page.following) if page.following else "",
        csv_url=_url(asked.query, position="", format="csv"),
    )


def paged(
    path: str, query: QueryDict, rows: QuerySet[Any], words: Sequence[str], *, shown: QuerySet[Any]
) -> tuple[positions.Page, bool]:
    """Return the page at the position in the address, and whether it is the first; so it is where none is known.

    `query` is the address under the names that its links have.
    """
    cursors = positions.Cursors(path, query, words, unbound=UNBOUND)
    asked = query.get("position", "")
    with suppress(positions.Unknown):
        return cursors.page(rows, shown=shown, limit=PER_PAGE, cursor=asked), not asked
    return cursors.page(rows, shown=shown, limit=PER_PAGE), True


def file_of(request: HttpRequest, of: List) -> HttpResponseBase:
    """Return the same selection as CSV (UTF-8 with BOM); formulas in cells are defused.

    Of more than CSV_LIMIT rows it is the first ones, and the name of the file says so. A filter that is not understood
    is refused (400).
    """
    asked = _select(request, of)
    if asked.refused:
        words = "; ".join(chip.label for chip in asked.refused)
        return HttpResponse(f"Not understood: {words}\n", status=400, content_type="text/plain; charset=utf-8")
    name = of.file_name or of.word
    if asked.rows.order_by()[: CSV_LIMIT + 1].count() > CSV_LIMIT:
        name = f"{name}-first-{CSV_LIMIT}"
    rows = asked.rows[:CSV_LIMIT].iterator(chunk_size=500)
    body = _lines(rows, of.in_file, today=asked.filterset.today)
    response = StreamingHttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{timezone.localdate():%Y-%m-%d}.csv"'
    return response


class _Line:
    """Catches the line that a CSV writer writes."""

    def write(self, text: str) -> str:
        """Return the line instead of keeping it."""
        return text


def _lines(rows: Iterable[Any], columns: Sequence[Column], *, today: date) -> Iterable[str]:
    writer = safe_csv.writer(_Line(), quoting=csv.QUOTE_MINIMAL)
    yield "\ufeff" + writer.writerow([column.label for column in columns])
    for row in rows:
        yield writer.writerow([_defused(column.written(row, today=today)) for column in columns])


def _defused(value: object) -> object:
    return _FORMULA_WITHIN.sub(r"\1'\2", value) if isinstance(value, str) else value


def _select(request: HttpRequest, of: List) -> _Selection:
    query = of.filters.renamed(request.GET)
    rows = of.rows(request.user)
    filterset = of.filters(query, rows, request=request, now=timezone.now())
    filterset.fit_page()
    refused = _refused(query, filterset)
    # The clock's and the filters' own defaults need a form that is valid.
    found = rows.none() if refused else filterset.at_first(filterset.qs)
    sort = of.sorted_by(query.get("sort", ""), bound=of.filters.bound_order(query))
    return _Selection(query, filterset, found.order_by(*of.order(sort)), sort, refused)


def _refused(query: QueryDict, filterset: FilterSet) -> list[Chip]:
    """Return what is no filter, and the filters whose values are none."""
    form = filterset.form
    unknown = [(name, name) for name in filterset.unknown(query, but=PARAMETERS) if query.get(name)]
    wrong = [(name, str(form[name].label)) for name in form.errors if name in form.fields]
    twice = [
        (name, str(form[name].label))
        for name in filterset.repeated(query)
        if name in form.fields and name not in form.errors
    ]
    chosen = [(name, label, ", ".join(query.getlist(name))[:60]) for name, label in (*unknown, *wrong, *twice)]
    return [
        Chip(f"{label}: {value}", _url(query, position="", **{name: ""}), is_refused=True)
        for name, label, value in chosen
    ]


def _count(rows: QuerySet[Any]) -> int | None:
    counted = rows.order_by()[: COUNT_LIMIT + 1].count()
    return counted if counted <= COUNT_LIMIT else None


def _chips(asked: _Selection) -> list[Chip]:
    form = asked.filterset.form
    return [
        Chip(
            f"{form[name].label}: {asked.filterset.worded(name, value) or _worded(form, name, value)}",
            _without(asked.query, name, value),
        )
        for name, values in asked.query.lists()
        if name in form.fields and name not in form.errors
        for value in values
        if value
    ]


def _note(asked: _Selection) -> str:
    notes = (getattr(one, "note", "") for name, one in asked.filterset.filters.items() if asked.query.get(name))
    return next((note for note in notes if note), "")


def _without(query: QueryDict, name: str, value: str) -> str:
    """Return the address with one filter value less; other values of the same filter stay."""
    left = query.copy()
    left.setlist(name, [one for one in left.getlist(name) if one != value])
    left.pop("position", None)
    return f"?{left.urlencode()}"


def _worded(form: Any, name: str, value: str) -> str:
    chosen = form.cleaned_data.get(name)
    if isinstance(chosen, date):
        return written(chosen)
    choices = {str(key): word for key, word in getattr(form.fields[name].widget, "choices", ())}
    return str(choices.get(value, value))


def _url(query: QueryDict, **changes: str) -> str:
    changed = query.copy()
    for name, value in changes.items():
        changed.pop(name, None)
        if value:
            changed[name] = value
    return f"?{changed.urlencode()}"
