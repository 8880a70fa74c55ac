"""Residual risk, row by row."""

from scoring.residual import residual_risk
from scoring.scales import Band, Residual
from tests.assessments.answers import METHOD
from tests.tables import for_each


@for_each(
    ("tier", "row"),
    [
        (1, ["medium", "high", "critical", "critical"]),
        (2, ["low", "medium", "high", "critical"]),
        (3, ["low", "low", "medium", "high"]),
        (4, ["low", "low", "low", "medium"]),
    ],
)
def test_residual_risk_is_looked_up(tier: int, row: list[str]) -> None:
    bands = [Band.STRONG, Band.ADEQUATE, Band.WEAK, Band.UNACCEPTABLE]
    assert [residual_risk(tier, band, METHOD) for band in bands] == [Residual(word) for word in row]
    assert residual_risk(tier, Band.NOT_ASSESSED, METHOD) is Residual.NOT_ASSESSED


def test_the_scales_rank_the_worst_first() -> None:
    assert Residual.NOT_ASSESSED.rank == Band.NOT_ASSESSED.rank == 0
    assert [one.rank for one in Residual] == [0, 1, 2, 3, 4]
    assert Band.NOT_ASSESSED.label == "Not assessed"
