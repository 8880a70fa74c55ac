"""OSV's dumps over the network: whole the first time, and then what changed."""

import io
import ipaddress
import json
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import TestCase, override_settings
from django.utils import timezone

from audit.context import SYSTEM
from composition.models import Advisory
from feeds import asking, kinds, managing
from feeds.models import Feed, FeedRun, Quarantined
from jobs import runner
from jobs.models import Job
from tests.collectors import pages
from tests.collectors.pages import Pages
from tests.composition.feeding import figures
from tests.composition.test_advisories import advisory

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]


@pytest.fixture(scope="module")
def running() -> Iterator[Pages]:
    with pages.running() as served:
        yield served


def packed(records: Sequence[dict[str, Any]]) -> bytes:
    """Return a dump of records."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in records:
            archive.writestr(f"{one['id']}.json", json.dumps(one))
    return buffer.getvalue()


@override_settings(OUTBOUND_ALLOW=LOOPBACK, FETCH_FEEDS="scheduled")
class TestDumps(TestCase):
    """A dump with the list of what changed beside it."""

    served: Pages

    @pytest.fixture(autouse=True)
    def _served(self, running: Pages) -> None:
        self.served = running
        self.served.pages.clear()
        self.served.asked.clear()

    def setUp(self) -> None:
        self.now = timezone.now()
        self.feed = managing.add(
            kind="osv", name="PyPI", where="address", place=f"{self.served.url}/PyPI/all.zip", by=SYSTEM, now=self.now
        )
        self.records = [advisory(f"PYSEC-2026-{one}", day=one % 20 + 1) for one in range(1, 31)]
        self.serve()

    def serve(self) -> None:
        """Serve the dump, its list and its records as they are now."""
        newest = sorted(self.records, key=lambda one: one["modified"], reverse=True)
        listed = "".join(f"{one['modified']},{one['id']}\n" for one in newest)
        self.served.put("/PyPI/all.zip", packed(self.records))
        self.served.put("/PyPI/modified_id.csv", listed, ETag=f'"{len(listed)}-{newest[0]["modified"]}"')
        for one in self.records:
            self.served.put(f"/PyPI/{one['id']}.json", one)

    def run_at(self, now: datetime) -> FeedRun:
        """Return the run that the schedule asks for then, done."""
        assert asking.run_all_due(now=now) == 1
        runner.run(Job.objects.get(kind=asking.JOB, status=Job.Status.QUEUED).pk, now=timezone.now() + timedelta(10))
        return FeedRun.objects.latest("asked_at")

    def asked(self) -> list[str]:
        """Return what was asked for since the last time."""
        found = [path for path, _headers in self.served.asked]
        self.served.asked.clear()
        return found

    def test_first_the_whole_and_then_what_changed(self) -> None:
        first = self.run_at(self.now)
        assert (figures(first), self.asked()) == ({"seen": 30, "new": 30}, ["GET /PyPI/all.zip"])
        assert first.mark_after == "2026-01-20T00:00:00.000000+00:00"

        self.records[0] = advisory("PYSEC-2026-1", day=25, summary="Worse.")
        self.serve()
        second = self.run_at(self.now + timedelta(days=1))

        assert figures(second) == {"seen": 2, "changed": 1, "unchanged": 1}
        assert self.asked() == [
            "GET /PyPI/modified_id.csv", "GET /PyPI/PYSEC-2026-1.json", "GET /PyPI/PYSEC-2026-19.json",
        ]  # fmt: skip
        assert Advisory.objects.get(name="PYSEC-2026-1").summary == "Worse."

    def test_once_a_week_it_is_whole_so_that_what_is_gone_is_noticed(self) -> None:
        self.run_at(self.now)
        del self.records[2]
        self.serve()
        assert figures(self.run_at(self.now + timedelta(days=6)))["seen"] == 1
        whole = self.run_at(self.now + timedelta(days=7))
        assert figures(whole) == {"seen": 29, "unchanged": 29, "missing": 1}
        assert Advisory.objects.in_force().count() == 29

    def test_a_record_of_the_future_is_put_aside_and_hides_no_change(self) -> None:
        late = self.records[0]
        self.run_at(self.now)
        late |= {"modified": "2099-01-01T12:00:00Z", "summary": "Nothing to see here"}
        self.serve()
        run = self.run_at(self.now + timedelta(days=1))
        assert (figures(run)["quarantined"], run.mark_after) == (1, run.mark_before)
        why = "It says that it changed on 2099-01-01 12:00 UTC, which has not come yet."
        assert list(Quarantined.objects.values_list("name", "why")) == [(late["id"], why)]
        assert Advisory.objects.in_force().get(name=late["id"]).summary != "Nothing to see here"

        for one in (late, self.records[1]):
            one |= {"modified": self.now.isoformat(), "summary": "Mended"}
        self.serve()
        assert figures(self.run_at(self.now + timedelta(days=2)))["changed"] == 2
        assert not Quarantined.objects.exists()
        assert set(Advisory.objects.filter(summary="Mended").values_list("name", flat=True)) == {
            late["id"], self.records[1]["id"],
        }  # fmt: skip

    def test_a_record_of_a_clock_that_is_a_little_ahead_is_taken_in_and_hides_no_change(self) -> None:
        self.records[0]["modified"] = (self.now + timedelta(minutes=50)).isoformat()
        self.serve()
        Feed.objects.update(every=timedelta(minutes=30))
        assert figures(self.run_at(self.now)) == {"seen": 30, "new": 30}
        self.asked()
        self.run_at(self.now + timedelta(minutes=40))
        assert self.asked() == ["GET /PyPI/all.zip"]

    def test_a_list_that_has_not_changed_is_a_sign_of_life(self) -> None:
        self.run_at(self.now)
        self.run_at(self.now + timedelta(days=1))
        self.served.put("/PyPI/modified_id.csv", b"", status=304)
        run = self.run_at(self.now + timedelta(days=2))
        assert (run.status, run.why) == (FeedRun.Status.COMPLETE, "Nothing has changed there since the last run.")
        assert figures(run) == {}

    def test_without_a_list_it_is_whole_each_time(self) -> None:
        self.run_at(self.now)
        del self.served.pages["GET /PyPI/modified_id.csv"]
        self.asked()
        run = self.run_at(self.now + timedelta(days=1))
        assert self.asked() == ["GET /PyPI/modified_id.csv", "GET /PyPI/all.zip"]
        assert figures(run) == {"seen": 30, "unchanged": 30}

    def test_a_record_whose_name_leads_elsewhere_is_not_asked_for(self) -> None:
        self.run_at(self.now)
        self.asked()
        self.served.put("/PyPI/modified_id.csv", "2026-03-01T00:00:00Z,../../etc/passwd-1\n")
        self.run_at(self.now + timedelta(days=1))
        assert self.asked() == ["GET /PyPI/modified_id.csv", "GET /PyPI/passwd-1.json"]

    def test_an_address_that_fails_is_told_and_changes_nothing(self) -> None:
        self.served.put("/PyPI/all.zip", b"", status=503)
        run = self.run_at(self.now)
        assert (run.status, run.why) == (FeedRun.Status.FAILED, "127.0.0.1 answered 503.")
        assert Feed.objects.get().last_success_at is None

    def test_the_dumps_of_the_ecosystems_that_are_named_are_offered(self) -> None:
        with override_settings(OSV_URL="https://mirror.example/{ecosystem}/all.zip", OSV_ECOSYSTEMS=["npm", "Git Hub"]):
            assert [one.place for one in kinds.of("osv").offers()] == [
                "https://mirror.example/npm/all.zip", "https://mirror.example/Git%20Hub/all.zip",
            ]  # fmt: skip
