"""Measures the seal: a trail of a million events sealed and checked, and what it costs a request."""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import django
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

django.setup()

from audit import authenticity, bound_rows, trail  # noqa: E402 - models can be imported from here on
from audit.models import Event  # noqa: E402
from findings import register  # noqa: E402
from findings.models import Finding  # noqa: E402
from riskregister.canonical import canonical, digest  # noqa: E402
from seal import checking, sealing  # noqa: E402
from tests import cast  # noqa: E402
from tests.bench import serving  # noqa: E402
from tests.bench.table import markdown, met  # noqa: E402
from tests.bench.writing import commit, put  # noqa: E402

BEGIN, END = "<!-- seal: script/bench --seal --write -->", "<!-- end of seal -->"
EVENTS, STEPS = 1_000_000, 300
CHECK_GOAL, REQUEST_GOAL = 60.0, 1.0
_COLUMNS = (
    "id", "verb", "at", "scope", "unit_id", "object_type", "object_id", "object_label", "concerns_id", "actor_kind",
    "actor_id", "actor_label", "correlation_id", "reason", "body", "digest", "mac",
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Fill, seal, check, print; return 0 when every goal is met."""
    parser = argparse.ArgumentParser(prog="script/bench --seal", description="Measure the seal.")
    parser.add_argument("--database", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    parser.add_argument("--events", type=int, default=EVENTS)
    asked = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    call_command("migrate", verbosity=0)
    people = cast.assemble(now=timezone.now())
    server = cast.a_server(people)
    filled = _timed(lambda: _fill(people, asked.events))
    sealed = _timed(lambda: sealing.seal(now=timezone.now()))
    with connection.cursor() as cursor:
        # What autovacuum does within minutes on a table that grew to this size.
        cursor.execute("VACUUM ANALYZE")
    found: list[Any] = []
    begun = time.process_time()
    checked = _timed(lambda: found.append(checking.check()))
    on_processor = time.process_time() - begun
    own, alone, beside = _cost(people, server)
    text = _told(asked, found[0], load=load, filled=filled, times=(sealed, checked, on_processor, own, alone, beside))
    print(text)
    if asked.write:
        put(text, BEGIN, END)
    return 0 if found[0].problem_count == 0 and checked <= CHECK_GOAL and own <= REQUEST_GOAL else 1


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _fill(people: cast.Cast, count: int) -> None:
    """Write events of the last years as the trail writes them, in one statement."""
    names = ", ".join(_COLUMNS)
    with connection.cursor() as cursor, cursor.copy(f"COPY audit_event ({names}) FROM STDIN") as copy:
        for event in _events(people, count):
            copy.write_row([getattr(event, name) for name in _COLUMNS])


def _events(people: cast.Cast, count: int) -> Iterator[Event]:
    begun = datetime(2024, 1, 1, tzinfo=UTC)
    unit, actor = people.payments, people.alice
    for number in range(count):
        at = begun + timedelta(minutes=number)
        event = Event(
            # A key of version 7: milliseconds, and the number behind them.
            id=UUID(int=(int(at.timestamp() * 1000) << 80) | 7 << 76 | 2 << 62 | number), verb="finding.assigned",
            at=at, scope="unit", unit_id=unit.pk, object_type="findings.finding",
            object_id=UUID(int=number % 100_000 + 1), object_label=f"F-{number % 100_000 + 1} Releases are not signed",
            concerns_id=unit.pk, actor_kind="person", actor_id=str(actor.pk), actor_label=str(actor),
            correlation_id=unit.pk, reason="It went to whoever knows the server.",
        )  # fmt: skip
        event.body = canonical(trail.columns_of(event) | {"data": {"owner": "Alice", "was": None}, "rows": {}})
        event.digest, event.mac = digest(event.body), authenticity.code_of(event.body)
        yield event


def _cost(people: cast.Cast, server: Any) -> tuple[float, float, float]:
    """Return in ms, at the median: the seal's own work in a request, a step alone, and one beside a job that seals."""
    facts: dict[str, Any] = {"severity": 2, "dimension": "data_handling", "by": people.alice, "now": timezone.now()}
    findings = [register.open_by_hand(server, title=f"Number {i}", **facts) for i in range(STEPS)]
    body = Event.objects.filter(verb="finding.opened").values_list("body", flat=True)[0]
    own = statistics.median(_timed(partial(_seal_in_a_request, one, body)) for one in findings)
    alone = _steps(people, findings)
    with _sealing():
        beside = _steps(people, findings)
    return own * 1000, alone * 1000, beside * 1000


def _seal_in_a_request(row: Finding, body: str) -> None:
    """Do what the seal adds to an event: the state of its row, and the code over the body."""
    bound_rows.states((row,))
    authenticity.code_of(body)


def _steps(people: cast.Cast, findings: Sequence[Finding]) -> float:
    """Return the median time of a step that changes a finding and records an event."""
    times = []
    for finding in findings:
        owner = people.alice if finding.owner_id != people.alice.pk else people.bob
        times.append(_timed(partial(register.assign, finding, owner=owner, by=people.alice, now=timezone.now())))
    return statistics.median(times)


@contextmanager
def _sealing() -> Iterator[None]:
    """Let a process of its own seal each second while the block runs; the job does it each minute."""
    job = subprocess.Popen([sys.executable, "-m", "tests.bench.sealing"])
    try:
        yield
    finally:
        job.terminate()
        job.wait()


def _told(
    asked: argparse.Namespace,
    found: Any,
    *,
    load: float,
    filled: float,
    times: tuple[float, ...],
) -> str:
    sealed, checked, on_processor, own, alone, beside = times
    about = (
        f"{timezone.now():%Y-%m-%d}, commit {commit()}; {serving.machine()}; {serving.python()}; {asked.database}; "
        f"{found.size} sealed entries, {found.problem_count} problems; written in {filled:.0f} s; "
        f"load of the machine before the start {load:.1f}, at the end {os.getloadavg()[0]:.1f}."
    )
    rows = [
        ("Seal", "Found", "Goal", "Met"),
        (f"Checking {found.size} entries", f"{checked:.1f} s", f"{CHECK_GOAL:.0f} s", met(checked, CHECK_GOAL)),
        ("of that, on the processor, the database's part aside", f"{on_processor:.1f} s", "", ""),
        ("Sealing them, by the job", f"{sealed:.1f} s", "", ""),
        ("The seal's own work in a request", f"{own:.3f} ms", f"{REQUEST_GOAL:.0f} ms", met(own, REQUEST_GOAL)),
        ("A step that assigns a finding, p50", f"{alone:.2f} ms", "", ""),
        ("The same beside a job that seals each second, p50", f"{beside:.2f} ms", "", ""),
    ]
    return f"{about}\n\n{markdown(rows)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
