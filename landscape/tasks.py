"""What the clock asks of the room, and what it promises to do later."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from jobs import dated, queue, tasks
from landscape import judging
from landscape.models import SharedService, TechnicalProfile

_SHOWN_EVERY = 100


@queue.handler(judging.LATER, words="Judge the servers behind a shared service")
def judge(running: queue.Running) -> None:
    """Put on record what is wrong with a shared service at each server behind it; done twice it changes nothing."""
    keys = [
        str(key) for key in judging.behind(UUID(running.payload["service"])).order_by("pk").values_list("pk", flat=True)
    ]
    for at, key in enumerate(keys, start=1):
        judging.judge_one(key, now=timezone.now())
        if at % _SHOWN_EVERY == 0:
            running.report(100 * at // len(keys), f"{at} of {len(keys)} servers judged")
    with running.finish():
        pass


@queue.handler("landscape.lapsed", every=timedelta(minutes=10), words="Note which assessments count no more")
def note_lapsed(running: queue.Running) -> None:
    """Take in which assessments of shared services count no more."""
    judging.note_lapsed(now=timezone.now())


tasks.tell_days_of(
    dated.Dated(
        "shared service",
        SharedService.objects.standing,
        day="assess_again_on",
        ahead="shared_service.assessment_due",
        passed="shared_service.assessment_lapsed",
        before=(30, 7, 0),
    ),
    dated.Dated(
        "profile certificate",
        TechnicalProfile.objects.current,
        day="certificate_ends_on",
        ahead="profile.certificate_ending",
        passed="profile.certificate_ended",
        before=(30, 7, 0),
    ),
    dated.Dated(
        "profile key",
        TechnicalProfile.objects.current,
        day="key_rotation_due_on",
        ahead="profile.rotation_due",
        passed="profile.rotation_overdue",
        before=(7, 0),
    ),
)
