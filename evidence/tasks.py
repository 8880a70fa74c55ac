"""The room's job: reading the kept files again."""

from datetime import timedelta

from django.utils import timezone

from evidence import rehashing
from evidence.models import Evidence
from jobs import dated, queue, tasks

_SHOWN_EVERY = 100


@queue.handler("evidence.rehash", every=timedelta(hours=1), words="Read kept files again")
def rehash(job: queue.Running) -> None:
    """Read the files that are due, and keep what was found with the completion of the job."""
    blobs = rehashing.due(now=timezone.now())
    looks = []
    for blob in blobs:
        looks.append(rehashing.look(blob))
        if len(looks) % _SHOWN_EVERY == 0:
            job.report(100 * len(looks) // len(blobs), f"{len(looks)} of {len(blobs)} files read")
    job.report(99, rehashing.words(len(looks), [one for one in looks if not one.is_whole]))
    with job.finish():
        rehashing.note(looks, now=timezone.now())


tasks.tell_days_of(
    dated.Dated(
        "evidence",
        Evidence.objects.all,
        day="valid_until",
        ahead="evidence.expiring",
        passed="evidence.expired",
        before=(30, 7, 0),
    ),
)
