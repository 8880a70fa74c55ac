"""Steps of a look of these collectors: it is asked for, done by a job or a command, and put on record."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from django.conf import settings

from accounts.access import Capability
from accounts.principals import Principal
from accounts.steps import Done, Unchanged, step
from assessments.drafts import drafts
from audit.context import SYSTEM
from collectors import judging, owners, plans, subjects
from collectors.plans import NothingToLookAt
from collectors.sources import fetching
from collectors.subjects import Subject
from evidence import store
from evidence.models import Blob
from inspection import inspecting
from inspection.bounds import NothingSeen
from jobs import queue
from monitoring import applying, schedule, work_list
from monitoring.models import Collector, Observation, Run
from monitoring.observed import Look, Seen
from riskregister import nouns
from riskregister.refusals import Conflict, Refused
from riskregister.unit_of_work import unit_of_work
from scoring.scales import Severity
from vendors import fields
from vendors.models import Server

JOB = "collectors.look"
# For how long what one server's look saw of a domain is what another one's would see.
_ONCE_A_DOMAIN = timedelta(days=1)


def why_not(server: Server) -> Refused | None:
    """Return why nobody can look at anything of the server in this installation, or None."""
    if settings.COLLECT == "off":
        return inspecting.SwitchedOff("This installation looks nothing up. RISKREGISTER_COLLECT switches it on.")
    if server.status == Server.Status.RETIRED:
        return Refused("It is retired. Request it again first.")
    return None if any(_possible(server)) else NothingToLookAt("It has no packages, addresses or website to look at.")


def possible(server: Server) -> list[Collector]:
    """Return the collectors that have something to look at."""
    return list(_possible(server))


@step("run.asked", needs=Capability.WRITE, makes=Run, unfit=why_not)
def ask(server: Server, *, collector: str, by: Principal, now: datetime) -> Done[Run]:
    """Return the run in which a job looks; the one of this collector that is under way when there is one.

    Raises SwitchedOff, NothingToLookAt, or Refused for a server that is retired and a collector that is none.
    """
    nouns.hold(server)
    under_way = Run.objects.under_way().filter(server=server, collector=collector).first()
    if under_way is not None:
        return Unchanged(under_way)
    made = _new(server, collector, by=by, now=now)
    run = made.result
    if work_list.is_apart(run.collector):
        work_list.put(run, plans.plan(Subject(server), Collector(run.collector)).asks)
    else:
        queue.enqueue(JOB, key=_key(run), now=now, run=str(run.pk))
    return made


@step("run.asked", needs=Capability.WRITE, makes=Run, unfit=why_not)
def ask_to_wait(server: Server, *, collector: str, by: Principal, now: datetime) -> Done[Run]:
    """Return a run that whoever asks does at once. Raises as `ask` does, and Conflict while another is under way."""
    nouns.hold(server)
    if Run.objects.under_way().filter(server=server, collector=collector).exists():
        raise Conflict("This look is under way. Wait until it has ended.")
    return _new(server, collector, by=by, now=now)


def perform(run: Run, *, now: datetime) -> tuple[Look, Blob | None]:
    """Return what is seen, and the kept file of what it rests on. Called without a transaction: it waits for others."""
    if known := _of_domain(run, now=now):
        return known
    try:
        collector = Collector(run.collector)
        look = plans.look(collector, plans.plan(Subject(run.server), collector).asks, now)
    except NothingToLookAt as refusal:
        look = fetching.not_assessed(NothingSeen("nothing", refusal.message))
    return look, keep(look, now=now)


def keep(look: Look, *, now: datetime) -> Blob | None:
    """Return the file in which it is kept what a look rests on, None where it came to nothing."""
    return store.put(io.BytesIO(look.raw.encode()), name="seen.json", now=now) if look.raw else None


@unit_of_work()
def apply(run: Run, look: Look, raw: Blob | None, *, now: datetime) -> list[Observation]:
    """Put on record what a look saw; findings and open answers follow."""
    nouns.hold(run)
    if look.is_complete:
        look = replace(look, seen=(*look.seen, *owners.changed(run, look)))
    kept = applying.apply(run, look, raw=raw, now=now)
    if look.is_complete:
        judging.raise_findings(run, kept, now=now)
        drafts.follow(run.server, reason=f"{run} was complete.", now=now)
    return kept


def due(*, now: datetime) -> list[tuple[UUID, Collector]]:
    """Return what the schedule looks at now of servers that are approved or suspended, worst first.

    At most AT_ONCE of all collectors together. One that has nothing for a collector is passed over.
    """
    found = [pair for collector in plans.collectors() if plans.is_on(collector) for pair in _due(collector, now=now)]
    return [(key, collector) for _tier, _number, key, collector in sorted(found)[: schedule.AT_ONCE]]


def ask_all_due(*, now: datetime) -> int:
    """Promise the looks that are due, and return how many; nothing unless the installation schedules them.

    Each in its own transaction: called without one.
    """
    if settings.COLLECT != "scheduled":
        return 0
    return sum(_ask_due(key, collector, now=now) for key, collector in due(now=now))


def note_lost(*, now: datetime) -> int:
    """End the runs that nobody looks for any more: their job has given up, or their command was killed."""
    return inspecting.end_lost(plans.collectors(), key=_key, now=now)


def _of_domain(run: Run, *, now: datetime) -> tuple[Look, Blob] | None:
    """Return what a look for another server of the vendor saw lately of the same domain; None: look.

    Who presses a button may have set something right since, and gets a look of their own.
    """
    if run.collector != Collector.SECURITY_TXT or run.asked_by_id is not None:
        return None
    same = Run.objects.of(Collector.SECURITY_TXT).filter(address=run.address, status=Run.Status.COMPLETE)
    lately = same.filter(as_of__isnull=True, raw__isnull=False, ended_at__gte=now - _ONCE_A_DOMAIN)
    other = lately.exclude(server=run.server_id).select_related("raw").order_by("-ended_at").first()
    rows = other.observations.filter(is_seen=True) if other else ()
    if other is None or other.raw is None or not rows:
        return None
    seen = tuple(
        Seen(
            row.key, row.words, row.value, None if row.severity is None else Severity(row.severity), row.fact,
            row.holds, row.is_assessed,
        )
        for row in rows
    )  # fmt: skip
    look = Look(outcome=Run.Status.COMPLETE, raw_digest=other.raw_digest, seen=seen, as_of=other.ended_at)
    return look, other.raw


def _due(collector: Collector, *, now: datetime) -> Iterator[tuple[int, int, UUID, Collector]]:
    current = Server.objects.filter(subjects.having(collector), status__in=Server.ONCE_APPROVED)
    rows = schedule.overdue(current.select_related("pinned_release"), collector=collector, now=now)
    for server in islice((one for one in rows if not plans.why_not(Subject(one), collector)), schedule.AT_ONCE):
        yield server.inherent_tier, server.number, server.pk, collector


def _ask_due(key: UUID, collector: Collector, *, now: datetime) -> bool:
    """Return whether it is looked at from now on."""
    try:
        ask(Server.objects.get(pk=key), collector=collector, by=SYSTEM, now=now)
    except Refused:
        # Since the list was read somebody retired it, or took its address away: the others are due all the same.
        return False
    return True


def _new(server: Server, collector: str, *, by: Principal, now: datetime) -> Done[Run]:
    if refusal := why_not(server):
        raise refusal
    if collector not in plans.collectors():
        raise Refused(f"Choose what looks: {', '.join(plans.collectors())}.", field="collector")
    plan = plans.plan(Subject(server), Collector(collector))
    run = Run(
        collector=collector, server=server, release=plan.release, address=plan.address, asked_by=by.person, asked_at=now
    )
    fields.save_once(run, otherwise=Conflict("This look is under way."))
    return Done(run, collector=run.collector, address=run.address)


def _possible(server: Server) -> Iterator[Collector]:
    """Yield the collectors that have something to look at; who needs one alone asks for no more than that."""
    subject = Subject(server)
    return (one for one in plans.collectors() if not plans.why_not(subject, one))


def _key(run: Run) -> str:
    return f"{JOB}:{run.pk}"
