"""What waits for a person: the rows that somebody's next step is about, most urgent first."""

from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import access
from accounts.access import Capability
from accounts.models import User
from assessments.answers import second_person
from assessments.models import Assessment
from composition.models import Suppression
from composition.statements import suppressing
from controls.models import TierAcceptance
from controls.tiers import acceptances
from decisions.models import Approval, RatingOverride, Review
from decisions.ratings import overriding
from discovery.models import UnapprovedUse
from escalations import belonging
from escalations.models import Escalation
from findings import acceptance, register
from findings.models import Finding, FixClaim, RiskAcceptance
from intake.models import ServerRequest
from vendors.models import Deployment, Server


def assessments_to_answer(user: User) -> QuerySet[Assessment]:
    """Return the drafts that are the person's to answer: assigned to them, or begun by them and nobody's."""
    mine = Q(assignee=user) | Q(assignee__isnull=True, created_by=user)
    drafts = Assessment.objects.visible_to(user).filter(mine, status=Assessment.Status.DRAFT)
    return drafts.select_related("server", "vendor", "release", "returned_by").order_by("due_on", "number")


def assessments_to_decide(user: User) -> QuerySet[Assessment]:
    """Return the assessments that the person may decide: neither written, submitted nor checked since by them."""
    waiting = Assessment.objects.visible_to(user).filter(_decides(user), second_person.without_a_hand(user))
    near = waiting.filter(undecided()).select_related("server", "vendor", "release", "submitted_by")
    return near.order_by("submitted_at")


def undecided() -> Q:
    """Return the condition that an assessment waits for a decision: submitted, or made final without one.

    A vendor's waits for nothing once it is final: vendors are not approved.
    """
    decided = Approval.objects.filter(assessment=OuterRef("pk"))
    is_of_server = Q(server__isnull=False, status=Assessment.Status.FINAL)
    return Q(status=Assessment.Status.SUBMITTED) | Q(~Exists(decided), is_of_server)


def fixes_to_verify(user: User) -> QuerySet[Finding]:
    """Return the findings, not theirs now or since it opened, whose claimed fix waits for the person's verdict."""
    others = FixClaim.objects.filter(finding=OuterRef("pk"), verdict="").exclude(claimed_by=user)
    mine = register.counts_where_they_decide(user)
    claimed = Finding.objects.visible_to(user).filter(_decides(user), mine, register.of_others(user), Exists(others))
    waiting = claimed.filter(status=Finding.Status.AWAITING_VERIFICATION)
    return waiting.select_related("server", "vendor").order_by("severity", "due_on")


def acceptances_to_decide(user: User) -> QuerySet[RiskAcceptance]:
    """Return the requests to accept a risk that the person may decide: neither made by them nor of a finding of theirs.

    A finding is theirs too when they gave it away since it opened; of one that is settled nothing waits.
    """
    asked = RiskAcceptance.objects.visible_to(user).filter(_decides(user), status=RiskAcceptance.Status.REQUESTED)
    asked = asked.filter(acceptance.fit())
    return (
        asked.filter(acceptance.of_others(user), register.counts_where_they_decide(user, finding="finding__"))
        .select_related("finding", "server", "finding__server", "finding__vendor", "requested_by")
        .order_by("requested_at")
    )


def overrides_to_decide(user: User) -> QuerySet[RatingOverride]:
    """Return the requests to set a rating by hand that somebody else made and the person may decide."""
    asked = RatingOverride.objects.visible_to(user).filter(_decides(user), status=RatingOverride.Status.REQUESTED)
    others = asked.filter(overriding.of_others(user))
    return others.select_related("server", "requested_by").order_by("requested_at")


def lower_tiers_to_decide(user: User) -> QuerySet[TierAcceptance]:
    """Return the requests for a lower governance tier that the person may decide: not theirs, nor of what they had."""
    asked = TierAcceptance.objects.visible_to(user).filter(_decides(user), lower_tier_waits())
    near = asked.filter(acceptances.of_others(user)).select_related("deployment", "server", "requested_by")
    return near.order_by("requested_at")


def lower_tier_waits() -> Q:
    """Return the condition that a request for a lower governance tier waits: not where its deployment has ended."""
    return Q(status=TierAcceptance.Status.REQUESTED, deployment__ended_on=None)


def suppressions_to_accept(user: User, *, today: date) -> QuerySet[Suppression]:
    """Return what is said not to apply, and waits until the person or another accepts it, the worst first."""
    finding = "hit__observation__finding"
    near = suppressing.to_accept(user, today=today).select_related("statement", finding, f"{finding}__server")
    return near.order_by(f"{finding}__severity", "proposed_at", "pk")


def findings_to_fix(user: User) -> QuerySet[Finding]:
    """Return the findings that the person owns and that are still to be fixed, the worst first, then the earliest."""
    owned = Finding.objects.visible_to(user).filter(owner=user)
    todo = owned.filter(status__in=(Finding.Status.OPEN, Finding.Status.REMEDIATING))
    return todo.select_related("server", "vendor").order_by("severity", "due_on")


