"""How vendors' text is shown: as it came, with each character that nobody sees named in brackets and marked."""

import html
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from riskregister import lookalikes, marks, unseen
from web.templatetags.ui import icon

register = template.Library()


@register.filter
def seen(value: Any) -> SafeString:
    """Return a text for a page: `[U+200B]`, marked and with its name, for each character that nobody sees.

    A letter that passes for the Latin ones of its word is marked too: `pа[U+0430]y`.
    """
    text = "" if value is None else str(value)
    if marks.is_plain(text):
        return mark_safe(html.escape(text))  # noqa: S308
    pieces = marks.pieces(text)
    return mark_safe("".join(_named(piece) if told else html.escape(piece) for piece, told in pieces))  # noqa: S308 - all of it is escaped


@register.filter
def in_parts(shown: SafeString) -> SafeString:
    """Let what `seen` shows break after an underscore, as in the name of a setting, rather than within a word."""
    return mark_safe(shown.replace("_", "_<wbr>"))  # noqa: S308 - what is shown is escaped


@register.filter
def marked(value: Any) -> str:
    """Return the same without tags, for an attribute of an element or the title of a page."""
    return marks.marked("" if value is None else str(value))


@register.simple_tag
def warn(words: str) -> SafeString:
    """Return the badge of something in a vendor's document that a reader must know."""
    return format_html('<span class="badge-word tone-high">{}{}</span>', icon("s-alert"), words)


@register.filter
def strange(name: str) -> str:
    """Return the letters of a name that pass for Latin ones, with their names; empty for none."""
    return lookalikes.strangers(name)


def _named(character: str) -> str:
    return format_html('<span class="unseen" title="{}">[{}]</span>', unseen.name(character), unseen.code(character))
