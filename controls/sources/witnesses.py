"""What is known of controls beside assessments: what is claimed of vendors, tests of clients, and trials of TLS.

What others claim or promise, and what was tried with one version of one client, is at most partly in place, and speaks
only where nothing else does (see `effective`); that something holds a person states, on that evidence. What a machine
saw itself is taken as it is, and so is a test that failed. Which of them bears on which control is published data.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from catalogue.models import Control
from collectors.sources import tls
from collectors.sources.fetching import key
from containment.models import EnforcementTest
from controls import witness_table
from controls.in_place.effective import MISSING, PARTLY
from controls.models import Source
from controls.sources import vendor_claims
from controls.witness_table import SourceStatement
from monitoring.models import Collector, Observation
from riskregister.plurals import counted
from vendors.models import Deployment, Remote, Server

# A client is changed all the time: what was tried a year ago says nothing of it any more.
_TEST_COUNTS = timedelta(days=365)


def everything(*, now: datetime) -> Iterator[SourceStatement]:
    """Yield what sources say of all servers in use or under way.

    Ten statements, and one for each 500 vendors under contract.
    """
    servers = set(Server.objects.exclude(status__in=Server.OUT_OF_USE).order_by().values_list("pk", flat=True))
    yield from vendor_claims.of_servers(servers, today=timezone.localdate(now))
    yield from _tests(servers, today=timezone.localdate(now))
    yield from _trials(servers, now=now)


def controls() -> dict[str, int]:
    """Return the key of each control that sources speak of, by its reference, in the last revision that has it."""
    table = witness_table.load()
    rows = Control.objects.filter(framework__key=table.framework, ref__in=table.refs)
    return dict(rows.by_revision().values_list("ref", "pk"))


def _tests(servers: Collection[UUID], *, today: date) -> Iterator[SourceStatement]:
    """Yield what the last tests of a client, each of what it is to obey, say of the deployments that it is used for."""
    last: dict[tuple[UUID, str], dict[str, EnforcementTest]] = defaultdict(dict)
    for row in EnforcementTest.objects.filter(tried_on__gte=today - _TEST_COUNTS).order_by("tried_on", "number"):
        last[row.unit_id, row.client.casefold()][row.control] = row
    if not last:
        return
    bears = witness_table.load().enforcement_test
    rows = Deployment.objects.filter(ended_on=None).exclude(agent="").order_by("number")
    for deployment, server, unit, agent in rows.values_list("pk", "server_id", "server__unit_id", "agent"):
        tests = list(last.get((unit, agent.casefold()), {}).values())
        if tests and server in servers:
            found = {ref: [one for one in tests if one.control in some] for ref, some in bears.items()}
            statuses = {ref: _of_tests(of_it) for ref, of_it in found.items() if of_it}
            until = min(one.tried_on for one in tests) + _TEST_COUNTS
            origin = witness_table.named([one.ref for one in tests])
            yield SourceStatement(server, deployment, Source.TEST, origin, statuses, until)


def _of_tests(tests: Collection[EnforcementTest]) -> str:
    """Return what tests come to: missing where none of them held, even in part; one that holds makes up for another."""
    return MISSING if all(one.result == EnforcementTest.Result.FAILS for one in tests) else PARTLY


def _trials(servers: Collection[UUID], *, now: datetime) -> Iterator[SourceStatement]:
    """Yield what trials of TLS say of the servers whose release in use has addresses."""
    asked: dict[UUID, set[str]] = defaultdict(set)
    remotes = Remote.objects.filter(release__pinned_by__isnull=False).exclude(url__contains="{")
    for server, url in remotes.values_list("release__pinned_by", "url"):
        asked[server].add(url)
    seen: dict[UUID, dict[str, Observation]] = defaultdict(dict)
    fresh = Observation.objects.fresh(now=now).filter(collector=Collector.TLS, is_assessed=True).select_related("run")
    for row in fresh:
        seen[row.server_id][row.key] = row
    for server, urls in asked.items():
        rows = [seen[server][one] for one in map(_key, urls) if one in seen[server]]
        # Of an address that was not seen nothing is known, and so nothing of the control.
        if server in servers and len(rows) == len(urls):
            is_whole = not any(one.holds is False for one in seen[server].values() if one.fact == "certificate_valid")
            until = timezone.localdate(min(row.fresh_until for row in rows))
            origin = f"trial of TLS at {counted(len(urls), 'address', 'addresses')}"
            bears = witness_table.load().collector.items()
            statuses = {ref: _of_trials(rows, worth, is_whole=is_whole) for ref, worth in bears}
            yield SourceStatement(server, None, Source.COLLECTOR, origin, statuses, until)


def _key(url: str) -> str:
    return key(tls.VERSIONS, url)


def _of_trials(rows: Collection[Observation], worth: Mapping[str, str], *, is_whole: bool) -> str:
    """Return what all addresses come to; where a certificate cannot be trusted, no more than in part."""
    # What is not encrypted at all bears on no fact of TLS.
    found = {worth.get(row.fact, MISSING) for row in rows} | (set() if is_whole else {PARTLY})
    return found.pop() if len(found) == 1 else PARTLY
