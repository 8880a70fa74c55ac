"""Killed at random moments of taking in advisories and inventories, comparing, telling and delivering: nothing is
lost, and nothing is twice.
"""

import ipaddress
import json
import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Q
from django.utils import timezone

from alerts import relay
from alerts.channels import managing
from alerts.delivery import ledger
from alerts.models import Alert, Message
from alerts.rules import writing
from audit.models import Event, Outbox
from composition import hits
from composition.advisories import osv
from composition.comparison import comparing
from composition.inventories import taking
from composition.listing import Listed
from composition.models import Advisory, Comparison, Hit
from feeds.models import Feed, FeedRun
from findings.models import Finding
from jobs import runner
from tests import cast
from tests.alerts import receiver as receivers
from tests.alerts.receiver import Receiver
from tests.cast import NOON
from tests.composition.feeding import a_feed, take
from tests.composition.index import Index
from tests.composition.inventories import listing
from tests.environment import LONG
from vendors.models import Release

pytestmark = [pytest.mark.slow, pytest.mark.engine]

KILLS = 100 if LONG else 20
ADVISORIES, PACKAGES = 30, 12
# So many statements a worker runs at most before it is killed; a whole round has about as many.
LONGEST = 300
DELIVERING = Q(kind__in=("alerts.post", "alerts.send"))


class Killer:
    """Ends the process without a word at the statement of this number."""

    def __init__(self, last: int) -> None:
        self.left = last

    def __call__(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        self.left -= 1
        if self.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*arguments)


