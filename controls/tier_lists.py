"""How the gap of deployments to their governance tiers is listed, acceptances of lower tiers, and tier plans."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.filters import PersonKey, UnitKey
from accounts.models import User
from controls.models import TierAcceptance, TierPlan
from controls.tiers import below, measuring
from controls.tiers.measuring import Measured
from riskregister.filters import Choice, Flag, Key, One, Overdue, Searchable
from riskregister.lists import Column, Kind, List
from vendors.lists import TIERS as INHERENT_TIERS
from vendors.models import Deployment, Server
from vendors.models.deployment import DeploymentQuerySet

TIERS = [("1", "Tier 1"), ("2", "Tier 2"), ("3", "Tier 3")]
_AT_ONCE = 500


class MeasuredQuerySet(DeploymentQuerySet):
    """Deployments of which each knows the others of its page, so that what is missing is worked out for all at once."""

    def _fetch_all(self) -> None:
        super()._fetch_all()
        _introduce(self._result_cache or ())

    def iterator(self, chunk_size: int | None = None) -> Iterator[Deployment]:
        """Yield the rows of a file, of which some know each other."""
        rows = super().iterator(chunk_size or _AT_ONCE)
        while some := list(islice(rows, _AT_ONCE)):
            _introduce(some)
            yield from some


def _introduce(rows: Iterable[Any]) -> None:
    page = [row for row in rows if isinstance(row, Deployment)]
    for row in page:
        row.__dict__.setdefault("page", page)


def gap_of(row: Deployment, today: date) -> Measured:
    """Return what is missing for the tiers of a row of the list; the first that asks has it worked out for its page."""
    if "gap" not in row.__dict__:
        page: list[Deployment] = row.__dict__.get("page", [row])
        found = measuring.by_deployment(page, today=today)
        for one in page:
            one.__dict__["gap"] = found[one.pk]
    gap: Measured = row.__dict__["gap"]
    return gap


def gap_rows(user: Any) -> "QuerySet[Deployment]":
    """Return the current deployments that a person may see, of servers that are in use, with what is missing."""
    seen = MeasuredQuerySet(Deployment).visible_to(user).filter(ended_on=None)
    rows = seen.exclude(server__status__in=Server.OUT_OF_USE).select_related("server", "owner")
    # A deployment and its server have sixty columns, of which the list and the API show these.
    own = ("number", "name", "environment", *measuring.COLUMNS)
    return rows.only(*own, "server__number", "server__title", "owner__name")


class GapFilters(Searchable):
    """Which deployments."""

    on_page = ("search", "governance_tier", "is_set", "is_below", "environment", "inherent_tier", "unit", "has_plan")
    also = ("server__title", "name", "agent")

    governance_tier = One(field_name="governance_tier", label="Governance tier", empty="Any", choices=TIERS, stored=int)
    is_set = Flag(
        field_name="governance_tier", lookup_expr="isnull", exclude=True, label="Set", yes="A tier is set",
        no="Not set",
    )  # fmt: skip
    is_below = Flag(
        method="by_below", label="Proposed", yes="Lower than proposed", no="As proposed or higher", empty="Any"
    )
    environment = Choice(label="Environment", choices=Deployment.Environment.choices)
    inherent_tier = One(
        field_name="inherent_tier", label="Inherent tier", empty="Any", choices=INHERENT_TIERS, stored=int
    )
    unit = UnitKey(field_name="server__unit_id")
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)
    has_plan = Flag(method="by_plan", label="Plan", yes="Under way", no="None", empty="Any")

    def by_below(self, rows: "QuerySet[Deployment]", name: str, value: Any) -> "QuerySet[Deployment]":
        """Return those that run below the tier proposed, or those that run at it or above it."""
        if value is None:
            return rows
        held = rows.alias(proposed=below.proposed()).filter(governance_tier__isnull=False)
        return (
            held.filter(governance_tier__lt=F("proposed")) if value else held.filter(governance_tier__gte=F("proposed"))
        )

    def by_plan(self, rows: "QuerySet[Deployment]", name: str, value: Any) -> "QuerySet[Deployment]":
        """Return those for which a plan is under way, of their own or of their server, or all others."""
        if value is None:
            return rows
        under_way = TierPlan.objects.under_way()
        if value:
            # From the plans, which are few: asked of each deployment, all of them would be read.
            mine = Q(deployment=None) | Q(deployment=F("server__deployments"))
            return rows.filter(pk__in=under_way.filter(mine).values("server__deployments"))
        own = Exists(under_way.filter(deployment=OuterRef("pk")))
        of_server = Exists(under_way.filter(server=OuterRef("server"), deployment=None))
        return rows.filter(~own & ~of_server)


def _held_against(row: Deployment, today: date) -> str:
    gap = gap_of(row, today)
    proposed = f"proposed {gap.proposal.tier}"
    return "as proposed" if gap.proposal.tier == gap.tier else proposed if gap.tier else f"{proposed}, held against it"


def _in_place(number: int) -> Any:
    def words(row: Deployment, today: date) -> str:
        one = gap_of(row, today).shortfalls[number - 1]
        return f"{one.met} of {one.needed}"

    return words


def _missing(row: Deployment, today: date) -> int:
    return len(gap_of(row, today).at.missing)


def _effort(row: Deployment, today: date) -> int:
    return gap_of(row, today).at.effort


TIER_GAPS = List(
    word="gaps to tier",
    rows=gap_rows,
    filters=GapFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Deployment", "name", Kind.TITLE, sub="server.title", to=("tier-gap-detail", "pk")),
        Column("Environment", "get_environment_display", Kind.WORDS),
        Column("Inherent tier", "inherent_tier", Kind.BADGE, looks="tier", sort="inherent_tier"),
        Column("Governance tier", "governance_tier", Kind.BADGE, looks="governance tier", sub=_held_against),
        Column("In place for tier 1", _in_place(1), Kind.SHORT, field=""),
        Column("For tier 2", _in_place(2), Kind.SHORT, field=""),
        Column("For tier 3", _in_place(3), Kind.SHORT, field=""),
        Column("Missing for it", _missing, Kind.NUMBER, field=""),
        Column("Effort", _effort, Kind.NUMBER, unit="d", field=""),
        Column("Owner", "owner.name", Kind.PERSON, empty="Nobody"),
    ),
    sorts={"number": "number", "inherent_tier": "inherent_tier number"},
    default="-number",
    file_name="gap-to-tier",
)


class TierAcceptanceFilters(Searchable):
    """Which acceptances of lower tiers."""

    on_page = ("search", "status", "unit", "is_over")

    status = Choice(label="Decision", empty="Any decision", choices=TierAcceptance.Status.choices)
    unit = UnitKey()
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)
    deployment = Key(
        field_name="deployment_id", label="Deployment", rows=Deployment.objects.visible_to, only_asked=True
    )
    is_over = Flag(method="by_end", label="End", yes="Ran out", no="Still to come", empty="Any")

    def by_end(self, rows: "QuerySet[TierAcceptance]", name: str, value: Any) -> "QuerySet[TierAcceptance]":
        """Return those whose last day has passed, or all others."""
        if value is None:
            return rows
        return rows.filter(expires_on__lt=self.today) if value else rows.filter(expires_on__gte=self.today)


def _acceptances(user: Any) -> "QuerySet[TierAcceptance]":
    return TierAcceptance.objects.visible_to(user).select_related("unit", "server", "deployment", "requested_by")


TIER_ACCEPTANCES = List(
    word="tier acceptances",
    rows=_acceptances,
    filters=TierAcceptanceFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Deployment", "deployment", Kind.TITLE, sub="server.title"),
        Column("Tier", "tier", Kind.NUMBER),
        Column("Proposed", "proposed", Kind.NUMBER),
        Column(
            "State",
            lambda row, today: row.state(today=today),
            Kind.BADGE,
            looks="tier acceptance",
            field="state",
        ),
        Column("Until", "expires_on", Kind.DAY, sort="expires_on"),
        Column("Asked for by", "requested_by.name", Kind.PERSON),
    ),
    sorts={"number": "number", "expires_on": "expires_on number"},
    default="-number",
)


def owners(user: Any) -> "QuerySet[User]":
    """Return the people who own a tier plan that the person may see."""
    owned = TierPlan.objects.visible_to(user).filter(owner=OuterRef("pk"))
    return User.objects.filter(Exists(owned)).order_by("name").only("name")


class TierPlanFilters(Searchable):
    """Which tier plans."""

    on_page = ("search", "status", "unit", "owner", "is_overdue")

    status = Choice(label="State", empty="Any state", choices=TierPlan.Status.choices)
    to_tier = One(label="To tier", empty="Any tier", choices=TIERS, stored=int)
    unit = UnitKey()
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)
    deployment = Key(
        field_name="deployment_id", label="Deployment", rows=Deployment.objects.visible_to, only_asked=True
    )
    owner = PersonKey(field_name="owner_id", label="Owner", people=owners)
    is_overdue = Overdue()


def _plans(user: Any) -> "QuerySet[TierPlan]":
    rows = TierPlan.objects.visible_to(user).with_next_due()
    return rows.select_related("unit", "server", "deployment", "owner")


TIER_PLANS = List(
    word="tier plans",
    rows=_plans,
    filters=TierPlanFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("For", "about", Kind.TITLE, sub="server.title", field=""),
        Column("From tier", "from_tier", Kind.NUMBER, empty="None"),
        Column("To tier", "to_tier", Kind.NUMBER, sort="to_tier"),
        Column("State", "status", Kind.BADGE, looks="tier plan"),
        Column(
            "Next milestone",
            "next_due",
            Kind.DUE,
            matters=lambda row, _today: row.status == TierPlan.Status.UNDER_WAY,
            empty="None",
            field="",
        ),
        Column("Owner", "owner.name", Kind.PERSON, empty="Nobody"),
    ),
    sorts={"number": "number", "to_tier": "to_tier number"},
    default="-number",
)
