"""Taking in a feed: what each record comes to, what stops a run, and that nothing is lost or written twice."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.db import IntegrityError, transaction
from django.test import TestCase, override_settings
from django.utils import timezone

from accounts.access import NotPermitted
from audit.context import SYSTEM
from audit.models import Event
from feeds import asking, managing, silence, taking
from feeds.models import Feed, FeedRun, Quarantined
from jobs import runner
from jobs.models import Job
from riskregister.refusals import Conflict, Refused
from tests import cast
from tests.cast import NOON, Cast
from tests.feeds import notes
from tests.feeds.notes import NOTES, note

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Status = FeedRun.Status


def figures(run: FeedRun) -> dict[str, int]:
    """Return the figures of a run that are not zero."""
    return {name: count for name in FeedRun.COUNTS if (count := getattr(run, name))}


class OfAFeed(TestCase):
    """A feed of notes, in a folder of its own."""

    people: ClassVar[Cast]
    feed: ClassVar[Feed]
    folder: Path

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    @classmethod
    def setUpTestData(cls) -> None:
        cls.people = cast.assemble()
        cls.feed = cls.add("Notes")

    @classmethod
    def add(cls, name: str, **facts: Any) -> Feed:
        given: dict[str, Any] = {"where": "upload", "every": 24, "silent_after": 72} | facts
        return managing.add(kind="notes", name=name, by=cls.people.ada, now=NOON, **given)

    def setUp(self) -> None:
        NOTES.kept.clear()
        NOTES.stores, NOTES.dies_at = 0, None

    def take(self, lines: Sequence[Any], *, at: Any = NOON, feed: Feed | None = None) -> FeedRun:
        path = notes.write(self.folder / "notes.jsonl", lines)
        return asking.take_path(feed or self.feed, path, by=SYSTEM, now=at)


@pytest.mark.engine
class TestOutcomes(OfAFeed):
    """What each record comes to."""

    def test_counts_each_record_once_by_what_it_came_to(self) -> None:
        self.take([note(one) for one in range(20)])
        run = self.take(
            [
                *(note(one) for one in range(17)),
                note(17, text="b", modified="2026-01-02"),
                note(18, modified="2026-01-02", withdrawn="yes"),
                note(19, text="older", modified="2025-12-31"),
                note(20),
                "no json",
            ],
            at=NOON + HOUR,
        )

        assert run.status == Status.COMPLETE
        assert figures(run) == {
            "seen": 22, "new": 1, "changed": 1, "unchanged": 18, "withdrawn": 1, "quarantined": 1,
        }  # fmt: skip
        assert (run.held, run.mark_before, run.mark_after) == (20, "2026-01-01", "2026-01-02")

    def test_the_same_again_writes_nothing(self) -> None:
        lines = [*(note(one) for one in range(1200)), "no json"]
        self.take(lines)
        stores = NOTES.stores
        before = list(Quarantined.objects.values_list("pk", "found_at"))

        run = self.take(lines, at=NOON + HOUR)

        assert figures(run) == {"seen": 1201, "unchanged": 1200, "quarantined": 1}
        assert NOTES.stores == stores
        assert list(Quarantined.objects.values_list("pk", "found_at")) == before

    def test_a_name_twice_in_one_file_counts_as_it_came_first(self) -> None:
        lines = [note(1, text="a"), note(2), note(1, text="b")]
        first, second = self.take(lines), self.take(lines)

        assert figures(first) == {"seen": 3, "new": 2, "unchanged": 1}
        assert figures(second) == {"seen": 3, "unchanged": 3}

    def test_what_a_whole_file_has_no_more_is_gone(self) -> None:
        self.take([note(one) for one in range(20)])
        run = self.take([note(one) for one in range(19)])
        assert figures(run) == {"seen": 19, "unchanged": 19, "missing": 1}
        assert NOTES.held(self.feed) == 19

    def test_a_part_of_a_feed_misses_nothing(self) -> None:
        feed = self.add("Part", is_whole=False)
        self.take([note(one) for one in range(20)], feed=feed)
        run = self.take([note(20)], feed=feed)
        assert figures(run) == {"seen": 1, "new": 1}
        assert NOTES.held(feed) == 21

    def test_nothing_is_gone_while_a_record_cannot_even_be_told(self) -> None:
        self.take([note(one) for one in range(20)])
        run = self.take([*(note(one) for one in range(19)), '{"id": "N-000'])
        assert figures(run) == {"seen": 20, "unchanged": 19, "quarantined": 1}
        assert NOTES.held(self.feed) == 20

    def test_the_database_refuses_figures_that_do_not_add_up(self) -> None:
        run = self.take([note(1)])
        with pytest.raises(IntegrityError, match="each_record_seen_came_to_one_thing"), transaction.atomic():
            FeedRun.objects.filter(pk=run.pk).update(seen=2)


class TestQuarantine(OfAFeed):
    """What could not be read."""

    def test_is_shown_with_the_reason_and_how_it_begins(self) -> None:
        run = self.take([note(1), "<script>alert(1)</script>"])
        (row,) = Quarantined.objects.all()
        assert (row.run, row.name, row.why, row.excerpt) == (
            run, "line 2", "It is no note.", "<script>alert(1)</script>",
        )  # fmt: skip

    def test_goes_when_it_is_read_later(self) -> None:
        self.take([note(1), "no json"])
        self.take([note(1), note(2)])
        assert not Quarantined.objects.exists()

    def test_of_a_source_of_which_nothing_can_be_read_the_run_fails(self) -> None:
        run = self.take(["<html>", "not found", "</html>"])
        assert (run.status, figures(run)) == (Status.FAILED, {"seen": 3, "quarantined": 3})
        assert run.why == "None of its 3 records could be read: It is no note."
        assert self.reloaded().last_success_at is None

    def test_of_one_record_the_run_speaks_of_one(self) -> None:
        assert self.take(["<html>"]).why == "Its only record could not be read: It is no note."

    def reloaded(self) -> Feed:
        return Feed.objects.get(pk=self.feed.pk)


class TestStopping(OfAFeed):
    """A run that would lose too much."""

    def setUp(self) -> None:
        super().setUp()
        self.take([note(one) for one in range(100)])

    def test_a_tenth_is_let_pass_and_one_more_is_not(self) -> None:
        run = self.take([note(one) for one in range(90)])
        assert (run.status, run.missing) == (Status.COMPLETE, 10)
        # Of 90 that are left, 9 may go.
        stopped = self.take([note(one) for one in range(80)])
        assert (stopped.status, stopped.missing) == (Status.STOPPED, 10)

    def test_a_feed_that_shrinks_to_nothing_changes_nothing_and_alarms(self) -> None:
        stores = NOTES.stores
        run = self.take([])

        assert (run.status, figures(run), run.held) == (Status.STOPPED, {"missing": 100}, 100)
        assert run.why.startswith("Of 100 records 100 not there any more: that is more than 10 per cent.")
        assert (NOTES.stores, NOTES.held(self.feed)) == (stores, 100)
        event = Event.objects.get(verb="feed_run.stopped")
        assert (event.data["held"], event.data["missing"], event.data["is_news"]) == (100, 100, True)

    def test_withdrawals_and_what_cannot_be_read_any_more_count_too(self) -> None:
        lines = [note(one, modified="2026-01-02", withdrawn="yes") for one in range(6)]
        run = self.take([*lines, *(note(one) for one in range(6, 95)), *["{"] * 5])
        assert (run.status, run.withdrawn, run.quarantined) == (Status.STOPPED, 6, 5)
        assert "6 withdrawn, 5 not there any more" in run.why

    def test_the_same_unreadable_records_again_stop_nothing(self) -> None:
        feed = self.add("Sick")
        lines = [*(note(one) for one in range(10)), *["{"] * 5]
        assert self.take(lines, feed=feed).status == Status.COMPLETE
        assert self.take(lines, feed=feed).status == Status.COMPLETE

    def test_a_person_lets_it_through_with_a_reason_up_to_as_much(self) -> None:
        stopped = self.take([note(one) for one in range(50)], feed=self.placed("folder", "notes.jsonl"))
        with pytest.raises(Refused, match="Give a reason"):
            asking.let_through(stopped, reason=" ", by=self.people.ada, now=NOON)
        with pytest.raises(NotPermitted):
            asking.let_through(stopped, reason="Meant.", by=self.people.alice, now=NOON)

        run = asking.let_through(stopped, reason="Its owner split it.", by=self.people.ada, now=NOON)

        assert (run.status, run.may_lose, run.lets_through) == (Status.QUEUED, 50, stopped)
        worse = notes.write(self.folder / "notes.jsonl", [note(one) for one in range(49)])
        ending = taking.perform(run, named=worse, now=NOON)
        assert ending.status == Status.STOPPED
        meant = notes.write(self.folder / "notes.jsonl", [note(one) for one in range(50)])
        done = taking.end(run, taking.perform(run, named=meant, now=NOON), now=NOON)
        assert (done.status, done.missing, NOTES.held(self.feed)) == (Status.COMPLETE, 50, 50)
        with pytest.raises(Refused, match="let through already"):
            asking.let_through(stopped, reason="Again.", by=self.people.ada, now=NOON)

    def test_what_can_be_had_from_no_place_again_is_not_let_through(self) -> None:
        stopped = self.take([])
        for where, place, why in (
            ("upload", "", "no place of its own. Upload a file"),
            ("address", "https://feeds.example.com/notes.jsonl", "fetches no feeds"),
        ):
            stopped.feed = self.placed(where, place)
            with self.subTest(where), override_settings(FETCH_FEEDS="off"):
                with pytest.raises(Refused, match=why):
                    asking.let_through(stopped, reason="Meant.", by=self.people.ada, now=NOON)
                assert not asking.let_through.offer(stopped, self.people.ada).may

        assert FeedRun.objects.under_way().count() == 0

    def placed(self, where: str, place: str) -> Feed:
        """Return the feed with another place."""
        Feed.objects.filter(pk=self.feed.pk).update(where=where, place=place)
        return Feed.objects.get(pk=self.feed.pk)

    def test_an_alarm_is_news_once(self) -> None:
        self.take([])
        self.take([])
        events = Event.objects.filter(verb="feed_run.stopped").order_by("pk")
        assert [one.data["is_news"] for one in events] == [True, False]


@pytest.mark.engine
class TestKilled(OfAFeed):
    """A run that ends in the middle."""

    def test_run_again_all_is_right(self) -> None:
        lines = [note(one) for one in range(1700)]
        NOTES.dies_at = 3
        with pytest.raises(RuntimeError):
            self.take(lines)
        cut = FeedRun.objects.get()
        assert (cut.status, figures(cut), cut.feed.mark) == (Status.RUNNING, {"seen": 1000, "new": 1000}, "")

        run = self.take(lines, at=NOON + HOUR)

        assert (run.status, figures(run)) == (Status.COMPLETE, {"seen": 1700, "new": 700, "unchanged": 1000})
        assert (run.feed.runs.count(), len(NOTES.kept[self.feed.pk])) == (2, 1700)
        cut.refresh_from_db()
        assert (cut.status, cut.why[:13]) == (Status.FAILED, "Whatever took")

    def test_a_worker_whose_run_was_taken_over_stores_nothing_more(self) -> None:
        run = FeedRun.objects.create(feed=self.feed, asked_at=NOON)
        path = notes.write(self.folder / "notes.jsonl", [note(1)])
        ending = taking.perform(run, named=path, now=NOON)
        self.take([note(1), note(2)])

        with pytest.raises(taking.TakenOver):
            taking.end(run, ending, now=NOON)

        assert figures(FeedRun.objects.get(pk=run.pk)) == {}

    def test_a_run_that_nobody_performs_ends(self) -> None:
        run = FeedRun.objects.create(feed=self.feed, asked_at=NOON)
        assert asking.note_lost(now=NOON + HOUR) == 0
        assert asking.note_lost(now=NOON + HOUR + timedelta(minutes=1)) == 1
        run.refresh_from_db()
        assert run.status == Status.FAILED


class TestSilence(OfAFeed):
    """A feed that has gone quiet."""

    def test_alarms_once_and_ends_when_it_is_back(self) -> None:
        assert silence.note(now=NOON + 3 * DAY) == 0
        late = NOON + 3 * DAY + HOUR
        assert (silence.note(now=late), silence.note(now=late + DAY)) == (1, 0)
        self.feed.refresh_from_db()
        assert (self.feed.silent_since, self.feed.freshness(now=late)) == (late, "silent")

        self.take([note(1)], at=late + 2 * DAY)

        self.feed.refresh_from_db()
        assert (self.feed.silent_since, self.feed.freshness(now=late + 2 * DAY)) == (None, "fresh")
        events = Event.objects.filter(verb__in=["feed.silent", "feed.back"]).order_by("pk")
        assert list(events.values_list("verb", flat=True)) == ["feed.silent", "feed.back"]

    def test_a_run_in_vain_is_no_sign_of_life(self) -> None:
        self.take([note(1)])
        self.take(["{"], at=NOON + 3 * DAY)
        assert silence.note(now=NOON + 3 * DAY + HOUR) == 1

    def test_what_is_switched_off_is_quiet_by_right(self) -> None:
        managing.switch_off(self.feed, reason="Another has it too.", by=self.people.ada, now=NOON)
        assert silence.note(now=NOON + 30 * DAY) == 0
        managing.switch_on(self.feed, by=self.people.ada, now=NOON + 30 * DAY)
        assert silence.note(now=NOON + 31 * DAY) == 0


class TestAsking(OfAFeed):
    """Who has feeds taken in, and when the schedule does."""

    def test_a_folder_is_read_within_the_folder_of_feeds_alone(self) -> None:
        notes.write(self.folder / "notes.jsonl", [note(1)])
        with override_settings(FEEDS_FOLDER=""), pytest.raises(Refused, match="no folder of feeds"):
            self.add("None", where="folder", place="notes.jsonl")
        with override_settings(FEEDS_FOLDER=str(self.folder)):
            with pytest.raises(Refused, match="within the folder"):
                self.add("Outside", where="folder", place="../etc")
            feed = self.add("Inside", where="folder", place="notes.jsonl")
            run = asking.run_now(feed, by=self.people.ada, now=NOON)
            assert asking.run_now(feed, by=self.people.ada, now=NOON) == run
            runner.run(Job.objects.get(kind=asking.JOB).pk, now=timezone.now())
        run.refresh_from_db()
        assert (run.status, figures(run)) == (Status.COMPLETE, {"seen": 1, "new": 1})

    def test_who_does_not_administer_is_refused(self) -> None:
        with pytest.raises(NotPermitted):
            managing.add(kind="notes", name="Mine", where="upload", by=self.people.bob, now=NOON)
        assert Feed.objects.count() == 1

    def test_a_name_is_given_once(self) -> None:
        with pytest.raises(Conflict, match="of this name already"):
            self.add("Notes")

    def test_another_place_is_taken_in_whole_again(self) -> None:
        feed = self.add("Web", where="address", place="https://feeds.example.com/notes.jsonl")
        Feed.objects.filter(pk=feed.pk).update(mark="2026", etags={"a": "b"})
        feed.refresh_from_db()
        managing.change(feed, place="https://feeds.example.com/other.jsonl", by=self.people.ada, now=NOON)
        feed.refresh_from_db()
        assert (feed.mark, feed.etags) == ("", {})

    def test_the_schedule_begins_a_few_at_once_the_longest_waiting_first(self) -> None:
        with override_settings(FEEDS_FOLDER=str(self.folder), FETCH_FEEDS="scheduled"):
            feeds = [self.add(f"Feed {one}", where="folder", place=f"{one}.jsonl") for one in range(3)]
            assert asking.run_all_due(now=NOON) == 2
            assert list(FeedRun.objects.order_by("feed__number").values_list("feed", flat=True)) == [
                feeds[0].pk, feeds[1].pk,
            ]  # fmt: skip
            assert asking.run_all_due(now=NOON) == 1
            assert asking.run_all_due(now=NOON) == 0
            assert asking.run_all_due(now=NOON + 23 * HOUR) == 0

    def test_a_run_that_failed_is_tried_again_after_one_hour_then_two(self) -> None:
        with override_settings(FEEDS_FOLDER=str(self.folder)):
            feed = self.add("Absent", where="folder", place="absent.jsonl")
        ended = {"status": Status.FAILED, "why": "Gone."}
        FeedRun.objects.create(feed=feed, asked_at=NOON, ended_at=NOON, **ended)
        assert [asking.next_run(feed)] == [NOON + HOUR]
        FeedRun.objects.create(feed=feed, asked_at=NOON + HOUR, ended_at=NOON + HOUR, **ended)
        assert asking.next_run(feed) == NOON + 3 * HOUR
