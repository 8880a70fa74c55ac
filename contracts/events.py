"""What happens to contracts, and to what the law takes a unit to be."""

from audit.events import ENTERED, EventType, Tell, Who, declare, soon
from contracts.event_data import (
    ClausesRead,
    Covered,
    Drafted,
    Ended,
    Noticed,
    ProfileData,
    Renewed,
    Signed,
    whether_decided,
)
from jobs.days import DayData, UntilData, left
from vendors.events import Fields, OwnerData

OURS = "A step of the contract by those who look after it; its page shows it."
KEEPERS = (Who.OWNER, Who.MANAGERS)
DECIDED = ("contract.kept", "contract.notice_given", "contract.ended")
RENEWED = (*DECIDED, "contract.renewed")


def _ahead(verb: str, words: str, title: str, *, settled_by: tuple[str, ...]) -> EventType:
    tell = Tell(title, (Who.OWNER,), otherwise=Who.MANAGERS, is_action=True, fill=left, settled_by=settled_by)
    return EventType(verb, words, tell, data=DayData)


def _passed(verb: str, words: str, title: str, *, settled_by: tuple[str, ...]) -> EventType:
    return EventType(verb, words, Tell(title, KEEPERS, is_action=True, settled_by=settled_by), data=DayData)


declare(
    EventType("contract.drafted", "Contract drafted", silent=ENTERED, data=Drafted),
    EventType("contract.edited", "Contract changed", silent=ENTERED, data=Fields),
    EventType("contract.sent_for_signing", "Contract sent for signing", silent=OURS),
    EventType("contract.returned", "Contract returned to drafting", Tell("{label} is back in drafting", (Who.OWNER,))),
    EventType("contract.signed", "Contract signed", Tell("{label} is signed", (Who.OWNER,)), data=Signed),
    EventType("contract.review_started", "Review of the contract started", silent=OURS),
    EventType("contract.reviewed", "Contract reviewed", silent=OURS),
    EventType("contract.kept", "Decided to go on with the contract", silent=OURS, data=UntilData),
    EventType(
        "contract.notice_given",
        "Notice of the contract given",
        Tell("Notice was given: {label} ends on {until}", KEEPERS, pace=soon),
        data=Noticed,
    ),
    EventType("contract.ended", "Contract ended", Tell("{label} has ended", KEEPERS), data=Ended),
    EventType("contract.service_added", "Service added to the contract", silent=ENTERED, data=Covered),
    EventType("contract.service_removed", "Service removed from the contract", silent=ENTERED, data=Covered),
    EventType(
        "contract.clauses_read", "Clauses of the contract recorded", silent=ENTERED, data=ClausesRead, often=True
    ),
    EventType(
        "contract.handed_over",
        "Contract handed over",
        Tell("{label} is yours now", (Who.OWNER,), pace=soon),
        data=OwnerData,
    ),
    _ahead(
        "contract.notice_due",
        "Notice of the contract due",
        "{label}: the last day to give notice is {left}; it renews by itself",
        settled_by=RENEWED,
    ),
    _passed(
        "contract.notice_missed",
        "Notice of the contract not given in time",
        "{label}: the last day to give notice has passed, and nobody decided",
        settled_by=RENEWED,
    ),
    _ahead("contract.renewing", "Renewal of the contract near", "{label} renews by itself {left}", settled_by=RENEWED),
    EventType(
        "contract.renewed",
        "Contract renewed by itself",
        Tell("{label} renewed by itself until {until}, {decided}", KEEPERS, fill=whether_decided, pace=soon),
        data=Renewed,
    ),
    _ahead("contract.ending", "End of the contract near", "{label} ends {left}", settled_by=("contract.ended",)),
    _passed(
        "contract.end_passed",
        "Last day of the contract passed",
        "{label}: its last day has passed; end it here, or say what follows it",
        settled_by=("contract.ended", "contract.edited"),
    ),
    _ahead(
        "contract.review_due",
        "Review of the contract due",
        "{label} is to be reviewed {left}",
        settled_by=("contract.review_started", "contract.reviewed", "contract.ended"),
    ),
    _passed(
        "contract.review_missed",
        "Review of the contract overdue",
        "The review of {label} is overdue",
        settled_by=("contract.review_started", "contract.reviewed", "contract.ended"),
    ),
    EventType(
        "legal_profile.written",
        "Legal profile written",
        Tell("{label} was written: look whether it is so", (Who.MANAGERS,)),
        data=ProfileData,
    ),
    EventType(
        "legal_profile.rewritten",
        "Legal profile changed",
        Tell("{label} was changed: look whether it is so", (Who.MANAGERS,)),
        data=ProfileData,
    ),
    EventType(
        "legal_profile.law_near",
        "Rules of the law in force before long",
        Tell("{label}: rules that apply to the unit, or may, are in force {left}", (Who.MANAGERS,), fill=left),
        data=DayData,
    ),
)
