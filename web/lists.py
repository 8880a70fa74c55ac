"""One behaviour for every list: filters and sorting in the address, pages, CSV of exactly what is shown."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import django_filters
from defusedcsv import csv as safe_csv
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

T = TypeVar("T")
PER_PAGE = 50
# Of a choice that words narrow down.
OFFERED = 50
# Beyond this a count costs more than it tells.
COUNT_LIMIT = 10_000
CSV_LIMIT = 100_000
# What defusedcsv lets through, which looks at the first character alone: a formula after blanks or with full-width
# signs, and one after a semicolon or a line's end, where spreadsheets of half the world begin a new cell.
_FORMULA_WITHIN = re.compile(r"(\A\s+|\A(?=[＝＋－＠])|[;\t\r\n]\s*)([=+@＝＋＠]|[-－](?!\s))")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a list is of (`word`, in the plural), how it is filtered and sorted, and its columns as CSV.

    `sorts` maps the word in `?sort=` to the fields it orders by, all ascending as written ("-created_at" turns round);
    the file is called as `file_name` says, or as the word.
    """

    word: str
    filters: type[django_filters.FilterSet]
    sorts: Mapping[str, Sequence[str]]
    default: str
    columns: Mapping[str, Callable[[Any], object]]
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, and the address without it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list, ready for the list components."""

    word: str
    rows: list[Any]
    form: Any
    sort: str
    page: int
    total: int | None
    chips: list[Chip]
    previous_url: str
    next_url: str
    csv_url: str


@dataclass(frozen=True, slots=True)
class First(Generic[T]):
    """The first rows of a list without pages, and how many it has in all."""

    rows: list[T]
    total: int


def first(rows: QuerySet[Any], shown: int) -> First[Any]:
    """Return at most `shown` rows, and how many there are; counted only when there are more."""
    found = list(rows[: shown + 1])
    return First(found[:shown], rows.order_by().count() if len(found) > shown else len(found))


def named(names: Sequence[str], *, most: int) -> str:
    """Return the first names in one line, e.g. "Ann, Bob and 3 more"."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def listing(request: HttpRequest, rows: QuerySet[Any], kind: Kind) -> Listing:
    """Return the page of `rows` that the address asks for.

    Filters, sorts and pages that are not known are left out; `total` is None beyond COUNT_LIMIT.
    """
    filterset, ordered, sort = _select(request, rows, kind)
    page = page_in(request)
    shown = list(ordered[(page - 1) * PER_PAGE : page * PER_PAGE + 1])
    return Listing(
        word=kind.word,
        rows=shown[:PER_PAGE],
        form=filterset.form,
        sort=sort,
        page=page,
        total=_count(ordered, page=page, shown=len(shown)),
        chips=_chips(request, filterset),
        previous_url=_url(request, page=str(page - 1)) if page > 1 else "",
        next_url=_url(request, page=str(page + 1)) if len(shown) > PER_PAGE else "",
        csv_url=_url(request, page="", format="csv"),
    )


def csv_of(request: HttpRequest, rows: QuerySet[Any], kind: Kind) -> StreamingHttpResponse:
    """Return the same selection as CSV (UTF-8 with BOM); formulas in cells are defused.

    Of more than CSV_LIMIT rows it is the first ones, and the name of the file says so.
    """
    _filterset, ordered, _sort = _select(request, rows, kind)
    name = kind.file_name or kind.word
    if ordered.order_by()[: CSV_LIMIT + 1].count() > CSV_LIMIT:
        name = f"{name}-first-{CSV_LIMIT}"
    body = _csv_lines(ordered[:CSV_LIMIT].iterator(chunk_size=500), kind.columns)
    response = StreamingHttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{timezone.localdate():%Y-%m-%d}.csv"'
    return response


def words_in(request: HttpRequest) -> str:
    """Return the words that somebody searches a choice for (`?q=`), at most 200 characters; no column can hold NUL."""
    return request.GET.get("q", "").replace("\0", "").strip()[:200]


def wants_csv(request: HttpRequest) -> bool:
    """Return whether the address asks for CSV."""
    return request.GET.get("format") == "csv"


class _Line:
    """Catches the line that a CSV writer writes."""

    def write(self, text: str) -> str:
        """Return the line instead of keeping it."""
        return text


def _csv_lines(rows: Iterable[Any], columns: Mapping[str, Callable[[Any], object]]) -> Iterable[str]:
    writer = safe_csv.writer(_Line(), quoting=csv.QUOTE_MINIMAL)
    yield "\ufeff" + writer.writerow(list(columns))
    for row in rows:
        yield writer.writerow([_cell(value(row)) for value in columns.values()])


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return "" if value is None else value
    return _FORMULA_WITHIN.sub(r"\1'\2", value)


def _select(
    request: HttpRequest, rows: QuerySet[Any], kind: Kind
) -> tuple[django_filters.FilterSet, QuerySet[Any], str]:
    filterset = kind.filters(request.GET, queryset=rows, request=request)
    sort = request.GET.get("sort", kind.default)
    if sort.removeprefix("-") not in kind.sorts:
        sort = kind.default
    # A filter whose value nobody offers is left out; the others hold.
    return filterset, filterset.qs.order_by(*_order(sort, kind.sorts)), sort


def _order(sort: str, sorts: Mapping[str, Sequence[str]]) -> list[str]:
    fields = sorts[sort.removeprefix("-")]
    return [_turned(field) for field in fields] if sort.startswith("-") else list(fields)


def _turned(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"


def page_in(request: HttpRequest) -> int:
    """Return which page the address asks for."""
    asked = request.GET.get("page", "1")
    return min(max(int(asked), 1), 10_000) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1


def _count(rows: QuerySet[Any], *, page: int, shown: int) -> int | None:
    if page == 1 and shown <= PER_PAGE:
        return shown
    counted = rows.order_by()[: COUNT_LIMIT + 1].count()
    return counted if counted <= COUNT_LIMIT else None


def _chips(request: HttpRequest, filterset: django_filters.FilterSet) -> list[Chip]:
    form = filterset.form
    own = getattr(filterset, "worded", lambda _name, _value: "")
    return [
        Chip(
            f"{form[name].label}: {own(name, str(value)) or _worded(form, name, str(value))}",
            _without(request, name, str(value)),
        )
        for name, values in request.GET.lists()
        if name in form.fields and name not in form.errors
        for value in values
        if value
    ]


def _without(request: HttpRequest, name: str, value: str) -> str:
    """Return the address with one filter value less; other values of the same filter stay."""
    query = request.GET.copy()
    query.setlist(name, [one for one in query.getlist(name) if one != value])
    query.pop("page", None)
    return f"?{query.urlencode()}"


def _worded(form: Any, name: str, value: str) -> str:
    choices = dict(getattr(form.fields[name], "choices", ()))
    return str(choices.get(value) or {str(key): word for key, word in choices.items()}.get(value, value))


def _url(request: HttpRequest, **changes: str) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"
