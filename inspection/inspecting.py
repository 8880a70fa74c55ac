"""Steps of an inspection: it is asked for, done by a job or a command, and what it saw is put on record."""

import io
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from audit.context import SYSTEM
from decisions.reviews import reviews
from evidence import store
from evidence.models import Blob
from inspection import drift, targets
from jobs import queue
from jobs.models import Job
from monitoring import applying, schedule, work_list
from monitoring.models import Collector, Observation, Run
from monitoring.observed import Look
from riskregister import nouns
from riskregister.refusals import Conflict, Refused
from riskregister.unit_of_work import unit_of_work
from vendors import fields
from vendors.models import Remote, Server
from vendors.registering import importing

JOB = "inspection.look"
# Of each way in the last run stands among so many, however often one of them is looked at by itself.
_LOOKED_THROUGH = 4 * targets.WAYS
# A command that was killed in the middle leaves a run that nobody ends.
_LOST_AFTER = timedelta(minutes=15)
_GAVE_UP = "The look was interrupted, and given up after several tries. Ask for it again."


class SwitchedOff(Refused):
    """This installation connects to no servers."""


def why_not(server: Server) -> Refused | None:
    """Return why nobody can look at the server in this installation, or None."""
    if settings.INSPECT == "off":
        return SwitchedOff("This installation connects to no servers. RISKREGISTER_INSPECT switches it on.")
    if server.status == Server.Status.RETIRED:
        return Refused("It is retired. Request it again first.")
    try:
        targets.ways(server)
    except targets.NoWayIn as refusal:
        return refusal
    return None


@step("run.asked", needs=Capability.WRITE, makes=Run, unfit=why_not)
def ask(server: Server, *, address: str = "", by: Principal, now: datetime) -> Done[Run]:
    """Return the run in which a job looks at the server by the way in that is named so (empty: the first); the one that
    is under way when there is one.

    Raises SwitchedOff, NoWayIn, or Refused for a server that is retired.
    """
    nouns.hold(server)
    way = _way(server, address)
    under_way = _under_way(server, way).first()
    if under_way is not None:
        return Unchanged(under_way)
    made = _new(server, way, by=by, now=now)
    if work_list.is_apart(Collector.INSPECTION):
        work_list.put(made.result, targets.asks(way))
    else:
        queue.enqueue(JOB, key=_key(made.result), now=now, run=str(made.result.pk))
    return made


@unit_of_work()
def ask_everywhere(server: Server, *, by: Principal, now: datetime) -> list[Run]:
    """Return the runs in which jobs look at the server, one for each way in; each is asked as by `ask`."""
    ask.require(server, by)
    if refusal := why_not(server):
        raise refusal
    return [ask(server, address=str(way), by=by, now=now) for way in targets.ways(server)]


@step("run.asked", needs=Capability.WRITE, makes=Run, unfit=why_not)
def ask_to_wait(server: Server, *, address: str = "", by: Principal, now: datetime) -> Done[Run]:
    """Return a run that whoever asks does at once. Raises as `ask` does, and Conflict while another is under way."""
    nouns.hold(server)
    way = _way(server, address)
    if _under_way(server, way).exists():
        raise Conflict("It is being looked at just now. Wait until that look has ended.")
    return _new(server, way, by=by, now=now)


def perform(run: Run, *, now: datetime) -> tuple[Look, Blob | None]:
    """Return what is seen, and the kept file of the answers. Called without a transaction: it waits for the server."""
    look = targets.look(run)
    return look, keep(look, now=now)


def last_looks(server: Server) -> list[Run]:
    """Return the last look at the server by each way into the release that was looked at last, addresses first."""
    runs = list(server.runs.filter(collector=Collector.INSPECTION)[:_LOOKED_THROUGH])
    last: dict[str, Run] = {}
    for run in runs:
        if run.release_id == runs[0].release_id:
            last.setdefault(run.address, run)
    return [last[address] for address in sorted(last)]


def keep(look: Look, *, now: datetime) -> Blob | None:
    """Return the file in which the answers are kept as they came; None where none are, or they hold a credential."""
    if not look.raw or look.is_secret:
        return None
    return store.put(io.BytesIO(look.raw.encode()), name="answers.json", now=now)


@unit_of_work()
def apply(run: Run, look: Look, raw: Blob | None, *, now: datetime) -> list[Observation]:
    """Put on record what a look saw: its tools come in by the same door as those that people capture."""
    nouns.hold(run)
    if not look.is_complete or run.release is None:
        return applying.apply(run, look, raw=raw, now=now)
    captured = importing.import_tools(
        run.release, look.raw, captured_at=now, command="inspection by the register", by=SYSTEM, now=now
    )
    approved = drift.approved_of(run.server)
    items = drift.between(approved, captured) if approved else []
    seen = (*look.seen, *(item.seen for item in items))
    # Where nothing was approved nothing was compared, and what differed before is not gone.
    untold = "" if approved else drift.PREFIX
    elsewhere = targets.elsewhere(run)
    kept = applying.apply(
        run, replace(look, seen=seen), raw=raw, captured=captured, untold=untold, elsewhere=elsewhere, now=now
    )
    if approved:
        drift.raise_findings(run, items, kept, elsewhere=elsewhere, now=now)
        if items and drift.is_back(run, captured):
            reviews.tools_are_back(run.server, captured, now=now)
    return kept


