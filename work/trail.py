"""How events are listed, as far as a person may read them."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import access
from accounts.filters import UnitKey
from accounts.units import belonging as own
from audit.events import every, words
from audit.models import Event
from riskregister import nouns
from riskregister.filter_widgets import DAY
from riskregister.filters import Day, Exact, FilterSet, Key, Moment, One, Words
from riskregister.lists import Column, Kind, List, Where
from vendors import belonging

# A sign-in leaves no row that would have a card.
SIGN_INS = {"signin": ("Sign-ins", ("signin",))}


def groups() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return what events can be about: its word for addresses and for people, and how its verbs begin."""
    told = {noun.word: (noun.plural.capitalize(), noun.verbs) for noun in nouns.cards() if noun.verbs}
    return dict(sorted((told | SIGN_INS).items(), key=lambda group: group[1][0]))


def of_units(units: Collection[UUID]) -> Q:
    """Return the condition that an event belongs to the units: by its own unit, or by the vendor that it concerns."""
    about_vendors = Q(scope=Event.Scope.ORGANISATION) & belonging.each_by_vendor(units, vendor="concerns_id")
    return own.in_units(units) | about_vendors


class EventFilters(FilterSet):
    """Which events: what happened, who did it, to what, when, and in which unit."""

    on_page = ("what", "who", "about", "since", "until", "unit", "verb")
    ranges = {"since": "at", "until": "at", "before": "at"}

    what = One(
        method="by_group",
        label="What",
        empty="Everything",
        choices=lambda: [(word, named) for word, (named, _verbs) in groups().items()],
        help_text="what it is about, e.g. server: with its releases, tools and deployments",
    )
    who = Words(field_name="actor_label", lookup_expr="holds", label="Who", help_text="words in the actor's name")
    about = Words(
        method="by_object", label="To what", help_text="the id of an object, also where it is concerned, or words"
    )
    since = Moment(field_name="at", lookup_expr="gte", label="From", widget=DAY)
    until = Day(field_name="at", method="by_last_day", label="To")
    before = Moment(field_name="at", lookup_expr="lt", label="Before")
    unit = UnitKey(of=of_units, note=belonging.WORDS)
    verb = Exact(label="Event name", help_text="e.g. finding.closed")
    noun = Exact(method="by_noun", label="Noun", help_text="how the verb begins, e.g. finding")
    object = Key(field_name="object_id", label="Object")
    concerns = Key(field_name="concerns_id", label="Concerns")
    actor = Exact(field_name="actor_id", label="Actor's id")
    correlation = Key(field_name="correlation_id", label="Occasion")

    def worded(self, name: str, value: str) -> str:
        """Return a filter's value as people read it: an object by its name instead of its id, else an empty text."""
        if name != "about":
            return ""
        try:
            named = self.queryset.filter(object_id=UUID(value)).values_list("object_label", flat=True)
        except ValueError:
            return ""
        return named.order_by("-at").first() or ""

    def by_group(self, rows: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """Return events whose verbs begin as those of the noun do."""
        return rows.filter(verb__in=_verbs(*groups()[value][1]))

    def by_noun(self, rows: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """Return events whose verb begins with the word."""
        return rows.filter(verb__in=_verbs(value))

    def by_last_day(self, rows: QuerySet[Event], name: str, value: date) -> QuerySet[Event]:
        """Return events up to the end of a day; as a moment, which has a place in an index."""
        following = datetime.combine(value + timedelta(days=1), time(), tzinfo=timezone.get_default_timezone())
        return rows.filter(at__lt=following)

    def by_object(self, rows: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """Return events of the object with this id, or of objects whose label holds the words."""
        try:
            pk = UUID(value)
        except ValueError:
            return rows.filter(object_label__holds=value)
        return rows.filter(Q(object_id=pk) | Q(concerns_id=pk))


def _verbs(*begun: str) -> list[str]:
    """Return the declared verbs that begin with one of the words: each has its place in an index, a beginning has not
    where the database sorts by the words of a language.
    """
    return [one.verb for one in every() if one.verb.partition(".")[0] in begun]


def _rows(user: Any) -> QuerySet[Event]:
    return access.visible_events(user).defer("body")


def _what(event: Event, _today: date) -> str:
    return words(event.verb)


EVENTS = List(
    word="events",
    file_name="audit-trail",
    cells="trail/cells.html",
    rows=_rows,
    filters=EventFilters,
    columns=(
        Column("When", "at", Kind.WHEN, sort="-at"),
        Column("What", _what, Kind.HEADING, field=""),
        Column("Event", "verb", where=Where.FILE),
        Column("Type", "object_type", where=Where.FILE),
        Column("To what", "object_label", Kind.PROSE),
        Column("Object id", "object_id", where=Where.FILE),
        Column("Actor kind", "actor_kind", where=Where.FILE),
        Column("Who", "actor_label", Kind.WORDS, cell="who"),
        Column("Why", "reason", Kind.WORDS, cut=20),
        Column("Unit", "unit_id", where=Where.FILE),
        Column("Event id", "id", where=Where.FILE),
        Column("SHA-256", "digest", where=Where.FILE),
    ),
    sorts={"at": "at id"},
    default="-at",
)
