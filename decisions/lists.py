"""How reviews, decisions, overrides and ratings are listed."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from accounts.filters import PersonKey, UnitKey
from decisions.models import Approval, RatingOverride, Review, ServerRating
from riskregister.filters import Choice, Day, FilterSet, Key, Overdue, Searchable
from riskregister.lists import Column, Kind, List, Where
from scoring.scales import Band, Residual
from vendors.models import Server

STATES = {
    "overdue": "Overdue",
    "open": "Open",
    "scheduled": "Scheduled",
    "done": "Done",
    "skipped": "Skipped",
    "all": "All",
}


class ReviewFilters(Searchable):
    """Which reviews."""

    on_page = ("search", "state", "assignee", "unit", "trigger")
    also = ("server__title", "server__name", "assignee__name")
    ranges = {"due_before": "due_on"}

    state = Choice(
        method="by_state",
        label="State",
        empty="Open or scheduled",
        choices=STATES.items(),
        help_text="how it stands today, by the clock",
    )
    status = Choice(label="Status", choices=Review.Status.choices)
    assignee = PersonKey(field_name="assignee_id", label="Whose", words={"me": "Mine", "none": "Nobody's"})
    unit = UnitKey()
    trigger = Choice(label="Why", empty="Anything", choices=Review.Trigger.choices)
    server = Key(field_name="server_id", label="Server", rows=Server.objects.visible_to, only_asked=True)
    due_before = Day(field_name="due_on", lookup_expr="lt", label="Due before")
    is_overdue = Overdue(no="In time")

    def at_first(self, rows: QuerySet[Review]) -> QuerySet[Review]:
        """Return what is still to be done, unless a state or a status is asked for."""
        cleaned = self.form.cleaned_data
        return rows if cleaned.get("state") or cleaned.get("status") else rows.filter(status__in=Review.WAITING)

    def by_state(self, rows: QuerySet[Review], name: str, value: list[str]) -> QuerySet[Review]:
        """Return reviews in one of these states today."""
        if "all" in value:
            return rows
        if value == ["overdue"]:
            return rows.filter(Review.overdue_on(self.today))
        found = Q(status__in=value)
        return rows.filter(found | Review.overdue_on(self.today) if "overdue" in value else found)


def _rows(user: Any) -> QuerySet[Review]:
    return Review.objects.visible_to(user).select_related("server", "unit", "assignee", "assessment")


def _state(row: Review, today: date) -> str:
    return row.state(today=today)


REVIEWS = List(
    word="reviews",
    cells="reviews/cells.html",
    rows=_rows,
    filters=ReviewFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Server", "server.title", Kind.TITLE, sub="unit"),
        Column("Registry name", "server.name", where=Where.FILE, field=""),
        Column("Unit", "unit.name", where=Where.FILE),
        Column("State", _state, Kind.BADGE, looks="review", sub="skip_reason", field="state"),
        Column("Due", "due_on", Kind.DUE, sort="due_on", matters=lambda row, _: row.status in Review.WAITING),
        Column("Assignee", "assignee.name", Kind.PERSON, empty="Nobody"),
        Column("Why", "get_trigger_display", Kind.PROSE, sub="trigger_reason", cut=12),
        Column("Reason", "trigger_reason", where=Where.FILE),
        Column("Assessment", "assessment.ref", Kind.WORDS, cell="assessment"),
        Column("Settled", "done_at", Kind.MOMENT, where=Where.FILE),
    ),
    sorts={
        "due_on": "due_on number",
        "number": "number",
    },
    default="due_on",
)


class ApprovalFilters(Searchable):
    """Which decisions."""

    also = ("server__title", "server__name")

    status = Choice(label="Status", choices=Approval.Status.choices)
    state = Choice(
        method="by_state",
        label="State",
        choices=[*Approval.Status.choices, (Approval.EXPIRED, "Expired")],
        help_text="how it stands today, by the clock",
    )
    decision = Choice(label="Decision", choices=Approval.Decision.choices)
    unit = UnitKey()
    server = Key(field_name="server_id", label="Server")
    ranges = {"valid_before": "valid_until"}

    valid_before = Day(field_name="valid_until", lookup_expr="lt", label="Valid until before")

    def by_state(self, rows: QuerySet[Approval], name: str, value: list[str]) -> QuerySet[Approval]:
        """Return decisions in one of these states today."""
        return rows.filter(Approval.in_states(value, today=self.today))


def _approvals(user: Any) -> QuerySet[Approval]:
    near = ("unit", "server", "assessment", "release", "decided_by", "withdrawn_by")
    return Approval.objects.visible_to(user).select_related(*near)


def _stands(row: Approval, today: date) -> str:
    return row.state(today=today)


def _withdrawn(row: Approval, _today: date) -> str:
    return f"{row.withdrawn_by}: {row.withdrawn_reason}" if row.withdrawn_reason else ""


APPROVALS = List(
    word="decisions",
    cells="reviews/cells.html",
    rows=_approvals,
    filters=ApprovalFilters,
    columns=(
        Column("Number", "ref", Kind.REF, sort="-number"),
        Column("Decision", "decision", Kind.BADGE, looks="decision"),
        Column("Status", _stands, Kind.BADGE, looks="approval", sub=_withdrawn, field="state"),
        Column("Release", "release", Kind.SHORT),
        Column("Assessment", "assessment.ref", Kind.WORDS, cell="assessment"),
        Column("Valid until", "valid_until", Kind.DAY),
        Column("Decided", "decided_at", Kind.MOMENT, sub="decided_by.name"),
    ),
    sorts={"number": "number", "valid_until": "valid_until? number"},
    default="-number",
)


class OverrideFilters(Searchable):
    """Which overrides."""

    also = ("server__title", "server__name")

    status = Choice(label="Status", choices=RatingOverride.Status.choices)
    server = Key(field_name="server_id", label="Server")
    unit = UnitKey()


def _overrides(user: Any) -> QuerySet[RatingOverride]:
    return RatingOverride.objects.visible_to(user).select_related("unit", "server", "requested_by", "decided_by")


OVERRIDES = List(word="overrides", rows=_overrides, filters=OverrideFilters, sorts={"id": "id"}, default="-id")


def residual_by_rank(field_name: str) -> Choice:
    """Return the filter by residual risk, by its rank: the order of the list begins with that."""
    return Choice(
        field_name=field_name,
        label="Residual risk",
        choices=[(one.value, one.label) for one in Residual],
        stored=lambda word: Residual(word).rank,
    )


class RatingFilters(FilterSet):
    """Which ratings."""

    residual = residual_by_rank("residual_rank")
    band = Choice(label="Band", choices=[(one.value, one.label) for one in Band])
    unit = UnitKey(field_name="server__unit_id")


def _ratings(user: Any) -> QuerySet[ServerRating]:
    return ServerRating.objects.visible_to(user).select_related("server", "assessment")


RATINGS = List(
    word="ratings",
    rows=_ratings,
    filters=RatingFilters,
    sorts={"risk": "residual_rank score_percent? server_id"},
    default="risk",
)
