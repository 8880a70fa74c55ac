"""Somebody without a role gets from their home to a server that they asked for, and is told how to connect."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from accounts import people as accounts
from audit.context import SYSTEM
from decisions.approvals import approvals
from intake import triage
from intake.models import ServerRequest
from tests.api.caller import frozen
from tests.cast import NOON
from tests.containment import approved
from tests.containment.approved import NAME
from tests.journeys.visitor import Visitor
from tests.web.signed_in import as_
from vendors import lifecycle

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_anybody_asks_in_two_clicks_and_sees_what_becomes_of_it(
    transactional_db: None, live_server: Any, new_context: Callable[..., BrowserContext]
) -> None:
    with frozen(NOON):
        known = approved.set_up()
        dan = accounts.add(email="dan@example.org", name="Dan", by=SYSTEM, now=NOON)
        visitor = Visitor("dan", live_server.url, new_context).take_session_of(as_(dan))
        page = visitor.page
        page.goto("/")

        page.get_by_role("link", name="Ask for a server").first.click()
        page.get_by_label("Which server").fill("The forecasts")
        page.get_by_label("What for").fill("To plan outdoor work.")
        page.get_by_label("Agent").fill("Desk agent")
        page.get_by_label("Unit").select_option("Payments")
        page.get_by_role("button", name="Ask", exact=True).click()

        expect(page.get_by_role("heading", name="The forecasts")).to_be_visible()
        expect(page.get_by_text("Asked", exact=True).first).to_be_visible()
        asked = ServerRequest.objects.get(asked_by=dan)
        assert (asked.what, asked.status) == ("The forecasts", "asked")

        bob, alice, server = known.scene.people.bob, known.scene.people.alice, known.server
        lifecycle.suspend(server, reason="To be sure.", by=bob, now=NOON)
        triage.link(asked, server=server, by=alice, now=NOON)
        page.reload()
        expect(page.get_by_text("In review", exact=True).first).to_be_visible()
        server.refresh_from_db()
        approvals.resume_server(server, by=bob, now=NOON)
        page.reload()
        expect(page.get_by_role("heading", name="How to connect")).to_be_visible()
        expect(page.get_by_text("com-example_weather").first).to_be_visible()

        page.get_by_role("link", name="Ask for a server").first.click()
        page.get_by_label("Which server").fill(NAME)
        page.get_by_label("What for").fill("Again.")
        page.get_by_label("Agent").fill("Desk agent")
        page.get_by_label("Unit").select_option("Payments")
        with visitor.refused(422):
            page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.get_by_text("You need not ask")).to_be_visible()
        assert visitor.troubles == []
