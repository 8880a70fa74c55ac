"""Measures the kill switch: from the request that suspends a server to the first decision that denies it."""

import json
import time
from collections.abc import Sequence

from accounts.models import User
from tests.bench import serving, who
from tests.bench.measuring import WARM_UP, Case, Client, Times
from tests.waiting import PATIENCE
from vendors.models import Server

GOAL = 1_000.0
# So many servers are stopped: each is suspended once.
STOPS = 50


def times(manager: User, servers: Sequence[Server], *, tool: str) -> Times:
    """Return how long each took, in milliseconds; asked over another connection, so that any worker answers."""
    stopper = {"Authorization": f"Bearer {who.token(manager, 'read', 'manage')}"}
    gateway = {"Authorization": f"Bearer {who.token(manager, 'read')}"}
    with serving.gunicorn("riskregister.wsgi") as (port, _master):
        stops, asks = Client(port), Client(port)
        warm = _question(servers[-1], gateway, tool)
        for _ in range(WARM_UP):
            asks.ask(warm)
        return Times(tuple(_stopped(one, stops, asks, stopper, gateway, tool) for one in servers[:STOPS]))


def _stopped(
    server: Server, stops: Client, asks: Client, stopper: dict[str, str], gateway: dict[str, str], tool: str
) -> float:
    question = _question(server, gateway, tool)
    if not _may_pass(asks, question):
        raise AssertionError(f"{server} was denied before it was suspended.")
    path = f"/api/v1/servers/{server.pk}/suspend/"
    begun = time.perf_counter()
    stops.ask(Case("suspend", path, stopper, body=lambda _n: {"reason": "It leaks."}, status=200))
    while _may_pass(asks, question):
        if time.perf_counter() - begun > PATIENCE:
            raise AssertionError(f"{server} is suspended, and decisions let it pass all the same.")
    return (time.perf_counter() - begun) * 1000


def _may_pass(client: Client, question: Case) -> bool:
    body, _counted = client.ask(question)
    return bool(json.loads(body)["decision"])


def _question(server: Server, gateway: dict[str, str], tool: str) -> Case:
    body = {
        "subject": {"type": "identity", "id": "u1"},
        "action": {"name": "tools/call"},
        "resource": {"type": "tool", "id": tool, "properties": {"server": server.name}},
    }
    return Case("may it pass", "/access/v1/evaluation", gateway, body=lambda _n: body, status=200)
