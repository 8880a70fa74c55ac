"""Pages, as somebody sees them: in both themes, wide and on a phone, with long names and axe-core's WCAG rules."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from django.test import Client
from playwright.sync_api import BrowserContext, Page

from tests.journeys import estate
from tests.journeys.naming import FROM_THE_RIGHT, LONG, named
from tests.journeys.routes import TABLE, Route, address, routes
from tests.journeys.visitor import Visitor

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


def pages() -> list[Route]:
    """Return the routes of pages; what gateways and clients ask are none."""
    names = {name for name, methods in TABLE.items() if name.startswith("web:") and "GET" in methods} - NO_PAGE
    return [route for route in routes() if route.name in names]


class EveryPage:
    """Asks of each page whose name begins with one of these letters whether all can read it.

    A file of tests names the letters: a page takes a second, and the files are shared among processes.
    """

    letters: ClassVar[str]

    def test_is_readable_by_all_and_fits_whatever_the_names_are(
        self, register: estate.Estate, live_server: Any, new_context: Callable[..., BrowserContext]
    ) -> None:
        named(register, LONG)
        wrong: list[str] = []
        seen = with_names = 0
        eyes = eyes_of(register, live_server.url, new_context)
        routes = [route for route in pages() if route.name.removeprefix("web:")[0] in self.letters]
        for place, route in enumerate(routes):
            shown = opened(eyes, address(route, register.keys))
            if shown is None:
                continue
            seen += 1
            with_names += LONG[:20] in shown.content()
            wrong += judged(shown, route.name, WIDTHS[:: 1 if place % 2 else -1])
            wrong += _too_wide(shown, f"{route.name} with long names")
            for length in (len(LONG), 120):
                shown.evaluate(RENAME, [LONG[:length], FROM_THE_RIGHT])
            wrong += _too_wide(shown, f"{route.name} with names from the right")
        wrong += [line for eye in eyes for line in eye.visitor.troubles]
        assert wrong == [], "\n".join(wrong)
        assert seen > len(routes) * 2 / 3
        assert with_names > len(routes) / 5


def judged(shown: Page, name: str, widths: Sequence[tuple[str, int]]) -> Iterator[str]:
    """Yield what is wrong with a page. axe takes half a second: in each theme at one of the widths, in turn."""
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
    """Return somebody with the session of a client, each of whose pages has axe."""
    visitor = Visitor(role, origin, open_context)
    # Given to the browser once; as a tag in each page, it would be sent there each time, and need a laxer policy.
    visitor.context.add_init_script(AXE)
    return visitor.take_session_of(client)


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