def due(*, now: datetime) -> Sequence[UUID]:
    """Return the servers, approved or suspended, at which the schedule looks now, worst first; at most AT_ONCE.

    They are only such as can be looked at where they were approved. One of several ways in is due by itself: what one
    shows says nothing of another.
    """
    looks = schedule.recent(now=now).filter(server=OuterRef(OuterRef("pk")), collector=Collector.INSPECTION)
    looked_at = looks.exclude(status__in=Run.NOT_ASSESSED)
    remotes = Remote.objects.fixed_streamable().filter(release=OuterRef("pinned_release"))
    packages = targets.startable_by_name().filter(release=OuterRef("pinned_release"))
    open_ways = Exists(remotes.filter(~Exists(looked_at.filter(address=OuterRef("url"))))) | Exists(
        packages.filter(~Exists(looked_at.filter(address=OuterRef("way"))))
    )
    # One that is suspended may have been set right by its vendor.
    current = Server.objects.filter(open_ways, status__in=Server.ONCE_APPROVED).select_related("pinned_release")
    rows = current.order_by("inherent_tier", "number").iterator(schedule.AT_ONCE)
    return [server.pk for server in islice((one for one in rows if _ways_due(one, now=now)), schedule.AT_ONCE)]


def ask_all_due(*, now: datetime) -> int:
    """Promise a look at each server that is due, and return how many; nothing unless the installation schedules it.

    Each in its own transaction: called without one.
    """
    if settings.INSPECT != "scheduled":
        return 0
    return sum(_ask_due(key, now=now) for key in due(now=now))


def _ways_due(server: Server, *, now: datetime) -> list[str]:
    """Return the ways into the server that are due, by name; none where the register knows no way."""
    try:
        known = [str(way) for way in targets.ways(server)]
    except targets.NoWayIn:
        return []
    looks: dict[str, list[tuple[str, datetime]]] = {way: [] for way in known}
    rows = schedule.recent(now=now).filter(server=server, collector=Collector.INSPECTION, address__in=known)
    for address, status, asked_at in rows.values_list("address", "status", "asked_at"):
        looks[address].append((status, asked_at))
    return [way for way in known if schedule.is_due(looks[way], now=now)]


def _ask_due(key: UUID, *, now: datetime) -> bool:
    """Return whether the server is being looked at from now on, by each way in that is due."""
    server = Server.objects.get(pk=key)
    try:
        for address in _ways_due(server, now=now):
            ask(server, address=address, by=SYSTEM, now=now)
    except Refused:
        # Since the list was read somebody retired it, or it lost its address: the others are due all the same.
        return False
    return True


def note_lost(*, now: datetime) -> int:
    """End the runs that nobody looks for any more: their job has given up, or their command was killed."""
    return end_lost([Collector.INSPECTION], key=_key, now=now)


def end_lost(collectors: Collection[str], *, key: Callable[[Run], str], now: datetime) -> int:
    """End the runs of these collectors that nobody looks for any more, and return how many; `key` is that of a run's
    job.
    """
    under_way = Run.objects.under_way().filter(collector__in=collectors, task=None)
    lost = [run for run in under_way if _is_lost(run, key(run), now=now)]
    for run in lost:
        applying.begin(run, now=now)
        applying.apply(run, Look(outcome=Run.Status.FAILED, code="interrupted", why=_GAVE_UP), now=now)
    return len(lost)


def _way(server: Server, address: str) -> targets.Way:
    """Return the way into the server that is named so. Raises as `ask` does."""
    if refusal := why_not(server):
        raise refusal
    known = targets.ways(server)
    found = next((way for way in known if str(way) == address), None if address else known[0])
    if found is None:
        raise targets.NoWayIn(f"The register does not know {address} as a way into this server.")
    return found


def _under_way(server: Server, way: targets.Way) -> QuerySet[Run]:
    return Run.objects.under_way().filter(server=server, collector=Collector.INSPECTION, address=str(way))


def _new(server: Server, way: targets.Way, *, by: Principal, now: datetime) -> Done[Run]:
    run = Run(
        collector=Collector.INSPECTION, server=server, release=way.release, address=str(way),
        asked_by=by.person, asked_at=now,
    )  # fmt: skip
    fields.save_once(run, otherwise=Conflict("It is being looked at just now."))
    return Done(run, collector=run.collector, address=run.address)


def _key(run: Run) -> str:
    return f"{JOB}:{run.pk}"


def _is_lost(run: Run, key: str, *, now: datetime) -> bool:
    job = Job.objects.filter(key=key).first()
    return job.status == Job.Status.DEAD if job else run.asked_at < now - _LOST_AFTER
