"""Measures governance: the gap to tier of all servers, a sweep over dated things, and a vendor with many contracts."""

import argparse
import gc
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from statistics import median

import django
from django.core.management import call_command
from django.utils import timezone

django.setup()

from catalogue.models import Control  # noqa: E402 - models can be imported from here on
from controls.models import ControlStatus, SourcedStatuses  # noqa: E402
from controls.sources import contradictions  # noqa: E402
from controls.tiers import measuring, missing, plans, tables, units  # noqa: E402
from jobs import dated  # noqa: E402
from tests.bench import agreed, filling, growing, serving, who  # noqa: E402
from tests.bench.measuring import Case, Client  # noqa: E402
from tests.bench.table import markdown, met  # noqa: E402
from tests.bench.writing import commit, put  # noqa: E402
from vendors.models import Deployment  # noqa: E402

BEGIN, END = "<!-- governance: script/bench --governance --write -->", "<!-- end of governance -->"
STATED, NEAR, ROUNDS, REQUESTS = 20, 50, 7, 100
_HEAD = ("What", "p50", "p95", "Goal of p95", "Met")
_GAP_GOAL, _SWEEP_GOAL, _PAGE_GOAL = 500.0, 10_000.0, 60.0


def main(arguments: Sequence[str]) -> int:
    """Fill, measure, print; return 0 when every goal is met."""
    parser = argparse.ArgumentParser(prog="script/bench --governance", description="Measure governance.")
    parser.add_argument("--database", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    parser.add_argument("--servers", type=int, default=5_000)
    asked = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    call_command("migrate", verbosity=0)
    size = filling.Size(findings=asked.servers, servers=asked.servers, small_findings=min(200, asked.servers // 10))
    register = filling.fill(now=timezone.now(), size=size, judged_by_steps=0)
    _fill_controls(today=timezone.localdate())
    growing.settle()
    # As a process that serves does (riskregister.wsgi): what is loaded for good is not looked through again.
    gc.collect()
    gc.freeze()
    rows = [*_gaps(), *_sweeps(), *_pages(register)]
    text = f"{_about(asked, load=load)}\n\n{markdown([_HEAD, *rows])}"
    print(text)
    if asked.write:
        put(text, BEGIN, END)
    return 0 if all(row[-1] in ("yes", "") for row in rows) else 1


def _fill_controls(*, today: date) -> None:
    """Let each deployment run at a tier, its server state so many controls, and an assessment speak of others."""
    Deployment.objects.update(governance_tier=2, governance_revision="approved-specification")
    held = tables.load().latest.tiers[3].refs
    controls = list(Control.objects.filter(framework__key="finos-mi-20", framework__status="current", ref__in=held))
    stated, sourced = controls[:STATED], [control.pk for control in controls[STATED : 2 * STATED]]
    words, far = ("in_place", "partly", "planned"), today + timedelta(days=300)
    ControlStatus.objects.bulk_create(
        (
            _status(at * STATED + n + 1, row, control, words[(at + n) % 3], today, far if at % NEAR else today)
            for at, row in enumerate(Deployment.objects.select_related("server").order_by("number"))
            for n, control in enumerate(stated)
        ),
        batch_size=2_000,
    )
    by_status = {"in_place": sourced[::2], "partly": sourced[1::2]}
    SourcedStatuses.objects.bulk_create(
        (
            SourcedStatuses(server=row.server, source="assessment", origin="A-1", by_status=by_status, as_of=today)
            for row in Deployment.objects.select_related("server")
        ),
        batch_size=2_000,
    )


def _status(number: int, row: Deployment, control: Control, word: str, today: date, until: date) -> ControlStatus:
    return ControlStatus(
        number=number, control=control, place="server", unit_id=row.server.unit_id, server=row.server, state=word,
        as_of=today, valid_until=None if word == "planned" else until, due_on=until if word == "planned" else None,
        effort_days=3 if word == "planned" and number % 10 == 0 else None, stated_at=timezone.now(),
    )  # fmt: skip


def _gaps() -> Sequence[tuple[str, ...]]:
    today, rows = timezone.localdate(), Deployment.objects.filter(ended_on=None)
    # A first time loads what is published, which a process does once.
    found = measuring.measure(rows, today=today)
    gap = [_timed(lambda: measuring.measure(rows, today=today)) for _ in range(ROUNDS)]
    of_units = [_timed(lambda: units.by_unit(rows, today=today)) for _ in range(ROUNDS)]
    named = f"Gap to tier of {Deployment.objects.values('server').distinct().count():,} servers"
    return [
        _row(f"{named}, {len(found):,} deployments in use", gap, goal=_GAP_GOAL),
        _row("The same, summed up by unit", of_units, goal=_GAP_GOAL),
    ]


def _sweeps() -> Sequence[tuple[str, ...]]:
    things = sum(one.rows().filter(**{f"{one.day}__isnull": False}).count() for one in dated.every())
    told = 0

    def sweep() -> None:
        nonlocal told
        told += sum(dated.tell(one, now=timezone.now()) for one in dated.every())

    first, second = _timed(sweep), _timed(sweep)
    looks = _timed(lambda: (list(missing.due(now=timezone.now())), contradictions.due(now=timezone.now())))
    kept = _timed(lambda: plans.keep_up(now=timezone.now()))
    return [
        _row(f"A sweep of {things:,} dated things, of which it tells {told:,}", [first], goal=_SWEEP_GOAL),
        _row("The same again", [second], goal=_SWEEP_GOAL),
        _row("Find the servers whose findings of tiers and controls are others", [looks], goal=_SWEEP_GOAL),
        _row("Keep tier plans up to date", [kept], goal=_SWEEP_GOAL),
    ]


def _pages(register: filling.Register) -> Sequence[tuple[str, ...]]:
    signed_in = {"Cookie": who.session(register.administrator)}
    cases = [
        Case(f"Page of a vendor with {agreed.CONTRACTS} contracts", f"/vendors/{register.vendor.pk}/", signed_in),
        Case("Its contracts, with what they give", f"/vendors/{register.vendor.pk}/contracts/", signed_in),
        Case("List of gaps to tier", "/gap-to-tier/", signed_in),
        Case("List of control statuses", "/control-statuses/", signed_in),
    ]
    with serving.gunicorn("riskregister.wsgi") as (port, _master):
        client = Client(port)
        times = [(case.name, client.measure(case, count=REQUESTS)) for case in cases]
    return [_row(name, one.values, goal=_PAGE_GOAL, p95=one.p95) for name, one in times]


def _timed(act: Callable[[], object]) -> float:
    """Return how many milliseconds it takes."""
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _row(name: str, values: Sequence[float], *, goal: float, p95: float | None = None) -> tuple[str, ...]:
    # Of a few rounds the slowest stands for the 95th percentile.
    worst = max(values) if p95 is None else p95
    return name, f"{median(values):.1f} ms", f"{worst:.1f} ms", f"{goal:g} ms", met(worst, goal)


def _about(asked: argparse.Namespace, *, load: float) -> str:
    return (
        f"{timezone.now():%Y-%m-%d}, commit {commit()}; {serving.machine()}; {serving.python()}; {asked.database}; "
        f"{asked.servers:,} servers, of each {STATED} controls stated and {STATED} said by an assessment; {ROUNDS} "
        f"rounds of each gap, {REQUESTS} requests of each page; load of the machine at first {load:.1f}, at the end "
        f"{os.getloadavg()[0]:.1f}."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
