"""How people, units and tokens are listed."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from accounts import access
from accounts.access import Capability
from accounts.filters import PersonKey
from accounts.models import ApiToken, ApiTokenQuerySet, Unit, User
from riskregister import looks
from riskregister.filters import Exact, FilterSet, Flag, One, Words
from riskregister.lists import Column, Kind, List, Where


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

    def as_shown(self, rows: ApiTokenQuerySet) -> QuerySet[ApiToken]:  # type: ignore[override]
        """Return tokens with their state at the moment as a column."""
        return rows.with_state(now=self.now)

    def filter_queryset(self, queryset: ApiTokenQuerySet) -> QuerySet[ApiToken]:
        """Return the tokens that fit, with their state at the moment as a column."""
        return super().filter_queryset(self.as_shown(queryset))  # type: ignore[no-any-return]

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
        Column("Owner", "user.name", Kind.PERSON, to=("person", "user_id")),
        Column("Scopes", lambda row, _: ", ".join(row.scopes), Kind.TEXT, field=""),
        Column("Made", "created_at", Kind.MOMENT, sort="-id"),
        Column("Expires", "expires_at", Kind.MOMENT, sort="expires"),
        Column("Last used", "last_used_at", Kind.AGO, empty="Never"),
        Column("State", "state", Kind.BADGE, looks="account"),
        Column("Steps", "", Kind.STEP, where=Where.PAGE, cell="revoke"),
    ),
    # Their ids grow with the moment at which they were made.
    sorts={"id": "id", "name": "name id", "expires": "expires_at id"},
    default="-id",
)
