"""Asking for a report, asking again after a failure, and withdrawing one that was issued."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from accounts import access
from accounts.models import Unit, User
from assessments.models import Assessment
from audit import trail
from jobs import queue
from jobs.models import Job
from reports.models import Report
from riskregister import transitions
from riskregister.refusals import Refused
from riskregister.text import clean_reason
from vendors.models import Server

JOB = "reports.render"
# Whoever presses twice, or asks beside a colleague, means the same moment.
_A_MOMENT = timedelta(minutes=1)


class NothingToReport(Refused):
    """The assessment has no frozen result yet."""


@transaction.atomic
def request_assessment_report(assessment: Assessment, *, by: User, now: datetime) -> Report:
    """Return the report on an assessment that a job will issue; the one that is under way when there is one (`is_new`).

    Raises NothingToReport before the assessment is final.
    """
    access.require(by, access.Capability.REPORT, unit_id=assessment.unit_id)
    if assessment.status not in (Assessment.Status.FINAL, Assessment.Status.SUPERSEDED):
        raise NothingToReport("Only a final assessment is reported. Have this one submitted and decided first.")
    server = assessment.server
    title = f"Assessment {assessment.ref} of {server.ref} {server.title}"
    return _request(
        Report(kind=Report.Kind.ASSESSMENT, unit=assessment.unit, assessment=assessment, title=title[:200]),
        by=by,
        now=now,
    )


@transaction.atomic
def request_register_report(unit: Unit | None, *, by: User, now: datetime) -> Report:
    """Return the report on the risk register of a unit, or of all units, that a job will issue; the one that is under
    way when there is one (`is_new`).

    The register of all units is for those who may issue reports in the whole organisation.
    """
    _require(by, unit)
    title = f"Risk register of {unit.name if unit else 'all units'}"
    return _request(Report(kind=Report.Kind.REGISTER, unit=unit, title=title[:200]), by=by, now=now)


def is_new(report: Report, *, now: datetime) -> bool:
    """Return whether the report was made by the request of `now`, not by an earlier one that is under way."""
    return report.requested_at == now


@transaction.atomic
def request_again(report: Report, *, by: User, now: datetime) -> Report:
    """Let a job try a failed report again; what it prints stays what was read the first time, if it was read."""
    _require(by, report.unit)
    transitions.move(report, Report.Status.REQUESTED, error="")
    _promise(report, by=by, now=now)
    return report


@transaction.atomic
def withdraw(report: Report, *, reason: str, by: User, now: datetime) -> Report:
    """Withdraw an issued report: it stays on record and is no longer handed out."""
    _require(by, report.unit)
    reason = clean_reason(reason)
    transitions.move(report, Report.Status.WITHDRAWN, withdrawn_by=by, withdrawn_reason=reason)
    trail.record("report.withdrawn", report, by=by, at=now, reason=reason, concerns=_concerned(report))
    return report


def _require(by: User, unit: Unit | None) -> None:
    if unit is None and access.of(by).units_for(access.Capability.REPORT) is not None:
        raise access.NotPermitted("A report on all units needs a role in the whole organisation. Choose one unit.")
    access.require(by, access.Capability.REPORT, unit_id=unit.pk if unit else None)


def _request(report: Report, *, by: User, now: datetime) -> Report:
    # One request of a person after the other: of two that come at once the second finds the first.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    under_way = _under_way(report, now=now)
    if under_way is not None:
        _note_who_waits(under_way, by=by, now=now)
        return under_way
    report.as_of = report.requested_at = now
    report.requested_by = by
    report.save(force_insert=True)
    _promise(report, by=by, now=now)
    return report


def _under_way(wanted: Report, *, now: datetime) -> Report | None:
    """Return a report on the same that will say the same: not read yet, or read a moment ago and not drawn yet.

    One that is tried again after a failure is requested too, and prints what was read the first time.
    """
    same = Report.objects.filter(kind=wanted.kind, unit=wanted.unit, assessment=wanted.assessment)
    on_its_way = same.filter(status__in=(Report.Status.REQUESTED, Report.Status.RENDERING))
    # Held, so that it is not issued before whoever asks now is known to wait for it.
    held = on_its_way.select_for_update(of=("self",), no_key=True)
    return held.filter(Q(data_digest="") | Q(as_of__gt=now - _A_MOMENT)).defer("data").first()


def _note_who_waits(report: Report, *, by: User, now: datetime) -> None:
    """Record once that somebody else waits for the report too, so that they hear how it ends."""
    if _waits(report, by):
        trail.record("report.awaited", report, by=by, at=now, concerns=_concerned(report), person=str(by.pk))


def _waits(report: Report, by: User) -> bool:
    """Let a person hear how the report ends; return whether they would not have without."""
    if by.pk == report.requested_by_id or report.awaited_by.filter(pk=by.pk).exists():
        return False
    report.awaited_by.add(by)
    return True


def _promise(report: Report, *, by: User, now: datetime) -> None:
    _waits(report, by)
    trail.record(
        "report.requested", report, by=by, at=now, concerns=_concerned(report), kind=report.kind, person=str(by.pk)
    )
    key = f"report:{report.pk}:"
    tries = Job.objects.filter(key__startswith=key).count()
    queue.enqueue(JOB, key=f"{key}{tries + 1}", now=now, report=str(report.pk))


def _concerned(report: Report) -> Server | None:
    return report.assessment.server if report.assessment else None
