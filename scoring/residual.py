"""Residual risk from inherent tier and assurance band: a printed look-up."""

from scoring.methodology import Methodology
from scoring.scales import Band, Residual


def residual_risk(tier: int, band: Band, methodology: Methodology) -> Residual:
    """Return what risk is left; not assessed stays not assessed. Raises KeyError for a tier that does not exist."""
    if band is Band.NOT_ASSESSED:
        return Residual.NOT_ASSESSED
    return methodology.residual[tier, band]
