"""An indicator that is dated ahead is put aside: what its source says afterwards would count as older."""

import json
import tempfile
from datetime import timedelta
from pathlib import Path

from django.test import TestCase

from feeds.kinds import Bad, Record, Source
from intelligence import feed_kinds
from intelligence.models import Indicator
from tests.cast import NOON
from tests.intelligence import scene
from tests.intelligence.scene import LATER

DAY = timedelta(days=1)
INDICATOR = {
    "type": "indicator", "spec_version": "2.1", "id": "indicator--0f1e2d3c-0000-4000-8000-000000000001",
    "created": "2026-01-01T00:00:00Z", "valid_from": "2026-01-01T00:00:00Z", "pattern_type": "stix",
    "pattern": "[domain-name:value = 'weather.example']",
}  # fmt: skip
WHY = "It says that it changed on 2099-01-01 12:00 UTC, which has not come yet."
EVENTS = ("5e0f6d1a-0000-4000-8000-00000000000", "2026-03-01T00:00:00+00:00", "2099-01-01T00:00:00+00:00")


class Ahead(TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_a_bundle_that_is_dated_ahead_hides_nothing_that_follows(self) -> None:
        def say(modified: str, pattern: str = INDICATOR["pattern"]) -> tuple[int, int]:
            bundle = scene.bundle(INDICATOR | {"modified": modified, "pattern": pattern})
            run = scene.take(self.folder, bundle, kind="stix", now=LATER + DAY)
            return run.new + run.changed, run.quarantined

        other = "[domain-name:value = 'other.example']"
        assert say("2026-01-02T00:00:00Z") == (1, 0)
        assert say("2099-01-01T12:00:00Z", other) == (0, 1)
        assert [str(one) for one in scene.a_feed().quarantined.all()] == [f"{INDICATOR['id']}: {WHY}"]
        assert Indicator.objects.get().value == "weather.example"
        assert say("2026-01-03T00:00:00Z", other) == (1, 0)
        assert (Indicator.objects.get().value, scene.a_feed().quarantined.count()) == ("other.example", 0)

    def test_a_malicious_package_that_is_dated_ahead_is_put_aside_under_its_name(self) -> None:
        affected = {"package": {"ecosystem": "npm", "name": "bad"}, "versions": ["1.0.0"]}
        record = {"id": "MAL-2026-1", "modified": "2099-01-01T12:00:00Z", "affected": [affected]}
        path = self.folder / "MAL-2026-1.json"
        path.write_text(json.dumps(record))
        [bad] = feed_kinds.Malicious().read(Source(path, read_at=NOON))
        assert isinstance(bad, Bad)
        assert (bad.key, bad.why) == ("MAL-2026-1", WHY)

    def test_an_event_that_is_dated_ahead_does_not_move_how_far_the_feed_is_taken_in(self) -> None:
        uuid, *moments = EVENTS
        for at, moment in enumerate(moments):
            row = {"uuid": f"{uuid}{at}", "type": "domain", "value": f"d{at}.example", "to_ids": True}
            text = json.dumps({"Event": {"uuid": f"{uuid}{at}", "info": "x", "Attribute": [row]}})
            (self.folder / f"{uuid}{at}@{moment}").write_text(text)
        found = list(feed_kinds.Misp().read(Source(self.folder, "events", read_at=NOON)))
        assert [one.mark for one in found if isinstance(one, Record)] == [moments[0], ""]

    def test_clocks_may_differ_by_an_hour_and_days_by_one(self) -> None:
        source = Source(self.folder, read_at=NOON)
        assert not source.is_ahead(NOON + timedelta(minutes=60))
        assert source.is_ahead(NOON + timedelta(minutes=61))
        assert not source.is_ahead(NOON.date() + DAY)
        assert source.is_ahead(NOON.date() + 2 * DAY)
        assert not Source(self.folder).is_ahead(NOON + 365 * DAY)
