"""What happens to findings: observed, worked on, fixed, and risks accepted."""

from collections.abc import Collection
from uuid import UUID

from audit.events import ASKED_AND_OWNER, EventType, Pace, Tell, Who, declare, never, nobody_left, soon
from findings import event_data
from findings.models import Finding, GivenAway, RiskAcceptance
from jobs.days import DayData, UntilData, ends, near
from scoring.scales import Severity
from vendors.models import Deployment, Server

AT_WORK = "A step of the finding by those who work on it; a further step tells whoever must act."
TAKEN_UP = ("finding.fix_claimed", "finding.closed", "finding.dismissed", "finding.accepted")
DONE_OR_MOVED = (*TAKEN_UP, "finding.due_date_changed")
SETTLED = ("finding.closed", "finding.dismissed", "finding.accepted")


def pace_of(data: event_data.OpenedData | event_data.SeverityData) -> Pace:
    """Return how soon a finding is told, by its severity."""
    return _PACES.get(data.severity, Pace.DAILY)


_PACES = {Severity.CRITICAL.word: Pace.CRITICAL, Severity.HIGH.word: Pace.SOON}


def is_worse(data: event_data.SeverityData) -> bool:
    """Return whether the severity went up: one that somebody lowered is told by the finding."""
    return Severity.of(data.severity) < Severity.of(data.was)


def deciders_of_what_is_in_use(
    finding: Finding, data: event_data.OpenedData | event_data.SeverityData
) -> tuple[Who, ...]:
    """Return approvers and managers for a critical finding on a server that is approved and runs in production."""
    server = finding.server
    if data.severity != Severity.CRITICAL.word or not server or server.status != Server.Status.APPROVED:
        return ()
    runs = server.deployments.filter(environment=Deployment.Environment.PRODUCTION, ended_on__isnull=True)
    return (Who.APPROVERS, Who.MANAGERS) if runs.exists() else ()


def claimer_and_owner(finding: Finding) -> Collection[UUID]:
    """Return who claimed the fix, and whose the finding is or was since it opened: they do not verify it."""
    claimed = finding.latest_claimer
    return {*owners_now_or_before(finding), *([claimed.pk] if claimed else ())}


def asker_and_owner(finding: Finding) -> Collection[UUID]:
    """Return who asked to accept the risk of a finding, and whose it is or was since it opened: they do not decide."""
    asked = finding.acceptances.first()
    return {*owners_now_or_before(finding), *([asked.requested_by_id] if asked else ())}


def owners_now_or_before(finding: Finding) -> Collection[UUID]:
    """Return whose the finding is, and whose it was since it opened."""
    gave = GivenAway.objects.since_it_opened().filter(finding=finding).values_list("person_id", flat=True)
    return {*gave, *([finding.owner_id] if finding.owner_id else ())}


def asker(acceptance: RiskAcceptance) -> Collection[UUID]:
    """Return who asked to accept the risk of a server and does not decide it."""
    return {acceptance.requested_by_id}


