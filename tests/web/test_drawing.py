"""What every page repeats is drawn without a template for each piece, and is what the framework would have drawn."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern

from riskregister import links
from riskregister.filter_widgets import OneOf, OneOfSeveral
from riskregister.lists import Column, Kind
from tests.cast import TODAY
from web import sections
from web.templatetags import lists as drawn_lists
from web.templatetags import ui
from web.templatetags.vendor_text import seen

WORDS = [("a", "Apples & pears"), ("b", 'He said "no"'), ("c", "<b>Bold</b>")]


def _routes() -> Iterator[str]:
    """Yield the pages of which one key is all that the address asks for."""
    web = next(one for one in get_resolver().url_patterns if getattr(one, "namespace", "") == "web")
    for one in web.url_patterns:  # type: ignore[union-attr]
        if isinstance(one, URLPattern) and one.name and re.fullmatch(r"[^<]*<uuid:pk>[^<]*", str(one.pattern)):
            yield f"web:{one.name}"


def test_the_address_of_a_row_is_that_of_its_route() -> None:
    routes, key = list(_routes()), uuid4()
    assert len(routes) > 100
    assert [links.to(route, key) for route in routes] == [reverse(route, args=[key]) for route in routes]
    assert links.to("web:control-status-list") == reverse("web:control-status-list")
    assert links.to("web:vendor-detail", str(key)) == reverse("web:vendor-detail", args=[key])


@pytest.mark.parametrize("value", [None, "", "b", ["c"], ["b", "a"], "gone"])
@pytest.mark.parametrize("offered", [(), ("b",)])
def test_a_filter_is_the_select_of_the_framework(value: Any, offered: tuple[str, ...]) -> None:
    own = OneOf(empty="Any <word>", offered=offered, choices=WORDS)
    words, asked = dict(WORDS), value or ()
    keys = [*offered, *(key for key in words if key in asked and key not in offered)] if offered else list(words)
    plain = forms.Select(choices=[("", "Any <word>"), *((key, words[key]) for key in keys)])
    attrs = {"aria-invalid": "true", "id": "id_state"}
    assert _pieces(own.render("state", value, attrs)) == _pieces(plain.render("state", value, attrs))


def test_what_several_addresses_ask_for_is_read_by_the_select_still() -> None:
    widget = OneOfSeveral(empty="Any", choices=WORDS)
    assert widget.value_from_datadict(QueryDict("state=a&state=&state=b"), {}, "state") == ["a", "b"]
    assert not widget.use_required_attribute(None)


def test_a_line_of_the_navigation_says_where_one_is_and_the_inbox_what_is_unread() -> None:
    inbox, vendors = (one for one in sections.entries() if one.name in ("inbox", "vendor-list"))
    assert '<span class="count">3<span class="visually-hidden"> unread</span></span>' in ui.nav_link(inbox, 3)
    assert "count" not in ui.nav_link(inbox, 0)
    link = ui.nav_link(vendors._replace(url="/vendors/", current=True), 3)
    assert _pieces(link) == [
        '<a class="nav-link" href="/vendors/" data-go="v" aria-current="true">',
        *_pieces(ui.icon("building")),
        "Vendors",
        "</a>",
    ]


def test_what_is_the_same_on_every_page_is_drawn_once() -> None:
    assert ui.fixed("components/keys.html") is ui.fixed("components/keys.html")
    assert ui.fixed("components/keys.html") == render_to_string("components/keys.html")


def test_a_plain_text_and_one_that_deceives_are_both_escaped() -> None:
    assert seen('<i>"a" & b</i>') == "&lt;i&gt;&quot;a&quot; &amp; b&lt;/i&gt;"
    assert seen("<i>\u200b") == '&lt;i&gt;<span class="unseen" title="ZERO WIDTH SPACE">[U+200B]</span>'
    assert seen(None) == ""


def _pieces(markup: str) -> list[str]:
    return [piece.strip() for piece in re.findall(r"<[^>]+>|[^<]+", markup) if piece.strip()]


@pytest.mark.parametrize(
    ("empty", "value", "drawn"),
    [("", None, "0"), ("", 0, "0"), ("Not judged", None, "Not judged"), ("Not judged", 0, "0")],
)
def test_a_number_that_nobody_knows_is_none_where_its_column_says_so(empty: str, value: int | None, drawn: str) -> None:
    column = Column("Met", lambda row, today: value, Kind.NUMBER, empty=empty)
    assert drawn_lists._drawn(column, object(), column.of(object(), today=TODAY), TODAY) == drawn
