"""Reading the kept files again: which are due, what is noted of them, who is told, and how often."""

import io
import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts import relay
from alerts.models import Alert
from audit.models import Event
from evidence import records, rehashing, store
from evidence.models import Blob, FileCheck
from evidence.rehashing import Found
from jobs import queue, runner
from jobs.models import Job
from tests.cast import NOON, Cast, assemble
from tests.evidence.places import place_of
from tests.web.signed_in import as_

pytestmark = [pytest.mark.django_db, pytest.mark.engine]

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.EVIDENCE_DIR = kept = tmp_path / "evidence"
    return kept


@pytest.fixture
def cast() -> Cast:
    return assemble()


def put(content: str) -> Blob:
    return store.put(io.BytesIO(content.encode()), name="notes.txt", now=NOON)


def change(blob: Blob) -> None:
    place_of(blob).chmod(0o600)
    place_of(blob).write_bytes(b"?" * blob.size)


def read_again(*, now=NOON) -> list[Blob]:
    """Read what is due, and return the files that are not whole."""
    looks = [rehashing.look(blob) for blob in rehashing.due(now=now)]
    return [one.blob for one in rehashing.note(looks, now=now)]


def verbs() -> list[str]:
    found = Event.objects.filter(verb__startswith="evidence.file_").order_by("at", "id")
    return list(found.values_list("verb", flat=True))


def run_job(key: str) -> Job:
    queue.enqueue("evidence.rehash", key=key, now=NOON)
    job = Job.objects.get(key=key)
    runner.run(job.pk, now=timezone.now())
    job.refresh_from_db()
    return job


def test_a_file_is_read_again_a_week_later_and_one_that_is_not_whole_each_time():
    whole, damaged = put("whole"), put("damaged")
    change(damaged)

    assert rehashing.due(now=NOON) == sorted([whole, damaged], key=lambda blob: blob.pk)
    assert read_again() == [damaged]
    assert rehashing.due(now=NOON + 6 * DAY) == [damaged]
    assert rehashing.due(now=NOON + 7 * DAY) == [damaged, whole]


def test_a_run_is_bounded_and_the_oldest_come_first(monkeypatch):
    blobs = [put(f"{number}") for number in range(6)]
    for age, blob in enumerate(blobs[:5]):
        FileCheck.objects.create(blob=blob, checked_at=NOON - (30 + age) * DAY)
    FileCheck.objects.filter(blob=blobs[0]).update(found=Found.MISSING)
    monkeypatch.setattr(rehashing, "FILES", 4)

    assert rehashing.due(now=NOON) == [blobs[0], blobs[5], blobs[4], blobs[3]]

    monkeypatch.setattr(rehashing, "BYTES", 2)
    assert rehashing.due(now=NOON) == [blobs[0], blobs[5]]


def test_a_damaged_and_a_missing_file_are_recorded_once_and_again_when_they_are_whole():
    damaged, missing = put("damaged"), put("missing")
    change(damaged)
    place_of(missing).unlink()

    for hours in range(3):
        assert set(read_again(now=NOON + timedelta(hours=hours))) == {damaged, missing}
    assert sorted(verbs()) == ["evidence.file_damaged", "evidence.file_missing"]
    assert rehashing.state() == rehashing.State(NOON + timedelta(hours=2), damaged=1, missing=1)

    put("damaged"), put("missing")
    assert read_again(now=NOON + DAY) == []
    assert verbs()[2:] == ["evidence.file_restored"] * 2
    assert rehashing.state() == rehashing.State(NOON + DAY, damaged=0, missing=0)


def test_the_event_names_what_rests_on_the_file_and_is_for_administrators(cast: Cast):
    notes = io.BytesIO(b"Notes.")
    notes.name = "notes.txt"
    kept = records.add_file(notes, title="Their notes", issuer="vendor", by=cast.alice, now=NOON, unit=cast.payments)
    assert kept.blob
    place_of(kept.blob).unlink()
    read_again()

    event = Event.objects.get(verb="evidence.file_missing")
    data = json.loads(event.body)["data"]

    assert event.scope == Event.Scope.ADMINISTRATION
    assert (data["sha256"], data["needed_by"]) == (kept.blob.sha256, ["E-1 Their notes"])