def in_a_worker(work: Callable[[], object], *, last: int) -> bool:
    """Do the work in a process of its own that is killed at a statement; return whether it was."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            with connection.execute_wrapper(Killer(last)):
                work()
            code = 0
        finally:
            os._exit(code)
    _pid, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "The worker failed by itself."
    return os.WIFSIGNALED(status)


class World:
    """Advisories that change, an inventory that changes, and what a worker does about both."""

    def __init__(self, release: Release, feed: Feed, people: cast.Cast, folder: Path, receiver: Receiver) -> None:
        self.release, self.feed, self.people, self.receiver = release, feed, people, receiver
        self.path = folder / "advisories.jsonl"
        self.chance = random.Random(9)
        self.moment = timezone.now()
        self.records = {f"OSV-{number}": self._record(f"OSV-{number}") for number in range(ADVISORIES)}
        self.parts: list[Listed] = []
        self.document = b""

    def turn(self) -> None:
        """Let a few advisories say something else, and now and then the release be built from something else."""
        self.moment += timedelta(hours=1)
        for name in self.chance.sample(sorted(self.records), 3):
            self.records[name] = self._record(name)
        # A run that would lose more than a tenth is stopped, which is another test's.
        if sum("withdrawn" in one for one in self.records.values()) < 2:
            withdrawn = self.records[self.chance.choice(sorted(self.records))]
            withdrawn["withdrawn"] = withdrawn["modified"] = self._now()
        self.path.write_text("".join(json.dumps(one) + "\n" for one in self.records.values()))
        if not self.parts or self.chance.random() < 0.3:
            self._build()

    def _build(self) -> None:
        self.parts = [
            Listed(ref=name, name=name, version=f"1.{self.chance.randrange(9)}.0", ecosystem="npm")
            for name in self.chance.sample([f"p{number}" for number in range(PACKAGES)], PACKAGES // 2)
        ]
        self.document = json.dumps([self._now()]).encode()

    def _record(self, name: str) -> dict[str, Any]:
        package = {"ecosystem": "npm", "name": f"p{self.chance.randrange(PACKAGES)}"}
        events = [{"introduced": "0"}, {"fixed": f"1.{self.chance.randrange(9)}.0"}]
        affected = [{"package": package, "ranges": [{"type": "SEMVER", "events": events}]}]
        return {"id": name, "modified": self._now(), "affected": affected, "summary": "A fault"}

    def _now(self) -> str:
        return self.moment.isoformat()

    def work(self) -> None:
        """Do all that there is to do, as workers do it."""
        how: dict[str, Any] = {"file_name": "lock", "by": self.people.alice, "now": self.moment}
        taking.take(self.release, listing(*self.parts), self.document, **how)
        assert take(self.feed, self.path, now=self.moment).status == FeedRun.Status.COMPLETE
        comparing.compare_changed(now=self.moment)
        for row in Comparison.objects.filter(is_due=True).select_related("server"):
            hits.compare(row.server, now=self.moment)
        relay.relay(now=self.moment)
        for job in runner.due(now=self.moment, limit=1000, among=DELIVERING):
            runner.run(job, now=self.moment)

    def expected(self) -> set[tuple[str, str]]:
        """Return what hits the release, worked out without the database: package and advisory."""
        index = Index()
        for one in self.records.values():
            index.put(osv.read_data(one))
        return {(part.name, found.id) for part in self.parts for found in index.find("npm", part.name, part.version)}


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.OUTBOUND_ALLOW = [ipaddress.ip_network("127.0.0.0/8")]
    with receivers.running() as served:
        yield served


def test_kills_lose_nothing_and_double_nothing(transactional_db, tmp_path, process_environment, receiver):
    people = cast.assemble()
    world = World(cast.a_release(people), a_feed("osv"), people, tmp_path, receiver)
    _tell_of_findings(people, receiver)
    killed = 0
    while killed < KILLS:
        world.turn()
        killed += in_a_worker(world.work, last=world.chance.randint(1, LONGEST))
        if killed % 10 == 0:
            world.work()
            _is_whole(world)
    world.work()
    _is_whole(world)
    assert Message.objects.filter(status="sent").exists()
    assert comparing.reconcile(now=world.moment) == 0


def _tell_of_findings(people: cast.Cast, receiver: Receiver) -> None:
    """Have the receiver told of whatever happens to findings."""
    how: dict[str, Any] = {"unit": people.payments, "by": people.mia, "now": NOON}
    channel, _ = managing.open_channel(name="Pager", kind="webhook", address=receiver.url, form="", **how)
    conditions: dict[str, Any] = {"least_severity": "", "tiers": [], "vendor": None, "places": [], "people": []}
    conditions |= {"about": ["findings"], "channels": [channel], "pace": "soon"}
    writing.start(writing.write(name="Findings", facts=conditions, **how), by=people.mia, now=NOON)


def _is_delivered(receiver: Receiver) -> None:
    """Check that whatever was promised was sent, waits, or lies in sight, and that a copy is known as one."""
    balance = ledger.balance()
    assert balance.promised == balance.sent + balance.pending + balance.dead + balance.dropped
    sent = {str(key) for key in Message.objects.filter(status="sent").values_list("pk", flat=True)}
    came = {(post.headers["webhook-id"], post.body) for post in receiver.posts}
    assert sent <= {key for key, _body in came}
    assert len(came) == len({key for key, _body in came})
    assert {key for key, _body in came} <= {str(key) for key in Message.objects.values_list("pk", flat=True)}


def _is_whole(world: World) -> None:
    """Check that what is on record is what the advisories and the inventory say, each once."""
    seen = Hit.objects.filter(observation__is_seen=True).values_list("name", "vulnerability__key")
    assert sorted(seen) == sorted(world.expected())
    assert Advisory.objects.count() == ADVISORIES
    findings = Finding.objects.all()
    happened = Counter(Event.objects.filter(verb__startswith="finding.").values_list("verb", flat=True))
    open_now = findings.filter(status=Finding.Status.OPEN).count()
    assert open_now == happened["finding.opened"] + happened["finding.reopened"] - happened["finding.closed"]
    assert open_now == len(seen)
    assert findings.count() == happened["finding.opened"] == Hit.objects.count()
    assert not Outbox.objects.filter(relayed_at__isnull=True).exists()
    told = Counter(Alert.objects.values_list("event", "recipient"))
    assert max(told.values()) == 1
    _is_delivered(world.receiver)
    for run in FeedRun.objects.filter(status=FeedRun.Status.COMPLETE):
        assert run.seen == run.new + run.changed + run.unchanged + run.withdrawn + run.quarantined
