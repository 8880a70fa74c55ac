"""How servers and vendors are listed, with what every room below knows of them: ratings, findings, reviews."""

from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts import access
from accounts.units.once_a_scope import OnceAScope
from assessments import suppliers
from assurance import diligence_of
from decisions.approvals import server_states
from findings.models import Finding
from riskregister.lists import Column, Kind, List, Where
from riskregister.queries.counting import count_of
from scoring import assurance
from scoring.deadlines import written
from scoring.scales import Residual
from vendors.models import Server, ServerSupplier, Vendor
from vendors.models.vendor import criticality_rank
from work.filters import ServerFilters, VendorFilters

# Of a vendor's servers: what is retired or rejected is of no risk any more, and so counts nowhere.
CURRENT = ~Q(server__status__in=Server.OUT_OF_USE)
RANK, NEXT_REVIEW = Coalesce("server__rating__residual_rank", 0), "server__rating__next_review_on"


def publisher_name() -> Subquery:
    """Return the name of the outer server's publisher as a column, empty where none is recorded."""
    publishers = ServerSupplier.objects.publishers().filter(server=OuterRef("pk"))
    return Subquery(publishers.values("vendor__name")[:1])


@OnceAScope
def _servers(user: Any) -> QuerySet[Server]:
    # A server is rated from its registration on; said so, the index of an order by what its rating says serves it.
    rated = Server.objects.visible_to(user).filter(rating__isnull=False)
    rows = rated.select_related("unit", "owner", "rating", "pinned_release")
    kept = rows.defer("purpose", "rating__dimensions", "rating__caps", "pinned_release__server_json")
    return with_findings(kept.defer("pinned_release__instructions").prefetch_related("tags"), user)


def with_findings(rows: QuerySet[Server], user: Any) -> QuerySet[Server]:
    """Return servers with their publisher and the number of findings to do that the person sees, in columns."""
    to_do = Finding.objects.visible_to(user).being_fixed()
    return rows.annotate(publisher=publisher_name(), findings_open=count_of(to_do, "server"))


def _rated(server: Server, field: str) -> Any:
    rating = getattr(server, "rating", None)
    return getattr(rating, field) if rating else None


def _state(server: Server, today: date) -> str:
    return server_states.state(server, today=today)


def _residual(server: Server, _today: date) -> str:
    return _rated(server, "residual") or Residual.NOT_ASSESSED.value


def _coverage(server: Server, _today: date) -> str:
    share = _rated(server, "coverage")
    return assurance.shown(Fraction(share) * 100) if share else ""


def _covered(server: Server, _today: date) -> str:
    share = _rated(server, "coverage")
    part = Fraction(share or 1)
    return f"{assurance.shown(part * 100, places=0)}\u00a0% covered" if part < 1 else ""


SERVERS = List(
    word="servers",
    cells="servers/cells.html",
    rows=_servers,
    filters=ServerFilters,
    columns=(
        Column("Number", "ref", Kind.REF, where=Where.FILE),
        Column("Server", "title", Kind.TITLE, sort="title", cell="server"),
        Column("Registry name", "name", where=Where.FILE),
        Column("Vendor", "publisher", empty="Not known yet", sub="unit.name", cell="vendor"),
        Column("Unit", "unit.name", where=Where.FILE),
        Column("Owner", "owner.name", Kind.PERSON, where=Where.FILE, empty="Nobody"),
        Column(
            "Status",
            _state,
            Kind.BADGE,
            looks="server_state",
            field="state",
            sub=lambda row, _: "In use" if row.is_in_use else "",
        ),
        Column("In use", "is_in_use", Kind.FLAG, where=Where.FILE),
        Column(
            "Tags",
            lambda row, _: ", ".join(tag.word for tag in row.tags.all()),
            where=Where.FILE,
            field="",  # `tags`, a list
        ),
        Column("Tier", "inherent_tier", Kind.BADGE, sort="tier", looks="tier"),
        Column("Tier at best", "tier_at_best", Kind.NUMBER, where=Where.FILE),
        Column("Why this tier", "tier_reason", where=Where.FILE),
        Column("Residual risk", _residual, Kind.BADGE, sort="residual", looks="residual", field="rating.residual"),
        Column("Assurance", "rating.score_percent", Kind.SCORE, sort="score", sub=_covered),
        Column(
            "Band",
            lambda row, _: _rated(row, "band") or "not_assessed",
            Kind.BADGE,
            where=Where.FILE,
            looks="band",
            field="",  # `rating.band`, which is empty where nothing was assessed
        ),
        Column("Coverage %", _coverage, where=Where.FILE, field=""),
        Column("To do", "findings_open", Kind.NUMBER, to=("server-findings", "pk")),
        Column("Next review", "rating.next_review_on", Kind.DUE, sort="review"),
        Column("Approved until", "rating.approved_until", Kind.DUE, sort="approved"),
        Column("Worse than approved since", "rating.worse_since", Kind.MOMENT, where=Where.FILE),
        Column("Pinned release", "pinned_release", where=Where.FILE),
    ),
    sorts={
        "number": "number",
        "created_at": "created_at id",
        "title": "title number",
        "tier": "inherent_tier title number",
        # Among equals as they were registered: what is said of the rating and of the server has no index in common.
        "residual": "rating__residual_rank rating__score_percent? id",
        "score": "rating__score_percent? id",
        "review": "rating__next_review_on? id",
        "approved": "rating__approved_until? id",
    },
    default="residual",
)


