"""How servers are listed with their levels, the worst first."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from accounts.filters import UnitKey
from accounts.models import Unit
from riskregister import looks
from riskregister.filters import Choice, Key, One, Searchable
from riskregister.lists import Column, Kind, List, Where
from riskregister.queries.searching import with_words
from vendors.lists import TIERS
from vendors.models import Server, ServerSupplier, Vendor
from work.lists import publisher_name
from work.supply_chain import levels

SIGNALS = {"exploited": "Exploited", "malicious": "Malicious"}


def _states(level: str) -> list[tuple[str, str]]:
    return [(str(state), look.word) for state, look in looks.kinds()[f"{level} level"].items()]


class SupplyChainFilters(Searchable):
    """Which servers."""

    on_page = ("search", "unit", "inherent_tier", "package", "signal", "ecosystem", "inspection")

    unit = UnitKey()
    inherent_tier = One(field_name="levels__tier", label="Tier", empty="Any tier", choices=TIERS, stored=int)
    package = Choice(field_name="levels__package", label="Packages", empty="Any", choices=_states(levels.PACKAGE))
    signal = One(
        method="by_signal", label="In packages", empty="Anything", choices=SIGNALS.items(),
        help_text="whether what hits its packages is exploited, or the package itself malicious",
    )  # fmt: skip
    ecosystem = Choice(field_name="levels__ecosystem", label="Threats", empty="Any", choices=_states(levels.ECOSYSTEM))
    inspection = Choice(
        field_name="levels__inspection", label="Inspection", empty="Any",
        choices=_states(levels.INSPECTION),
    )  # fmt: skip
    vendor = Key(
        method="by_vendor",
        label="Vendor",
        rows=Vendor.objects.visible_to,
        only_asked=True,
        help_text="a vendor that stands behind it in any role",
    )

    def by_words(self, rows: QuerySet[Server], name: str, value: str) -> QuerySet[Server]:
        """Return servers whose number, title or registry name holds the words."""
        return rows.filter(with_words(Server, value))

    def by_signal(self, rows: QuerySet[Server], name: str, value: str) -> QuerySet[Server]:
        """Return servers whose packages something of this kind hits."""
        return rows.filter(**{f"levels__{value}__gt": 0})

    def by_vendor(self, rows: QuerySet[Server], name: str, value: UUID) -> QuerySet[Server]:
        """Return servers behind which the vendor stands in any role."""
        return rows.filter(Exists(ServerSupplier.objects.filter(server=OuterRef("pk"), vendor=value)))


def counted(user: Any, *, unit: Unit | None = None) -> QuerySet[Server]:
    """Return the servers that are shown: those that the person sees and that count, or of them those of a unit."""
    rows = counting_of(Server.objects.visible_to(user))
    return rows.filter(unit=unit) if unit else rows


def counting_of(servers: QuerySet[Server]) -> QuerySet[Server]:
    """Return those of the servers that count: neither retired nor rejected, and with their levels worked out."""
    return servers.filter(levels__isnull=False).exclude(status__in=Server.OUT_OF_USE)


def _rows(user: Any) -> QuerySet[Server]:
    rows = counted(user).select_related("unit", "levels").annotate(publisher=publisher_name())
    return rows.only("number", "title", "name", "status", "inherent_tier", "unit__name", "levels")


def _why(level: str) -> Any:
    def reasons(row: Server, _today: date) -> str:
        return "; ".join(levels.words_of(row.levels.why.get(level, [])))

    return reasons


def _level(name: str) -> tuple[Column, Column]:
    word = levels.WORDS[name]
    return (
        Column(word, f"levels.{name}", Kind.BADGE, looks=f"{name} level", cell=name, field=f"{name}.state"),
        Column(f"{word}: why", _why(name), where=Where.FILE, field=""),
    )


SUPPLY_CHAIN = List(
    word="servers",
    file_name="supply-chain",
    cells="supply_chain/cells.html",
    rows=_rows,
    filters=SupplyChainFilters,
    columns=(
        Column("Number", "ref", Kind.REF, where=Where.FILE),
        Column("Server", "title", Kind.TITLE, sort="title", sub=lambda row, _: f"{row.ref} · {row.unit.name}"),
        Column("Registry name", "name", where=Where.FILE),
        Column("Unit", "unit.name", where=Where.FILE),
        Column("Vendor", "publisher", where=Where.FILE, empty="Not known yet"),
        Column("Tier", "inherent_tier", Kind.BADGE, looks="tier"),
        *_level(levels.PACKAGE),
        *_level(levels.ECOSYSTEM),
        *_level(levels.INSPECTION),
        Column(
            levels.WORDS[levels.RUNTIME], lambda _row, _today: levels.NOT_WATCHED, Kind.BADGE, looks="runtime level",
            field="runtime.state",
        ),
        Column("Vulnerabilities", "levels.hits", Kind.NUMBER, where=Where.FILE, field=""),
        Column("Exploited", "levels.exploited", Kind.NUMBER, where=Where.FILE, field=""),
        Column("Malicious", "levels.malicious", Kind.NUMBER, where=Where.FILE, field=""),
    ),
    sorts={"worst": "levels__rank id", "title": "title number"},
    default="worst",
)  # fmt: skip
