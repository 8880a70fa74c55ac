"""What happens to assessments, their answers and what supports them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from assessments.answers import second_person
from audit.events import ENTERED, EventType, Tell, Who, declare, nobody_left, soon
from jobs.days import DayData, near
from riskregister import plurals
from scoring import deadlines

IN_PROGRESS = "Work in progress, seen on the assessment's own page."


@dataclass(frozen=True, slots=True)
class StartedData:
    """The release that is judged (empty: a vendor is), the kind of assessment, and the id of who answers it."""

    release: str
    kind: str
    assignee: str


@dataclass(frozen=True, slots=True)
class MovedData:
    """The question set that it is answered by now, how many answers came along, and what must be answered anew."""

    question_set: str
    carried: int
    anew: list[str]


@dataclass(frozen=True, slots=True)
class AssignedData:
    """The id of who answers it now."""

    assignee: str


@dataclass(frozen=True, slots=True)
class ReleasedData:
    """Nobody answers it."""

    assignee: None


@dataclass(frozen=True, slots=True)
class SubmittedData:
    """The SHA-256 of what was asked and answered."""

    answers_digest: str


@dataclass(frozen=True, slots=True)
class FinalData:
    """The SHA-256 of the frozen result, and how many of its answers are deficiencies."""

    snapshot: str
    deficiencies: int


@dataclass(frozen=True, slots=True)
class SupersededData:
    """The number of the assessment that took its place."""

    superseded_by: str


@dataclass(frozen=True, slots=True)
class QuestionData:
    """The key of the question, with the deployment where it is answered for one."""

    question: str


@dataclass(frozen=True, slots=True)
class AttachmentData:
    """The key of the question, and the number of the evidence."""

    question: str
    evidence: str


@dataclass(frozen=True, slots=True)
class VerifiedData:
    """The key of the question, the number of the evidence; what it shows of the answer, where, and its date."""

    question: str
    evidence: str
    shows: str
    location: str
    document_date: str


def found_something(data: FinalData) -> bool:
    """Return whether there is anything to tell beside the decision."""
    return data.deficiencies > 0


def counted(data: FinalData) -> Mapping[str, str]:
    """Return the number of deficiencies in words."""
    return {"deficiencies": plurals.counted(data.deficiencies, "deficiency", "deficiencies")}


def until(data: DayData) -> Mapping[str, str]:
    """Return the last day on which the assessment counts, in words."""
    return {"day": deadlines.written(date.fromisoformat(data.day))}


OVER = ("assessment.submitted", "assessment.cancelled", "assessment.finalised")
GIVEN = ("assessment.assigned", "assessment.released")
YOURS = Tell("{label} is yours to answer", (Who.ASSIGNEE,), is_action=True, settled_by=(*OVER, *GIVEN))

declare(
    EventType("assessment.started", "Assessment started", YOURS, data=StartedData),
    EventType("assessment.assigned", "Assessment assigned", YOURS, data=AssignedData),
    EventType(
        "assessment.released",
        "Assessment released",
        nobody_left("{label} has nobody to answer it", settled_by=(*OVER, "assessment.assigned")),
        data=ReleasedData,
    ),
    EventType("assessment.edited", "Assessment edited", silent=IN_PROGRESS, often=True),
    EventType("assessment.moved", "Assessment moved to newer questions", silent=IN_PROGRESS, data=MovedData),
    EventType("assessment.cancelled", "Assessment cancelled", silent=IN_PROGRESS),
    EventType(
        "assessment.due_soon",
        "Assessment due soon",
        Tell(
            "{label} {due}",
            (Who.ASSIGNEE,),
            otherwise=Who.ANALYSTS,
            is_action=True,
            due_on="due_on",
            pace=near,
            settled_by=(*OVER, *GIVEN),
        ),
        data=DayData,
    ),
    EventType(
        "assessment.overdue",
        "Assessment overdue",
        Tell(
            "{label} {due}",
            (Who.ASSIGNEE, Who.MANAGERS),
            otherwise=Who.ANALYSTS,
            is_action=True,
            due_on="due_on",
            settled_by=OVER,
        ),
        data=DayData,
    ),
    EventType(
        "assessment.submitted",
        "Assessment submitted",
        Tell(
            "{label} waits for your decision",
            (Who.APPROVERS,),
            otherwise=Who.MANAGERS,
            is_action=True,
            barred=second_person.hands,
            settled_by=("assessment.returned", "assessment.finalised", "assessment.cancelled"),
        ),
        data=SubmittedData,
    ),
    EventType(
        "assessment.returned",
        "Assessment returned",
        Tell(
            "{label} was returned to you",
            (Who.SUBMITTER, Who.ASSIGNEE),
            is_action=True,
            settled_by=(*OVER, *GIVEN),
        ),
    ),
    EventType(
        "assessment.finalised",
        "Assessment finalised",
        Tell(
            "{label} is final and found {deficiencies}",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            when=found_something,
            fill=counted,
            pace=soon,
        ),
        data=FinalData,
    ),
    EventType(
        "assessment.superseded",
        "Assessment superseded",
        silent="The decision tells it: approval.granted.",
        data=SupersededData,
    ),
    EventType(
        "assessment.ageing",
        "Assessment of a vendor soon too old",
        Tell(
            "{label} counts no longer than {day}: assess the vendor again",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            is_action=True,
            fill=until,
            pace=near,
            settled_by=("assessment.superseded",),
        ),
        data=DayData,
    ),
    EventType(
        "assessment.too_old",
        "Assessment of a vendor too old",
        Tell(
            "{label} counted until {day}: assess the vendor again",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            is_action=True,
            fill=until,
            settled_by=("assessment.superseded",),
        ),
        data=DayData,
    ),
    EventType("answer.not_applicable_confirmed", "Not applicable confirmed", silent=IN_PROGRESS, data=QuestionData),
    EventType(
        "evidence.attached", "Evidence attached", silent=ENTERED, data=AttachmentData, often=True, on_paper=False
    ),
    EventType(
        "evidence.verification_kept",
        "Verifications kept",
        silent=ENTERED,
        data=QuestionData,
        often=True,
        on_paper=False,
    ),
    EventType("evidence.verified", "Evidence verified", silent=ENTERED, data=VerifiedData, often=True),
    EventType(
        "evidence.detached", "Evidence detached", silent=ENTERED, data=AttachmentData, often=True, on_paper=False
    ),
)
