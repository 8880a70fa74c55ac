"""What is known of controls beside assessments: certificates, tests of whether clients obey, and trials of TLS.

What others claim, and what was tried with one version of one client, is at most partly in place, and speaks only where
nothing else does (see `effective`); that something holds a person states, on that evidence. What a machine saw itself
is taken as it is, and so is a test that failed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from assurance.models import Certificate
from catalogue.models import Control
from collectors import tls
from collectors.fetching import key
from containment.models import EnforcementTest
from controls.effective import IN_PLACE, MISSING, PARTLY
from controls.models import Source
from monitoring.models import Collector, Observation
from riskregister.plurals import counted
from vendors.models import Deployment, Remote, Server, ServerSupplier

FRAMEWORK = "finos-mi-20"
ATTESTATION, PENETRATION_TEST = "MI-20.1.1", "MI-20.1.2"
TLS, NETWORK, APPROVED_ONLY = "MI-20.2.1", "MI-20.5.2", "MI-20.T.2"
# Which kinds of certificates bear on which control.
_OF_KIND = {
    Certificate.Kind.SOC2_TYPE_2: ATTESTATION,
    Certificate.Kind.ISO_27001: ATTESTATION,
    Certificate.Kind.PENETRATION_TEST: PENETRATION_TEST,
}
_FAILED_OPINIONS = (Certificate.Opinion.ADVERSE, Certificate.Opinion.DISCLAIMER)
# A client is changed all the time: what was tried a year ago says nothing of it any more.
_TEST_COUNTS = timedelta(days=365)
_TRIED = {EnforcementTest.Control.NETWORK: NETWORK}
# What a trial of TLS comes to at one address; at several addresses the control is what it is at all of them.
_OF_TRIAL = {
    "tls_13_only": IN_PLACE, "tls_12_strong": PARTLY, "tls_12_only": PARTLY, "tls_weak_ciphers": MISSING,
    "tls_old": MISSING,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """What a source says of the controls of a server, or of one of its deployments: statuses by reference of a control.

    `origin` is what it is read from, `until` the last day on which it counts.
    """

    server: UUID
    deployment: UUID | None
    source: str
    origin: str
    said: dict[str, str]
    until: date


def everything(*, now: datetime) -> Iterator[Told]:
    """Yield what sources say of all servers in use or under way. Eight statements, whatever their number."""
    servers = set(Server.objects.exclude(status__in=Server.OUT_OF_USE).order_by().values_list("pk", flat=True))
    yield from _certificates(servers, today=timezone.localdate(now))
    yield from _tests(servers, today=timezone.localdate(now))
    yield from _trials(servers, now=now)


def controls() -> dict[str, int]:
    """Return the key of each control that sources speak of, by its reference, in the current revision."""
    refs = (ATTESTATION, PENETRATION_TEST, TLS, NETWORK, APPROVED_ONLY)
    rows = Control.objects.filter(framework__key=FRAMEWORK, framework__status="current", ref__in=refs)
    return dict(rows.values_list("ref", "pk"))


def _certificates(servers: Collection[UUID], *, today: date) -> Iterator[Told]:
    """Yield what certificates say of the servers that their vendors publish.

    One counts that somebody judged to cover what is used of it (`scope_fits`), and with whose opinion the auditor did
    not refuse it.
    """
    fitting = Certificate.objects.counting(today=today).filter(kind__in=_OF_KIND, scope_fits=True)
    by_vendor: dict[UUID, list[Certificate]] = defaultdict(list)
    for row in fitting.exclude(opinion__in=_FAILED_OPINIONS).order_by("number"):
        by_vendor[row.vendor_id].append(row)
    # Of several publishers the one that was recorded first is the publisher: the last to be written here.
    published = dict(ServerSupplier.objects.publishers().order_by("-pk").values_list("server_id", "vendor_id"))
    for server, vendor in sorted(published.items()):
        rows = by_vendor.get(vendor, ())
        if rows and server in servers:
            said = {_OF_KIND[Certificate.Kind(row.kind)]: PARTLY for row in rows}
            until = min(row.counts_until for row in rows if row.counts_until)
            yield Told(server, None, Source.CERTIFICATE, _named([row.ref for row in rows]), said, until)


def _tests(servers: Collection[UUID], *, today: date) -> Iterator[Told]:
    """Yield what the last tests of a client, each of what it is to obey, say of the deployments that it is used for."""
    last: dict[tuple[UUID, str], dict[str, EnforcementTest]] = defaultdict(dict)
    for row in EnforcementTest.objects.filter(tried_on__gte=today - _TEST_COUNTS).order_by("tried_on", "number"):
        last[row.unit_id, row.client.casefold()][row.control] = row
    if not last:
        return
    rows = Deployment.objects.filter(ended_on=None).exclude(agent="").order_by("number")
    for deployment, server, unit, agent in rows.values_list("pk", "server_id", "server__unit_id", "agent"):
        tests = list(last.get((unit, agent.casefold()), {}).values())
        if tests and server in servers:
            found: dict[str, list[EnforcementTest]] = defaultdict(list)
            for one in tests:
                found[_TRIED.get(EnforcementTest.Control(one.control), APPROVED_ONLY)].append(one)
            said = {ref: _of_tests(of_it) for ref, of_it in found.items()}
            until = min(one.tried_on for one in tests) + _TEST_COUNTS
            yield Told(server, deployment, Source.TEST, _named([one.ref for one in tests]), said, until)


def _of_tests(tests: Collection[EnforcementTest]) -> str:
    """Return what tests come to: missing where none of them held, even in part; one that holds makes up for another."""
    return MISSING if all(one.result == EnforcementTest.Result.FAILS for one in tests) else PARTLY


def _trials(servers: Collection[UUID], *, now: datetime) -> Iterator[Told]:
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
            found = {_of_trial(row) for row in rows}
            if any(row.holds is False for row in seen[server].values() if row.fact == "certificate_valid"):
                found.add(PARTLY)
            until = timezone.localdate(min(row.fresh_until for row in rows))
            origin = f"trial of TLS at {counted(len(urls), 'address', 'addresses')}"
            status = found.pop() if len(found) == 1 else PARTLY
            yield Told(server, None, Source.COLLECTOR, origin, {TLS: status}, until)


def _key(url: str) -> str:
    return key(tls.VERSIONS, url)


def _of_trial(row: Observation) -> str:
    # What is not encrypted at all bears on no fact of TLS.
    return _OF_TRIAL.get(row.fact, MISSING)


def _named(refs: list[str]) -> str:
    """Return the first of them, with how many more there are."""
    more = f" and {len(refs) - 2} more" if len(refs) > 2 else ""
    return f"{', '.join(refs[:2])}{more}"
