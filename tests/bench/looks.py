"""Measures looks at servers: from when a look begins until what it saw is on record."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

django.setup()

from audit.context import SYSTEM  # noqa: E402 - models can be imported from here on
from inspection import inspecting  # noqa: E402
from monitoring import applying  # noqa: E402
from monitoring.models import Run  # noqa: E402
from tests import cast  # noqa: E402
from tests.bench import serving  # noqa: E402
from tests.bench.table import markdown, met  # noqa: E402
from tests.bench.writing import commit, put  # noqa: E402
from tests.inspection import real_servers  # noqa: E402
from tests.inspection.real_servers import EVERYTHING, FETCH, FILESYSTEM, VERSIONS  # noqa: E402
from tests.inspection.scene import LOOPBACK  # noqa: E402
from vendors.models import Server, Tool  # noqa: E402

BEGIN, END = "<!-- looks: script/bench --looks --write -->", "<!-- end of looks -->"
ROUNDS, GOAL = 20, 6.0
_HEAD = ("Look at", "Tools", "p50 s", "min–max s", "of that on record, p50 s", "Goal of the longest", "Met")


def main(arguments: Sequence[str]) -> int:
    """Look, print; return 0 when every goal is met."""
    parser = argparse.ArgumentParser(prog="script/bench --looks", description="Measure looks at servers.")
    parser.add_argument("--database", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    parser.add_argument("--count", type=int, default=ROUNDS, help="looks at each")
    asked = parser.parse_args(arguments)
    if not real_servers.are_there():
        print("The servers are not on this machine; script/bootstrap servers says why.", file=sys.stderr)
        return 1
    load = os.getloadavg()[0]
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as folder, real_servers.everything_over_http() as url:
        settings.INSPECT_PACKAGES, settings.OUTBOUND_ALLOW = folder, LOOPBACK
        found = [(name, *_measured(server, count=asked.count)) for name, server in _servers(Path(folder), url)]
    rows = [_row(*one) for one in found]
    text = f"{_about(asked, load=load)}\n\n{markdown([_HEAD, *rows])}"
    print(text)
    if asked.write:
        put(text, BEGIN, END)
    return 0 if all(max(whole) <= GOAL for _name, _tools, whole, _kept in found) else 1


def _servers(folder: Path, url: str) -> list[tuple[str, Server]]:
    """Return what is looked at, each a server of its own on the register."""
    people = cast.assemble()
    remote = {"remotes": [{"type": "streamable-http", "url": url}], "packages": []}
    documents: dict[str, dict[str, Any]] = {f"{EVERYTHING} over HTTP, which runs": remote}
    for name in (EVERYTHING, FILESYSTEM, FETCH):
        packaged = real_servers.package(folder, name)
        arguments = [{"type": "positional", "valueHint": "allowed_dir", "isRequired": True, "format": "filepath"}]
        documents[f"{packaged} over stdio, started"] = {
            "packages": [{
                "registryType": packaged.registry_type, "identifier": name, "version": VERSIONS[name],
                "transport": {"type": "stdio"}, "packageArguments": arguments if packaged.arguments else [],
            }]
        }  # fmt: skip
    return [
        (words, cast.a_release(people, text=cast.server_json(name=f"com.example/s{number}", **document)).server)
        for number, (words, document) in enumerate(documents.items())
    ]


def _measured(server: Server, *, count: int) -> tuple[int, list[float], list[float]]:
    """Return how many tools were seen, and the seconds of each look, as a whole and of what it put on record."""
    whole, kept = [], []
    for _round in range(count):
        run = inspecting.ask_to_wait(server, by=SYSTEM, now=timezone.now())
        begun = time.perf_counter()
        applying.begin(run, now=timezone.now())
        seen, raw = inspecting.perform(run, now=timezone.now())
        looked = time.perf_counter()
        inspecting.apply(run, seen, raw, now=timezone.now())
        whole.append(time.perf_counter() - begun)
        kept.append(time.perf_counter() - looked)
        if run.status != Run.Status.COMPLETE:
            raise SystemExit(f"{run} at {run.address}: {run.why}")
    return Tool.objects.filter(release__server=server).count(), whole, kept


def _row(name: str, tools: int, whole: Sequence[float], kept: Sequence[float]) -> tuple[str, ...]:
    return (
        name, str(tools), f"{median(whole):.2f}", f"{min(whole):.2f}–{max(whole):.2f}", f"{median(kept):.2f}",
        f"{GOAL:g}", met(max(whole), GOAL),
    )  # fmt: skip


def _about(asked: argparse.Namespace, *, load: float) -> str:
    return (
        f"{timezone.now():%Y-%m-%d}, commit {commit()}; {serving.machine()}; {serving.python()}; {asked.database}; "
        f"{asked.count} looks at each, one after the other; load of the machine before the start {load:.1f}, "
        f"at the end {os.getloadavg()[0]:.1f}."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
