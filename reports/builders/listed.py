"""The lines of the register: its findings, each with what is planned against it, and the servers that it is about."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from catalogue.models import Question
from decisions.approvals import server_states
from findings.models import Finding, RemediationPlan
from reports.builders import entries
from reports.builders.entries import day
from riskregister import looks
from scoring.scales import Severity
from vendors.models import Server


@dataclass(frozen=True, slots=True)
class Row:
    """A finding; `plan` says what will be done by `plan_target_on`, `controls` which ones its question bears on."""

    ref: str
    title: str
    subject: str
    unit: str
    severity: str
    status: str
    dimension: str
    controls: tuple[str, ...]
    found_at: str
    age_days: int
    owner: str
    due_on: str
    overdue_days: int
    accepted_until: str
    plan: str
    plan_target_on: str
    milestones: int
    milestones_done: int


@dataclass(frozen=True, slots=True)
class ServerRow:
    """A server as it stands; `score` is what counts now, exact."""

    ref: str
    title: str
    name: str
    unit: str
    vendors: tuple[str, ...]
    status: str
    in_use: bool
    tier: int
    at_best: int
    residual: str
    band: str
    score: str
    owner: str
    approved_until: str
    next_review_on: str


def findings(rows: QuerySet[Finding], *, now: datetime) -> tuple[Row, ...]:
    """Return findings by line, the unsettled first and the worst of them first."""
    today = timezone.localdate(now)
    until, controls = entries.accepted_until(rows, today=today), _controls(rows)
    loaded = rows.select_related("server", "vendor", "unit", "owner").prefetch_related("plans__milestones")
    made = [
        _row(row, accepted=until.get(row.pk, ""), controls=controls.get(row.question_key, ()), now=now)
        for row in loaded.order_by("severity", "number")
    ]
    settled = {status.label for status in Finding.SETTLED}
    return tuple(sorted(made, key=lambda row: row.status in settled))


def _controls(rows: QuerySet[Finding]) -> dict[str, tuple[str, ...]]:
    """Return by question the controls of the current frameworks that it bears on."""
    keys = rows.exclude(question_key="").order_by().values("question_key")
    pairs = Question.objects.filter(key__in=keys, controls__framework__status="current").order_by("controls__ref")
    found: dict[str, list[str]] = {}
    for key, ref in pairs.values_list("key", "controls__ref").distinct():
        found.setdefault(key, []).append(ref)
    return {key: tuple(refs) for key, refs in found.items()}


def _row(row: Finding, *, accepted: str, controls: tuple[str, ...], now: datetime) -> Row:
    plan: RemediationPlan | None = next((one for one in row.plans.all() if one.is_current), None)
    steps = list(plan.milestones.all()) if plan else []
    return Row(
        ref=row.ref,
        title=row.title,
        subject=str(row.subject),
        unit=row.unit.name if row.unit else "All units",
        severity=Severity(row.severity).word,
        status=row.get_status_display(),
        dimension=entries.dimension_word(row.dimension),
        controls=controls,
        found_at=entries.moment(row.created_at),
        age_days=entries.age_days(row, now=now),
        owner=entries.name(row.owner),
        due_on=day(row.due_on),
        overdue_days=entries.overdue_days(row, today=timezone.localdate(now)),
        accepted_until=accepted,
        plan=plan.description if plan else "",
        plan_target_on=day(plan.target_on) if plan else "",
        milestones=len(steps),
        milestones_done=sum(step.done_at is not None for step in steps),
    )


def servers(rows: QuerySet[Server], *, today: date) -> tuple[ServerRow, ...]:
    """Return servers by line, the worst residual risk first; one without a rating is not assessed, and is first."""
    loaded = rows.select_related("unit", "owner", "rating").prefetch_related("suppliers__vendor")
    made = [_server(row, today=today) for row in loaded.order_by("rating__residual_rank", "inherent_tier", "number")]
    return tuple(sorted(made, key=lambda row: row.residual != "not_assessed"))


def _server(row: Server, *, today: date) -> ServerRow:
    rating = getattr(row, "rating", None)
    return ServerRow(
        ref=row.ref,
        title=row.title,
        name=row.name,
        unit=row.unit.name,
        vendors=tuple(dict.fromkeys(str(supplier.vendor) for supplier in row.suppliers.all())),
        status=looks.word("server_state", server_states.state(row, today=today)),
        in_use=row.is_in_use,
        tier=row.inherent_tier,
        at_best=row.tier_at_best,
        residual=rating.residual if rating else "not_assessed",
        band=(rating.band if rating else "") or "not_assessed",
        score=rating.score if rating else "",
        owner=entries.name(row.owner),
        approved_until=day(rating.approved_until) if rating else "",
        next_review_on=day(rating.next_review_on) if rating else "",
    )
