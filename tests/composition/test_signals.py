"""What is exploited, and how likely that is: CISA's catalogue in two states, and EPSS in both of its dialects."""

import gzip
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import TestCase

from composition.models import EpssScore, ExploitedEntry
from feeds.models import FeedRun, Quarantined
from tests.cast import NOON
from tests.composition.feeding import a_feed, figures, take
from tests.composition.shared import ROOT, needs

LATER = NOON + timedelta(days=1)
HEADER = "cve,epss,percentile"
ENTRY = {
    "cveID": "CVE-2025-3248",
    "vendorProject": "Langflow",
    "product": "Langflow",
    "vulnerabilityName": "Langflow Missing Authentication",
    "dateAdded": "2025-05-05",
    "requiredAction": "Apply mitigations.",
    "dueDate": "2025-05-26",
    "knownRansomwareCampaignUse": "Unknown",
}


class OfFiles(TestCase):
    """With a folder of its own for files."""

    folder: Path

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def file(self, text: str, *, name: str = "file") -> Path:
        path = self.folder / name
        path.write_text(text)
        return path


class TestExploited(OfFiles):
    """The catalogue of exploited vulnerabilities."""

    def catalogue(self, *entries: Any, title: str = "CISA Catalog of Known Exploited Vulnerabilities") -> Path:
        return self.file(json.dumps({"title": title, "vulnerabilities": entries, "dateReleased": "2025-08-25"}))

    @needs("kev")
    def test_two_states_of_the_real_catalogue(self) -> None:
        """CVE-2021-4043 was taken out between October 2024 and August 2025."""
        feed = a_feed("kev")
        first = take(feed, ROOT / "kev/kev-2024-10-10.json")
        second = take(feed, ROOT / "kev/kev-2025-08-25.json", now=LATER)
        again = take(feed, ROOT / "kev/kev-2025-08-25.json", now=LATER)

        assert figures(first) == {"seen": 1193, "new": 1193}
        assert (second.seen, second.new, second.missing, second.quarantined) == (1404, 212, 1, 0)
        assert figures(again) == {"seen": 1404, "unchanged": 1404}
        assert second.mark_after == "2025-08-25T17:04:19.9796Z"
        removed = ExploitedEntry.objects.get(removed_on__isnull=False)
        assert (removed.cve, removed.source, removed.removed_on) == ("CVE-2021-4043", "cisa", date(2026, 3, 3))
        langflow = ExploitedEntry.objects.get(cve="CVE-2025-3248")
        assert (langflow.added_on, langflow.due_on) == (date(2025, 5, 5), date(2025, 5, 26))

    def test_an_entry_that_was_taken_out_can_come_back(self) -> None:
        feed = a_feed("kev")
        entries = [ENTRY | {"cveID": f"CVE-2025-{one}"} for one in range(1000, 1011)]
        for some in (entries, entries[1:], entries):
            last = take(feed, self.catalogue(*some))
        assert figures(last) == {"seen": 11, "changed": 1, "unchanged": 10}
        assert not ExploitedEntry.objects.exclude(removed_on=None).exists()

    def test_catalogues_of_two_sources_say_so_each_for_itself(self) -> None:
        take(a_feed("kev"), self.catalogue(ENTRY))
        other = a_feed("kev", name="EU")
        take(other, self.catalogue(ENTRY, title="EU KEV"))
        assert set(ExploitedEntry.objects.values_list("cve", "source")) == {
            ("CVE-2025-3248", "cisa"),
            ("CVE-2025-3248", other.ref.lower()),
        }

    def test_a_bad_entry_is_put_aside_and_the_rest_is_read(self) -> None:
        run = take(a_feed("kev"), self.catalogue(ENTRY, ENTRY | {"cveID": "CVE-2025-1", "dateAdded": "soon"}, 7))
        assert figures(run) == {"seen": 3, "new": 1, "quarantined": 2}
        assert set(Quarantined.objects.values_list("name", "why")) == {
            ("CVE-2025-1", "dateAdded: it is no day, such as 2026-01-31."),
            ("vulnerabilities[2]", "It is no object."),
        }

    def test_an_entry_of_a_day_to_come_counts_at_once_and_hides_no_correction(self) -> None:
        feed = a_feed("kev")
        run = take(feed, self.catalogue(ENTRY | {"dateAdded": "2099-01-01"}))
        assert figures(run) == {"seen": 1, "new": 1}
        run = take(feed, self.catalogue(ENTRY))
        assert figures(run) == {"seen": 1, "changed": 1}
        assert str(ExploitedEntry.objects.get().added_on) == ENTRY["dateAdded"]

    def test_an_entry_of_wrong_types_or_that_nests_too_deeply_spoils_no_other(self) -> None:
        deep = json.loads("[" * 300 + "]" * 300)
        odd = {"cveID": "CVE-2025-1", "knownRansomwareCampaignUse": ["Known"]}
        run = take(a_feed("kev"), self.catalogue(ENTRY, ENTRY | odd, ENTRY | {"notes": deep}))
        assert figures(run) == {"seen": 3, "new": 2, "quarantined": 1}
        assert [(one.name, one.why) for one in Quarantined.objects.all()] == [
            ("vulnerabilities[2]", "It nests too deeply."),
        ]
        assert ExploitedEntry.objects.get(cve="CVE-2025-1").is_ransomware_known is None

    def test_what_is_no_catalogue_is_refused(self) -> None:
        run = take(a_feed("kev"), self.file("[]"))
        assert (run.status, run.why) == (
            FeedRun.Status.FAILED,
            "The file is no catalogue: it has no list of vulnerabilities.",
        )


