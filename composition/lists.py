"""How inventories and components are listed."""

import json
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from accounts.filters import UnitKey
from composition import knowledge
from composition.knowledge import Known
from composition.models import Component, Inventory, PackageVersion
from riskregister.filters import Choice, Exact, FilterSet, Flag, Key, Words
from riskregister.lists import Column, Kind, List, Where
from riskregister.queries import narrowing
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
        Column("Not comparable", "unknown_count", Kind.NUMBER),
        Column("State", "status", Kind.BADGE, looks="inventory"),
        Column("Taken", "taken_at", Kind.MOMENT, sort="-taken_at"),
        Column("Given by", "given_by.name", Kind.PERSON, empty="A command"),
        Column("SHA-256", "document.sha256", Kind.DIGEST, where=Where.FILE),
    ),
    sorts={"taken_at": "taken_at id"},
    default="-taken_at",
)


class ComponentFilters(FilterSet):
    """Which components."""

    on_page = ("search", "known", "needed", "unit")
    aliases = {"q": "search"}

    search = Words(method="by_package", label="Package", help_text="words in the name of the package")
    known = Choice(
        label="What is known", choices=Known.choices, method="by_known", help_text="by the advisories on record"
    )
    needed = Flag(field_name="is_direct", label="Needed", yes="By the server itself", no="By another package")
    unit = UnitKey(field_name="inventory__server__unit_id")
    name = Exact(field_name="package_version__name", label="Name", help_text="of the package, to the letter")
    version = Exact(field_name="package_version__version", label="Version")
    ecosystem = Exact(field_name="package_version__ecosystem", label="Ecosystem", help_text="as OSV names it: npm")
    licence = Exact(method="by_licence", label="Licence", help_text="one that it is under, as the inventory says it")
    counts = Flag(
        method="by_counting", label="Counts", yes="What servers are built from today",
        no="Other releases, and inventories that ended", help_text="of a current inventory of the release relied on",
    )  # fmt: skip
    server = Key(field_name="inventory__server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)
    inventory = Key(field_name="inventory_id", label="Inventory", rows=Inventory.objects.visible_to, only_asked=True)

    def at_first(self, rows: Any) -> QuerySet[Component]:
        """Return what servers are built from today, unless something else is asked for."""
        chosen = self.form.cleaned_data
        is_asked = chosen.get("inventory") or chosen.get("counts") is not None
        return rows if is_asked else rows.counting()  # type: ignore[no-any-return]

    def by_package(self, rows: Any, name: str, value: str) -> QuerySet[Component]:
        """Return the components whose package has these words in its name."""
        behind = narrowing.behind("package_version", PackageVersion.objects.all(), Q(name__holds=value))
        return rows.filter(behind)  # type: ignore[no-any-return]

    def by_known(self, rows: Any, name: str, words: list[str]) -> QuerySet[Component]:
        """Return those of which one of these is known."""
        return rows.filter(known__in=words) if words else rows  # type: ignore[no-any-return]

    def by_licence(self, rows: Any, name: str, value: str) -> QuerySet[Component]:
        """Return those that are under a licence, beside others or alone."""
        # One engine keeps a list as it was written, the other writes it anew, with letters of the world as they are.
        one, other = json.dumps(value), json.dumps(value, ensure_ascii=False)
        text = rows.annotate(licences_text=Cast("licences", TextField()))
        return text.filter(Q(licences_text__contains=one) | Q(licences_text__contains=other))  # type: ignore[no-any-return]

    def by_counting(self, rows: Any, name: str, value: Any) -> QuerySet[Component]:
        """Return what servers are built from today, or all the rest."""
        if value is None:
            return rows  # type: ignore[no-any-return]
        counting = Component.objects.counting().order_by().values("pk")
        return rows.filter(pk__in=counting) if value else rows.exclude(pk__in=counting)  # type: ignore[no-any-return]

    def as_shown(self, rows: Any) -> QuerySet[Component]:
        """Return them with what is known of each as a column."""
        return knowledge.with_known(rows)

    def filter_queryset(self, queryset: Any) -> QuerySet[Component]:
        """Return those that fit, with the same column."""
        return super().filter_queryset(self.as_shown(queryset))  # type: ignore[no-any-return]


def _components(user: Any) -> QuerySet[Component]:
    seen = Component.objects.visible_to(user).select_related("inventory__server", "inventory__release")
    return knowledge.with_advisories(seen)


def _needed(row: Component, _today: date) -> str:
    """Return by what a component came, in words; empty where the document does not say."""
    if row.is_direct:
        return "By the server itself"
    return f"By {row.path[-1]}" if row.path else "By another package" if row.is_direct is False else ""


def _way(row: Component, _today: date) -> str:
    """Return the way down to it where there is more of it than the last step."""
    return f"{' → '.join(row.path)} →" if len(row.path) > 1 else ""


COMPONENTS = List(
    word="components",
    rows=_components,
    filters=ComponentFilters,
    columns=(
        Column("Package", "package_version.name", Kind.TITLE, sub="package_version.ecosystem", field="name"),
        Column("Ecosystem", "package_version.ecosystem", where=Where.FILE, field="ecosystem"),
        Column("Version", "package_version.version", Kind.SHORT, empty="Not said", field="version"),
        Column(
            "What is known", "known", Kind.BADGE, looks="component", sub=lambda row, _: knowledge.why(row),
            field="known",
        ),
        Column("Why", lambda row, _: knowledge.why(row), where=Where.FILE, field="why"),
        Column("Server", "inventory.server.title", Kind.TEXT, to=("server-detail", "inventory.server_id"),
               field="server.title"),
        Column("Release", "inventory.release", Kind.SHORT, to=("inventory-detail", "inventory_id"), field=""),
        Column("Needed", _needed, Kind.WORDS, sub=_way, field=""),
        Column("Way", lambda row, _: " > ".join(row.path), where=Where.FILE, field=""),
        Column("Licences", lambda row, _: ", ".join(row.licences), Kind.WORDS, field=""),
        Column("Package URL", "package_version.purl", where=Where.FILE, field="purl"),
        Column("Digests", lambda row, _: " ".join(row.digests), where=Where.FILE, field=""),
        Column("Inventory", "inventory.ref", where=Where.FILE, field="inventory.ref"),
        Column("Taken", "inventory.taken_at", Kind.MOMENT, sort="-added", field=""),
    ),
    sorts={"added": "id"},
    default="-added",
)  # fmt: skip
