"""What narrows a list, declared once a noun and read by both doors: as a form on a page, as parameters in the API.

A filter has one name in both. What it does not understand is an error that the door shows, never a list of everything.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from riskregister.filter_fields import Instant, KeyField
from riskregister.filter_widgets import DAY, OneOf, OneOfSeveral, TrueOrFalse
from riskregister.queries import searching

Pairs = Iterable[tuple[str, str]]


class Words(django_filters.CharFilter):  # type: ignore[misc]
    """Words that somebody types."""

    schema: ClassVar[dict[str, Any]] = {"type": "string"}


class Choice(django_filters.MultipleChoiceFilter):  # type: ignore[misc]
    """One or several of a few words; rows fit that have any of them.

    `empty` stands on a page where nothing is chosen, `offered` are the words that a page offers (unless said all),
    `groups` further words that stand for several values, `stored` returns what a column holds for a word.
    """

    def __init__(
        self,
        *,
        choices: Pairs,
        empty: str = "Any",
        offered: Sequence[str] = (),
        groups: Mapping[str, tuple[str, Sequence[str]]] | None = None,
        stored: Callable[[str], Any] = str,
        **how: Any,
    ) -> None:
        """Say what can be chosen."""
        self.groups, self.stored = groups or {}, stored
        pairs = [*choices, *((word, label) for word, (label, _) in self.groups.items())]
        how.setdefault("widget", OneOfSeveral(empty=empty, offered=offered))
        super().__init__(choices=pairs, distinct=False, **how)

    @property
    def schema(self) -> dict[str, Any]:
        """Return what a value may be, as in OpenAPI."""
        return {"type": "string", "enum": sorted(word for word, _ in self.extra["choices"])}

    def values(self, words: Iterable[str]) -> list[Any]:
        """Return what a column may hold for the words."""
        return [self.stored(one) for word in words for one in (self.groups[word][1] if word in self.groups else [word])]

    def filter(self, rows: "QuerySet[Any]", words: list[str]) -> "QuerySet[Any]":
        """Return the rows that have one of the values."""
        return rows.filter(**{f"{self.field_name}__in": self.values(words)}) if words else rows


class One(django_filters.ChoiceFilter):  # type: ignore[misc]
    """One of a few words; `empty` stands on a page where none is chosen, `stored` returns what a column holds.

    The choices may be a function, where they are known only once all rooms are loaded.
    """

    def __init__(
        self,
        *,
        choices: "Pairs | Callable[[], Pairs]",
        empty: str = "Any",
        stored: Callable[[str], Any] = str,
        **how: Any,
    ) -> None:
        """Say what can be chosen."""
        self.stored = stored
        known = choices if callable(choices) else list(choices)
        super().__init__(choices=known, empty_label=None, widget=OneOf(empty=empty), **how)

    @property
    def schema(self) -> dict[str, Any]:
        """Return what a value may be, as in OpenAPI."""
        choices = self.extra["choices"]
        words = sorted(word for word, _ in (choices() if callable(choices) else choices))
        return {"type": "integer"} if self.stored is int else {"type": "string", "enum": words}

    def filter(self, rows: "QuerySet[Any]", word: str) -> "QuerySet[Any]":
        """Return the rows that have the value."""
        return rows.filter(**{self.field_name: self.stored(word)}) if word else rows


class Exact(django_filters.CharFilter):  # type: ignore[misc]
    """A value to the letter; a page offers what `offered` returns."""

    schema: ClassVar[dict[str, Any]] = {"type": "string"}

    def __init__(self, *, offered: "Callable[[], Pairs] | None" = None, empty: str = "Any", **how: Any) -> None:
        """Say what is offered."""
        super().__init__(**how | ({"widget": OneOf(empty=empty, choices=offered)} if offered else {}))


class Flag(django_filters.Filter):  # type: ignore[misc]
    """True or false; `yes` and `no` say what that is in words, and a page offers what has one."""

    field_class = forms.TypedChoiceField
    schema: ClassVar[dict[str, Any]] = {"type": "boolean"}

    def __init__(self, *, yes: str = "", no: str = "", empty: str = "Any", **how: Any) -> None:
        """Say what the two values mean."""
        offered = [value for value, word in (("true", yes), ("false", no)) if word]
        how |= {"choices": [("true", yes or "Yes"), ("false", no or "No")], "coerce": lambda value: value == "true"}
        super().__init__(empty_value=None, widget=TrueOrFalse(empty=empty, offered=offered), **how)


class Overdue(Flag):
    """Whether the day of a row has passed, as `overdue_on` of its model has it."""

    def __init__(self, **how: Any) -> None:
        """Name it as all lists do."""
        super().__init__(**{"label": "Due", "empty": "Any day", "yes": "Overdue"} | how)

    def filter(self, rows: "QuerySet[Any]", value: Any) -> "QuerySet[Any]":
        """Return the rows that are overdue, or all others."""
        if value is None:
            return rows
        model: Any = rows.model
        late = model.overdue_on(self.parent.today)
        return rows.filter(late if value else ~late)


class Key(django_filters.Filter):  # type: ignore[misc]
    """The id of a row that this one belongs to.

    A page offers the rows that `rows` returns for the person; with `only_asked` no more than the one that the address
    names, since a choice of a thousand helps nobody and takes long to draw. `understands` are words that stand for a
    row, `words` those of them that a page offers.
    """

    understands: ClassVar[tuple[str, ...]] = ()
    words: Mapping[str, str] = {}

    def __init__(
        self,
        *,
        rows: "Callable[[Any], QuerySet[Any]] | None" = None,
        only_asked: bool = False,
        empty: str = "All",
        **how: Any,
    ) -> None:
        """Say what is offered."""
        super().__init__(**how)
        self.rows, self.only_asked, self.empty = rows, only_asked, empty

    @property
    def schema(self) -> dict[str, Any]:
        """Return what a value may be, as in OpenAPI."""
        key = {"type": "string", "format": "uuid"}
        return {"anyOf": [key, {"type": "string", "enum": list(self.understands)}]} if self.understands else key

    @property
    def field(self) -> KeyField:
        """Return the form's field; what it offers is looked up when it is drawn."""
        if not hasattr(self, "_field"):
            offers = self.rows or self.words
            widget = OneOf(empty=self.empty, choices=self._pairs) if offers else forms.TextInput()
            self._field = KeyField(words=self.understands, label=self.label, required=False, widget=widget)
        return self._field

    def offered(self, user: Any) -> list[tuple[str, str]]:
        """Return the rows that a page offers, by their ids."""
        rows = self.rows(user) if self.rows else None
        if rows is None:
            return []
        return [(str(row.pk), str(row)) for row in (rows.filter(pk=self._asked()) if self.only_asked else rows)]

    def _asked(self) -> UUID | None:
        try:
            return UUID(self.parent.data.get(self.parent.name_of(self), ""))
        except ValueError:
            return None

    def _pairs(self) -> list[tuple[str, str]]:
        # Drawn and worded: asked for twice, looked up once.
        if not hasattr(self, "_offered"):
            self._offered = [*self.words.items(), *self.offered(getattr(self.parent.request, "user", None))]
        return self._offered