class TestLikelihood(OfFiles):
    """EPSS."""

    def scores(self, *lines: str, model: str = "v2025.03.14", day: str = "2025-12-26", zone: str = "Z") -> Path:
        about = f"#model_version:{model},score_date:{day}T12:55:00{zone}"
        return self.file("\n".join((about, HEADER, *lines)))

    @needs("epss")
    def test_both_dialects_are_read(self) -> None:
        feed = a_feed("epss")
        older = take(feed, ROOT / "epss/epss-sample-cve-bin-tool.csv")
        newer = take(feed, ROOT / "epss/epss_scores-2025-sample-vulnerablecode.csv")

        assert figures(older) == {"seen": 7, "new": 7}
        assert figures(newer) == {"seen": 27, "new": 25, "changed": 2}
        tiny = EpssScore.objects.get(cve="CVE-2025-9970")
        assert (tiny.score, tiny.percentile, tiny.model_version, tiny.scored_on) == (
            7e-05, 0.00428, "v2025.03.14", date(2025, 12, 26),
        )  # fmt: skip

    def test_a_packed_file_is_read_as_it_comes(self) -> None:
        path = self.scores("CVE-2024-1000,0.5,0.9")
        path.write_bytes(gzip.compress(path.read_bytes()))
        assert figures(take(a_feed("epss"), path)) == {"seen": 1, "new": 1}

    def test_within_a_model_a_score_moves_from_a_thousandth_on(self) -> None:
        feed = a_feed("epss")
        take(feed, self.scores("CVE-2024-1000,0.5,0.9", "CVE-2024-1001,0.5,0.9"))
        run = take(feed, self.scores("CVE-2024-1000,0.5009,0.9", "CVE-2024-1001,0.5011,0.9", day="2025-12-27"))
        assert figures(run) == {"seen": 2, "changed": 1, "unchanged": 1}
        assert EpssScore.objects.get(cve="CVE-2024-1001").score == 0.5011

    def test_another_model_is_another_scale(self) -> None:
        feed = a_feed("epss")
        take(feed, self.scores("CVE-2024-1000,0.5,0.9"))
        run = take(feed, self.scores("CVE-2024-1000,0.5,0.9", model="v2026.02.15", day="2026-02-15"))
        assert figures(run) == {"seen": 1, "changed": 1}

    def test_an_older_file_changes_nothing(self) -> None:
        feed = a_feed("epss")
        take(feed, self.scores("CVE-2024-1000,0.5,0.9"))
        run = take(feed, self.scores("CVE-2024-1000,0.9,0.9", model="v1", day="2024-01-01"))
        assert figures(run) == {"seen": 1, "unchanged": 1}
        assert run.mark_after == "2025-12-26"

    def test_a_table_of_a_day_to_come_is_refused_and_hides_none_that_follows(self) -> None:
        feed = a_feed("epss")
        early = take(feed, self.scores("CVE-2024-1000,0.9,0.9", day="2026-03-04"))
        assert (early.status, early.why) == (
            FeedRun.Status.FAILED,
            "The table is of 2026-03-04, which has not come yet.",
        )
        tomorrow = take(feed, self.scores("CVE-2024-1000,0.9,0.9", day="2026-03-03"))
        assert (figures(tomorrow), tomorrow.mark_after) == ({"seen": 1, "new": 1}, "2026-03-03")

    def test_a_bad_line_is_put_aside(self) -> None:
        lines = ("CVE-2024-1000,0.5,0.9", "CVE-2024-1001,1.5,0.9", "=cmd(),0.1,0.1", "CVE-2024-1002,nan,0.1")
        run = take(a_feed("epss"), self.scores(*lines))
        assert figures(run) == {"seen": 4, "new": 1, "quarantined": 3}
        assert set(Quarantined.objects.values_list("name", flat=True)) == {
            "CVE-2024-1001", "line 5", "CVE-2024-1002",
        }  # fmt: skip

    def test_a_table_that_does_not_say_its_model_is_refused(self) -> None:
        run = take(a_feed("epss"), self.file(f"{HEADER}\nCVE-2024-1000,0.5,0.9"))
        assert (run.status, run.why[:38]) == (FeedRun.Status.FAILED, "The table names no model and no day in")
