"""Saying that one has it: it stops the ladder, for this occurrence."""

from datetime import datetime

from accounts import principals
from accounts.principals import Principal
from accounts.steps import step
from escalations import belonging
from escalations.models import Escalation


@step(
    "escalation.acknowledged",
    needs=belonging.NEEDS,
    barred=(belonging.of_others,),
    frm=(Escalation.Status.WAITING,),
    to=Escalation.Status.ACKNOWLEDGED,
    note="note",
    unsigned="It decides nothing: somebody says that they have it.",
)
def acknowledge(escalation: Escalation, *, by: Principal, now: datetime, note: str = "") -> Escalation:
    """Return the escalation, acknowledged: nobody further up is told of this occurrence.

    It waits on all the same, and stays in sight, until what it is about is done. Raises OfOtherUnits for what is about
    a vendor that serves other units alone.
    """
    escalation.acknowledged_by, escalation.acknowledged_at, escalation.note = principals.person_of(by), now, note
    return escalation
