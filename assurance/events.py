"""What happens to certificates and to due diligence."""

from assurance.event_data import Completed, Corrected, Judged, Recorded, Started, Stopped, Waived
from audit.events import ENTERED, EventType, Tell, Who, declare, soon
from jobs.days import DayData, ends, left, near

_SETTLED = ("certificate.superseded", "certificate.corrected", "certificate.withdrawn")

declare(
    EventType("certificate.recorded", "Certificate recorded", silent=ENTERED),
    EventType("certificate.corrected", "Certificate corrected", silent=ENTERED, data=Corrected),
    EventType("certificate.judged", "Conditions of a certificate judged", silent=ENTERED, data=Judged),
    EventType("certificate.moved", "Bridge letter follows its report", silent="The correction of the report tells it."),
    EventType("certificate.superseded", "Certificate superseded", silent="The one in its place tells it."),
    EventType(
        "certificate.suspended",
        "Certificate suspended",
        Tell("{label} is suspended", (Who.OWNER,), otherwise=Who.ANALYSTS, pace=soon),
        data=Stopped,
    ),
    EventType(
        "certificate.withdrawn",
        "Certificate withdrawn",
        Tell("{label} is withdrawn", (Who.OWNER,), otherwise=Who.ANALYSTS, pace=soon),
        data=Stopped,
    ),
    EventType("certificate.resumed", "Certificate in force again", silent="Good news that its page shows."),
    EventType(
        "certificate.ending",
        "Certificate ends soon",
        Tell(
            "{label} {ends}",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            is_action=True,
            fill=ends,
            pace=near,
            settled_by=_SETTLED,
        ),
        data=DayData,
    ),
    EventType(
        "certificate.ended",
        "Certificate ended",
        Tell(
            "{label} counts no more",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            is_action=True,
            pace=soon,
            settled_by=_SETTLED,
        ),
        data=DayData,
    ),
    EventType(
        "certificate.surveillance_due",
        "Surveillance audit is due soon",
        Tell(
            "The surveillance audit of {label} {due}",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            pace=near,
            due_on="next_surveillance",
        ),
        data=DayData,
    ),
    EventType(
        "certificate.surveillance_passed",
        "Surveillance audit has passed its day",
        Tell(
            "The day of the surveillance audit of {label} has passed: record what came of it",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            is_action=True,
            pace=soon,
            settled_by=_SETTLED,
            due_on="next_surveillance",
        ),
        data=DayData,
    ),
    EventType("due_diligence.started", "Due diligence begun", silent=ENTERED, data=Started),
    EventType("due_diligence.item_recorded", "Item looked at", silent=ENTERED, data=Recorded, often=True),
    EventType(
        "due_diligence.item_waived",
        "Item waived",
        Tell("An item of {label} is waived until {until}", (Who.OWNER,), otherwise=Who.ANALYSTS),
        data=Waived,
    ),
    EventType("due_diligence.completed", "Due diligence complete", silent=ENTERED, data=Completed),
    EventType("due_diligence.superseded", "Due diligence superseded", silent="The newer round tells it."),
    EventType("due_diligence.cancelled", "Due diligence given up", silent=ENTERED),
    EventType(
        "due_diligence.due_soon",
        "Next due diligence is due soon",
        Tell(
            "The next due diligence after {label} {due}",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            is_action=True,
            pace=near,
            settled_by=("due_diligence.superseded",),
        ),
        data=DayData,
    ),
    EventType(
        "due_diligence.overdue",
        "Next due diligence is overdue",
        Tell(
            "The next due diligence after {label} {due}",
            (Who.OWNER, Who.MANAGERS),
            otherwise=Who.ANALYSTS,
            is_action=True,
            pace=soon,
            settled_by=("due_diligence.superseded",),
        ),
        data=DayData,
    ),
    EventType(
        "due_diligence_item.ending",
        "What was found is valid not much longer",
        Tell(
            "{label} is to be looked at again {left}",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            fill=left,
            pace=near,
            due_on="valid_until",
        ),
        data=DayData,
    ),
    EventType(
        "due_diligence_item.ended",
        "What was found is valid no more",
        Tell(
            "What was found of {label} counts no more: look again",
            (Who.OWNER,),
            otherwise=Who.ANALYSTS,
            pace=soon,
            due_on="valid_until",
        ),
        data=DayData,
    ),
    EventType(
        "due_diligence_item.waiver_ending",
        "Waiver ends soon",
        Tell("The waiver of {label} {ends}", (Who.OWNER,), otherwise=Who.ANALYSTS, fill=ends, pace=near),
        data=DayData,
    ),
    EventType(
        "due_diligence_item.waiver_ended",
        "Waiver ended",
        Tell("The waiver of {label} has ended: it counts again", (Who.OWNER,), otherwise=Who.ANALYSTS, pace=soon),
        data=DayData,
    ),
)
