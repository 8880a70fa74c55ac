"""Every page is read by one of the files beside this; and what is no page of its own."""

import string
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.assessments import scenes
from tests.journeys import (
    estate,
    reading,
    test_pages_a_to_c,
    test_pages_d_to_f,
    test_pages_g_to_r,
    test_pages_s_to_z,
)
from tests.journeys.visitor import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PARTS = (test_pages_a_to_c, test_pages_d_to_f, test_pages_g_to_r, test_pages_s_to_z)


def test_each_page_is_read_once() -> None:
    found = [one for part in PARTS for one in vars(part).values() if isinstance(one, type)]
    letters = [one.letters for one in found if issubclass(one, reading.EveryPage)]
    assert sorted("".join(letters)) == list(string.ascii_lowercase)


def test_refusals_are_readable_by_all(
    register: estate.Estate, live_server: Any, new_context: Callable[..., BrowserContext]
) -> None:
    wrong: list[str] = []
    visitor = reading.eyes_of(register, live_server.url, new_context)[0].visitor
    for place, (status, path) in enumerate(((403, "/people/"), (404, "/nowhere/"))):
        with visitor.refused(status):
            visitor.page.goto(path)
        wrong += reading.judged(visitor.page, str(status), reading.WIDTHS[:: 1 if place % 2 else -1])
    assert wrong + visitor.troubles == []


def test_what_a_filter_found_is_said_aloud(transactional_db: None, visit: Visit) -> None:
    scene = scenes.set_up()
    scene.finding()
    page = visit(scene.people.alice).page
    page.goto("/findings/")
    announcer = page.locator("#announcer")
    assert announcer.text_content() == ""

    page.get_by_label("Search", exact=True).fill("nothing is called like this")
    expect(announcer).to_have_text("Nothing fits these filters")
    page.get_by_label("Search", exact=True).fill("")

    expect(announcer).to_have_text("1 of 1 finding")
