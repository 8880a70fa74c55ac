"""Small marks that pages repeat in every row: icons, badges, moments, percentages, navigation.

They are tags rather than included templates because a list of 50 rows shows some 200 of them; what depends on nothing
but the parameters is kept, which took a fifth off the time of such a page.
"""

from datetime import date, datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.template.context import Context
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince

from accounts.models import Theme
from decisions.approvals import server_states
from riskregister import links, looks, plurals, zones
from riskregister.looks import Look
from scoring import assurance
from scoring.scales import Severity
from vendors.models import Server
from web import sections as places
from web.sections import Entry

register = template.Library()

DUE_SOON_DAYS = 14


@register.simple_tag
@lru_cache(maxsize=512, typed=True)
def icon(name: str, label: str = "") -> SafeString:
    """Return an icon of the sprite; with a label it is announced, without one it is decoration."""
    address = f"{static('img/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, address)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"/></svg>', address)


@lru_cache(maxsize=512)
def _badge(look: Look, *, bare: bool = False, label: str = "") -> SafeString:
    return format_html(
        '<span class="badge-word {}tone-{}">{}{}</span>',
        "bare " if bare else "",
        look.tone,
        icon(look.shape),
        f"{label}: {look.word}" if label else look.word,
    )


@register.simple_tag
def status(kind: str, value: Any) -> SafeString:
    """Return the badge of a status of `kind`, e.g. "finding". Raises KeyError for a status without a look."""
    # What is so, is not so or is not known has no text of its own.
    return _status(kind, value if value is None or isinstance(value, bool) else str(value))


@lru_cache(maxsize=1024, typed=True)
def _status(kind: str, value: Any) -> SafeString:
    return _badge(looks.look(kind, value))


@register.simple_tag
def server_state(server: Server) -> SafeString:
    """Return the badge of how a server stands today: its status, or that its approval has run out."""
    return _badge(looks.look("server_state", server_states.state(server, today=timezone.localdate())))


@register.simple_tag
def severity(value: Any) -> SafeString:
    """Return the badge of a finding's severity: its word, or its number (1 is worst)."""
    word = str(value)
    return _badge(looks.look("severity", Severity(int(word)).word if word.isdigit() else word))


@register.simple_tag
def residual(value: Any, label: str = "") -> SafeString:
    """Return the badge of a residual risk, behind a label where nothing beside it says so; empty: *Not assessed*."""
    return _badge(looks.look("residual", _key(value)), label=label)


@register.simple_tag
def band(value: Any, label: str = "") -> SafeString:
    """Return the badge of an assurance band, behind a label where nothing beside it says so; empty: *Not assessed*."""
    return _badge(looks.look("band", _key(value)), label=label)


@register.simple_tag
def tier(value: Any) -> SafeString:
    """Return the mark of an inherent tier (1 to 4), or *No tier* where none is known."""
    return _badge(looks.look("tier", "" if value in (None, "") else int(value)), bare=True)


@register.simple_tag
def fact(value: Any) -> SafeString:
    """Return the mark of one exposure fact of a deployment; an empty value says how an unknown counts."""
    return _badge(looks.look("fact", str(value or "")), bare=True)


@register.simple_tag
def evidence_level(value: Any) -> SafeString:
    """Return the badge of an evidence level (0 to 3, or "E0" to "E3")."""
    return _badge(looks.look("evidence_level", int(str(value).removeprefix("E"))))


@register.filter
def look(value: Any, kind: str) -> Look:
    """Return word, shape and tone of a value of `kind`, for markup that a badge does not fit."""
    return looks.look(kind, value)


def _key(value: Any) -> str:
    return str(value or "not_assessed").lower().replace(" ", "_")


@register.filter
def score(value: Any) -> str:
    """Return a score as it is shown everywhere, with two digits, or a dash for None."""
    return "–" if value is None else assurance.shown(Fraction(str(value)))


@register.filter
def percent(value: Any) -> str:
    """Return a share (0 to 1) as a whole percentage, or a dash for None."""
    return "–" if value is None else f"{assurance.shown(Fraction(str(value)) * 100, places=0)}\u00a0%"


@register.simple_tag
def moment(value: datetime | None, empty: str = "–") -> SafeString | str:
    """Return an instant in the organisation's zone, with its age as the tooltip and its exact value for machines."""
    if value is None:
        return empty
    local = timezone.localtime(value)
    age = f"{timesince(value)} ago" if value <= timezone.now() else f"in {timesince(timezone.now(), value)}"
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}">{}</time>',
        value.isoformat(timespec="seconds"),
        age,
        date_format(local, "j M Y, H:i"),
    )


@register.simple_tag
def exactly(value: datetime | None, empty: str = "–") -> SafeString | str:
    """Return an instant to the second, with the name of the organisation's zone, as records are compared by it."""
    if value is None:
        return empty
    shown = to_the_second(value)
    return format_html('<time class="nowrap" datetime="{}">{}</time>', value.isoformat(timespec="seconds"), shown)


def to_the_second(value: datetime) -> str:
    """Return an instant in the organisation's zone, as "2 Mar 2026, 12:00:30 UTC"."""
    local = timezone.localtime(value)
    return f"{date_format(local, 'j M Y, H:i:s')} {zones.name(local)}"


