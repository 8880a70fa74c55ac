"""Pages, API and command of feeds."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from feeds import asking
from feeds.models import Feed, FeedRun
from jobs import runner
from jobs.models import Job
from tests.api.caller import Caller
from tests.feeds.notes import NOTES, note, write
from tests.feeds.test_taking import OfAFeed, figures
from tests.web.signed_in import as_


class TestDoors(OfAFeed):
    """What people, programs and whoever runs the machine do with a feed."""

    def upload(self) -> SimpleUploadedFile:
        return SimpleUploadedFile("notes.jsonl", json.dumps(note(1)).encode())

    def done(self) -> FeedRun:
        """Return the last run, once its job is done."""
        runner.run(Job.objects.get(kind=asking.JOB).pk, now=timezone.now())
        return FeedRun.objects.get()

    def test_an_administrator_uploads_a_file_and_sees_what_came_of_it(self) -> None:
        url = reverse("web:feed-upload", args=[self.feed.pk])
        answer = as_(self.people.ada).post(url, {"file": self.upload()})
        assert answer.status_code == 302
        assert figures(self.done()) == {"seen": 1, "new": 1}
        page = as_(self.people.carol).get(reverse("web:feed-detail", args=[self.feed.pk])).content.decode()
        assert "1 seen: 1 new" in page
        assert "notes.jsonl" in page

    def test_a_feed_of_uploads_is_not_said_to_be_taken_in_by_the_clock(self) -> None:
        Feed.objects.update(where="upload", place="", every=timedelta(hours=24))
        page = as_(self.people.carol).get(reverse("web:feed-detail", args=[self.feed.pk])).content.decode()
        assert "<dt>Taken in</dt><dd>When somebody uploads a file</dd>" in page

    def test_a_program_uploads_a_file(self) -> None:
        caller = Caller(self.people.ada)
        answer = caller.client.post(f"/api/v1/feeds/{self.feed.pk}/upload/", {"file": self.upload()})
        assert answer.status_code == 202, answer.content
        run = self.done()
        assert (answer.json()["id"], run.file_name, run.status) == (str(run.pk), "notes.jsonl", "complete")
        assert run.file is not None
        assert run.digest == run.file.sha256

    def test_a_page_offers_the_public_dumps_by_name(self) -> None:
        page = as_(self.people.ada).get(reverse("web:feed-add")).content.decode()
        assert "CISA KEV" in page
        assert f"{reverse('web:feed-add')}?kind=kev&amp;name=CISA+KEV&amp;place=https" in page

    def test_a_feed_that_nothing_fetches_is_not_said_to_be_run_next(self) -> None:
        ada, feeds = as_(self.people.ada), {"place": "https://feeds.example.org/all.zip", "every": 24}
        form = {"kind": "osv", "name": "Advisories", "where": "address", "silent_after": 72} | feeds
        with self.settings(FETCH_FEEDS="off"):
            page = ada.post(reverse("web:feed-add"), form, follow=True).content.decode()
        assert "is added. This installation fetches no feeds." in page
        with self.settings(FETCH_FEEDS="scheduled"):
            page = ada.post(reverse("web:feed-add"), form | {"name": "Others"}, follow=True).content.decode()
        assert "is added. Run it, or upload its first file." in page

    def test_the_command_takes_in_a_file_and_says_what_came_of_it(self) -> None:
        path, out = write(self.folder / "notes.jsonl", [note(1), note(2), "no json"]), StringIO()
        call_command("take_feed", "Notes", str(path), stdout=out)
        assert out.getvalue() == (
            f"{self.feed}: 3 seen, 2 new, 0 changed, 0 unchanged, 0 withdrawn, 1 quarantined, 0 missing.\n"
        )
        assert NOTES.held(self.feed) == 2

    def test_the_command_fails_where_nothing_came_of_it(self) -> None:
        with pytest.raises(CommandError, match=r"There is no feed Other\. There are: FD-1 Notes"):
            call_command("take_feed", "Other", "x")
        with pytest.raises(CommandError, match=r"There is no file or folder absent\.jsonl"):
            call_command("take_feed", self.feed.ref, str(self.folder / "absent.jsonl"))
        empty = Path(write(self.folder / "empty.jsonl", []))
        with pytest.raises(CommandError, match="It holds no record of this kind"):
            call_command("take_feed", self.feed.ref, str(empty))
        assert Feed.objects.get().last_success_at is None
