"""Counts what the checks of manifests hit on real tools, on attacks and on harmless texts, and how long they take."""

import argparse
import os
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from inspection.checks import table
from inspection.checks.declared import Check, Result
from inspection.checks.offered import Agent, Neighbour, Subject
from tests.bench import serving
from tests.bench.table import markdown
from tests.bench.writing import commit, put
from tests.inspection import tool_texts

BEGIN, END = "<!-- checks: script/bench --checks --write -->", "<!-- end of checks -->"
ROUNDS = 5
_HEAD = ("Check", "Gates", "Real tools", "One agent with all of them", "Attack servers' tools", "Harmless prompts")


def main(arguments: Sequence[str]) -> int:
    """Count, print; return 0 when the goals are met."""
    parser = argparse.ArgumentParser(prog="script/bench --checks", description="Count what checks hit.")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    asked = parser.parse_args(arguments)
    if not tool_texts.is_there():
        print("The real tools are not on this machine: nothing was measured.", file=sys.stderr)
        return 2
    real = tool_texts.real()
    sets = [list(real.values()), _together(real), list(tool_texts.attack_servers().values()), _harmless()]
    found = [[table.results(subject) for subject in subjects] for subjects in sets]
    rows = [_row(check, found) for check in table.CHECKS]
    tools = sum(len(subject.tools) for subject in sets[0])
    text = f"{_about(real, sets)}\n\n{markdown([_HEAD, *rows])}\n\n{_time(sets[0], tools)}"
    print(text)
    if asked.write:
        put(text, BEGIN, END)
    return 0 if _are_met(found[0], tools) else 1


def _together(real: dict[str, Subject]) -> list[Subject]:
    """Return each server as one that an agent uses beside all the others."""
    neighbours = {name: Neighbour(name, subject.tools) for name, subject in real.items()}
    return [
        Subject(subject.tools, agents=(Agent("all", tuple(one for key, one in neighbours.items() if key != name)),))
        for name, subject in real.items()
    ]


def _harmless() -> list[Subject]:
    return [Subject((part,)) for part in tool_texts.harmless()]


def _row(check: Check, found: Sequence[Iterable[Iterable[Result]]]) -> tuple[str, ...]:
    cells = []
    for at, results in enumerate(found):
        mine = [one for of_one in results for one in of_one if one.check is check]
        is_assessed = any(not one.why for one in mine)
        # What looks at the other servers of an agent is told where there are some, and the rest where it is alone.
        is_its_column = check.of_agents == (at == 1)
        cells.append(str(sum(len(one.hits) for one in mine)) if is_assessed and is_its_column else "–")
    return check.title, "yes" if check.gates else "no", *cells


def _are_met(results: Iterable[Iterable[Result]], tools: int) -> bool:
    hits = [(one.check, len(one.hits)) for of_one in results for one in of_one]
    gating = sum(count for check, count in hits if check.gates)
    return gating == 0 and sum(count for _check, count in hits) <= tools // 100


def _about(real: dict[str, Subject], sets: Sequence[Sequence[Subject]]) -> str:
    counts = [sum(len(subject.tools) for subject in subjects) for subjects in sets]
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, commit {commit()}; version {table.VERSION} of the checks; {counts[0]} real "
        f"tools of {len(real)} servers, {counts[2]} tools of attack servers (harmless helpers among them), "
        f"{counts[3]} harmless prompts. Counted are hits; a dash: the check has nothing to look at there."
    )


def _time(subjects: Sequence[Subject], tools: int) -> str:
    taken = []
    for _round in range(ROUNDS):
        # Read anew, so that no text is at hand from before.
        fresh = [Subject(tuple(tool_texts.part(dict(part.document)) for part in one.tools)) for one in subjects]
        begun = time.perf_counter()
        for subject in fresh:
            table.results(subject)
        taken.append((time.perf_counter() - begun) / tools * 1000)
    where = f"{serving.machine()}; load {os.getloadavg()[0]:.1f}"
    median = sorted(taken)[ROUNDS // 2]
    return f"All checks of a tool take {median:.2f} ms, the median of {ROUNDS} rounds ({where})."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
