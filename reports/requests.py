"""Asking for a report, asking again after a failure, and withdrawing one that was issued."""

from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import access, principals, steps
from accounts.models import Role, Unit, User
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from assessments.models import Assessment
from jobs import queue
from jobs.models import Job
from reports.models import Report
from riskregister import nouns
from riskregister.refusals import Refused

REPORT = access.Capability.REPORT

JOB = "reports.render"
# Whoever presses twice, or asks beside a colleague, means the same moment.
_A_MOMENT = timedelta(minutes=1)


class NothingToReport(Refused):
    """The assessment has no frozen result yet."""


def _refuse_all_units(by: Principal) -> access.NotPermitted | None:
    if access.of(by).units_for(REPORT) is None:
        return None
    return access.NotPermitted("A report on all units needs a role in the whole organisation. Choose one unit.")


def reports_not_on_all_units(report: Report, by: Principal) -> access.NotPermitted | None:
    """Return the refusal for whoever issues reports in some units only, of a report on all of them; for others None."""
    return _refuse_all_units(by) if report.unit_id is None and report.kind == Report.Kind.REGISTER else None


def auditors_withdraw_none(report: Report, by: Principal) -> access.NotPermitted | None:
    """Return the refusal for whoever may ask for reports as an auditor only; for others None."""
    seen = access.of(by)
    is_of_all = report.unit_id is None and report.kind == Report.Kind.REGISTER
    held = (seen.everywhere if is_of_all else seen.roles_in(report.unit_id)) - {Role.AUDITOR}
    if held & access.roles_that_can(REPORT):
        return None
    return access.NotPermitted("Auditors ask for reports and withdraw none. Ask whoever had it issued.")


@step("report.requested", needs=REPORT, makes=Report)
def request_assessment_report(assessment: Assessment, *, by: Principal, now: datetime) -> Done[Report]:
    """Return the report on an assessment that a job will issue; the one that is under way when there is one (`is_new`).

    Raises NothingToReport before the assessment is final.
    """
    if assessment.status not in (Assessment.Status.FINAL, Assessment.Status.SUPERSEDED):
        raise NothingToReport("Only a final assessment is reported. Have this one submitted and decided first.")
    title = f"Assessment {assessment.ref} of {assessment.subject.ref} {assessment.title}"
    wanted = Report(kind=kind_of(assessment), unit=assessment.unit, assessment=assessment, title=title[:200])
    return _request(wanted, by=by, now=now)


def kind_of(assessment: Assessment) -> Report.Kind:
    """Return which kind of report is made of an assessment."""
    return Report.Kind.ASSESSMENT if assessment.server_id else Report.Kind.VENDOR


@step("report.requested", needs=REPORT, makes=Report)
def request_register_report(
    *, unit: Unit | None, since: date | None = None, by: Principal, now: datetime
) -> Done[Report]:
    """Return the report on the risk register of a unit, or of all units, that a job will issue; the one that is under
    way when there is one (`is_new`).

    Its period begins with the day `since`, or 90 days before it is read. The register of all units is for those who may
    issue reports in the whole organisation. Raises Refused for a period that begins after today.
    """
    if since is not None and since > timezone.localdate(now):
        raise Refused("This day has not come yet. Choose one that has.", field="since")
    if unit is None and (refusal := _refuse_all_units(by)):
        raise refusal
    title = f"Risk register of {unit.name if unit else 'all units'}"
    wanted = Report(kind=Report.Kind.REGISTER, unit=unit, since=since, title=title[:200])
    return _request(wanted, by=by, now=now)


def jobs_of(report: Report) -> QuerySet[Job]:
    """Return the jobs that were to draw a report, the newest first."""
    return Job.objects.filter(key__startswith=_key(report)).order_by("-created_at")


def is_new(report: Report, *, now: datetime) -> bool:
    """Return whether the report was made by the request of `now`, not by an earlier one that is under way."""
    return report.requested_at == now


@step("report.requested", needs=REPORT, to=Report.Status.REQUESTED, barred=(reports_not_on_all_units,))
def request_again(report: Report, *, by: Principal, now: datetime) -> Done[Report]:
    """Let a job try a failed report again; what it prints stays what was read the first time, if it was read."""
    report.error = ""
    return _promise(report, principals.person_of(by), now=now)


@step(
    "report.withdrawn",
    needs=REPORT,
    to=Report.Status.WITHDRAWN,
    barred=(reports_not_on_all_units, auditors_withdraw_none),
    reason="reason",
)
def withdraw(report: Report, *, reason: str, by: Principal, now: datetime) -> Report:
    """Withdraw an issued report: it stays on record and is no longer handed out."""
    report.withdrawn_by, report.withdrawn_reason = by.person, reason
    return report


def _request(report: Report, *, by: Principal, now: datetime) -> Done[Report]:
    person = principals.person_of(by)
    _wait_for_whoever_asks(report.unit)
    under_way = _under_way(report, now=now)
    if under_way is not None:
        if _waits(under_way, person):
            steps.record("report.awaited", under_way, by=by, now=now, person=str(person.pk))
        return Unchanged(under_way)
    report.as_of = report.requested_at = now
    report.requested_by = person
    report.save(force_insert=True)
    return _promise(report, person, now=now)


def _under_way(wanted: Report, *, now: datetime) -> Report | None:
    """Return a report on the same that will say the same: not read yet, or read a moment ago and not drawn yet.

    One that is tried again after a failure is requested too, and prints what was read the first time.
    """
    same = Report.objects.filter(kind=wanted.kind, unit=wanted.unit, since=wanted.since, assessment=wanted.assessment)
    on_its_way = same.filter(status__in=Report.UNDER_WAY)
    # Held, so that it is not issued before whoever asks now is known to wait for it.
    held = nouns.hold_all(on_its_way.filter(Q(data_digest="") | Q(as_of__gt=now - _A_MOMENT)).defer("data"))
    return max(held, key=lambda one: one.number, default=None)


def _wait_for_whoever_asks(unit: Unit | None) -> None:
    """Let one person after the other ask about a unit: of two who ask at once the second finds what the first made.

    Whoever asks about all units waits at the first of them.
    """
    first = Unit.objects.order_by("pk").values("pk")[:1]
    nouns.hold_all(Unit.objects.filter(pk=unit.pk) if unit else Unit.objects.filter(pk__in=first))


def _waits(report: Report, person: User) -> bool:
    """Let a person hear how the report ends; return whether they would not have without."""
    if person.pk == report.requested_by_id or report.awaited_by.filter(pk=person.pk).exists():
        return False
    report.awaited_by.add(person)
    return True


def _promise(report: Report, person: User, *, now: datetime) -> Done[Report]:
    _waits(report, person)
    queue.enqueue(JOB, key=f"{_key(report)}{jobs_of(report).count() + 1}", now=now, report=str(report.pk))
    return Done(report, kind=report.kind, person=str(person.pk))


def _key(report: Report) -> str:
    return f"report:{report.pk}:"
