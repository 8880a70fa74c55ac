"""Every page, as somebody sees it: in both themes, wide and on a phone, with long names and axe-core's WCAG rules."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from tests.api.caller import frozen
from tests.assessments import scenes
from tests.journeys import built, estate
from tests.journeys.naming import FROM_THE_RIGHT, LONG, named
from tests.journeys.routes import TABLE, Route, address, routes
from tests.journeys.visitor import Visitor
from tests.web.signed_in import as_

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = (Path(__file__).resolve().parents[1] / "vendor" / "axe" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
EYES = ("analyst", "approver", "administrator", "manager")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (("wide", 1280), ("phone", 320))
# Files and machine answers; a page that leads on to another; a page that this register has no row for.
NO_PAGE = {
    "web:healthz", "web:readyz", "web:evidence-file", "web:report-part", "web:go", "web:assessment-progress",
    "web:release-server-json", "web:release-manifest", "web:sign-in", "web:set-password", "web:demo",
    "web:evidence-copy", "web:share-bundle",
}  # fmt: skip
TOO_WIDE = """() => {
    const page = document.documentElement;
    return page.scrollWidth > page.clientWidth ? `${page.scrollWidth} of ${page.clientWidth}` : "";
}"""
# In a cell of a table nothing may stand over its neighbour; a word that is cut for good shows it by its title.
SPILLED = """() => [...document.querySelectorAll(".table tbody td, .table tbody th, h1, .facts dd")].filter((cell) => {
    const style = getComputedStyle(cell);
    return style.overflowX === "visible" && cell.scrollWidth > cell.clientWidth + 1 && style.display !== "inline";
}).map((cell) => `${cell.className} ${cell.textContent.trim().slice(0, 40)}`).slice(0, 3)"""
# Gives what has one name another, as the browser has the page.
RENAME = """([before, after]) => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        texts.currentNode.data = texts.currentNode.data.replaceAll(before, after);
    }
    for (const field of document.querySelectorAll("input, textarea")) {
        field.value = field.value.replaceAll(before, after);
    }
}"""
# No rule of these needs the style sheets as text, for which axe would ask the server again each time.
JUDGE = """async (rules) => {
    const only = {type: "tag", values: rules};
    const found = await axe.run(document, {runOnly: only, resultTypes: ["violations"], preload: false, iframes: false});
    return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(" | ")}`);
}"""


@pytest.fixture
def register(transactional_db: None) -> Iterator[estate.Estate]:
    found = built.lay_down()
    with frozen(estate.NOW):
        yield found


def pages() -> list[Route]:
    """Return the routes of pages; what gateways and clients ask are none."""
    names = {name for name, methods in TABLE.items() if name.startswith("web:") and "GET" in methods} - NO_PAGE
    return [route for route in routes() if route.name in names]


def test_every_page_is_readable_by_all_and_fits_whatever_the_names_are(
    register: estate.Estate, live_server: Any, new_context: Callable[..., BrowserContext]
) -> None:
    named(register, LONG)
    wrong: list[str] = []
    seen = with_names = 0
    eyes = eyes_of(register, live_server.url, new_context)
    for place, route in enumerate(pages()):
        shown = opened(eyes, address(route, register.keys))
        if shown is None:
            continue
        seen += 1
        with_names += LONG[:20] in shown.content()
        wrong += _judged(shown, route.name, WIDTHS[:: 1 if place % 2 else -1])
        wrong += _too_wide(shown, f"{route.name} with long names")
        for length in (len(LONG), 120):
            shown.evaluate(RENAME, [LONG[:length], FROM_THE_RIGHT])
        wrong += _too_wide(shown, f"{route.name} with names from the right")
    for eye in eyes[:1]:
        for place, (status, path) in enumerate(((403, "/people/"), (404, "/nowhere/"))):
            with eye.visitor.refused(status):
                eye.visitor.page.goto(path)
            wrong += _judged(eye.visitor.page, str(status), WIDTHS[:: 1 if place % 2 else -1])
    wrong += [line for eye in eyes for line in eye.visitor.troubles]
    assert wrong == [], "\n".join(wrong)
    assert seen > 70
    assert with_names > 40


def _judged(shown: Page, name: str, widths: Sequence[tuple[str, int]]) -> Iterator[str]:
    """Yield what is wrong with a page. axe takes half a second: in each theme at one of the widths, in turn."""
    shown.add_script_tag(content=AXE)
    for theme, (width_name, width) in zip(THEMES, widths, strict=True):
        # A colour on its way from one theme to the other is judged as neither.
        shown.emulate_media(color_scheme=theme, reduced_motion="reduce")
        shown.set_viewport_size({"width": width, "height": 800})
        yield from (f"{name} {theme} {width_name}: {one}" for one in shown.evaluate(JUDGE, RULES))


def _too_wide(shown: Page, name: str) -> Iterator[str]:
    """Yield what of a page is wider than its window, or than its cell of a table."""
    for width_name, width in WIDTHS:
        shown.set_viewport_size({"width": width, "height": 800})
        if wide := shown.evaluate(TOO_WIDE):
            yield f"{name} {width_name}: wider than its window, {wide}"
        yield from (f"{name} {width_name}: spills {one}" for one in shown.evaluate(SPILLED))


def test_what_a_filter_found_is_said_aloud(
    transactional_db: None, live_server: Any, new_context: Callable[..., BrowserContext]
) -> None:
    scene = scenes.set_up()
    scene.finding()
    page = _visitor("analyst", as_(scene.people.alice), live_server.url, new_context).page
    page.goto("/findings/")
    said = page.locator("#announcer")
    assert said.text_content() == ""

    page.get_by_label("Search", exact=True).fill("nothing is called like this")
    expect(said).to_have_text("Nothing fits these filters")
    page.get_by_label("Search", exact=True).fill("")

    expect(said).to_have_text("1 of 1 finding")


@dataclass(frozen=True, slots=True)
class Eye:
    """Somebody in one session, in a browser and without one."""

    client: Client
    visitor: Visitor


def eyes_of(register: estate.Estate, origin: str, open_context: Callable[..., BrowserContext]) -> list[Eye]:
    """Return those who together may see every page."""
    clients = {role: register.client(role) for role in EYES}
    return [Eye(client, _visitor(role, client, origin, open_context)) for role, client in clients.items()]


def _visitor(role: str, client: Client, origin: str, open_context: Callable[..., BrowserContext]) -> Visitor:
    """Return somebody with the session of a client, whose pages take axe as a script."""
    return Visitor(role, origin, open_context, bypass_csp=True).take_session_of(client)


def opened(eyes: Sequence[Eye], path: str) -> Page | None:
    """Return the page as the first person who may sees it, None when it is a file, only leads on or takes posts.

    Who that is, is asked without the browser, which would draw each refusal.
    """
    for eye in eyes:
        answer = eye.client.get(path)
        if answer.status_code == 200 and not answer["Content-Type"].startswith("text/html"):
            return None
        if answer.status_code == 200:
            shown = eye.visitor.page.goto(path)
            assert shown is not None
            assert (shown.status, shown.request.redirected_from) == (200, None), path
            return eye.visitor.page
        if answer.status_code not in (403, 404):
            return None
    return None
