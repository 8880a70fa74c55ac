"""A server of Payments with a package, an address and a vendor, and feeds of indicators as files bring them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from audit.context import SYSTEM
from feeds import asking, managing
from feeds.models import Feed, FeedRun
from findings.models import Finding
from intelligence import following, storing
from intelligence.models import IndicatorHit
from intelligence.reading.indicators import Kind, Term, Told
from jobs.models import Job
from monitoring.models import Collector, Observation
from tests import cast
from tests.cast import NOON, Cast
from tests.kept import kept
from vendors.models import Server
from vendors.registering import importing

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOON + HOUR
REMOTE = "https://mcp.weather.example/mcp"
PACKAGE = {
    "registryType": "npm", "identifier": "@example/weather", "version": "1.2.3", "transport": {"type": "stdio"},
    "fileSha256": "ab" * 32,
}  # fmt: skip


@dataclass
class Scene:
    """The people, the server, and what was matched of it."""

    people: Cast
    server: Server

    def hits(self) -> list[tuple[str, str]]:
        """Return what is met now: where and what."""
        rows = IndicatorHit.objects.filter(server=self.server, gone_at__isnull=True)
        return sorted((row.where, row.matched) for row in rows)

    def seen(self) -> list[Observation]:
        """Return what is observed now."""
        rows = Observation.objects.filter(server=self.server, collector=Collector.INTELLIGENCE, is_seen=True)
        return list(rows.order_by("key"))

    def findings(self) -> list[Finding]:
        """Return the findings of indicators."""
        return list(Finding.objects.filter(server=self.server, stable_key__startswith="indicator:").order_by("number"))


@kept
def set_up(**document: Any) -> Scene:
    """Return the scene."""
    people = cast.assemble()
    remotes = [{"type": "streamable-http", "url": REMOTE}]
    text = cast.server_json(**{"packages": [PACKAGE], "remotes": remotes} | document)
    server, _release = importing.import_server_json(text, unit=people.payments, by=people.alice, now=NOON)
    return Scene(people, server)


def a_feed(name: str = "Threats", *, kind: str = "indicators_csv") -> Feed:
    """Return the feed of this name."""
    known = Feed.objects.filter(name=name).first()
    return known or managing.add(
        kind=kind, name=name, where="upload", place="", every=0, silent_after=0, by=SYSTEM, now=NOON
    )


def take(folder: Path, text: str | bytes, *, feed: str = "Threats", kind: str = "indicators_csv",
    now: datetime = LATER) -> FeedRun:  # fmt: skip
    """Return the run in which a file was taken in; what is news of it is matched, as the worker does."""
    path = folder / "file"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    run = asking.take_path(a_feed(feed, kind=kind), path, by=SYSTEM, now=now)
    work(now=now)
    return run


def of_domain(value: str, *, confidence: int | None = 90, **facts: Any) -> Told:
    """Return an indicator of one domain."""
    ways = (frozenset({Term(Kind.DOMAIN, value)}),)
    return Told(external_id=value, title=f"{value} is bad", ways=ways, confidence=confidence, **facts)


def told(feed: Feed, *found: Told, now: datetime = LATER) -> None:
    """Store indicators without a file, and match what is news."""
    storing.store(feed, found, now=now)
    work(now=now)


def work(*, now: datetime) -> None:
    """Do the jobs of the room that are promised."""
    for job in Job.objects.filter(kind=storing.MATCH_NEWS, status=Job.Status.QUEUED):
        since = datetime.fromisoformat(job.payload["since"])
        following.match_news(feed=job.payload["feed"], since=since, now=now)
        job.delete()


def table(*rows: Sequence[str], header: str = "kind,value,confidence") -> str:
    """Return a table of indicators."""
    return "\n".join([header, *(",".join(row) for row in rows)]) + "\n"


def bundle(*objects: dict[str, Any]) -> bytes:
    """Return a STIX bundle."""
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}).encode()
