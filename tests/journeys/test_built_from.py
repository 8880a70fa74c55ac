"""An analyst gives a lock file on the page of a server, and sees what that is built from and what hits it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from composition import hits
from tests import cast
from tests.api.caller import frozen
from tests.cast import NOON
from tests.composition.advisories import publish
from tests.composition.documents import LOCK
from tests.journeys.visitor import Visitor
from tests.web.signed_in import as_

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_lock_file_given_on_the_page_of_a_server_shows_what_is_known_of_its_components(
    transactional_db: None, live_server: Any, new_context: Callable[..., BrowserContext]
) -> None:
    with frozen(NOON):
        people = cast.assemble()
        release = cast.a_release(people)
        publish("GHSA-hrpp-h998-j3pp", key="CVE-2022-24999")
        visitor = Visitor("alice", live_server.url, new_context).take_session_of(as_(people.alice))
        page = visitor.page
        page.goto(f"/servers/{release.server_id}/")

        page.get_by_role("link", name="Built from").click()
        expect(page.get_by_text("No inventory: what it is built from is unknown")).to_be_visible()
        page.get_by_role("link", name="Give an inventory").click()
        broken = {"name": "package-lock.json", "mimeType": "application/json", "buffer": b"{"}
        page.get_by_label("The file").set_input_files(broken)  # type: ignore[arg-type]
        with visitor.refused(422):
            page.get_by_role("button", name="Take it in").click()
        expect(page.get_by_role("heading", name="The document cannot be used")).to_be_visible()
        page.get_by_label("The file").set_input_files(
            {"name": "package-lock.json", "mimeType": "application/json", "buffer": json.dumps(LOCK).encode()}
        )
        page.get_by_role("button", name="Take it in").click()

        expect(page.get_by_role("heading", name="package-lock.json")).to_be_visible()
        expect(page.get_by_text("Not compared yet").first).to_be_visible()
        hits.compare(release.server, now=NOON)
        page.reload()
        expect(page.get_by_text("CVE-2022-24999; free of it from 6.11.1")).to_be_visible()
        expect(page.get_by_text("By express 4.18.2")).to_be_visible()

        page.goto("/components/")
        page.get_by_role("link", name="Affected, and what to do").click()
        expect(page.get_by_text("6.11.1 or later")).to_be_visible()
        assert visitor.troubles == []