declare(
    EventType(
        "finding.opened",
        "Finding opened",
        Tell(
            "New finding: {label}",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            pace=pace_of,
            also=deciders_of_what_is_in_use,
        ),
        data=event_data.OpenedData,
    ),
    EventType(
        "finding.proposed",
        "Finding proposed",
        Tell(
            "Is it a finding? {label}",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            is_action=True,
            pace=pace_of,
            # A look that sees it no more closes it.
            settled_by=("finding.opened", "finding.dismissed", "finding.closed"),
        ),
        data=event_data.OpenedData,
    ),
    EventType(
        "finding.reopened",
        "Finding reopened",
        Tell("{label} is open again", (Who.OWNER,), otherwise=Who.ANALYSTS, pace=soon),
    ),
    EventType("finding.observed_again", "Observed again", silent=AT_WORK, data=event_data.ObservedData),
    EventType("finding.no_longer_observed", "Finding no longer observed", silent=AT_WORK, data=event_data.ObservedData),
    EventType(
        "finding.assigned",
        "Finding assigned",
        Tell(
            "{label} is yours now",
            (Who.OWNER,),
            is_action=True,
            settled_by=(*SETTLED, "finding.assigned", "finding.released", "finding.fix_claimed"),
        ),
        data=event_data.OwnerData,
    ),
    EventType(
        "finding.released",
        "Finding released",
        nobody_left("{label} has no owner any more", settled_by=(*SETTLED, "finding.assigned")),
        data=event_data.ReleasedData,
    ),
    EventType(
        "finding.severity_changed",
        "Finding severity changed",
        Tell(
            "{label} is {severity} now",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            when=is_worse,
            pace=pace_of,
            also=deciders_of_what_is_in_use,
        ),
        data=event_data.SeverityData,
    ),
    EventType("finding.due_date_changed", "Finding due date changed", silent=AT_WORK, data=event_data.DueDateData),
    EventType("finding.planned", "Finding planned", silent=AT_WORK, data=event_data.PlanData),
    EventType(
        "finding.milestone_completed",
        "Finding milestone completed",
        silent="Good news that the register shows; nobody has to act.",
        data=event_data.MilestoneData,
    ),
    EventType("finding.closed", "Finding closed", silent=AT_WORK),
    EventType("finding.dismissed", "Finding dismissed", silent=AT_WORK),
    EventType(
        "finding.due_soon",
        "Finding due soon",
        Tell(
            "{label} {due}",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            is_action=True,
            pace=near,
            settled_by=DONE_OR_MOVED,
        ),
        data=DayData,
    ),
    EventType(
        "finding.overdue",
        "Finding overdue",
        Tell(
            "{label} {due}",
            (Who.OWNER, Who.MANAGERS),
            otherwise=Who.ANALYSTS,
            is_action=True,
            settled_by=DONE_OR_MOVED,
        ),
        data=DayData,
    ),
    EventType(
        "remediation_plan.step_due_soon",
        "Step of a plan due soon",
        Tell("A step of the plan for {opens} {due}", (Who.OWNER,), otherwise=Who.ANALYSTS, pace=near),
        data=DayData,
    ),
    EventType(
        "remediation_plan.step_overdue",
        "Step of a plan overdue",
        Tell(
            "A step of the plan for {opens} {due}",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            is_action=True,
            settled_by=(*TAKEN_UP, "finding.planned", "finding.milestone_completed"),
        ),
        data=DayData,
    ),
    EventType(
        "acceptance.ending",
        "Acceptance ends soon",
        Tell(
            "The acceptance of the risk of {opens} {ends}",
            ASKED_AND_OWNER,
            due_on="expires_on",
            fill=ends,
            pace=near,
        ),
        data=DayData,
    ),
    EventType(
        "finding.fix_claimed",
        "Fix claimed",
        Tell(
            "{label} is said to be fixed: verify it",
            (Who.APPROVERS,),
            otherwise=Who.MANAGERS,
            is_action=True,
            barred=claimer_and_owner,
            settled_by=(*SETTLED, "finding.fix_passed", "finding.fix_failed"),
        ),
        data=event_data.ClaimData,
    ),
    EventType(
        "finding.fix_failed",
        "Fix did not pass",
        Tell(
            "The fix of {label} did not pass",
            ASKED_AND_OWNER,
            otherwise=Who.ANALYSTS,
            is_action=True,
            settled_by=(*SETTLED, "finding.fix_claimed"),
        ),
    ),
    EventType(
        "finding.fix_passed",
        "Fix verified",
        Tell("The fix of {label} passed", ASKED_AND_OWNER, by_mail=never),
        data=event_data.PassedData,
    ),
    EventType(
        "finding.acceptance_requested",
        "Acceptance of the risk requested",
        Tell(
            "{actor} asks to accept the risk of {label}",
            (Who.APPROVERS,),
            otherwise=Who.MANAGERS,
            is_action=True,
            barred=asker_and_owner,
            settled_by=("acceptance.granted", "acceptance.refused", "finding.closed", "finding.dismissed"),
        ),
        data=event_data.AskedData,
    ),
    EventType("finding.accepted", "Risk accepted", silent=AT_WORK, data=event_data.AcceptedData),
    EventType(
        "finding.acceptance_ended",
        "Finding acceptance ended",
        silent="The acceptance tells it: acceptance.expired, acceptance.revoked.",
    ),
    EventType(
        "acceptance.requested",
        "Acceptance requested",
        Tell(
            "{actor} asks to accept the risk of {opens}",
            (Who.APPROVERS,),
            otherwise=Who.MANAGERS,
            is_action=True,
            barred=asker,
            settled_by=("acceptance.granted", "acceptance.refused"),
        ),
        data=UntilData,
    ),
    EventType(
        "acceptance.granted",
        "Acceptance granted",
        Tell("The risk of {opens} is accepted", ASKED_AND_OWNER, due_on="expires_on", pace=soon),
        data=UntilData,
    ),
    EventType(
        "acceptance.refused",
        "Acceptance refused",
        Tell("The risk of {opens} is not accepted", ASKED_AND_OWNER, pace=soon),
    ),
    EventType(
        "acceptance.revoked",
        "Acceptance revoked",
        Tell("The acceptance of the risk of {opens} was revoked", ASKED_AND_OWNER, pace=soon),
    ),
    EventType(
        "acceptance.expired",
        "Acceptance expired",
        Tell("The acceptance of the risk of {opens} has run out", ASKED_AND_OWNER, pace=soon),
        data=UntilData,
    ),
)
