"""How requests for servers are listed."""

from typing import Any

from django.db.models import QuerySet

from accounts.filters import PersonKey, UnitKey
from intake.models import ServerRequest
from riskregister.filters import Choice, Key, Searchable
from riskregister.lists import Column, Kind, List
from vendors.models import Server


class RequestFilters(Searchable):
    """Which requests."""

    on_page = ("search", "status", "asked_by", "unit")

    status = Choice(
        label="State",
        empty="Any state",
        choices=ServerRequest.Status.choices,
        groups={"waiting": ("Waiting", ServerRequest.WAITING)},
    )
    asked_by = PersonKey(field_name="asked_by_id", label="Asked by", words={"me": "Me"})
    unit = UnitKey()
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)


def _rows(user: Any) -> QuerySet[ServerRequest]:
    return ServerRequest.objects.visible_to(user).select_related("unit", "server", "asked_by")


REQUESTS = List(
    word="requests",
    rows=_rows,
    filters=RequestFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Asked for", "what", Kind.TITLE, sub="unit.name"),
        Column("State", "status", Kind.BADGE, looks="request"),
        Column("Server", "server.title", Kind.WORDS, empty="Not found yet"),
        Column("For", "purpose", Kind.PROSE, cut=16),
        Column("Agent", "agent", Kind.WORDS),
        Column("Asked by", "asked_by.name", Kind.PERSON),
        Column("Asked", "asked_at", Kind.MOMENT),
    ),
    sorts={"number": "number"},
    default="-number",
)
