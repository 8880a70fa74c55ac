"""Steps of exit plans: written, written anew, tried."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from accounts import principals
from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, step
from exits.models import ExitPlan
from riskregister import plurals, versions
from riskregister.refusals import Conflict, Refused
from riskregister.text import clean_name, clean_reason
from scoring import deadlines
from vendors import fields
from vendors.models import Server

LONGEST_DAYS = 365


class PlanInvalid(Refused):
    """The plan, or what was seen of it, cannot be like this."""


@step("exit_plan.written", needs=Capability.WRITE, makes=ExitPlan)
def write(server: Server, *, plan: str, replacement: str, days: int, by: Principal, now: datetime) -> ExitPlan:
    """Return the exit plan of a server that had none; it counts for nothing until it was tried.

    Raises PlanInvalid for days that are not 0 to 365, Refused for an empty text, Conflict for a second plan.
    """
    facts = _cleaned(plan=plan, replacement=replacement, days=days)
    person = principals.person_of(by)
    made = ExitPlan(unit=server.unit, server=server, written_by=person, written_at=now, **facts)
    fields.save_once(made, otherwise=Conflict("This server has an exit plan already. Change that one."))
    return made


@step(
    "exit_plan.rewritten",
    needs=Capability.WRITE,
    to=ExitPlan.Status.DRAFT,
    edits=versions.facts("plan", "replacement", "days"),
)
def rewrite(exit_plan: ExitPlan, *, plan: str, replacement: str, days: int, by: Principal, now: datetime) -> ExitPlan:
    """Return the plan with other words; what was tried was another one, so it is not shown to work any more."""
    for name, value in _cleaned(plan=plan, replacement=replacement, days=days).items():
        setattr(exit_plan, name, value)
    exit_plan.counts_until = None
    exit_plan.written_by, exit_plan.written_at = principals.person_of(by), now
    return exit_plan


@step("exit_plan.worked", needs=Capability.WRITE, to=ExitPlan.Status.READY, reason="note")
def record_success(exit_plan: ExitPlan, *, tried_on: date, note: str, by: Principal, now: datetime) -> Done[ExitPlan]:
    """Record that the plan was tried on a day and agents went on, which counts for a year from then.

    Raises PlanInvalid for a day to come.
    """
    done = _tried(exit_plan, tried_on=tried_on, note=note, now=now)
    exit_plan.counts_until = deadlines.in_a_year(tried_on)
    return done


@step("exit_plan.failed", needs=Capability.WRITE, to=ExitPlan.Status.DRAFT, reason="note")
def record_failure(exit_plan: ExitPlan, *, tried_on: date, note: str, by: Principal, now: datetime) -> Done[ExitPlan]:
    """Record that the plan was tried on a day and did not hold. Raises PlanInvalid for a day to come."""
    return _tried(exit_plan, tried_on=tried_on, note=note, now=now)


def instead_of(server: Server, *, today: date) -> str:
    """Return in a sentence how agents go on without the server on a day; empty where nobody wrote it."""
    plan = ExitPlan.objects.filter(server=server).first()
    if plan is None:
        return ""
    return f"Instead: {plan.replacement} ({plurals.counted(plan.days, 'day')}, {plan.state_words(today=today).lower()})"


def _tried(exit_plan: ExitPlan, *, tried_on: date, note: str, now: datetime) -> Done[ExitPlan]:
    if tried_on > timezone.localdate(now):
        raise PlanInvalid("Give the day on which it was tried, today at the latest.", field="tried_on")
    exit_plan.tried_on, exit_plan.trial_note, exit_plan.counts_until = tried_on, note, None
    return Done(exit_plan, tried_on=tried_on.isoformat())


def _cleaned(*, plan: str, replacement: str, days: int) -> dict[str, Any]:
    if not 0 <= days <= LONGEST_DAYS:
        raise PlanInvalid(f"Say in how many days, from 0 to {LONGEST_DAYS}.", field="days")
    return {
        "plan": clean_reason(plan, field="plan"),
        "replacement": clean_name(replacement, field="replacement"),
        "days": days,
    }
