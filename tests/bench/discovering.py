"""Measures discovery: reading a configuration of 5,000 servers, putting it on record, and the lists over it."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from statistics import median
from typing import Any

import django
from django.core.management import call_command
from django.utils import timezone

django.setup()

from discovery import applying, incoming  # noqa: E402 - models can be imported from here on
from discovery.models import Discovery  # noqa: E402
from tests.bench import filling, growing, serving, who  # noqa: E402
from tests.bench.measuring import Case, Client  # noqa: E402
from tests.bench.table import markdown, met  # noqa: E402
from tests.bench.writing import commit, put  # noqa: E402

BEGIN, END = "<!-- discovery: script/bench --discovery --write -->", "<!-- end of discovery -->"
ENTRIES, ROUNDS, REQUESTS = 5_000, 5, 100
# Seconds for a report, milliseconds for a list.
_HEAD = ("What", "p50", "p95", "Goal of p95", "Met")
_REPORT_GOAL, _LIST_GOAL = 10.0, 60.0


def main(arguments: Sequence[str]) -> int:
    """Fill, measure, print; return 0 when every goal is met."""
    parser = argparse.ArgumentParser(prog="script/bench --discovery", description="Measure discovery.")
    parser.add_argument("--database", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    parser.add_argument("--servers", type=int, default=5_000)
    asked = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    call_command("migrate", verbosity=0)
    size = filling.Size(findings=asked.servers, servers=asked.servers, small_findings=min(200, asked.servers // 10))
    register = filling.fill(now=timezone.now(), size=size, judged_by_steps=0)
    rows = [*_reports(register)]
    growing.settle()
    rows += _lists(register)
    text = f"{_about(asked, load=load)}\n\n{markdown([_HEAD, *rows])}"
    print(text)
    if asked.write:
        put(text, BEGIN, END)
    return 0 if all(row[-1] == "yes" for row in rows) else 1


def _reports(register: filling.Register) -> Sequence[tuple[str, ...]]:
    raw = _configuration(0)

    def receive(machine: str, raw: bytes) -> Discovery:
        read = incoming.of_files(machine, [("~/.cursor/mcp.json", raw)])
        how: dict[str, Any] = {"unit": register.unit, "via": Discovery.Via.COMMAND}
        return applying.receive(read, **how, by=register.analyst, now=timezone.now())

    new = [_timed(partial(receive, f"NEW-{at}", _configuration(at))) for at in range(1, ROUNDS + 1)]
    known = [_timed(partial(receive, f"KNOWN-{at}", _configuration(1))) for at in range(ROUNDS)]
    again = [_timed(partial(receive, "NEW-1", _configuration(1))) for _round in range(ROUNDS)]
    read = [_timed(lambda: incoming.of_files("READ", [("x.json", raw)])) for _round in range(ROUNDS)]
    return [
        _row(f"Read a file of {ENTRIES:,} servers", read, goal=_REPORT_GOAL),
        _row(f"Take a report of {ENTRIES:,} servers, none seen before", new, goal=_REPORT_GOAL),
        _row("The same servers from another machine", known, goal=_REPORT_GOAL),
        _row("The same report again", again, goal=_REPORT_GOAL),
    ]


def _lists(register: filling.Register) -> Sequence[tuple[str, ...]]:
    key = {"Authorization": f"Bearer {who.token(register.analyst)}"}
    cases = [
        Case("List of configured servers", "/api/v1/configured-servers/", key),
        Case("The same, not registered", "/api/v1/configured-servers/?standing=unknown", key),
        Case("List of unapproved uses", "/api/v1/unapproved-uses/", key),
        Case("The same, waiting for a decision", "/api/v1/unapproved-uses/?waits=true", key),
    ]
    with serving.gunicorn("riskregister.wsgi") as (port, _master):
        client = Client(port)
        times = [(case.name, client.measure(case, count=REQUESTS)) for case in cases]
    return [
        (name, f"{one.median:.1f} ms", f"{one.p95:.1f} ms", f"{_LIST_GOAL:g} ms", met(one.p95, _LIST_GOAL))
        for name, one in times
    ]


def _configuration(at: int) -> bytes:
    """Return a configuration of so many packages, other ones for another number."""
    servers = {
        f"server-{n}": {"command": "npx", "args": ["-y", f"@bench-{at}/server-{n}@1.{n}.0"], "env": {"KEY": "x"}}
        for n in range(ENTRIES)
    }
    return json.dumps({"mcpServers": servers}).encode()


def _timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def _row(name: str, seconds: Sequence[float], *, goal: float) -> tuple[str, ...]:
    # Of five rounds the slowest stands for the 95th percentile.
    return name, f"{median(seconds):.2f} s", f"{max(seconds):.2f} s", f"{goal:g} s", met(max(seconds), goal)


def _about(asked: argparse.Namespace, *, load: float) -> str:
    return (
        f"{timezone.now():%Y-%m-%d}, commit {commit()}; {serving.machine()}; {serving.python()}; {asked.database}; "
        f"{asked.servers:,} servers on the register; {ROUNDS} rounds of each report, {REQUESTS} requests of each list "
        f"over {(2 * ROUNDS) * ENTRIES:,} configured servers; load of the machine before the start {load:.1f}, at the "
        f"end {os.getloadavg()[0]:.1f}."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
