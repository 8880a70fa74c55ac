"""The jobs of the room: comparing what is due, and comparing all."""

from datetime import datetime, timedelta

from django.utils import timezone

from composition import hits, work_list
from composition.comparison import comparing
from composition.models import Advisory, Comparison, Suppression
from composition.statements import suppressing
from jobs import dated, queue, tasks
from vendors.models import Server

# A server of which nothing changed is compared again after so long, so that what was seen of it counts.
AGAIN_AFTER = timedelta(days=3)


@queue.handler(work_list.COMPARE, words="Compare what servers are built from with advisories")
def compare_due(job: queue.Running) -> None:
    """Compare the advisories that changed, then the servers that are due, each in a transaction; killed, it goes on."""
    comparing.compare_changed(now=timezone.now())
    job.report(10, "Comparing servers")
    for server in iter(_next_due, None):
        hits.compare(server, now=timezone.now())


def _next_due() -> Server | None:
    row = Comparison.objects.filter(is_due=True).select_related("server").order_by("due_since", "server").first()
    return row.server if row else None


@queue.handler("composition.reconcile", every=timedelta(days=1), words="Compare all components with all advisories")
def reconcile(job: queue.Running) -> None:
    """Repair what comparing by and by missed; done twice it finds nothing more."""
    now = timezone.now()
    comparing.compare_changed(now=now)
    comparing.reconcile(now=now)
    old = Comparison.objects.filter(is_due=False, compared_at__lt=now - AGAIN_AFTER)
    work_list.promise(set(old.values_list("server", flat=True)), now=now)
    wake_for_what_waits(now=now)


@queue.handler(
    "composition.releases", every=timedelta(minutes=15), words="Compare servers that rely on another release now"
)
def follow_releases(job: queue.Running) -> None:
    """Promise the comparisons that another release makes due; done twice it promises the same."""
    work_list.promise_where_release_changed(now=timezone.now())


@queue.on_sweep
def wake_for_what_waits(*, now: datetime) -> None:
    """Promise the job for what waits and has none: advisories were taken in, or a worker was killed."""
    if Comparison.objects.filter(is_due=True).exists() or Advisory.objects.filter(needs_matching=True).exists():
        work_list.wake(now=now)


@queue.handler(
    "composition.suppressions", every=timedelta(minutes=10), words="Open again what was suppressed until now"
)
def sweep_suppressions(job: queue.Running) -> None:
    """End the suppressions whose last day has passed; done twice it ends nothing more."""
    suppressing.record_expired(now=timezone.now())


# That one ended is recorded with what follows: suppression.ended.
tasks.tell_days_of(dated.Dated("suppression", Suppression.objects.accepted, day="until", ahead="suppression.ending"))
