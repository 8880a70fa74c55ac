"""What sources say of controls, kept anew whenever a source speaks: final assessments at once, others by the clock."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.principals import Principal
from assessments.models import Answer, Assessment
from catalogue import bearing
from controls.models import Source, SourcedStatuses
from controls.sources import contradictions, proposals, witnesses
from riskregister.unit_of_work import unit_of_work
from scoring import scoresheet
from scoring.assurance import Line
from vendors.models import Deployment


def assessment_final(assessment: Assessment, _answers: Sequence[Answer], _by: Principal, now: datetime) -> None:
    """Keep what the frozen answers say of controls, and look for what persons state otherwise. Part of finalising.

    Statuses are of servers: what is said of a vendor stands with the vendor.
    """
    if assessment.server is None:
        return
    keep(assessment)
    contradictions.look(assessment.server, now=now)


@unit_of_work()
def keep(assessment: Assessment) -> None:
    """Keep what a final assessment says of the controls of its server and of each deployment that it asked about.

    It takes the place of what the one before said.
    """
    lines = scoresheet.read_lines(assessment.snapshot.data["sheet"])
    bears = bearing.of_set(assessment.question_set_id)
    refs = {line.deployment for line in lines if line.deployment}
    of_server = Deployment.objects.filter(server=assessment.server_id)
    asked = [row for row in of_server if row.ref in refs] if refs else []
    rows = [_row(assessment, None, _by_control(bears, lines))]
    rows += [_row(assessment, row, _of_deployment(bears, lines, row.ref)) for row in asked]
    SourcedStatuses.objects.filter(server=assessment.server_id, source=Source.ASSESSMENT).delete()
    SourcedStatuses.objects.bulk_create(rows)


def unkept() -> "QuerySet[Assessment]":
    """Return the final assessments of which nothing is kept yet, as after an update of the register."""
    kept = SourcedStatuses.objects.filter(assessment=OuterRef("pk"))
    final = Assessment.objects.filter(status=Assessment.Status.FINAL, server__isnull=False)
    return final.exclude(Exists(kept)).select_related("snapshot")


@unit_of_work()
def keep_witnesses(*, now: datetime) -> int:
    """Keep what witnesses say now, and return of how many that is news."""
    keys, today = witnesses.controls(), timezone.localdate(now)
    known = {_place(row): row for row in SourcedStatuses.objects.exclude(source=Source.ASSESSMENT)}
    news: list[SourcedStatuses] = []
    for found in witnesses.everything(now=now):
        row = SourcedStatuses(
            server_id=found.server, deployment_id=found.deployment, source=found.source, origin=found.origin,
            by_status=_by_status(found.statuses, keys), as_of=today, valid_until=found.until,
        )  # fmt: skip
        kept = known.get(_place(row))
        if kept and (kept.origin, kept.by_status, kept.valid_until) == (row.origin, row.by_status, row.valid_until):
            del known[_place(row)]
        else:
            news.append(row)
    # What is left is said no more, or otherwise.
    SourcedStatuses.objects.filter(pk__in=[row.pk for row in known.values()]).delete()
    SourcedStatuses.objects.bulk_create(news, batch_size=500)
    return len(news)


def _place(row: SourcedStatuses) -> tuple[UUID, UUID | None, str]:
    return row.server_id, row.deployment_id, row.source


def _by_status(statuses: Mapping[str, str], keys: Mapping[str, int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for ref, status in statuses.items():
        if ref in keys:
            found.setdefault(status, []).append(keys[ref])
    return {status: sorted(some) for status, some in sorted(found.items())}


def _row(assessment: Assessment, deployment: Deployment | None, found: Mapping[int, list[Line]]) -> SourcedStatuses:
    return SourcedStatuses(
        server=assessment.judged_server,
        deployment=deployment,
        source=Source.ASSESSMENT,
        assessment=assessment,
        origin=assessment.ref,
        by_status=proposals.by_status(found),
        as_of=timezone.localdate(assessment.finalised_at),
    )


def _by_control(bears: Mapping[str, list[int]], lines: Iterable[Line]) -> dict[int, list[Line]]:
    found: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        for control in bears.get(line.question, ()):
            found[control].append(line)
    return found


def _of_deployment(bears: Mapping[str, list[int]], lines: Iterable[Line], ref: str) -> dict[int, list[Line]]:
    """Return the lines about a deployment and about the server itself, of the controls that any of the former is of."""
    found = _by_control(bears, [line for line in lines if line.deployment in ("", ref)])
    return {control: of_it for control, of_it in found.items() if any(line.deployment for line in of_it)}
