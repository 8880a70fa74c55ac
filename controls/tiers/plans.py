"""Steps of tier plans: made, changed, a milestone moved, given up; the clock marks what is done and finishes them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts import principals, steps
from accounts.access import Capability
from accounts.models import User
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from audit.context import SYSTEM
from controls.models import TierMilestone, TierPlan
from controls.tiers import below, progress, tables
from riskregister import nouns, versions
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_text
from riskregister.transitions import change_if, move
from riskregister.unit_of_work import unit_of_work
from vendors import fields
from vendors.models import Deployment, Server

UNDER_WAY = TierPlan.Status.UNDER_WAY
LONGEST = timedelta(days=3 * 366)


class TierPlanInvalid(Refused):
    """The plan cannot be made like this."""


def _twice(_row: Any) -> Conflict:
    return Conflict("A plan towards a tier is under way here already. Change that one.")


@step("tier_plan.made", needs=Capability.WRITE, makes=TierPlan, taken=_twice)
def plan_for_deployment(
    deployment: Deployment,
    *,
    to_tier: int,
    revision: str,
    target_on: date,
    by: Principal,
    now: datetime,
    owner: User | None = None,
    note: str = "",
) -> Done[TierPlan]:
    """Return the plan of a deployment towards a higher tier: each control that is missing is a milestone by a day.

    Raises TierPlanInvalid for a tier that is not higher or for which nothing is missing, or a day out of reach;
    Conflict while another plan of the deployment is under way.
    """
    below.refuse_ended(deployment)
    facts = {"to_tier": to_tier, "revision": revision, "owner": owner, "note": note, "target_on": target_on}
    return _made(deployment.server, [deployment], deployment=deployment, facts=facts, by=by, now=now)


@step("tier_plan.made", needs=Capability.WRITE, makes=TierPlan, taken=_twice)
def plan_for_server(
    server: Server,
    *,
    to_tier: int,
    revision: str,
    target_on: date,
    by: Principal,
    now: datetime,
    owner: User | None = None,
    note: str = "",
) -> Done[TierPlan]:
    """Return the same for all current deployments of a server, which must have one."""
    rows = list(server.deployments.filter(ended_on=None))
    if not rows:
        raise TierPlanInvalid("This server has no deployment that could get to a tier.")
    facts = {"to_tier": to_tier, "revision": revision, "owner": owner, "note": note, "target_on": target_on}
    return _made(server, rows, deployment=None, facts=facts, by=by, now=now)


@step("tier_plan.changed", needs=Capability.WRITE, frm=(UNDER_WAY,), edits=versions.facts("owner", "note"))
def change(tier_plan: TierPlan, *, owner: User | None, note: str, by: Principal, now: datetime) -> Done[TierPlan]:
    """Return the plan with another owner and note; records nothing when neither differs."""
    fields.refuse_outsider(owner, unit_id=tier_plan.unit_id, field="owner")
    changed = fields.differing(tier_plan, {"owner": owner, "note": clean_text(note, field="note")})
    if not changed:
        return Unchanged(tier_plan)
    fields.put_on(tier_plan, changed)
    return Done(tier_plan)


@step("tier_plan.rescheduled", needs=Capability.WRITE, frm=(UNDER_WAY,))
def reschedule(tier_plan: TierPlan, *, control: str, due_on: date, by: Principal, now: datetime) -> Done[TierPlan]:
    """Return the plan with the milestone of a control, by its reference, due on another day.

    Raises TierPlanInvalid where the plan has no such milestone or for a day out of reach, Conflict for one done.
    """
    _refuse_day(due_on, today=timezone.localdate(now), field="due_on")
    milestone = tier_plan.milestones.filter(control__ref=control).first()
    if milestone is None:
        raise TierPlanInvalid(f"The plan has no milestone for {control}.", field="control")
    was = milestone.due_on
    if not change_if(milestone, {"done_on": None}, due_on=due_on):
        raise Conflict("This control is in place already.", field="control")
    return Done(tier_plan, control=control, was=was.isoformat(), due_on=due_on.isoformat())


@step("tier_plan.dropped", needs=Capability.WRITE, frm=(UNDER_WAY,), to=TierPlan.Status.DROPPED, reason="reason")
def drop(tier_plan: TierPlan, *, reason: str, by: Principal, now: datetime) -> TierPlan:
    """Give up a plan, with the reason."""
    tier_plan.ended_at, tier_plan.drop_reason = now, reason
    return tier_plan


def keep_up(*, now: datetime) -> int:
    """Mark the milestones whose controls are in place, finish the plans of which nothing is missing, and return how
    many plans changed; each in its own transaction. Six statements find them, whatever their number.
    """
    standing = progress.of_plans(TierPlan.objects.under_way(), today=timezone.localdate(now))
    return sum(_kept_up(one, now=now) for one in standing if one.is_behind)


def _kept_up(standing: progress.Standing, *, now: datetime) -> bool:
    with unit_of_work():
        plan = TierPlan.objects.select_related("server", "deployment").get(pk=standing.plan)
        nouns.hold(plan)
        if plan.status != UNDER_WAY:
            return False
        for milestone in plan.milestones.select_related("control"):
            _mark(plan, milestone, standing, now=now)
        if not standing.needed:
            reason = "All deployments that it was for have ended."
            move(plan, TierPlan.Status.DROPPED, ended_at=now, drop_reason=reason)
            steps.record("tier_plan.dropped", plan, by=SYSTEM, now=now, reason=reason)
        elif not standing.missing:
            move(plan, TierPlan.Status.FINISHED, ended_at=now)
            steps.record("tier_plan.finished", plan, by=SYSTEM, now=now, to_tier=plan.to_tier)
        return True


def _mark(plan: TierPlan, milestone: TierMilestone, standing: progress.Standing, *, now: datetime) -> None:
    ref = milestone.control.ref
    is_done = ref not in standing.missing
    if is_done == (milestone.done_on is not None):
        return
    milestone.done_on = timezone.localdate(now) if is_done else None
    milestone.save(update_fields=["done_on"])
    verb = "tier_plan.milestone_done" if is_done else "tier_plan.milestone_undone"
    steps.record(verb, plan, by=SYSTEM, now=now, control=ref)


def _made(
    server: Server,
    rows: Iterable[Deployment],
    *,
    deployment: Deployment | None,
    facts: dict[str, Any],
    by: Principal,
    now: datetime,
) -> Done[TierPlan]:
    today, deployments = timezone.localdate(now), list(rows)
    target_on = facts.pop("target_on")
    _refuse_day(target_on, today=today, field="target_on")
    start = _start(deployments, facts["revision"], facts["to_tier"])
    fields.refuse_outsider(facts["owner"], unit_id=server.unit_id, field="owner")
    lacking = progress.missing_of(deployments, revision=facts["revision"], tier=facts["to_tier"], today=today)
    if not lacking:
        raise TierPlanInvalid(f"Nothing is missing for tier {facts['to_tier']}. Set it.", field="to_tier")
    plan = TierPlan(
        unit_id=server.unit_id, server=server, deployment=deployment, from_tier=start, **facts | {
            "note": clean_text(facts["note"], field="note")
        }, made_by=principals.person_of(by), made_at=now,
    )  # fmt: skip
    plan.save(force_insert=True)
    made = [TierMilestone(plan=plan, control=control, due_on=target_on) for control in lacking]
    TierMilestone.objects.bulk_create(made)
    return Done(plan, to_tier=plan.to_tier, controls=len(made))


def _start(deployments: Iterable[Deployment], revision: str, to_tier: int) -> int:
    """Return the lowest tier of the deployments in this revision, 0 where none is set. Raises TierPlanInvalid."""
    if revision not in Deployment.GovernanceRevision.values:
        raise TierPlanInvalid("Name the revision of MI-20 that the tier is of.", field="revision")
    if to_tier not in tables.TIERS:
        raise TierPlanInvalid("Choose governance tier 1, 2 or 3.", field="to_tier")
    start = min(row.governance_tier or 0 if row.governance_revision == revision else 0 for row in deployments)
    if to_tier <= start:
        raise TierPlanInvalid(f"It is at tier {start} already. Choose a higher one.", field="to_tier")
    return start


def _refuse_day(day: date, *, today: date, field: str) -> None:
    if not today <= day <= today + LONGEST:
        raise TierPlanInvalid("Give a day from today to three years from now.", field=field)
