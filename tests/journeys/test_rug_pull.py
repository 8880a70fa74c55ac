"""A rug pull, at the browser: what was approved changes, the register sees it, and nobody is let through any more."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client, override_settings
from playwright.sync_api import expect

from inspection import inspecting
from jobs import runner
from jobs.models import Job
from tests.alerts.test_bundles import work
from tests.api.caller import Caller
from tests.cast import NOON
from tests.containment.approved import NAME
from tests.inspection import scene
from tests.inspection.mcp_server import McpServer
from tests.journeys.visitor import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LATER = NOON + timedelta(days=1)
DECISION = {
    "subject": {"type": "identity", "id": "u1"},
    "action": {"name": "tools/call"},
    "resource": {"type": "tool", "id": "look_up", "properties": {"server": NAME}},
}


def obeyed(gateway: Caller) -> tuple[list[str], int, bool]:
    """Return the names in the feed, how many ways the policy files allow, and whether a gateway lets a call pass."""
    feed = Client().get("/registry/v0.1/servers").json()["servers"]
    file = gateway.client.get("/clients/copilot-managed-settings.json").json()
    answer = gateway.client.post("/access/v1/evaluation", DECISION, content_type="application/json").json()
    return [one["server"]["name"] for one in feed], len(file["allowedMcpServers"]), answer["decision"]


def widened() -> list[dict[str, Any]]:
    """Return the approved tools, of which the first takes one parameter more."""
    first, second = scene.same_tools()
    return [first | {"inputSchema": {"type": "object", "properties": {"sidenote": {"type": "string"}}}}, second]


@override_settings(INSPECT="asked", FEED="anonymous")
def test_a_parameter_more_is_seen_and_stops_the_server_everywhere(transactional_db: None, visit: Visit) -> None:
    vendor = McpServer(tools=scene.same_tools(), instructions="")
    # Ids of events follow the clock: what was approved must not seem to come after.
    with time_machine.travel(NOON), scene.set_up(vendor) as here, time_machine.travel(LATER):
        people, gateway = here.approved.scene.people, here.approved.gateway()
        # Its address, and its command as people write it and as VS Code composes it.
        assert obeyed(gateway) == ([NAME], 3, True)

        vendor.tools = widened()
        alice = visit(people.alice)
        alice.page.goto(f"/servers/{here.server.pk}/tools/")
        alice.page.get_by_role("link", name="Look now").click()
        alice.page.get_by_role("button", name="Look now").click()
        expect(alice.page.get_by_text("It is asked.")).to_be_visible()
        [job] = Job.objects.filter(kind=inspecting.JOB)
        runner.run(job.pk, now=LATER + timedelta(minutes=1))
        alice.page.reload()
        expect(alice.page.get_by_text("look_up takes more than before").first).to_be_visible()
        alice.page.goto(f"/servers/{here.server.pk}/")
        expect(alice.page.get_by_text("Suspended: every decision denies it")).to_be_visible()
        alice.page.goto(f"/servers/{here.server.pk}/reviews/")
        expect(alice.page.get_by_text("differ from those that were approved").first).to_be_visible()

        assert obeyed(gateway) == ([], 0, False)

        work(LATER + timedelta(minutes=2))
        for person, title in (
            (people.bob, f"The tools of {here.server} changed after the approval: it is suspended until you decide"),
            (people.mia, f"{here.server} is suspended: agents must not use it"),
        ):
            visitor = visit(person)
            visitor.page.goto("/inbox/")
            expect(visitor.page.get_by_text(title).first).to_be_visible()
            assert visitor.troubles == []
        bob = visit(people.bob)
        bob.page.goto("/findings/?status=proposed")
        expect(bob.page.get_by_text("The server takes or offers more than was approved").first).to_be_visible()
        assert [*alice.troubles, *bob.troubles] == []
