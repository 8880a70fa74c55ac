"""Fills the register, measures it and tells the figures; runs with the settings of the installation under measure."""

import argparse
import os
import sys
import time
from collections.abc import Sequence

import django
from django.core.management import call_command
from django.utils import timezone

django.setup()

from jobs import runner  # noqa: E402 - models can be imported from here on
from reports import requests  # noqa: E402
from tests.bench import cases, filling, growing, growth, serving, who  # noqa: E402
from tests.bench.measuring import Case, Client, Times, Unexpected  # noqa: E402
from tests.bench.table import HEAD, Line, markdown, met  # noqa: E402
from tests.bench.writing import commit, put  # noqa: E402

FIGURES = ("<!-- figures: script/bench --write -->", "<!-- end of figures -->")
CURVE = ("<!-- curve: script/bench --growth -->", "<!-- end of curve -->")
MEMORY_GOAL, REPORT_GOAL = 120.0, 3.0
Headers = dict[str, dict[str, str]]


def main(arguments: Sequence[str]) -> int:
    """Fill, measure, print; return 0 when every goal is met."""
    parser = argparse.ArgumentParser(prog="script/bench", description="Measure a full register.")
    parser.add_argument("--database", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    parser.add_argument("--growth", action="store_true", help="measure three sizes; draws docs/performance.md's curve")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=200, help="requests of each kind in a round")
    parser.add_argument("--only", default="", help="measure only the cases with these words in their name")
    asked = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    call_command("migrate", verbosity=0)
    _tell("Filling the register ...")
    if asked.growth:
        return _growth(asked, load=load)
    register = filling.fill(now=timezone.now())
    growing.settle()
    lines, largest, together = _measured(asked, register)
    seconds, pages = _report(register)
    others = [
        ("Largest web worker after all this", f"{largest:.0f} MB", f"{MEMORY_GOAL:.0f} MB", met(largest, MEMORY_GOAL)),
        ("Web server with all workers, what they share counted once", f"{together:.0f} MB", "", ""),
        (f"Report of {filling.FULL.small_findings} findings of a unit, {pages} pages", f"{seconds:.1f} s",
         f"{REPORT_GOAL:.0f} s", met(seconds, REPORT_GOAL)),
    ]  # fmt: skip
    text = _told(asked, lines, others, load=load)
    print(text)
    if asked.write:
        put(text, *FIGURES)
    return 0 if all(line.is_met for line in lines) and not any(row[3] == "NO" for row in others) else 1


def _growth(asked: argparse.Namespace, *, load: float) -> int:
    table, is_met = growth.measure()
    about = (
        f"{timezone.now():%Y-%m-%d}, commit {commit()}; {serving.machine()}; {serving.python()}; {asked.database}; "
        f"load of the machine before the start {load:.1f}."
    )
    text = f"{about} {table}\n\n![How each list grows](images/growth.svg)"
    print(text)
    put(text, *CURVE)
    return 0 if is_met else 1


def _measured(asked: argparse.Namespace, register: filling.Register) -> tuple[list[Line], float, float]:
    """Return a line for each case, and the memory of the largest worker and of all together (MB) after all rounds."""
    people = {name: getattr(register, name) for name in ("administrator", "analyst", "manager")}
    keys = {name: {"Authorization": f"Bearer {who.token(person)}"} for name, person in people.items()}
    sessions = {name: {"Cookie": who.session(person)} for name, person in people.items()}
    with serving.gunicorn("tests.bench.wsgi") as (port, _master):
        chosen = [one for one in cases.cases(register, keys, sessions, port) if asked.only in one.name]
        counted = _counted(chosen, Client(port))
    rounds: list[list[Times]] = []
    with serving.gunicorn("riskregister.wsgi") as (port, master):
        client = Client(port)
        for i in range(asked.rounds):
            _tell(f"Round {i + 1} of {asked.rounds} ...")
            rounds.append([client.measure(case, count=asked.count) for case in chosen])
        largest, together = serving.largest_worker(master), serving.together(master)
    by_case = zip(chosen, zip(*rounds, strict=True), counted, strict=True)
    return [Line(case, times, statements) for case, times, statements in by_case], largest, together


def _counted(chosen: Sequence[Case], client: Client) -> list[int]:
    _tell("Counting statements ...")
    return [client.statements(case) for case in chosen]


def _told(asked: argparse.Namespace, lines: Sequence[Line], others: Sequence[Sequence[str]], *, load: float) -> str:
    about = (
        f"{timezone.now():%Y-%m-%d}, commit {commit()}; {serving.machine()}; {serving.python()}; {asked.database}; "
        f"gunicorn with {serving.WORKERS} workers; {asked.rounds} rounds of {asked.count} requests of each kind; "
        f"load of the machine before the start {load:.1f}."
    )
    beside = markdown([("Beside that", "Found", "Goal", "Met"), *others])
    return f"{about}\n\n{markdown([HEAD, *(line.cells for line in lines)])}\n\n{beside}"


def _report(register: filling.Register) -> tuple[float, int]:
    """Return the seconds from asking for a report to its issue by the job, and its pages."""
    begun = time.perf_counter()
    report = requests.request_register_report(unit=register.small, by=register.administrator, now=timezone.now())
    for job in runner.due(now=timezone.now(), limit=10):
        runner.run(job, now=timezone.now())
    seconds = time.perf_counter() - begun
    report.refresh_from_db()
    if report.status != report.Status.ISSUED:
        raise Unexpected(f"The report was not issued but is {report.status}. {report.error}")
    return seconds, sum(part.pages for part in report.parts.all())


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