class Day(django_filters.DateFilter):  # type: ignore[misc]
    """A day."""

    schema: ClassVar[dict[str, Any]] = {"type": "string", "format": "date"}

    def __init__(self, **how: Any) -> None:
        """Let a page show the picker of the browser."""
        super().__init__(**{"widget": DAY} | how)


class Moment(django_filters.IsoDateTimeFilter):  # type: ignore[misc]
    """An instant with its zone."""

    field_class = Instant
    schema: ClassVar[dict[str, Any]] = {"type": "string", "format": "date-time"}


class Number(django_filters.Filter):  # type: ignore[misc]
    """A whole number."""

    field_class = forms.IntegerField
    schema: ClassVar[dict[str, Any]] = {"type": "integer"}


class FilterSet(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of a noun.

    `on_page` names those that a page always shows, in their order; it shows the others while they narrow the list.
    `aliases` are further names by which both doors know a filter. `ranges` names the order of each filter by a bound:
    with it the list is in no other. An index that begins at the bound serves one order only, and a walk in another
    would read whatever lies outside it first: the latest findings are those that were due before a day last.
    """

    aliases: ClassVar[Mapping[str, str]] = {}
    ranges: ClassVar[Mapping[str, str]] = {}
    on_page: ClassVar[tuple[str, ...]] = ()
    filters: dict[str, Any]

    def __init__(
        self, data: Any = None, queryset: Any = None, *, request: HttpRequest | None = None, now: datetime, **how: Any
    ) -> None:
        """Keep the moment at which what is overdue or in force is asked."""
        super().__init__(self.renamed(data or QueryDict()), queryset, request=request, **how)
        self.now = now

    @property
    def today(self) -> date:
        """Return the day of the moment."""
        return timezone.localdate(self.now)

    @classmethod
    def renamed(cls, data: Any) -> Any:
        """Return the query with the names that the filters have."""
        if not any(name in data for name in cls.aliases):
            return data
        query = data.copy()
        for name, its in cls.aliases.items():
            if name in query:
                query.setlist(its, [*query.getlist(its), *query.pop(name)])
        return query

    @classmethod
    def unknown(cls, data: Iterable[str], *, but: Iterable[str]) -> list[str]:
        """Return the parameters that are neither filters nor among those that the door knows."""
        known = {*cls.base_filters, *cls.aliases, *but}
        return [name for name in data if name not in known]

    @classmethod
    def repeated(cls, data: QueryDict) -> list[str]:
        """Return the filters that take one value and are given more: all but one of them would go unheard."""
        single = {name for name, one in cls.base_filters.items() if not isinstance(one, Choice)}
        return [name for name, values in data.lists() if name in single and len(values) > 1]

    @classmethod
    def bound_order(cls, data: Any) -> str:
        """Return the order that the first filter by a bound asks for, or an empty text."""
        return next((order for name, order in cls.ranges.items() if data.get(name)), "")

    def name_of(self, one: django_filters.Filter) -> str:
        """Return the name of one of the filters."""
        return next(name for name, filter_ in self.filters.items() if filter_ is one)

    def fit_page(self) -> None:
        """Leave out of the form what a page shows only while it narrows the list; the rest in the order of a page."""
        rest = [name for name in self.filters if name not in self.on_page and self.data.get(name)]
        self.filters = {name: self.filters[name] for name in (*self.on_page, *rest)}

    def as_shown(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        """Return the rows of a list with what this moment says of them in columns."""
        return rows

    def at_first(self, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        """Return what a page lists while no filter says otherwise."""
        return rows

    def worded(self, name: str, value: str) -> str:
        """Return a value as people read it where its filter does not know, else an empty text."""
        return ""


class Searchable(FilterSet):
    """The filters of a noun that is found by its number and words too: those of its card, and what `also` names."""

    aliases: ClassVar[Mapping[str, str]] = {"q": "search"}
    also: ClassVar[tuple[str, ...]] = ()

    search = Words(method="by_words", label="Search")

    def by_words(self, rows: "QuerySet[Any]", name: str, value: str) -> "QuerySet[Any]":
        """Return the rows whose number or words hold the value."""
        return rows.filter(searching.with_words(rows.model, value, also=self.also))
