"""What a frozen level rests on: the evidence of that level, until the last of it has run out; and damaged records."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from assessments import snapshots
from assessments.models import Snapshot
from decisions.models import ServerRating
from decisions.ratings import ratings
from scoring import scoresheet
from tests import append_only
from tests.assessments import scenes
from tests.cast import NOON
from tests.tables import for_each


def item(level: int, valid_until: str | None) -> dict[str, Any]:
    return {"ref": "EV-1", "level": level, "valid_until": valid_until}


@for_each(
    ("evidence", "until"),
    [
        ([item(2, "2026-05-01")], date(2026, 5, 1)),
        ([item(2, "2026-05-01"), item(2, "2026-04-01")], date(2026, 5, 1)),
        ([item(2, "2026-05-01"), item(1, "2030-01-01")], date(2026, 5, 1)),
        ([item(2, "2026-05-01"), item(1, None)], date(2026, 5, 1)),
        ([item(2, "2026-05-01"), item(2, None)], None),
        ([item(1, "2026-03-01")], None),
        ([item(1, "2026-03-02")], date(2026, 3, 2)),
        ([item(1, "2026-03-01"), item(1, "2026-05-01")], None),
    ],
)
def test_lesser_evidence_does_not_prolong_a_level(evidence: list[dict[str, Any]], until: date | None) -> None:
    frozen = {
        "finalised": {"at": NOON.isoformat()},
        "answers": [{"question": "a.b", "evidence": evidence}, {"question": "a.c", "evidence": []}],
    }
    assert snapshots.evidence_validity(frozen) == {"a.b": until}


@pytest.mark.django_db
def test_a_damaged_snapshot_stops_the_clock_for_no_other_server() -> None:
    scene = scenes.set_up()
    broken, sound = scene.server, scene.another_server()
    for server in (broken, sound):
        scene.final(server)
    body = Snapshot.objects.get(assessment__server=broken).body
    with append_only.lifted(connection):
        Snapshot.objects.filter(assessment__server=broken).update(body=body.replace('"weight":', '"weight":1', 1))
    moments = {broken: NOON + timedelta(days=1), sound: NOON + timedelta(days=2)}
    for server, moment in moments.items():
        ServerRating.objects.filter(server=server).update(changes_at=moment)
    later = NOON + timedelta(days=3)

    with pytest.raises(scoresheet.DoesNotRecompute):
        ratings.refresh_due(now=later)

    assert ServerRating.objects.get(server=sound).as_of == later
    assert ServerRating.objects.get(server=broken).changes_at == moments[broken]
