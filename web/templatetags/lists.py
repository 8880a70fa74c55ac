"""The cells of a table, drawn from the columns of its list.

A row is one tag: a page of 50 rows has some 400 cells, and a template tag for each took longer than the query.
"""

import html
from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.template.context import Context
from django.template.loader import get_template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from riskregister import links, lists, nouns
from riskregister.lists import Column, Kind
from web.page_parts.listing import Listing
from web.page_parts.lists import Table
from web.templatetags import ui
from web.templatetags.vendor_text import seen

register = template.Library()

# These say by themselves what they are; the others carry their heading on a phone.
_SPEAKING = {
    *(Kind.REF, Kind.TITLE, Kind.HEADING, Kind.WORDS, Kind.PROSE),
    *(Kind.WHEN, Kind.BADGE, Kind.CODE, Kind.STEP),
}
_CALLED = (Kind.TITLE, Kind.HEADING)
_CLASSES = {
    Kind.REF: "id",
    Kind.TITLE: "title-cell",
    Kind.PROSE: "words-cell",
    Kind.SHORT: "nowrap",
    Kind.PERSON: "person",
    Kind.NUMBER: "num",
    Kind.SCORE: "num",
    Kind.STEP: "actions",
}
_BADGES: dict[str, Callable[[Any], SafeString]] = {
    "severity": ui.severity,
    "residual": ui.residual,
    "tier": ui.tier,
    "evidence_level": ui.evidence_level,
}
# What they say of an empty value is in their look.
_ALWAYS_SAYING = {Kind.BADGE, Kind.RATED, Kind.FLAG}


@register.simple_tag
def cells(table: Listing | Table, row: Any) -> SafeString:
    """Return the cells of a row."""
    columns = table.columns
    is_called = any(one.kind in _CALLED for one in columns)
    drawn = (_cell(table, column, row, is_called=is_called) for column in columns)
    return mark_safe("".join(drawn))  # noqa: S308  # each is escaped where it is made


@register.simple_tag
def labelled(headings: Sequence[str], row: Sequence[str | int]) -> SafeString:
    """Return the cells of a row that is of no list, texts and numbers, each labelled by the heading above it."""
    return format_html_join("", "<td{}>{}</td>", (_plain(*pair) for pair in zip(headings, row, strict=True)))


def _plain(heading: str, value: str | int) -> tuple[SafeString, str]:
    if isinstance(value, int):
        return format_html(' class="num" data-label="{}"', heading), intcomma(value)
    return format_html(' data-label="{}"', heading), seen(value) if value else "–"


def _cell(table: Listing | Table, column: Column, row: Any, *, is_called: bool) -> str:
    value = column.of(row, today=table.today)
    drawn = _own(table, column, row, value) if column.cell else _drawn(column, row, value, table.today)
    if column.kind is Kind.REF and not is_called:
        drawn = _title(column, row, drawn, table.today)
    sub = column.sub_of(row, today=table.today)
    below = f'<span class="sub">{seen(_cut(column, sub))}</span>' if sub else ""
    label = "" if column.kind in _SPEAKING else column.label
    before, after = _around(column.kind, label, is_empty=_says_nothing(column, value))
    return f"{before}{drawn if type(drawn) is SafeString else conditional_escape(drawn)}{below}{after}"


@lru_cache(maxsize=1024)
def _around(kind: Kind, label: str, *, is_empty: bool) -> tuple[SafeString, SafeString]:
    """Return the tags around a cell, which are those of its column but for what a phone leaves out."""
    if kind is Kind.HEADING:
        return mark_safe('<th scope="row">'), mark_safe("</th>")
    classes = " ".join(filter(None, (_CLASSES.get(kind), "none" if is_empty else "")))
    of_class = format_html(' class="{}"', classes) if classes else ""
    labelled_by = format_html(' data-label="{}"', label) if label else ""
    return format_html("<td{}{}>", of_class, labelled_by), mark_safe("</td>")


