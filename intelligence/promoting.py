"""What is promoted by hand: a hit of which no source is sure enough for the rule."""

from datetime import datetime

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, step
from intelligence import exposures, matching
from intelligence.models import IndicatorHit
from monitoring import raising
from riskregister.refusals import Conflict, Refused


class AlreadyPromoted(Conflict):
    """There is a finding of it already."""


class NoLongerMet(Refused):
    """The hit does not hold any more."""


def _unfit(hit: IndicatorHit) -> Exception | None:
    if hit.observation.finding_id is not None:
        return AlreadyPromoted(f"{hit.observation.finding} has come of it already.")
    if hit.gone_at is not None:
        return NoLongerMet("It does not hold any more: the server or the indicator has changed since.")
    return None


@step("indicator_hit.promoted", needs=Capability.WRITE, reason="reason", unfit=_unfit)
def promote(hit: IndicatorHit, *, reason: str, by: Principal, now: datetime) -> Done[IndicatorHit]:
    """Return the hit, of which a finding is proposed. Raises AlreadyPromoted, and NoLongerMet for one that is gone."""
    if refusal := _unfit(hit):
        raise refusal
    observation = hit.observation
    rows = [one for one in matching.met_by(exposures.of(hit.server), now=now) if one.key == observation.key]
    if not rows:
        raise NoLongerMet("It does not hold any more: the server or the indicator has changed since.")
    raising.raise_findings(observation.run, [matching.raised_of(observation, rows)], keys=(), now=now)
    return Done(hit, finding=observation.finding.ref if observation.finding else "")
