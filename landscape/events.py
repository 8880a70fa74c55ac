"""What happens to use cases, to the processes that they serve, and to shared services."""

from dataclasses import dataclass

from audit.events import ENTERED, EventType, Tell, Who, declare, soon
from jobs.days import DayData, left
from vendors.events import Fields, OwnerData


@dataclass(frozen=True, slots=True)
class LinkData:
    """What it is linked with, in words."""

    other: str


@dataclass(frozen=True, slots=True)
class ServiceData:
    """The shared service, in words."""

    service: str


@dataclass(frozen=True, slots=True)
class AssessedData:
    """What the assessment came to, and the day until which it counts."""

    came_to: str
    assess_again_on: str


ASSESSED = ("shared_service.assessed", "shared_service.ended")
YOURS = Tell("{label} is yours now", (Who.OWNER,), pace=soon)

declare(
    EventType("process.written", "Business process registered", silent=ENTERED),
    EventType("process.rewritten", "Business process changed", silent=ENTERED, data=Fields),
    EventType("process.ended", "Business process ended", silent=ENTERED),
    EventType("process.handed_over", "Business process handed over", YOURS, data=OwnerData),
    EventType("use_case.written", "Use case registered", silent=ENTERED),
    EventType("use_case.rewritten", "Use case changed", silent=ENTERED, data=Fields),
    EventType("use_case.ended", "Use case ended", silent=ENTERED),
    EventType("use_case.handed_over", "Use case handed over", YOURS, data=OwnerData),
    EventType("use_case.deployment_added", "Use case works with a deployment", silent=ENTERED, data=LinkData),
    EventType("use_case.deployment_removed", "Use case works without a deployment", silent=ENTERED, data=LinkData),
    EventType("use_case.process_added", "Use case serves a process", silent=ENTERED, data=LinkData),
    EventType("use_case.process_removed", "Use case serves a process no more", silent=ENTERED, data=LinkData),
    EventType("shared_service.written", "Shared service registered", silent=ENTERED),
    EventType("shared_service.rewritten", "Shared service changed", silent=ENTERED, data=Fields),
    EventType("shared_service.assessed", "Shared service assessed", silent=ENTERED, data=AssessedData),
    EventType("shared_service.ended", "Shared service ended", silent=ENTERED),
    EventType("shared_service.handed_over", "Shared service handed over", YOURS, data=OwnerData),
    EventType(
        "shared_service.assessment_due",
        "Assessment of a shared service counts not much longer",
        Tell("{label}: its assessment {due}", (Who.OWNER,), otherwise=Who.MANAGERS),
        data=DayData,
    ),
    EventType(
        "shared_service.assessment_lapsed",
        "Assessment of a shared service counts no more",
        Tell(
            "{label} must be assessed again: each server behind it has a finding",
            (Who.OWNER,),
            otherwise=Who.MANAGERS,
            is_action=True,
            settled_by=ASSESSED,
        ),
        data=DayData,
    ),
    EventType("runs_behind.added", "Deployment runs behind a shared service", silent=ENTERED, data=ServiceData),
    EventType("runs_behind.removed", "Deployment runs behind a service no more", silent=ENTERED, data=ServiceData),
    EventType("profile.written", "Technical profile written", silent=ENTERED),
    EventType("profile.rewritten", "Technical profile changed", silent=ENTERED, data=Fields),
    EventType(
        "profile.certificate_ending",
        "Certificate of a deployment ends soon",
        Tell("The certificate of {label} ends {left}", (Who.OWNER,), otherwise=Who.MANAGERS, fill=left),
        data=DayData,
    ),
    EventType(
        "profile.certificate_ended",
        "Certificate of a deployment has ended",
        Tell("The certificate of {label} has ended", (Who.OWNER,), otherwise=Who.MANAGERS, pace=soon),
        data=DayData,
    ),
    EventType(
        "profile.rotation_due",
        "Key of a deployment is to be rotated soon",
        Tell("The key of {label} is to be rotated {left}", (Who.OWNER,), otherwise=Who.MANAGERS, fill=left),
        data=DayData,
    ),
    EventType(
        "profile.rotation_overdue",
        "Key of a deployment was not rotated",
        Tell("The key of {label} was not rotated in time", (Who.OWNER,), otherwise=Who.MANAGERS, pace=soon),
        data=DayData,
    ),
    EventType("substitutability.judged", "Said how easily it can be replaced", silent=ENTERED),
    EventType("substitutability.rejudged", "Said anew how easily it can be replaced", silent=ENTERED, data=Fields),
)
