"""Checks of what a server offers, whenever its tools or its agents change: observations, and findings that gate.

A captured manifest is checked in the step that captures it, so that nobody approves what was not checked. The other
servers of its agents are checked in jobs of their own: a step that holds one server holds no other.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from assessments.models import Assessment
from catalogue.models import Dimension
from decisions.approvals.approval_needs import JUDGED_FIRST
from inspection import drift
from inspection.checks import offered, table
from inspection.checks.declared import Check, Result
from inspection.checks.offered import Agent, Neighbour
from jobs import queue
from monitoring import applying, raising
from monitoring.models import Collector, Observation, Run
from monitoring.observed import Seen
from monitoring.raising import Raised
from riskregister import canonical, nouns, unseen
from riskregister.unit_of_work import unit_of_work
from vendors.models import Deployment, Release, Server, Tool

JOB = "inspection.check"
NOTHING_CAPTURED = "Nothing was captured that could be checked."
# So many servers are promised a new check at once when the set of checks has another version.
AT_ONCE = 200
_OF_AGENTS = [f"{JUDGED_FIRST}{check.id}" for check in table.CHECKS if check.of_agents]
# So many hits of a check are named where its observation is shown; the page of the tools has all.
_NAMED = 5


def results(release: Release) -> list[Result]:
    """Return what comes of every check of a release now, beside what its agents use; not assessed without tools."""
    return _results(release, agents(release.server))


def agents(server: Server) -> list[Agent]:
    """Return the agents that use a server, each with the other servers that it uses in the same unit."""
    current = Deployment.objects.filter(ended_on__isnull=True)
    names = sorted(set(current.filter(server=server).values_list("agent", flat=True)))
    beside = current.filter(server__unit=server.unit_id).exclude(server=server)
    beside = beside.exclude(server__status__in=Server.OUT_OF_USE)
    by_agent = {name: set(beside.filter(agent__iexact=name).values_list("server", flat=True)) for name in names}
    known = _neighbours({key for keys in by_agent.values() for key in keys})
    return [
        Agent(name, tuple(known[key] for key in sorted(keys, key=str) if key in known))
        for name, keys in by_agent.items()
    ]


def follow(server: Server, *, reason: str, now: datetime) -> None:
    """Check a server whose tools or use changed, and promise the same of those that share an agent with it."""
    if check(server, now=now):
        # Of several promises at one moment one is enough.
        _promise(_beside(server), now=now, when=now.isoformat())


@unit_of_work()
def check(server: Server, *, now: datetime) -> bool:
    """Check what the register knows of a server's tools, and return whether anything was new to check."""
    # Held before it is read: what another step captures meanwhile would be noted as gone.
    nouns.hold(server)
    releases = _relevant(server)
    if not releases:
        return False
    used_by = agents(server)
    seen_before = _digest(releases, used_by)
    last = server.runs.of(Collector.CHECKS).first()
    if last is not None and last.raw_digest == seen_before:
        return False
    found = [(release, table.hits(_results(release, used_by))) for release in releases]
    run = Run(
        collector=Collector.CHECKS, server=server, captured=releases[0], version=table.VERSION, raw_digest=seen_before
    )
    merged = list(_merged(found))
    kept = applying.note(run, [_seen(one, where) for one, where in merged], now=now)
    _raise(run, [one for one, _where in merged], kept, now=now)
    return True


def promise_due(*, now: datetime) -> int:
    """Promise a check of the servers whose last one was of another version, or may have had other neighbours.

    At most AT_ONCE of each, in jobs of their own; return how many.
    """
    outdated = _keys(Server.objects.filter(pk__in=_captured()).exclude(pk__in=_checked().values("server")))
    # What a neighbour no longer shares is nowhere told: who shared something is asked again once a day.
    shared = Observation.objects.filter(collector=Collector.CHECKS, is_seen=True, key__in=_OF_AGENTS)
    sharing = _keys(Server.objects.filter(pk__in=shared.values("server")))
    _promise(outdated, now=now, when=table.VERSION)
    _promise(sharing, now=now, when=f"{now:%Y-%m-%d}")
    return len(outdated) + len(sharing)


def _captured() -> "QuerySet[Release, UUID]":
    return Release.objects.captured().order_by().values_list("server", flat=True)


def _checked() -> "QuerySet[Run]":
    return Run.objects.of(Collector.CHECKS).filter(version=table.VERSION)


def _keys(rows: "QuerySet[Server]") -> list[UUID]:
    return list(rows.order_by("inherent_tier", "number").values_list("pk", flat=True)[:AT_ONCE])


def _results(release: Release, used_by: Iterable[Agent]) -> list[Result]:
    if not release.manifest_digest:
        return table.not_captured(NOTHING_CAPTURED)
    return table.results(offered.subject(release, release.tools.all(), release.offerings.all(), used_by))


