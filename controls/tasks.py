"""What the clock asks of the room: days of statuses, what assessments say, and what contradicts it."""

from datetime import timedelta

from django.utils import timezone

from controls.models import ControlStatus, TierAcceptance, TierPlan, Word
from controls.sources import contradictions, sourcing
from controls.tiers import missing, plans
from jobs import dated, queue, tasks


@queue.handler("controls.sources", every=timedelta(hours=1), words="Keep what is found of controls")
def keep_sources(running: queue.Running) -> None:
    """Keep what final assessments say of controls, where it is not kept yet, and what other sources say now."""
    for assessment in sourcing.unkept()[:500]:
        sourcing.keep(assessment)
    sourcing.keep_witnesses(now=timezone.now())


@queue.handler("controls.contradictions", every=timedelta(hours=1), words="Compare statuses with what was found")
def look_for_contradictions(running: queue.Running) -> None:
    """Open and close the findings of statuses that what was found contradicts."""
    now = timezone.now()
    for server in contradictions.due(now=now):
        contradictions.look(server, now=now)


@queue.handler("controls.tiers", every=timedelta(hours=1), words="Compare deployments with their governance tiers")
def keep_tiers(running: queue.Running) -> None:
    """Open and close the findings of what is missing for governance tiers, and mark what plans have come to."""
    now = timezone.now()
    for server in missing.due(now=now):
        missing.look(server, now=now)
    plans.keep_up(now=now)


tasks.tell_days_of(
    dated.Dated(
        "control_end",
        lambda: ControlStatus.objects.stated().filter(valid_until__isnull=False),
        day="valid_until",
        ahead="control_status.ending",
        passed="control_status.ended",
        before=(30, 7, 0),
    ),
    dated.Dated(
        "control_due",
        lambda: ControlStatus.objects.filter(state=Word.PLANNED),
        day="due_on",
        ahead="control_status.due_soon",
        passed="control_status.overdue",
        before=(30, 7, 0),
    ),
    dated.Dated(
        "tier_acceptance",
        lambda: TierAcceptance.objects.filter(status=TierAcceptance.Status.GRANTED),
        day="expires_on",
        ahead="tier_acceptance.ending",
        passed="tier_acceptance.ended",
        before=(30, 7, 0),
    ),
    dated.Dated(
        "tier_milestone",
        lambda: TierPlan.objects.under_way().with_next_due(),
        day="next_due",
        ahead="tier_plan.due_soon",
        passed="tier_plan.overdue",
        before=(7, 0),
    ),
)
