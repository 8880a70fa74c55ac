"""What a frozen level rests on: the evidence of that level, until the last of it has run out."""

from datetime import date
from typing import Any

import pytest

from assessments import snapshots


def item(level: int, valid_until: str | None) -> dict[str, Any]:
    return {"level": level, "valid_until": valid_until}


@pytest.mark.parametrize(
    ("evidence", "until"),
    [
        ([item(2, "2026-05-01")], date(2026, 5, 1)),
        ([item(2, "2026-05-01"), item(2, "2026-04-01")], date(2026, 5, 1)),
        ([item(2, "2026-05-01"), item(1, "2030-01-01")], date(2026, 5, 1)),
        ([item(2, "2026-05-01"), item(1, None)], date(2026, 5, 1)),
        ([item(2, "2026-05-01"), item(2, None)], None),
    ],
)
def test_lesser_evidence_does_not_prolong_a_level(evidence: list[dict[str, Any]], until: date | None) -> None:
    frozen = {"answers": [{"question": "a.b", "evidence": evidence}, {"question": "a.c", "evidence": []}]}
    assert snapshots.evidence_validity(frozen) == {"a.b": until}
