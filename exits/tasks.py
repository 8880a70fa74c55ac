"""What the clock asks of the room: trials of exit plans that grow old."""

from exits.models import ExitPlan
from jobs import dated, tasks

tasks.tell_days_of(
    dated.Dated(
        "exit trial",
        ExitPlan.objects.tried,
        day="counts_until",
        ahead="exit_plan.trial_ending",
        passed="exit_plan.trial_ended",
        before=(30, 7, 0),
    )
)
