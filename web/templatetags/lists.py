"""The cells of a list's table, drawn from its columns.

A row is one tag: a page of 50 rows has some 400 cells, and a template tag for each took longer than the query.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import get_template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from riskregister import lists, nouns
from riskregister.lists import Column, Kind
from web.listing import Listing
from web.templatetags import ui

register = template.Library()

# These say by themselves what they are; the others carry their heading on a phone.
_SPEAKING = {Kind.REF, Kind.TITLE, Kind.WORDS, Kind.PROSE, Kind.BADGE, Kind.FLAG}
_CLASSES = {
    Kind.REF: "id",
    Kind.TITLE: "title-cell",
    Kind.PROSE: "words-cell",
    Kind.NUMBER: "num",
    Kind.SCORE: "num",
    Kind.PERSON: "nowrap",
}
_BADGES: dict[str, Callable[[Any], SafeString]] = {
    "severity": ui.severity,
    "residual": ui.residual,
    "tier": ui.tier,
    "evidence_level": ui.evidence_level,
}


@register.simple_tag(takes_context=True)
def cells(context: Context, listing: Listing, row: Any) -> SafeString:
    """Return the cells of a row."""
    drawn = (_cell(context, listing, column, row) for column in listing.columns)
    return mark_safe("".join(drawn))  # noqa: S308  # each is escaped where it is made


def _cell(context: Context, listing: Listing, column: Column, row: Any) -> SafeString:
    today = listing.today
    value = column.of(row, today=today)
    inner = _own(context, listing, column, row, value) if column.cell else _inner(column, row, value, today=today)
    sub = column.sub_of(row, today=today)
    below = format_html('<span class="sub">{}</span>', sub) if sub else ""
    return format_html("<td{}>{}{}</td>", _attributes(column, value), inner, below)


def _attributes(column: Column, value: Any) -> SafeString:
    # A cell that says nothing is left out on a phone.
    says_nothing = not value and not column.empty and column.kind not in (Kind.BADGE, Kind.FLAG)
    classes = " ".join(filter(None, (_CLASSES.get(column.kind), "none" if says_nothing else "")))
    of_class = format_html(' class="{}"', classes) if classes else ""
    if column.kind in _SPEAKING:
        return SafeString(of_class)
    return format_html('{} data-label="{}"', of_class, column.label)


def _own(context: Context, listing: Listing, column: Column, row: Any, value: Any) -> SafeString:
    """Return what the list's own template draws of a cell."""
    part = get_template(f"{listing.of.cells}#{column.cell}")
    return SafeString(part.render({"row": row, "value": value, "today": listing.today}, context.get("request")))


def _inner(column: Column, row: Any, value: Any, *, today: date) -> SafeString | str:
    drawn = _drawn(column, row, value, today=today)
    route, key = column.to
    found = lists.at(row, key, today=today) if route and value else None
    return format_html('<a href="{}">{}</a>', reverse(f"web:{route}", args=[found]), drawn) if found else drawn


def _drawn(column: Column, row: Any, value: Any, *, today: date) -> SafeString | str:
    if column.kind is Kind.BADGE:
        badge = _BADGES.get(column.looks)
        return badge(value) if badge else ui.status(column.looks, value)
    if column.kind is Kind.NUMBER:
        return f"{value or 0}{f' {column.unit}' if column.unit else ''}"
    if not value:
        return _nothing(column)
    if column.kind is Kind.TITLE:
        route = nouns.card(row).pages[0].route
        return format_html('<a href="{}">{}</a>', reverse(f"web:{route}", args=[row.pk]), value)
    return _DRAWN[column.kind](column, row, value, today)


def _nothing(column: Column) -> SafeString | str:
    if column.kind is Kind.PERSON:
        return format_html('<span class="faint">{}</span>', column.empty or "–")
    return column.empty or "–"


def _due(column: Column, row: Any, value: Any, today: date) -> SafeString | str:
    return ui.due(value, settled=not column.matters(row), on=today)


_DRAWN: dict[Kind, Callable[[Column, Any, Any, date], SafeString | str]] = {
    Kind.REF: lambda _c, _r, value, _t: str(value),
    Kind.TEXT: lambda _c, _r, value, _t: str(value),
    Kind.WORDS: lambda _c, _r, value, _t: str(value),
    Kind.PROSE: lambda _c, _r, value, _t: str(value),
    Kind.PERSON: lambda _c, _r, value, _t: str(value),
    Kind.DAY: lambda _c, _r, value, _t: ui.day(value),
    Kind.DUE: _due,
    Kind.MOMENT: lambda _c, _r, value, _t: ui.moment(value),
    Kind.SCORE: lambda _c, _r, value, _t: ui.score(value),
    Kind.FLAG: lambda _c, _r, value, _t: "Yes" if value else "No",
    Kind.DIGEST: lambda _c, _r, value, _t: format_html(
        '<span class="digest" title="{}">{}…</span>', value, ui.short_digest(value)
    ),
}
