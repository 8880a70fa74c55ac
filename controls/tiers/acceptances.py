"""Acceptances of a lower governance tier: asked for, granted or refused by another person, taken back, run out."""

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts import access, principals
from accounts.access import Capability
from accounts.models import User
from accounts.principals import Principal
from accounts.steps import Done, step
from controls.models import TierAcceptance
from controls.tiers import below, measuring, missing
from riskregister.refusals import Conflict, Refused
from scoring import deadlines
from vendors.models import Deployment, GivenAway

REQUESTED, GRANTED = TierAcceptance.Status.REQUESTED, TierAcceptance.Status.GRANTED


class TierAcceptanceInvalid(Refused):
    """The lower tier cannot be accepted like this."""


class OwnTier(access.NotPermitted):
    """Whoever asks for a lower tier, or answers for the server or the deployment, does not decide it."""


def requester_or_owner(acceptance: TierAcceptance, by: Principal) -> OwnTier | None:
    """Return the refusal for whoever asked for it, and for who owns the deployment or its server; for others None."""
    person = by.person
    if person is None:
        return None
    if acceptance.requested_by_id == person.pk:
        return OwnTier("You asked for this acceptance. Somebody else decides it.")
    if person.pk in (acceptance.deployment.owner_id, acceptance.server.owner_id):
        return OwnTier("You own this deployment or its server. Somebody else decides it.")
    if acceptance.server.given_away.filter(person=person).exists():
        return OwnTier("You owned this server, or a deployment of it, and gave that away. Somebody else decides it.")
    return None


def run_out(tier_acceptance: TierAcceptance, today: date) -> TierAcceptanceInvalid | None:
    """Return the refusal once its last day has passed; before that None."""
    if tier_acceptance.expires_on >= today:
        return None
    if tier_acceptance.status == REQUESTED:
        return TierAcceptanceInvalid("The day until which it was asked for has passed. Refuse it.", field="expires_on")
    return TierAcceptanceInvalid("It has run out: nothing is left to be taken back.")


def of_others(person: User) -> Q:
    """Return the condition that the person neither asked for an acceptance nor owns, or gave away, what it is about."""
    gave = GivenAway.objects.filter(server=OuterRef("server"), person=person)
    return Q(~Q(requested_by=person), ~Q(deployment__owner=person), ~Q(server__owner=person), ~Exists(gave))


def _waits(_row: object) -> Conflict:
    return Conflict("A request to accept a lower tier of this deployment waits already. Decide that one first.")


@step("tier_acceptance.requested", needs=Capability.WRITE, makes=TierAcceptance, taken=_waits, reason="reason")
def request(
    deployment: Deployment, *, tier: int, revision: str, reason: str, expires_on: date, by: Principal, now: datetime
) -> Done[TierAcceptance]:
    """Return the request to run a deployment at a tier below the proposed one until a day at most a year from now.

    Raises TierAcceptanceInvalid for a tier that is not lower, a deployment that has ended, or another day; Conflict
    while a request waits.
    """
    proposal = measuring.proposal_for(deployment)
    _refuse_senseless(deployment, tier, revision, expires_on, proposed=proposal.tier, today=timezone.localdate(now))
    made = TierAcceptance(
        unit_id=deployment.server.unit_id,
        server=deployment.server,
        deployment=deployment,
        tier=tier,
        revision=revision,
        proposed=proposal.tier,
        proposal_reason=proposal.words,
        reason=reason,
        expires_on=expires_on,
        requested_by=principals.person_of(by),
        requested_at=now,
    )
    made.save(force_insert=True)
    return Done(made, tier=tier, proposed=proposal.tier, until=expires_on.isoformat())


@step(
    "tier_acceptance.granted",
    needs=Capability.DECIDE,
    frm=(REQUESTED,),
    to=GRANTED,
    unfit=lambda tier_acceptance: below.ended(tier_acceptance.deployment),
    late=run_out,
    barred=(requester_or_owner,),
    note="note",
)
def grant(tier_acceptance: TierAcceptance, *, by: Principal, now: datetime, note: str = "") -> Done[TierAcceptance]:
    """Accept the lower tier that another person asked for.

    Raises OwnTier for the requester and for owners, TierAcceptanceInvalid when its day has passed, the deployment has
    ended, or a higher tier has been proposed since.
    """
    below.refuse_ended(tier_acceptance.deployment)
    proposed = measuring.proposal_for(tier_acceptance.deployment).tier
    if proposed > tier_acceptance.proposed:
        raise TierAcceptanceInvalid(
            f"Tier {proposed} is proposed by now, and tier {tier_acceptance.proposed} was when it was asked for. "
            "Refuse it, and have it asked for again."
        )
    _decide(tier_acceptance, note, by=by, now=now)
    done = Done(tier_acceptance, until=tier_acceptance.expires_on.isoformat())
    return done.and_then(lambda: missing.look(tier_acceptance.server, now=now))


@step(
    "tier_acceptance.refused",
    needs=Capability.DECIDE,
    frm=(REQUESTED,),
    to=TierAcceptance.Status.REFUSED,
    barred=(requester_or_owner,),
    reason="note",
)
def refuse(tier_acceptance: TierAcceptance, *, note: str, by: Principal, now: datetime) -> TierAcceptance:
    """Refuse, with a reason, a lower tier that another person asked for."""
    _decide(tier_acceptance, note, by=by, now=now)
    return tier_acceptance


@step(
    "tier_acceptance.revoked",
    needs=Capability.DECIDE,
    frm=(GRANTED,),
    to=TierAcceptance.Status.REVOKED,
    late=run_out,
    reason="reason",
)
def revoke(tier_acceptance: TierAcceptance, *, reason: str, by: Principal, now: datetime) -> Done[TierAcceptance]:
    """End an acceptance before its day: the finding is back. Raises TierAcceptanceInvalid for one that has run out."""
    tier_acceptance.revoked_by, tier_acceptance.revoked_at = by.person, now
    return Done(tier_acceptance).and_then(lambda: missing.look(tier_acceptance.server, now=now))


def _decide(acceptance: TierAcceptance, note: str, *, by: Principal, now: datetime) -> None:
    acceptance.decided_by, acceptance.decided_at, acceptance.decision_note = by.person, now, note


def _refuse_senseless(
    deployment: Deployment, tier: int, revision: str, expires_on: date, *, proposed: int, today: date
) -> None:
    below.refuse_ended(deployment)
    if revision not in Deployment.GovernanceRevision.values:
        raise TierAcceptanceInvalid("Name the revision of MI-20 that the tier is of.", field="revision")
    if not 1 <= tier < proposed:
        words = f"Tier {proposed} is proposed." if proposed > 1 else "Tier 1 is proposed, and there is none below."
        raise TierAcceptanceInvalid(f"{words} Only a lower one needs an acceptance.", field="tier")
    if not deadlines.is_within_a_year(expires_on, today=today):
        raise TierAcceptanceInvalid(
            "A lower tier is accepted from today to a year from now at most.", field="expires_on"
        )
