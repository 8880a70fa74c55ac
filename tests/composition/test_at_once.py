"""Feeds store, inventories come and servers are compared at once: what each finds stays, and none locks another out."""

import json
import tempfile
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.test import TransactionTestCase

from composition import hits, signals
from composition.advisories import storing
from composition.comparison import comparing
from composition.inventories import taking
from composition.listing import Listed
from composition.models import Comparison, ExploitedEntry, Hit, Inventory, Match
from feeds.models import FeedRun
from findings.models import Finding
from monitoring import applying
from tests import cast
from tests.cast import NOON
from tests.composition.feeding import a_feed, take
from tests.composition.inventories import QS, listed, listing
from tests.interleaving import overtaken
from vendors.models import Release, Server

pytestmark = pytest.mark.engine

LATER = NOON + timedelta(hours=1)
QS_NAMED = "CVE-2024-1"


def advisory(name: str, package: str = "qs", *, fixed: str = "6.11.1", aliases: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a record that says that a package is mended in a version."""
    events = [{"introduced": "0"}, {"fixed": fixed}]
    affected = {"package": {"ecosystem": "npm", "name": package}, "ranges": [{"type": "SEMVER", "events": events}]}
    return {"id": name, "aliases": list(aliases), "affected": [affected], "summary": "A fault"}


class AtOnce(TransactionTestCase):
    """Two servers, a feed of advisories, and two threads."""

    def setUp(self) -> None:
        self.people = cast.assemble()
        self.release = cast.a_release(self.people)
        self.feed = a_feed("osv")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def publish(self, *records: dict[str, Any], now: Any = NOON) -> FeedRun:
        """Take in what the feed says now, the records that it had included."""
        path = self.folder / f"{now:%H%M}.jsonl"
        path.write_text("".join(json.dumps(one | {"modified": now.isoformat()}) + "\n" for one in records))
        run = take(self.feed, path, now=now)
        assert run.status == FeedRun.Status.COMPLETE, run.why
        return run

    def take(self, *parts: Listed, release: Release | None = None, scope: str = "lock") -> Inventory:
        text = json.dumps([one.version for one in parts] + [scope]).encode()
        given: dict[str, Any] = {"file_name": "lock.json", "scope": scope, "by": self.people.alice, "now": NOON}
        return taking.take(release or self.release, listing(*parts), text, **given)

    def compare(self, server: Server | None = None) -> Any:
        return hits.compare(Server.objects.get(pk=(server or self.release.server).pk), now=NOON)

    def overtake(self, first: Callable[[], Any], second: Callable[[], Any], *, at: tuple[Any, str]) -> None:
        """Let two steps overtake each other; neither fails."""
        outcomes = overtaken(first, second, at=at)
        assert not [one for one in outcomes if isinstance(one, Exception)], outcomes

    def finish(self) -> None:
        """Do what is left to do, as the job does it."""
        comparing.compare_changed(now=LATER)
        for row in Comparison.objects.filter(is_due=True).select_related("server"):
            hits.compare(row.server, now=LATER)

    def seen(self) -> list[tuple[str, str, str]]:
        rows = Hit.objects.filter(observation__is_seen=True).order_by("server", "name", "vulnerability__key")
        return list(rows.values_list("name", "vulnerability__key", "fixed_in"))

    def test_an_advisory_that_says_something_else_while_it_is_compared_is_compared_once_more(self):
        self.publish(advisory("OSV-1"))
        self.take(QS)
        second = partial(self.publish, advisory("OSV-1", fixed="6.12.0"), now=LATER)

        self.overtake(self.compare, second, at=(comparing, "_write"))
        self.finish()

        assert self.seen() == [("qs", "OSV-1", "6.12.0")]

    def test_what_is_compared_while_an_advisory_is_stored_is_compared_with_what_it_says_then(self):
        self.publish(advisory("OSV-1"))
        self.take(QS)
        first = partial(self.publish, advisory("OSV-1", fixed="6.12.0"), now=LATER)

        self.overtake(first, self.compare, at=(storing, "_store_affected"))
        self.finish()

        assert self.seen() == [("qs", "OSV-1", "6.12.0")]

    def test_all_is_compared_with_all_while_an_advisory_comes_and_keeps_its_match(self):
        self.publish(advisory("OSV-1", "other"))
        self.take(QS)
        self.finish()

        def second() -> None:
            self.publish(advisory("OSV-1", "other"), advisory("OSV-2"), now=LATER)
            comparing.compare_changed(now=LATER)

        self.overtake(partial(comparing.reconcile, now=NOON), second, at=(comparing, "_wanted"))

        assert [str(one) for one in Match.objects.all()] == ["qs 6.11.0: OSV-2"]

    def test_two_servers_that_list_one_new_version_are_compared_at_once(self):
        self.publish(advisory("OSV-1"))
        other = cast.a_release(self.people, text=cast.server_json(name="com.example/other"))
        self.take(QS)
        self.take(QS, release=other)

        self.overtake(self.compare, partial(self.compare, other.server), at=(Match.objects, "bulk_create"))

        assert self.seen() == [("qs", "OSV-1", "6.11.1")] * 2
        assert Match.objects.count() == 1

    def test_one_server_is_compared_twice_at_once_and_each_hit_is_found_once(self):
        self.publish(advisory("OSV-1"))
        self.take(QS)

        runs = overtaken(self.compare, self.compare, at=(applying, "note"))

        assert [str(run.collector) for run in runs] == ["composition", "composition"]
        assert self.seen() == [("qs", "OSV-1", "6.11.1")]
        assert Finding.objects.count() == 1

    def test_what_an_advisory_makes_due_while_the_server_is_compared_stays_due(self):
        self.publish(advisory("OSV-1", "other"))
        self.take(QS)
        self.finish()

        def second() -> None:
            self.publish(advisory("OSV-1", "other"), advisory("OSV-2"), now=LATER)
            comparing.compare_changed(now=LATER)

        self.overtake(self.compare, second, at=(signals, "of"))
        assert Comparison.objects.get().is_due
        self.finish()

        assert self.seen() == [("qs", "OSV-2", "6.11.1")]

    def test_what_a_catalogue_lists_while_the_server_is_compared_is_told(self):
        self.publish(advisory("OSV-1", aliases=(QS_NAMED,)))
        self.take(QS)
        self.finish()

        def list_it() -> None:
            of = {"feed": self.feed, "source": "cisa", "cve": QS_NAMED, "added_on": NOON.date(), "digest": "0" * 64}
            ExploitedEntry.objects.create(**of)
            signals.listed([QS_NAMED], now=LATER)

        self.overtake(self.compare, list_it, at=(signals, "tell"))
        assert Comparison.objects.get().is_due
        self.finish()

        assert Hit.objects.get().is_exploited

    def test_two_vulnerabilities_become_one_while_a_server_is_compared(self):
        self.publish(advisory("OSV-1", "other"), advisory("OSV-2"))
        self.take(QS)
        self.finish()
        # The older of both hits the package too from now on, and turns out to be the same.
        self.publish(advisory("OSV-1"), advisory("OSV-2"), now=LATER)
        comparing.compare_changed(now=LATER)
        one = partial(
            self.publish, advisory("OSV-1", aliases=("OSV-2",)), advisory("OSV-2"), now=LATER + timedelta(hours=1)
        )

        self.overtake(self.compare, one, at=(applying, "note"))
        self.finish()

        assert self.seen() == [("qs", "OSV-1", "6.11.1")]

    def test_an_inventory_that_comes_while_its_server_is_compared_is_compared_too(self):
        self.publish(advisory("OSV-1"), advisory("OSV-2", "late"))
        self.take(QS)

        self.overtake(self.compare, partial(self.take, listed("late", "1.0.0"), scope="tools"), at=(applying, "note"))
        assert Comparison.objects.get().is_due
        self.finish()

        assert self.seen() == [("late", "OSV-2", "6.11.1"), ("qs", "OSV-1", "6.11.1")]