def reviews_to_do(user: User, *, today: date) -> QuerySet[Review]:
    """Return the open reviews that are assigned to the person and have no assessment under way, earliest first."""
    assigned = Review.objects.visible_to(user).filter(assignee=user)
    begun = Assessment.objects.filter(server=OuterRef("server"), status__in=Assessment.WAITING)
    todo = assigned.filter(Q(status=Review.Status.OPEN) | Q(status=Review.Status.SCHEDULED, due_on__lte=today))
    return todo.filter(~Exists(begun)).select_related("server").order_by("due_on")


def requests_to_triage(user: User) -> QuerySet[ServerRequest]:
    """Return the requests for servers that wait in the units in which the person registers them, the oldest first."""
    waiting = ServerRequest.objects.visible_to(user).filter(may(user, Capability.WRITE)).waiting()
    return waiting.exclude(asked_by=user).select_related("unit", "asked_by").order_by("number")


def own_requests(user: User) -> QuerySet[ServerRequest]:
    """Return what the person asked for and waits for, the newest first."""
    return ServerRequest.objects.filter(asked_by=user).waiting().select_related("unit").order_by("-number")


def uses_to_triage(user: User, *, today: date) -> QuerySet[UnapprovedUse]:
    """Return what is in use in units where the person writes, is not approved, and waits for a decision."""
    here = UnapprovedUse.objects.visible_to(user).filter(may(user, Capability.WRITE))
    return here.waiting(today=today).with_machines().select_related("unit").order_by("number")


def tiers_to_set(user: User) -> QuerySet[Deployment]:
    """Return the deployments in use without a governance tier that the person may set and has, or that nobody has."""
    here = Server.objects.visible_to(user).filter(may(user, Capability.WRITE)).exclude(status__in=Server.OUT_OF_USE)
    unset = Deployment.objects.filter(server__in=here, ended_on=None, governance_tier=None)
    theirs = Q(owner=user) | Q(owner=None, server__owner=user) | Q(owner=None, server__owner=None)
    return unset.filter(theirs).select_related("server", "owner").order_by("inherent_tier", "number")


def findings_overdue(user: User, *, today: date) -> QuerySet[Finding]:
    """Return overdue findings of others that belong to units which the person manages, the worst first."""
    units = access.of(user).units_for(Capability.MANAGE)
    managed = Finding.objects.visible_to(user).of_units(units).overdue(today=today)
    others = managed.filter(Q(owner__isnull=True) | ~Q(owner=user))
    return others.select_related("server", "vendor", "owner").order_by("severity", "due_on")


def reviews_overdue(user: User, *, today: date) -> QuerySet[Review]:
    """Return other people's overdue reviews of the units that the person manages, the longest overdue first."""
    managed = Review.objects.visible_to(user).filter(may(user, Capability.MANAGE)).overdue(today=today)
    others = managed.filter(Q(assignee__isnull=True) | ~Q(assignee=user))
    return others.select_related("server", "assignee").order_by("due_on")


def escalations(user: User) -> QuerySet[Escalation]:
    """Return what nobody has acknowledged in the units that the person manages, the worst first.

    Whoever administers sees what has come up to the head, which they are where nobody manages all units.
    """
    here = may(user, Capability.MANAGE)
    if may_somewhere(user, Capability.ADMINISTER):
        here |= Q(rung=Escalation.Rung.HEAD)
    rows = belonging.but_of_others(Escalation.objects.visible_to(user).unacknowledged().filter(here), user)
    return rows.order_by("severity", "began_at", "pk")


def servers_got_worse(user: User) -> QuerySet[Server]:
    """Return the servers in use that got worse than approved and that the person decides on or manages, worst first."""
    here = may(user, Capability.DECIDE, Capability.MANAGE)
    worse = Server.objects.visible_to(user).filter(here, rating__worse_since__isnull=False)
    return worse.select_related("rating").order_by("rating__residual_rank", "rating__worse_since", "number")


def _decides(user: User) -> Q:
    return may(user, Capability.DECIDE)


def may(user: User, *capabilities: Capability, of: str = "") -> Q:
    """Return the condition that the person may do one of these in the row's unit, or in that of what is `of` it.

    What belongs to no unit is anybody's who may somewhere.
    """
    units: set[UUID] = set()
    for capability in capabilities:
        here = access.of(user).units_for(capability)
        if here is None:
            # True of every row, and of the other side of an "or" too: an empty Q gives way to that.
            return ~Q(pk__in=[])
        units |= set(here)
    return Q(**{f"{of}unit_id__in": units}) | Q(**{f"{of}unit__isnull": True}) if units else Q(pk__in=[])


def may_somewhere(user: User, capability: Capability) -> bool:
    """Return whether the person may do it in any unit."""
    return access.of(user).units_for(capability) != []
