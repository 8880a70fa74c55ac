"""Reading the kept files again, in turn, to learn that one is damaged or missing before somebody needs it.

Files are read outside any transaction; what was found is noted afterwards, in one. Whoever is killed in between has
noted nothing, and the files are read again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.db.models.fields.reverse_related import ManyToOneRel

from audit import context, trail
from evidence import store
from evidence.models import Blob, FileCheck
from riskregister import nouns

Found = FileCheck.Found

# A week is far below what backups are kept for.
AGAIN_AFTER = timedelta(days=7)
# What a run reads at most: with a run an hour 48,000 files, or 24 GB, a day.
FILES, BYTES = 2000, 1024**3
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Look:
    """A file that was read again, and what it was."""

    blob: Blob
    found: FileCheck.Found

    @property
    def is_whole(self) -> bool:
        """Return whether the file holds what was kept."""
        return self.found == FileCheck.Found.WHOLE


@dataclass(frozen=True, slots=True)
class State:
    """What is known of the files: when one was last read again, and how many were not whole then."""

    checked_at: datetime | None
    damaged: int
    missing: int

    @property
    def not_whole(self) -> int:
        """Return how many files were not whole."""
        return self.damaged + self.missing


def due(*, now: datetime) -> list[Blob]:
    """Return the files to read now: half of a run for those not whole last time, then new ones, then the oldest checks.

    A file that was whole is read again after a week.
    """
    worst = [check.blob for check in not_whole()[: FILES // 2]]
    new = list(Blob.objects.filter(last_check=None).order_by("created_at", "pk")[: FILES - len(worst)])
    whole = FileCheck.objects.filter(found=Found.WHOLE, checked_at__lte=now - AGAIN_AFTER).select_related("blob")
    old = whole[: FILES - len(worst) - len(new)]
    return list(_within_bytes([*worst, *new, *(check.blob for check in old)]))


def look(blob: Blob) -> Look:
    """Return what the file is now. Raises store.StoreUnreachable: then nothing is known of it."""
    try:
        store.open_blob(blob).close()
    except store.FileMissing:
        return Look(blob, Found.MISSING)
    except store.FileDamaged:
        return Look(blob, Found.DAMAGED)
    return Look(blob, Found.WHOLE)


@transaction.atomic
def note(looks: Iterable[Look], *, now: datetime) -> list[Look]:
    """Keep what was found, and record what is another than before; return the files that are not whole.

    Of two runs that find the same, one records it.
    """
    by_digest = {one.blob.pk: one for one in looks}
    # Locked, so that none leaves the register meanwhile; what has left is not missed.
    kept = [by_digest[blob.pk] for blob in nouns.hold_all(Blob.objects.filter(pk__in=by_digest))]
    FileCheck.objects.bulk_create((FileCheck(blob=one.blob, checked_at=now) for one in kept), ignore_conflicts=True)
    checks = FileCheck.objects.filter(blob__in=[one.blob.pk for one in kept])
    checks.update(checked_at=now)
    was = {check.blob_id: check for check in checks}
    changed = [one for one in kept if was[one.blob.pk].found != one.found]
    for number, one in enumerate(sorted(changed, key=lambda one: one.is_whole)):
        _change(was[one.blob.pk], to=one.found, at=now, is_part=number > 0)
    return [one for one in kept if not one.is_whole]


def not_whole() -> "QuerySet[FileCheck]":
    """Return the last checks of the files that were not whole, those that were read longest ago first."""
    return FileCheck.objects.exclude(found=Found.WHOLE).select_related("blob")


def state() -> State:
    """Return what is known of the files, in two queries."""
    bad = (
        not_whole()
        .order_by()
        .aggregate(
            damaged=Count("pk", filter=Q(found=Found.DAMAGED)), missing=Count("pk", filter=Q(found=Found.MISSING))
        )
    )
    return State(checked_at=FileCheck.objects.aggregate(at=Max("checked_at"))["at"], **bad)


def words(count: int, bad: Sequence[Look]) -> str:
    """Return what was found of so many files, e.g. "312 files were read: 1 is damaged, 2 are missing."."""
    if not count:
        return "No file was due."
    read = "1 file was read" if count == 1 else f"{count:,} files were read"
    found = Counter(one.found for one in bad)
    named = [f"{found[kind]} {'is' if found[kind] == 1 else 'are'} {kind}" for kind in sorted(found)]
    return f"{read}: {', '.join(named) or 'all whole'}."


def needed_by(blob: Blob) -> list[str]:
    """Return what rests on the file, e.g. "E-7 Penetration test" or "RP-1-assessment.pdf", the first few of them."""
    # Rooms above keep files too, and are known here by their foreign keys only.
    relations = (one for one in Blob._meta.get_fields(include_hidden=True) if isinstance(one, ManyToOneRel))
    referring = (one for one in relations if one.related_model is not FileCheck)
    found = [
        row for one in referring for row in one.related_model._base_manager.filter(**{one.field.name: blob})[:_NAMED]
    ]
    return [str(row) for row in found[:_NAMED]]


def _within_bytes(blobs: Iterable[Blob]) -> Iterator[Blob]:
    total = 0
    for blob in blobs:
        # The first always, however large.
        if total and total + blob.size > BYTES:
            return
        total += blob.size
        yield blob


def _change(check: FileCheck, *, to: FileCheck.Found, at: datetime, is_part: bool) -> None:
    check.found = to
    check.save(update_fields=["found"])
    # One mail a run: of a disk that lost a thousand files, the first tells, and the inbox has them all.
    trail.record(
        _VERBS[to],
        check,
        by=context.actor(),
        at=at,
        sha256=check.blob_id,
        needed_by=needed_by(check.blob),
        is_part=is_part,
    )


_VERBS = {
    Found.WHOLE: "evidence.file_restored",
    Found.DAMAGED: "evidence.file_damaged",
    Found.MISSING: "evidence.file_missing",
}
