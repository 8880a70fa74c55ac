"""Taking in what collectors that run apart brought: once, and only what fits its task."""

import json
from datetime import datetime
from uuid import UUID

from collectors import asking, fitting
from evidence import store
from evidence.models import Blob
from inspection import inspecting
from jobs import queue
from monitoring import applying, work_list, written_looks
from monitoring.models import Brought, Collector, Run
from monitoring.observed import Look
from monitoring.written_looks import Unfit
from riskregister import nouns
from riskregister.canonical import digest
from riskregister.refusals import Refused
from riskregister.unit_of_work import unit_of_work
from vendors.strict_json import DocumentInvalid

JOB = "collectors.receive"


def promise(*, now: datetime) -> int:
    """Promise that what was brought is taken in, each by a job of its own, and return how many are promised now."""
    keys = list(work_list.brought().values_list("pk", flat=True))
    return sum(_promise(key, now=now) for key in keys)


def receive(key: UUID, *, now: datetime) -> None:
    """Take in what was brought for a claim, and end its run; nothing where that is done. Called without a transaction.

    Raises StoreUnreachable where the files cannot be kept: then all of it is to be done again.
    """
    found = Brought.objects.select_related("claim__task__run__server__pinned_release").filter(pk=key).first()
    if found is None:
        return
    run = found.claim.task.run
    try:
        look = _read(found, now=now)
        end(run, look, _kept(run, look, now=now), now=now)
    except store.StoreUnreachable:
        raise
    except (Unfit, Refused, DocumentInvalid) as error:
        end(Run.objects.get(pk=run.pk), fitting.unfit(Unfit(str(error))), None, now=now)


@unit_of_work()
def end(run: Run, look: Look, raw: Blob | None, *, now: datetime) -> None:
    """Put a look on record, and take its task from the list: both, or neither."""
    nouns.hold(run)
    if run.status in Run.UNDER_WAY:
        applying.begin(run, now=now)
        room = inspecting if run.collector == Collector.INSPECTION else asking
        room.apply(run, look, raw, now=now)
    work_list.clear(run)


def note_lost(*, now: datetime) -> int:
    """End the runs that no collector will bring anything for, and return how many."""
    lost = list(work_list.lost(now=now))
    for run, why in lost:
        end(run, Look(outcome=Run.Status.FAILED, code="interrupted", why=why), None, now=now)
    return len(lost)


def _promise(key: UUID, *, now: datetime) -> bool:
    with unit_of_work():
        return queue.enqueue(JOB, key=f"{JOB}:{key}", now=now, claim=str(key))


def _read(found: Brought, *, now: datetime) -> Look:
    task = found.claim.task
    if digest(found.text) != found.digest:
        raise Unfit("Its digest is of something else.")
    look = written_looks.read(found.text, now=now)
    fitting.require(look, collector=task.collector, asks=json.loads(task.asks))
    return look


def _kept(run: Run, look: Look, *, now: datetime) -> Blob | None:
    return inspecting.keep(look, now=now) if run.collector == Collector.INSPECTION else asking.keep(look, now=now)