def test_administrators_are_told_of_each_file_and_by_one_mail_a_run(cast: Cast):
    for name in ("one", "two", "three"):
        place_of(put(name)).unlink()
    read_again()
    relay.relay(now=NOON)

    told = Alert.objects.filter(event__verb="evidence.file_missing")
    assert {alert.recipient for alert in told} == {cast.ada}
    assert (told.count(), told.filter(delivery__isnull=False).count()) == (3, 1)
    assert told[0].title.startswith("A kept file is missing: SHA-256 ")
    address = f"/go/filecheck/{told[0].object_id}"
    assert as_(cast.ada).get(address).headers["Location"] == reverse("web:jobs")
    assert as_(cast.alice).get(address).status_code == 404


def test_a_file_that_left_the_register_meanwhile_is_not_missed():
    blob = put("gone")
    looks = [rehashing.Look(blob, Found.MISSING)]
    Blob.objects.all().delete()

    assert rehashing.note(looks, now=NOON) == []
    assert (FileCheck.objects.count(), verbs()) == (0, [])


def test_the_job_says_what_it_found():
    put("whole")
    change(put("damaged"))
    place_of(put("missing")).unlink()

    job = run_job("first")

    assert (job.status, job.note) == (Job.Status.DONE, "3 files were read: 1 is damaged, 1 is missing.")
    assert sorted(verbs()) == ["evidence.file_damaged", "evidence.file_missing"]
    change_back = put("damaged"), put("missing")
    assert len(change_back) == 2
    assert run_job("second").note == "2 files were read: all whole."
    assert run_job("third").note == "No file was due."


def test_the_job_is_promised_every_hour():
    queue.plan(now=NOON)
    queue.plan(now=NOON + timedelta(minutes=59))
    queue.plan(now=NOON + timedelta(minutes=60))

    assert Job.objects.filter(kind="evidence.rehash").count() == 2


def test_a_run_that_ends_before_it_is_done_has_noted_nothing_and_the_next_records_once(monkeypatch):
    place_of(put("missing")).unlink()
    note = rehashing.note

    def dies(looks, *, now):
        note(looks, now=now)
        raise MemoryError

    monkeypatch.setattr(rehashing, "note", dies)
    assert run_job("first").status == Job.Status.QUEUED
    assert (FileCheck.objects.count(), verbs()) == (0, [])

    monkeypatch.setattr(rehashing, "note", note)
    assert run_job("second").status == Job.Status.DONE
    assert verbs() == ["evidence.file_missing"]


def test_a_place_that_does_not_answer_leaves_everything_unknown_and_the_job_for_later(folder: Path):
    put("whole")
    folder.rename(folder.with_name("elsewhere"))

    job = run_job("first")

    assert (job.status, FileCheck.objects.count(), verbs()) == (Job.Status.QUEUED, 0, [])
    assert "StoreUnreachable" in job.error


def test_the_command_reads_every_file_and_fails_when_one_is_not_whole(cast: Cast):
    put("whole")
    out = StringIO()
    call_command("verify_blobs", stdout=out)
    assert out.getvalue() == "1 file was read: all whole.\n"

    damaged = put("damaged")
    change(damaged)
    out = StringIO()
    with pytest.raises(CommandError, match=r"^2 files were read: 1 is damaged\.$"):
        call_command("verify_blobs", stdout=out)
    assert out.getvalue() == f"DAMAGED {damaged.sha256}  nothing on record\n"
    assert verbs() == ["evidence.file_damaged"]


def test_the_command_fails_when_the_place_does_not_answer(folder: Path):
    put("whole")
    folder.rename(folder.with_name("elsewhere"))

    with pytest.raises(CommandError, match="0 files were checked before"):
        call_command("verify_blobs")


def test_machines_and_administrators_see_when_files_were_read_and_which_are_not_whole(cast: Cast):
    blank = Client().get("/readyz").json()
    assert [blank[name] for name in ("last_file_check_seconds", "damaged_files", "missing_files")] == [None, 0, 0]
    missing = put("missing")
    put("whole")
    place_of(missing).unlink()
    read_again(now=timezone.now())
    put("new")

    seen = Client().get("/readyz").json()
    page = as_(cast.ada).get(reverse("web:jobs")).content.decode()

    assert 0 <= seen["last_file_check_seconds"] < 60
    assert (seen["damaged_files"], seen["missing_files"]) == (0, 1)
    assert "0 are damaged, 1 is missing, 1 was not checked yet." in page
    assert missing.sha256 in page
    assert "Missing: nothing on record rests on it" in page