def _relevant(server: Server) -> list[Release]:
    """Return the releases whose tools somebody may approve or has approved, the one with the newest tools first."""
    newest = drift.newest(server)
    if newest is None:
        return []
    assessed = Assessment.objects.filter(server=server).exclude(status__in=_CLOSED).values("release")
    others = server.releases.captured().filter(Q(pk=server.pinned_release_id) | Q(pk__in=assessed))
    return [newest, *others.exclude(pk=newest.pk)]


_CLOSED = (Assessment.Status.SUPERSEDED, Assessment.Status.CANCELLED)


def _neighbours(keys: set[UUID]) -> dict[UUID, Neighbour]:
    """Return servers with the tools that are approved of them, else with those that were captured last."""
    chosen: dict[UUID, Release] = {}
    for release in Release.objects.captured().filter(server__in=keys).select_related("server").only(*_OF_A_NEIGHBOUR):
        if release.server_id not in chosen or release.pk == release.server.pinned_release_id:
            chosen[release.server_id] = release
    tools: dict[UUID, list[offered.Part]] = {release.pk: [] for release in chosen.values()}
    for tool in Tool.objects.filter(release__in=tools).only("release_id", "canonical", "uncovered"):
        tools[tool.release_id].append(offered.part(tool))
    return {
        key: Neighbour(str(release.server), tuple(tools[release.pk]), release.manifest_digest)
        for key, release in chosen.items()
    }


_OF_A_NEIGHBOUR = ("manifest_digest", "server__number", "server__title", "server__pinned_release_id")


def _digest(releases: Iterable[Release], used_by: Iterable[Agent]) -> str:
    """Return the digest of all that is checked: the same is not checked again."""
    beside = [
        [agent.name, *([other.server, other.digest] for other in agent.others)] for agent in used_by if agent.others
    ]
    checked: list[Any] = [table.VERSION, [release.manifest_digest for release in releases], beside]
    return canonical.digest(canonical.canonical(checked))


def _merged(found: Iterable[tuple[Release, Iterable[Result]]]) -> Iterator[tuple[Result, str]]:
    """Yield each check that hit once, with the hits of all releases, and in which releases."""
    by_check: dict[Check, list[tuple[Release, Result]]] = {}
    for release, hits in found:
        for one in hits:
            by_check.setdefault(one.check, []).append((release, one))
    for check_, rows in by_check.items():
        together = dict.fromkeys(hit for _release, one in rows for hit in one.hits)
        yield Result(check_, tuple(together)), ", ".join(str(release) for release, _one in rows)


def _seen(one: Result, where: str) -> Seen:
    named = "; ".join(unseen.visible(str(hit)) for hit in one.hits[:_NAMED])
    more = f"; and {len(one.hits) - _NAMED} more" if len(one.hits) > _NAMED else ""
    words = f"{one.check.title} (checks {table.VERSION}) in {where}"
    return Seen(_key(one.check), words, f"{named[:450]}{more}", one.check.severity)


def _key(check_: Check) -> str:
    return f"{JUDGED_FIRST}{check_.id}"


def _raise(run: Run, found: Iterable[Result], kept: Iterable[Observation], *, now: datetime) -> None:
    """Propose a finding for each check that gates and hit; a judgement holds for just the hits that were judged."""
    known = {one.key: one for one in kept}
    raised = [
        Raised(
            key=_finding_key(one), severity=one.check.severity, title=one.check.title,
            recommendation=one.check.remedy, dimension=Dimension.SECURITY_POSTURE,
            observations=[known[_key(one.check)]],
        )
        for one in found
        if one.check.gates
    ]  # fmt: skip
    raising.raise_findings(run, raised, keys=raising.known_keys(run.server, JUDGED_FIRST), now=now)


def _finding_key(one: Result) -> str:
    # By all that was found: what is added to it, or stands in its place, is judged anew.
    canonical_hits = canonical.canonical(sorted([hit.place, hit.path, hit.sentence] for hit in one.hits))
    return f"{_key(one.check)}:{canonical.digest(canonical_hits)[:32]}"


def _beside(server: Server) -> list[UUID]:
    own = server.deployments.filter(ended_on__isnull=True).values_list("agent", flat=True)
    same = Q()
    for name in set(own):
        same |= Q(agent__iexact=name)
    if not same:
        return []
    rows = Deployment.objects.filter(same, ended_on__isnull=True, server__unit=server.unit_id)
    return list(rows.exclude(server=server).order_by("server").values_list("server", flat=True).distinct())


def _promise(keys: Iterable[UUID], *, now: datetime, when: str) -> None:
    for key in keys:
        queue.enqueue(JOB, key=f"{JOB}:{key}:{when}", now=now, server=str(key))
