"""How inventories are listed."""

from typing import Any

from django.db.models import QuerySet

from accounts.filters import UnitKey
from composition.models import Inventory
from riskregister.filters import Choice, FilterSet, Key
from riskregister.lists import Column, Kind, List, Where
from vendors.models import Release, Server


class InventoryFilters(FilterSet):
    """Which inventories."""

    on_page = ("status", "unit")

    status = Choice(label="State", empty="Any state", choices=Inventory.Status.choices)
    unit = UnitKey(field_name="server__unit_id")
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)
    release = Key(field_name="release_id", label="Release", rows=Release.objects.visible_to, only_asked=True)


def _inventories(user: Any) -> QuerySet[Inventory]:
    return Inventory.objects.visible_to(user).select_related("server", "release", "given_by", "document")


INVENTORIES = List(
    word="inventories",
    rows=_inventories,
    filters=InventoryFilters,
    columns=(
        Column("Number", "ref", Kind.REF),
        Column("What it describes", "scope", Kind.TITLE, sub="form"),
        Column("Form", "form", where=Where.FILE),
        Column("Server", "server.title", Kind.TEXT, to=("server-detail", "server.pk")),
        Column("Release", "release", Kind.SHORT, field=""),
        Column("Components", "components_count", Kind.NUMBER),
        Column("Cannot be compared", "unknown_count", Kind.NUMBER),
        Column("State", "status", Kind.BADGE, looks="inventory"),
        Column("Taken", "taken_at", Kind.MOMENT, sort="-taken_at"),
        Column("Given by", "given_by.name", Kind.PERSON, empty="A command"),
        Column("SHA-256", "document.sha256", Kind.DIGEST, where=Where.FILE),
    ),
    sorts={"taken_at": "taken_at id"},
    default="-taken_at",
)
