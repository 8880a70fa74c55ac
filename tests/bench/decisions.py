"""Measures decisions: what a gateway waits for that asks at every call whether it may pass."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

django.setup()

from accounts.models import User  # noqa: E402 - models can be imported from here on
from containment.calls import deciding  # noqa: E402
from decisions.models import Approval  # noqa: E402
from tests import append_only  # noqa: E402
from tests.bench import filling, growing, serving, stops, who  # noqa: E402
from tests.bench.measuring import WARM_UP, Case, Client, Times  # noqa: E402
from tests.bench.table import markdown, met  # noqa: E402
from tests.bench.writing import commit, put  # noqa: E402
from vendors.models import Release, Remote, Server, Tool  # noqa: E402

BEGIN, END = "<!-- decisions: script/bench --decisions --write -->", "<!-- end of decisions -->"
SERVERS, QUESTIONS, TOOLS = 5_000, 2_000, 10
# So many gateways ask at once where it is counted how many questions are answered in a second.
GATEWAYS = 4
P95_GOAL = 20.0
_HEAD = ("Question", "p50 ms", "p95 ms", "min–max ms", "SQL", "Goal of p95", "Met")
_DIGESTS = (
    "UPDATE vendors_release SET manifest_digest = md5(id::text) || md5(id::text)",
    "UPDATE decisions_approval SET manifest_digest = r.manifest_digest FROM vendors_release r WHERE r.id = release_id",
)


def main(arguments: Sequence[str]) -> int:
    """Fill, ask, print; return 0 when every goal is met."""
    parser = argparse.ArgumentParser(prog="script/bench --decisions", description="Measure decisions.")
    parser.add_argument("--database", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    parser.add_argument("--servers", type=int, default=SERVERS)
    parser.add_argument("--count", type=int, default=QUESTIONS, help="questions of each kind")
    asked = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    call_command("migrate", verbosity=0)
    size = filling.Size(findings=asked.servers, servers=asked.servers, small_findings=min(200, asked.servers // 10))
    register = filling.fill(now=timezone.now(), size=size, judged_by_steps=0)
    _capture()
    growing.settle()
    chosen = list(_cases(register))
    found = list(zip(chosen, _statements(chosen), _times(chosen, count=asked.count), strict=True))
    rows = [
        (case.name, *_cells(times), str(count), f"{P95_GOAL:g}", met(times.p95, P95_GOAL))
        for case, count, times in found
    ]
    rate = f"{GATEWAYS} gateways at once got {_rate(chosen[0], count=asked.count):.0f} answers a second."
    stopped = _stopped(register)
    text = f"{_about(asked, load=load)}\n\n{markdown([_HEAD, *rows])}\n\n{rate}\n\n{_in_words(stopped)}"
    print(text)
    if asked.write:
        put(text, BEGIN, END)
    is_fast = all(times.p95 <= P95_GOAL for _case, _count, times in found)
    return 0 if is_fast and max(stopped.values) <= stops.GOAL else 1


def _capture() -> None:
    """Let every release have captured tools and an address, and every approval be of them."""
    releases = list(Release.objects.values_list("pk", flat=True))
    # What is captured of a release and decided about it never changes: these rows are made up.
    with append_only.lifted(connection, Release, Approval, Tool, Remote), connection.cursor() as cursor:
        for statement in _DIGESTS:
            cursor.execute(statement)
        Tool.objects.bulk_create(
            (
                Tool(release_id=key, name=f"tool_{n}", canonical="{}", digest=f"{n:064}")
                for key in releases
                for n in range(TOOLS)
            ),
            batch_size=2_000,
        )
        Remote.objects.bulk_create(
            (Remote(release_id=key, transport="streamable-http", url=_url(key)) for key in releases), batch_size=2_000
        )


def _url(key: object) -> str:
    return f"https://{key}.example.com/mcp"


def _cases(register: filling.Register) -> Sequence[Case]:
    approved = deciding.approved_now(Server.objects.all(), now=timezone.now())
    rows = list(approved.values_list("server__name", "release_id", "server__unit_id", "server__number"))
    names = [row[0] for row in rows]
    own = [name for name, _release, unit, _number in rows if unit == register.unit.pk]
    addresses = [_url(release) for _name, release, _unit, _number in rows]
    numbers = [f"S-{number}" for _name, _release, _unit, number in rows]
    keys = [Server(name=name).client_key for name in names]
    everywhere = register.administrator
    return [
        _case(f"by registry name, of {len(names):,} approved (administrator)", everywhere, names),
        _case(f"by registry name, of {len(own):,} of one unit (analyst)", register.analyst, own),
        _case("by address (administrator)", everywhere, addresses),
        _case("by number (administrator)", everywhere, numbers),
        _case("by the key of a configuration (administrator)", everywhere, keys),
        _case("denied and counted: no such tool (administrator)", everywhere, names[:20], tool="tool_none"),
        _case("denied: nobody knows the server (administrator)", everywhere, ["com.example/nobody"]),
    ]


def _case(name: str, person: User, servers: Sequence[str], *, tool: str = "") -> Case:
    # A token may ask 6,000 times a minute: each kind has its own.
    key = {"Authorization": f"Bearer {who.token(person)}"}
    return Case(name, "/access/v1/evaluation", key, body=_question(servers, tool), status=200)


def _question(servers: Sequence[str], tool: str) -> Callable[[int], dict[str, Any]]:
    def question(i: int) -> dict[str, Any]:
        # 1,009 is a prime: the servers are asked about in no order of theirs.
        server = servers[i * 1_009 % len(servers)]
        return {
            "subject": {"type": "identity", "id": "u1"},
            "action": {"name": "tools/call"},
            "resource": {"type": "tool", "id": tool or f"tool_{i % TOOLS}", "properties": {"server": server}},
        }

    return question


def _statements(chosen: Sequence[Case]) -> list[int]:
    with serving.gunicorn("tests.bench.wsgi") as (port, _master):
        client = Client(port)
        return [client.statements(case) for case in chosen]


def _times(chosen: Sequence[Case], *, count: int) -> list[Times]:
    with serving.gunicorn("riskregister.wsgi") as (port, _master):
        client = Client(port)
        return [client.measure(case, count=count) for case in chosen]


def _rate(case: Case, *, count: int) -> float:
    """Return how many questions are answered in a second when several gateways ask at once."""
    with serving.gunicorn("riskregister.wsgi") as (port, _master), ThreadPoolExecutor(GATEWAYS) as pool:
        clients = [Client(port) for _gateway in range(GATEWAYS)]
        begun = time.perf_counter()
        list(pool.map(lambda client: client.measure(case, count=count // GATEWAYS), clients))
        return GATEWAYS * (count // GATEWAYS + WARM_UP) / (time.perf_counter() - begun)


def _stopped(register: filling.Register) -> Times:
    """Return how long it takes from a suspension to a denial; last, since what it suspends stays so."""
    approved = deciding.approved_now(Server.objects.filter(unit=register.unit), now=timezone.now())
    return stops.times(register.manager, [row.server for row in approved[: stops.STOPS + 1]], tool="tool_0")


def _in_words(stopped: Times) -> str:
    return (
        f"Kill switch: from the request that suspends a server to the answer that denies it, {len(stopped.values)} "
        f"servers one after the other: p50 {stopped.median:.0f} ms, p95 {stopped.p95:.0f} ms, at most "
        f"{max(stopped.values):.0f} ms; goal {stops.GOAL:,.0f} ms."
    )


def _cells(times: Times) -> tuple[str, ...]:
    values = times.values
    return f"{times.median:.1f}", f"{times.p95:.1f}", f"{min(values):.1f}–{max(values):.1f}"


def _about(asked: argparse.Namespace, *, load: float) -> str:
    return (
        f"{timezone.now():%Y-%m-%d}, commit {commit()}; {serving.machine()}; {serving.python()}; {asked.database}; "
        f"gunicorn with {serving.WORKERS} workers; {asked.servers:,} servers; {asked.count:,} questions "
        f"of each kind, one after the other; load of the machine before the start {load:.1f}, "
        f"at the end {os.getloadavg()[0]:.1f}."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