def _supplied(user: Any) -> QuerySet[ServerSupplier]:
    return supplies(user).select_related("server__unit", "server__rating")


# Servers as a vendor has them: once for each role in which it stands behind one.
SUPPLIED = List(
    word="servers",
    rows=_supplied,
    columns=(
        Column(
            "Server",
            "server.title",
            Kind.TITLE,
            sub=lambda row, _: f"{row.server.ref} · {row.server.name}",
            to=("server-detail", "server_id"),
        ),
        Column("Role", "get_role_display"),
        *(
            column.behind("server")
            for column in SERVERS.some("Unit", "Status", "Tier", "Residual risk", "Assurance", "Next review")
        ),
    ),
    sorts={"title": "server__title id"},
    default="title",
)


def with_figures(rows: QuerySet[Vendor], user: Any) -> QuerySet[Vendor]:
    """Return vendors with all that the list shows of them, in columns; nothing of other units is counted."""
    current = supplies(user).filter(CURRENT, vendor=OuterRef("pk")).order_by().values("vendor")
    to_do = Finding.objects.visible_to(user).being_fixed()
    return diligence_of.with_due_diligence(rows).annotate(
        worst_rank=Subquery(current.annotate(_n=Min(RANK)).values("_n")),
        next_review_on=Subquery(current.annotate(_n=Min(NEXT_REVIEW)).values("_n")),
        findings_open=count_of(to_do, "vendor") + count_of(to_do, "server__suppliers__vendor"),
        servers_count=Coalesce(Subquery(current.annotate(_n=Count("server", distinct=True)).values("_n")), 0),
        assessed_at=Subquery(suppliers.in_force().filter(vendor=OuterRef("pk")).values("finalised_at")[:1]),
        criticality_rank=criticality_rank(),
    )


def worst_of(vendor: Vendor) -> str:
    """Return the worst residual risk of a vendor's servers, or an empty text when it has none."""
    return worst(vendor.worst_rank)  # type: ignore[attr-defined]


def worst(rank: int | None) -> str:
    """Return the residual risk of a rank, or an empty text for none."""
    return "" if rank is None else list(Residual)[rank].value


def supplies(user: Any) -> QuerySet[ServerSupplier]:
    """Return the vendors behind the servers that the person sees, once for each role."""
    seen = access.of(user)
    rows = ServerSupplier.objects.all()
    return rows if seen.sees_all_units else rows.filter(server__unit_id__in=seen.unit_ids)


@OnceAScope
def _vendors(user: Any) -> QuerySet[Vendor]:
    rows = Vendor.objects.visible_to(user).select_related("relationship_owner").prefetch_related("kinds")
    return with_figures(rows.defer("notes"), user)


def due_diligence(vendor: Vendor, today: date) -> str:
    """Return how the due diligence of a vendor of this list stands: a key of the looks of "due diligence"."""
    return diligence_of.state(vendor, today=today)


def _about(vendor: Vendor, _today: date) -> str:
    owner = vendor.relationship_owner.name if vendor.relationship_owner else ""
    return " · ".join(part for part in (vendor.ref, vendor.country, owner) if part)


def _worst(vendor: Vendor, _today: date) -> str:
    return worst_of(vendor)


def _assessed(vendor: Any, _today: date) -> str:
    return f"assessed {written(timezone.localdate(vendor.assessed_at))}" if vendor.assessed_at else "never assessed"


VENDORS = List(
    word="vendors",
    cells="vendors/cells.html",
    rows=_vendors,
    filters=VendorFilters,
    columns=(
        Column("Number", "ref", Kind.REF, where=Where.FILE),
        Column("Vendor", "name", Kind.TITLE, sort="name", sub=_about),
        Column("Legal entity", "legal_entity", where=Where.FILE),
        Column(
            "Supplies",
            lambda row, _: ", ".join(str(kind) for kind in row.kinds.all()),
            Kind.WORDS,
            cell="supplies",
            field="",  # `kinds`, a list
        ),
        Column("Status", "status", Kind.BADGE, sort="status", looks="vendor"),
        Column("Criticality", "criticality", Kind.RATED, sort="criticality", looks="severity", empty="Not judged"),
        Column("Due diligence", due_diligence, Kind.RATED, looks="due diligence", field="due_diligence"),
        Column("Country", "country", where=Where.FILE),
        Column("Website", "website", where=Where.FILE),
        Column("Owner", "relationship_owner.name", Kind.PERSON, where=Where.FILE),
        Column("Current servers", "servers_count", Kind.NUMBER, to=("vendor-servers", "pk")),
        Column(
            "Worst residual",
            _worst,
            Kind.RATED,
            looks="residual",
            empty="No server",
            field="worst_residual",
        ),
        Column("Findings to do", "findings_open", Kind.NUMBER, to=("vendor-findings", "pk")),
        Column("Last assessed", "assessed_at", where=Where.FILE),
        Column("Next review", "next_review_on", Kind.DUE, sub=_assessed, empty="None ahead"),
    ),
    sorts={
        "number": "number",
        "created_at": "created_at id",
        "name": "name",
        "status": "status name",
        "criticality": "criticality_rank name",
    },
    default="name",
)
