"""Starting the assessment of a vendor; all that follows is as with a server, and no approval comes of it."""

from datetime import date, datetime

from django.db.models import Count, Q
from django.utils import timezone

from accounts import holding, principals
from accounts.access import Capability
from accounts.models import User
from accounts.principals import Principal
from accounts.steps import Done, step
from accounts.units import places, turns
from assessments import lifecycle
from assessments.drafts import reuse
from assessments.models import Assessment
from catalogue import publishing
from riskregister.refusals import Refused
from vendors.models import Vendor


class NotSupplied(Refused):
    """The vendor cannot be judged as it is registered."""


@step("assessment.started", needs=Capability.WRITE, makes=Assessment)
def start(
    vendor: Vendor,
    *,
    kind: str,
    by: Principal,
    now: datetime,
    assignee: User | None = None,
    due_on: date | None = None,
) -> Done[Assessment]:
    """Return a new draft that asks of a vendor what follows from what it supplies, due from today on if by a day.

    It belongs to the whole organisation, as the vendor does. Answers about the vendor that are younger than a year are
    reused, those of its servers' assessments too. Raises NotSupplied for a vendor that is offboarded or of which nobody
    said what it supplies, AssessmentAlreadyOpen, and Refused for an unknown kind, a day that has passed, or somebody
    who cannot fill it in.
    """
    if kind not in Assessment.Kind.values:
        raise Refused("Choose initial, periodic or triggered.", field="kind")
    if due_on is not None and due_on < timezone.localdate(now):
        raise Refused("Choose a day from today on.", field="due_on")
    _require_supplying(vendor)
    assignee = lifecycle.analyst(assignee or holding.person(principals.person_of(by)), unit_id=None)
    assessment = Assessment(
        vendor=vendor,
        question_set=publishing.current_question_set(publishing.VENDOR_SET_KEY),
        methodology=publishing.current_methodology(),
        kind=kind,
        assignee=assignee,
        due_on=due_on,
        created_by=by.person,
        created_at=now,
        is_demo=vendor.is_demo,
    )
    lifecycle.keep_new(assessment, now=now)
    verified = reuse.make_answers(assessment, now=now)
    return Done(assessment, release="", kind=kind, assignee=str(assignee.pk)).made(*verified)


def choose_assignee(vendor: Vendor) -> User | None:
    """Return who fills in the assessment of a vendor that nobody has in hand: the owner of the relationship, if they
    can, else the analyst with the fewest to answer; None when there is no analyst.
    """
    owner = vendor.relationship_owner
    if owner is not None and places.can_hold(owner, Assessment, "assignee", unit_id=None):
        return owner
    to_answer = Count("assigned", filter=Q(assigned__status__in=Assessment.WAITING))
    return turns.next_analyst(waiting=to_answer, unit_id=None)


def _require_supplying(vendor: Vendor) -> None:
    if vendor.status == Vendor.Status.OFFBOARDED:
        raise NotSupplied(f"{vendor.name} is offboarded. Take it back as a prospect first, then assess it.")
    if not vendor.kinds.exists():
        raise NotSupplied(f"Say first what {vendor.name} supplies: the questions follow from that.")
