"""How people, units and tokens are listed, and events as far as a person may read them."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts import access
from accounts.access import Capability
from accounts.filters import PersonKey, UnitKey
from accounts.models import ApiToken, ApiTokenQuerySet, Unit, User
from audit.events import words
from audit.models import Event
from riskregister import looks, nouns
from riskregister.filter_widgets import DAY
from riskregister.filters import Day, Exact, FilterSet, Flag, Key, Moment, One, Words
from riskregister.lists import Column, Kind, List, Where

# A sign-in leaves no row that would have a card.
SIGN_INS = {"signin": ("Sign-ins", ("signin",))}


def groups() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return what events can be about: its word for addresses and for people, and how its verbs begin."""
    told = {noun.word: (noun.plural.capitalize(), noun.verbs) for noun in nouns.cards() if noun.verbs}
    return dict(sorted((told | SIGN_INS).items(), key=lambda group: group[1][0]))


class EventFilters(FilterSet):
    """Which events: what happened, who did it, to what, when, and in which unit."""

    on_page = ("what", "who", "about", "since", "until", "unit", "verb")

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
    until = Day(field_name="at", lookup_expr="date__lte", label="To")
    before = Moment(field_name="at", lookup_expr="lt", label="Before")
    unit = UnitKey()
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
        wanted = Q(pk__in=[])
        for word in groups()[value][1]:
            wanted |= Q(verb__startswith=f"{word}.")
        return rows.filter(wanted)

    def by_noun(self, rows: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """Return events whose verb begins with the word."""
        return rows.filter(verb__startswith=f"{value}.")

    def by_object(self, rows: QuerySet[Event], name: str, value: str) -> QuerySet[Event]:
        """Return events of the object with this id, or of objects whose label holds the words."""
        try:
            pk = UUID(value)
        except ValueError:
            return rows.filter(object_label__holds=value)
        return rows.filter(Q(object_id=pk) | Q(concerns_id=pk))


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


class PersonFilters(FilterSet):
    """Which people."""

    aliases = {"q": "search"}
    on_page = ("search", "is_active")

    search = Words(
        method="by_words", label="Search", help_text="words in the name; for administrators in the address too"
    )
    is_active = Flag(field_name="is_active", label="Account", yes="Can sign in", no="Barred")

    def by_words(self, rows: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """Return people with these words in their name, or for administrators, who read it, in their address."""
        found = Q(name__holds=value)
        reads_addresses = access.of(self.request.user).can(Capability.ADMINISTER)
        return rows.filter(found | Q(email__holds=value) if reads_addresses else found)


def _people(user: Any) -> QuerySet[User]:
    return access.visible_people(user).prefetch_related("memberships__unit")


def _roles(person: User, _today: date) -> str:
    held = person.memberships.all()
    return ", ".join(f"{one.get_role_display()} in {one.unit or 'all units'}" for one in held)


PEOPLE = List(
    word="people",
    rows=_people,
    filters=PersonFilters,
    columns=(
        Column("Name", "name", Kind.HEADING, sort="name", to=("person", "pk")),
        # The page is for administrators; the API lists people to all colleagues, by their names.
        Column("E-mail address", "email", Kind.WORDS, sort="email", field=""),
        Column("Roles", _roles, Kind.WORDS, empty="No role", field=""),
        Column("State", "state", Kind.BADGE, sort="state", looks="account", field=""),
        Column("Last signed in", "last_login", Kind.AGO, sort="-signed_in", empty="Never", field=""),
    ),
    sorts={
        "id": "id",
        "name": "name id",
        "email": "email",
        # Who can sign in comes first.
        "state": "-is_active name id",
        "signed_in": "last_login? -name -id",
    },
    default="state",
)


class UnitFilters(FilterSet):
    """Which units."""

    aliases = {"q": "search"}

    search = Words(method="by_words", label="Search", help_text="words in name or code")
    code = Exact(field_name="code", label="Code")

    def by_words(self, rows: QuerySet[Unit], name: str, value: str) -> QuerySet[Unit]:
        """Return units with these words in name or code."""
        return rows.filter(Q(name__holds=value) | Q(code__holds=value))


UNITS = List(
    word="units",
    rows=access.visible_units,
    filters=UnitFilters,
    columns=(
        Column("Unit", "name", Kind.HEADING, to=("unit", "pk")),
        Column("Code", "code", Kind.CODE),
        Column("Servers", "servers_count", Kind.NUMBER, field=""),
    ),
    sorts={"name": "name"},
    default="name",
)


STATES = [(word, looks.word("account", word)) for word in ("active", "expired", "revoked")]


class TokenFilters(FilterSet):
    """Which tokens."""

    aliases = {"q": "search"}
    on_page = ("search", "state")

    search = Words(method="by_words", label="Search", help_text="words in the name of the token or of its owner")
    state = One(
        field_name="state",
        label="State",
        empty="Any state",
        choices=STATES,
        help_text="how it stands now, by the clock",
    )
    owner = PersonKey(field_name="user_id", label="Owner")

    def filter_queryset(self, queryset: ApiTokenQuerySet) -> QuerySet[ApiToken]:
        """Return the tokens that fit, with their state at the moment as a column."""
        return super().filter_queryset(queryset.with_state(now=self.now))  # type: ignore[no-any-return]

    def by_words(self, rows: QuerySet[ApiToken], name: str, value: str) -> QuerySet[ApiToken]:
        """Return tokens with these words in their name, or in that of their owner."""
        return rows.filter(Q(name__holds=value) | Q(user__name__holds=value))


TOKENS = List(
    word="tokens",
    cells="administration/cells.html",
    rows=access.visible_tokens,
    filters=TokenFilters,
    columns=(
        Column("Token", "name", Kind.HEADING, sort="name", cell="token"),
        Column("Prefix", "prefix", where=Where.FILE),
        Column("Owner", "user.name", Kind.PERSON, sort="owner", to=("person", "user_id")),
        Column("Scopes", lambda row, _: ", ".join(row.scopes), Kind.TEXT, field=""),
        Column("Made", "created_at", Kind.MOMENT, sort="-id"),
        Column("Expires", "expires_at", Kind.MOMENT, sort="expires"),
        Column("Last used", "last_used_at", Kind.AGO, empty="Never"),
        Column("State", "state", Kind.BADGE, looks="account"),
        Column("Steps", "", Kind.STEP, where=Where.PAGE, cell="revoke"),
    ),
    # Their ids grow with the moment at which they were made.
    sorts={"id": "id", "name": "name id", "owner": "user__name id", "expires": "expires_at id"},
    default="-id",
)