def _says_nothing(column: Column, value: Any) -> bool:
    """Return whether a cell is left out on a phone."""
    if value or column.empty or column.kind in _ALWAYS_SAYING or not column.value:
        return False
    # A number says that there is none, unless it is there to lead to them.
    return column.kind is not Kind.NUMBER or bool(column.to[0])


def _own(table: Listing | Table, column: Column, row: Any, value: Any) -> SafeString:
    """Return what the list's own template draws of a cell."""
    part = get_template(f"{table.of.cells}#{column.cell}").template  # type: ignore[attr-defined]
    # Without the request: what the frame of a page needs would be asked for every cell.
    return SafeString(part.render(Context({"row": row, "value": value})))


def _drawn(column: Column, row: Any, value: Any, today: date) -> SafeString | str:
    # A number that nobody knows is none where the column says so; of things that are counted there are 0.
    if column.kind is Kind.NUMBER and (value is not None or not column.empty):
        drawn: SafeString | str = f"{value or 0} {column.unit}".rstrip()
    elif not value and (column.empty or column.kind not in _ALWAYS_SAYING):
        return _nothing(column)
    else:
        drawn = _DRAWN[column.kind](column, row, value, today)
    route, key = column.to
    return _linked(route, lists.at(row, key, today=today), drawn) if route and value else drawn


def _linked(route: str, key: Any, drawn: Any) -> SafeString:
    address = html.escape(links.to(f"web:{route}", key))
    return mark_safe(f'<a href="{address}">{conditional_escape(drawn)}</a>')  # noqa: S308  # both are escaped


def _nothing(column: Column) -> SafeString | str:
    if column.empty and column.kind in (Kind.PERSON, Kind.RATED, Kind.WORDS):
        return format_html('<span class="faint">{}</span>', column.empty)
    return column.empty or "–"


def _cut(column: Column, text: str) -> str:
    return Truncator(text).words(column.cut) if column.cut else text


def _text(column: Column, _row: Any, value: Any, _today: date) -> SafeString:
    return seen(_cut(column, str(value)))


def _title(column: Column, row: Any, value: Any, _today: date) -> Any:
    """Return what a row is called, with the link to its page if it has one of its own."""
    page = next(iter(nouns.card(row).pages), None)
    drawn = value if isinstance(value, SafeString) else seen(value)
    return drawn if column.to[0] or not page or page.key != "pk" else _linked(page.route, row.pk, drawn)


def _badge(column: Column, _row: Any, value: Any, _today: date) -> SafeString:
    badge = _BADGES.get(column.looks)
    return badge(value) if badge else ui.status(column.looks, value)


def _due(column: Column, row: Any, value: Any, today: date) -> SafeString | str:
    return ui.due(value, settled=not column.matters(row, today), on=today)


def _digest(_column: Column, _row: Any, value: Any, _today: date) -> SafeString:
    return format_html('<span class="digest" title="{}">{}…</span>', value, ui.short_digest(value))


_DRAWN: dict[Kind, Callable[[Column, Any, Any, date], Any]] = {
    **dict.fromkeys((Kind.REF, Kind.TEXT, Kind.SHORT, Kind.WORDS, Kind.PROSE, Kind.PERSON), _text),
    **dict.fromkeys((Kind.TITLE, Kind.HEADING), _title),
    **dict.fromkeys((Kind.BADGE, Kind.RATED), _badge),
    Kind.MOMENT: lambda _c, _r, value, _t: ui.moment(value),
    Kind.WHEN: lambda _c, _r, value, _t: ui.exactly(value),
    Kind.AGO: lambda _c, _r, value, _t: ui.ago(value),
    Kind.CODE: lambda _c, _r, value, _t: format_html("<code>{}</code>", seen(value)),
    Kind.DAY: lambda _c, _r, value, _t: ui.day(value),
    Kind.DUE: _due,
    Kind.SCORE: lambda _c, _r, value, _t: ui.score(value),
    Kind.FLAG: lambda _c, _r, value, _t: "Yes" if value else "No",
    Kind.DIGEST: _digest,
}
