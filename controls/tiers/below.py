"""Which deployments run at a lower governance tier than the one proposed, and whether somebody accepts that."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Case, IntegerField, Q, Value, When

from controls.models import TierAcceptance
from controls.tiers import tables
from controls.tiers.measuring import Measured
from controls.tiers.tables import ProposalRule
from riskregister.refusals import Conflict
from vendors.models import Deployment
from vendors.tiers import Exposure


class DeploymentEnded(Conflict):
    """What has ended runs at no tier any more."""


def ended(deployment: Deployment) -> DeploymentEnded | None:
    """Return the refusal for a deployment that has ended, for others None."""
    if deployment.ended_on is None:
        return None
    return DeploymentEnded(f"{deployment.ref} ended on {deployment.ended_on}.")


def refuse_ended(deployment: Deployment) -> None:
    """Raise DeploymentEnded for a deployment that has ended."""
    if refusal := ended(deployment):
        raise refusal


def proposed() -> Case:
    """Return the proposed tier as an expression of the columns of a deployment: the same rules, for lists to ask by."""
    rules = tables.load().proposal
    return Case(
        *(When(_fits(rule), then=Value(rule.tier)) for rule in rules[:-1]),
        default=Value(rules[-1].tier),
        output_field=IntegerField(),
    )


def acceptances(rows: Iterable[Measured], *, today: date) -> dict[UUID, TierAcceptance]:
    """Return the acceptance in force of each of the deployments that run below the tier proposed. One statement."""
    lower = {row.deployment: row for row in rows if row.is_below}
    if not lower:
        return {}
    granted = TierAcceptance.objects.in_force(today=today).filter(deployment__in=lower).order_by("expires_on")
    return {one.deployment_id: one for one in granted if _covers(one, lower[one.deployment_id])}


def _covers(acceptance: TierAcceptance, row: Measured) -> bool:
    return acceptance.covers(row.tier or 0, proposed=row.proposal.tier, revision=row.revision)


def _fits(rule: ProposalRule) -> Q:
    fits = Q()
    if rule.inherent_tier is not None:
        fits &= Q(inherent_tier__lte=rule.inherent_tier)
    for name, level in (("autonomy", rule.autonomy), ("data_reached", rule.data_reached)):
        if level is not None:
            # What is not known counts as severe, as propose() has it.
            fits &= Q(**{f"{name}__in": ["", *(one.value for one in Exposure if one.rank <= level.rank)]})
    return fits