@register.simple_tag
def ago(value: datetime | None, empty: str = "never") -> SafeString | str:
    """Return the age of an instant in its largest unit, with the instant itself as the tooltip."""
    if value is None:
        return empty
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}">{} ago</time>',
        value.isoformat(timespec="seconds"),
        date_format(timezone.localtime(value), "j M Y, H:i"),
        timesince(value, depth=1),
    )


@register.simple_tag
def day(value: date | None, empty: str = "–") -> SafeString | str:
    """Return a calendar day."""
    return empty if value is None else _day(value)


@lru_cache(maxsize=4096)
def _day(value: date) -> SafeString:
    shown = date_format(value, "j M Y")
    return format_html('<time class="nowrap" datetime="{}">{}</time>', value.isoformat(), shown)


@register.simple_tag
def due(value: date | None, *, settled: bool = False, on: date | None = None) -> SafeString | str:
    """Return a due day and how far it is; late and soon are said in words. `settled`: it no longer matters."""
    if value is None:
        return "No due date"
    days = (value - (on or timezone.localdate())).days
    if settled or days > DUE_SOON_DAYS:
        return day(value)
    return format_html("{} {}", _day(value), _distance(days))


@lru_cache(maxsize=4096)
def _distance(days: int) -> SafeString:
    words = "today" if days == 0 else _days(abs(days), "overdue" if days < 0 else "left")
    tone = "due-late" if days < 0 else "due-soon"
    mark = icon("s-alert") if days < 0 else icon("s-clock")
    return format_html('<span class="nowrap {}">{} {}</span>', tone, mark, words)


def _days(count: int, word: str) -> str:
    return f"{plurals.counted(count, 'day')} {word}"


@register.filter
def fitting(plural: str, count: int) -> str:
    """Return the word of a list as it stands behind a number: "1 of 1 finding"."""
    return plurals.fitting(plural, count)


@register.filter
def short_digest(value: str) -> str:
    """Return the first 12 digits of a SHA-256, enough to recognise it by."""
    return value.removeprefix("sha256:")[:12]


_THEME_ICONS = {Theme.SYSTEM: "circle-half", Theme.LIGHT: "sun", Theme.DARK: "moon"}


@register.simple_tag
def themes() -> list[tuple[str, str, str]]:
    """Return the themes to choose from: the value, its word and its icon."""
    return [(theme.value, str(theme.label), _THEME_ICONS[theme]) for theme in Theme]


@register.simple_tag
def shortcuts() -> tuple[tuple[str, str], ...]:
    """Return the keys and what each does, beside those that lead to a section."""
    return places.SHORTCUTS


@register.simple_tag
def sections() -> list[Entry]:
    """Return all sections, each with the key that leads to it after `g`."""
    return places.entries()


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> list[tuple[str, list[Entry]]]:
    """Return the navigation that this person may use, with the current section marked.

    A page belongs to the section named by the context's `section`, else to the one its address starts with.
    """
    shown = places.shown_to(context.get("access"))
    return [(title, [_entry(entry, context) for entry in entries]) for title, entries in shown]


@register.simple_tag
def nav_link(entry: Entry, unread: int) -> SafeString:
    """Return the link of a line of the navigation; the one to the inbox says how many alerts nobody has read."""
    return _nav_link(entry, (entry.name == "inbox" and unread) or 0)


@lru_cache(maxsize=256)
def _nav_link(entry: Entry, unread: int) -> SafeString:
    key = format_html(' data-go="{}"', entry.key) if entry.key else ""
    here = mark_safe(' aria-current="true"') if entry.current else ""
    words = (icon(entry.icon), entry.word)
    count = (
        format_html(' <span class="count">{}<span class="visually-hidden"> unread</span></span>', unread)
        if unread
        else ""
    )
    return format_html('<a class="nav-link" href="{}"{}{}>{} {}{}</a>', entry.url, key, here, *words, count)


@register.simple_tag
def fixed(name: str) -> SafeString:
    """Return a part that is the same on every page; it is drawn once."""
    return _drawn(name) if not settings.DEBUG else _drawn.__wrapped__(name)


@lru_cache(maxsize=8)
def _drawn(name: str) -> SafeString:
    return mark_safe(get_template(name).render())  # noqa: S308 - a template escapes


def _entry(entry: Entry, context: Context) -> Entry:
    url = links.to(f"web:{entry.name}")
    path = getattr(context.get("request"), "path", "")
    section = context.get("section")
    here = section == entry.name if section else path == url or (url != "/" and path.startswith(url))
    return entry._replace(url=url, current=here)


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """Return the page's query string with the named parameters changed; None removes one, and the page always does."""
    asked = context["request"].GET.copy()
    for name in ("position", "page"):
        asked.pop(name, None)
    for name, value in changes.items():
        asked.pop(name, None)
        if value not in (None, ""):
            asked.setlist(name, [str(value)])
    pairs = [(name, value) for name, values in asked.lists() for value in values if value]
    return f"?{urlencode(pairs)}" if pairs else "?"


class SortLink(NamedTuple):
    """Where the head of a column leads, and how it is sorted now (an aria-sort value)."""

    url: str
    direction: str


@register.simple_tag(takes_context=True)
def sort_link(context: Context, name: str, now: str) -> SortLink:
    """Return the link that sorts a list by `name`, or turns it round; `now` is how it is sorted, "-" descending."""
    word = name.removeprefix("-")
    turned = word if name.startswith("-") else f"-{word}"
    direction = {word: "ascending", f"-{word}": "descending"}.get(now, "none")
    return SortLink(query(context, sort=turned if now == name else name), direction)
