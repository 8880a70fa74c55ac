"""Workers killed with SIGKILL while they read the files again: nothing is lost, and nothing is recorded twice."""

import io
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone

from alerts.models import Alert
from audit.models import Event
from evidence import rehashing, store
from jobs import queue
from jobs.models import Job
from tests.cast import NOON, assemble
from tests.evidence.places import place_of
from tests.jobs.killing import Barracks
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.engine]

MOMENTS = (
    "claimed evidence.rehash",
    "file noted: between effect and commit",
    "file noted: after the commit, before messages",
)


def promise(key: str) -> None:
    with transaction.atomic():
        queue.enqueue("evidence.rehash", key=key, now=timezone.now())


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_run_loses_nothing_and_records_nothing_twice(
    process_environment: dict[str, str], tmp_path: Path, moment: str
) -> None:
    cast = assemble()
    blobs = [store.put(io.BytesIO(name.encode()), name="a.txt", now=NOON) for name in ("one", "two", "three")]
    for blob in blobs[:2]:
        place_of(blob).unlink()
    barracks = Barracks({**process_environment, "RISKREGISTER_JOB_LEASE_SECONDS": "2"}, tmp_path)
    try:
        promise("killed")
        worker = barracks.start(moment)
        worker.wait()
        worker.kill()
        promise("after it")
        barracks.start()
        undone = Job.objects.filter(kind="evidence.rehash").exclude(status=Job.Status.DONE)
        missed = Alert.objects.filter(event__verb="evidence.file_missing", recipient=cast.ada)
        until(lambda: not undone.exists() and missed.count() == 2, what="the files to be read again")
    finally:
        barracks.close()

    assert Event.objects.filter(verb="evidence.file_missing").count() == missed.count() == 2
    state = rehashing.state()
    assert (state.damaged, state.missing) == (0, 2)
