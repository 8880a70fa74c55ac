"""The scripts in a real browser, with the page's own files under the strict policy and a server that we steer."""

import json
import mimetypes
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.template import Context, Template
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.cast import NOON
from tests.waiting import until

pytestmark = pytest.mark.browser

ORIGIN = "http://register.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'"
)
FORM = """<!DOCTYPE html><html lang="en"><head><title>Answers</title>{% include "components/head.html" %}</head><body>
<form method="post" action="/answers/" data-autosave="/save/">
  <input type="hidden" name="csrfmiddlewaretoken" value="token">
  <fieldset data-autosave-part data-question id="a"><legend>A</legend>
    <input type="hidden" name="a-version" value="1">
    <label><input type="radio" name="a" value="1"> One</label><label><input type="radio" name="a" value="2"> Two</label>
    <label>Comment <textarea name="a-comment" data-comment></textarea></label></fieldset>
  <fieldset data-autosave-part data-question id="b"><legend>B</legend>
    <input type="hidden" name="b-version" value="7">
    <label><input type="radio" name="b" value="1"> First</label></fieldset>
  <button type="submit">Go on</button>{% include "components/save_status.html" %}
</form>{% include "components/keys.html" %}</body></html>"""


class Server:
    """Answers the page's requests from the working tree and keeps what was posted to /save/."""

    def __init__(self) -> None:
        self.saved: list[dict[str, list[str]]] = []
        self.submitted: list[dict[str, list[str]]] = []
        self.answer: Callable[[Route], None] = self.keep

    def keep(self, route: Route) -> None:
        route.fulfill(
            content_type="application/json", body=json.dumps({"version": 40 + len(self.saved), "saved": "14:03"})
        )

    def refuse(self, route: Route) -> None:
        body = json.dumps({"message": "Bob changed this answer."})
        route.fulfill(status=409, content_type="application/json", body=body)

    def vanish(self, route: Route) -> None:
        route.abort()

    def __call__(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/save/":
            self.saved.append(parse_qs(route.request.post_data or ""))
            self.answer(route)
        elif path.startswith("/static/"):
            file = str(finders.find(path.removeprefix("/static/")))
            route.fulfill(path=file, content_type=mimetypes.guess_type(file)[0] or "text/plain")
        else:
            page = Template(FORM).render(Context())
            route.fulfill(body=page, content_type="text/html", headers={"Content-Security-Policy": POLICY})
            # Only now: a session that a test closes while an answer is under way never finishes closing.
            if route.request.method == "POST":
                self.submitted.append(parse_qs(route.request.post_data or ""))


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def answers(new_context: Callable[..., BrowserContext], server: Server) -> Iterator[Page]:
    page = new_context().new_page()
    refused: list[str] = []
    page.on(
        "console", lambda message: refused.append(message.text) if "Content Security Policy" in message.text else None
    )
    page.on("pageerror", lambda error: refused.append(str(error)))
    page.route(f"{ORIGIN}/**", server)
    page.clock.install(time=NOON)
    page.goto(f"{ORIGIN}/answers/")
    yield page
    page.unroute_all(behavior="wait")
    assert refused == []


def status(page: Page) -> Locator:
    return page.get_by_role("status")


def stop_the_clock(page: Page) -> None:
    """Let the timers of the page stand still until the test runs them."""
    page.clock.pause_at(NOON + timedelta(hours=1))


def until_in(page: Page, is_so: Callable[[], object], *, what: str) -> None:
    """Wait until it is so; the requests of the page are answered meanwhile."""
    until(is_so, what=what, pause=lambda: page.wait_for_timeout(10))


def test_an_answer_is_kept_with_its_version_and_without_its_neighbours(answers: Page, server: Server) -> None:
    answers.get_by_label("Two").check()
    expect(status(answers)).to_have_text("Saved 14:03")
    assert server.saved == [{"csrfmiddlewaretoken": ["token"], "a-version": ["1"], "a": ["2"]}]
    assert answers.locator("[name=a-version]").input_value() == "41"
    assert answers.locator("[name=b-version]").input_value() == "7"


def test_typing_is_kept_once_after_a_pause(answers: Page, server: Server) -> None:
    stop_the_clock(answers)
    answers.get_by_label("Comment").press_sequentially("narrow it")
    assert server.saved == []
    answers.clock.run_for(800)
    expect(status(answers)).to_have_text("Saved 14:03")
    assert [one["a-comment"] for one in server.saved] == [["narrow it"]]


def test_leaving_a_field_keeps_it_at_once(answers: Page, server: Server) -> None:
    stop_the_clock(answers)
    answers.get_by_label("Comment").fill("now")
    answers.get_by_label("Comment").blur()
    expect(status(answers)).to_have_text("Saved 14:03")


def test_one_request_at_a_time(answers: Page, server: Server) -> None:
    held: list[Route] = []
    server.answer = held.append
    answers.get_by_label("One").check()
    answers.get_by_label("First").check()
    answers.get_by_label("First").blur()
    answers.clock.run_for(1000)
    until_in(answers, lambda: held, what="the first answer")
    answers.wait_for_timeout(200)
    assert len(held) == 1
    server.answer = server.keep
    server.keep(held[0])
    expect(status(answers)).to_have_text("Saved 14:03")
    assert [sorted(one) for one in server.saved] == [
        ["a", "a-version", "csrfmiddlewaretoken"],
        ["b", "b-version", "csrfmiddlewaretoken"],
    ]


def test_a_lost_connection_is_said_and_retried(answers: Page, server: Server) -> None:
    server.answer = server.vanish
    answers.get_by_label("Two").check()
    expect(status(answers)).to_contain_text("Not saved.")
    assert answers.evaluate("!dispatchEvent(new Event('beforeunload', {cancelable: true}))") is True
    server.answer = server.keep
    answers.get_by_role("button", name="Retry").click()
    expect(status(answers)).to_have_text("Saved 14:03")
    assert answers.evaluate("!dispatchEvent(new Event('beforeunload', {cancelable: true}))") is False


def test_an_answer_that_somebody_else_changed_is_never_shown_as_saved(answers: Page, server: Server) -> None:
    server.answer = server.refuse
    answers.get_by_label("Two").check()
    expect(status(answers)).to_have_text("Not saved. Bob changed this answer. Compare")
    answers.clock.run_for(60_000)
    assert len(server.saved) == 1


class Listener(BaseHTTPRequestHandler):
    """The same page over a socket: what a page sends while it closes passes the browser's own interception by."""

    saved: ClassVar[list[dict[str, list[str]]]] = []

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        file = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        body = Path(str(file)).read_bytes() if file else Template(FORM).render(Context()).encode()
        self._answer(body, (mimetypes.guess_type(path)[0] if file else None) or "text/html")

    def do_POST(self) -> None:
        self.saved.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        self._answer(b'{"version": 2}', "application/json")

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Stay silent."""


@pytest.fixture
def address() -> Iterator[str]:
    Listener.saved.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()


def test_leaving_the_page_keeps_what_was_typed_last_and_sends_it_once(
    new_context: Callable[..., BrowserContext], address: str
) -> None:
    page = new_context().new_page()
    page.goto(f"{address}/answers/")
    page.get_by_label("Comment").fill("last words")
    page.goto(f"{address}/elsewhere/")
    until(lambda: Listener.saved, what="the last words")
    page.wait_for_timeout(500)
    assert [one["a-comment"] for one in Listener.saved] == [["last words"]]


def test_the_submit_waits_for_the_answer_on_its_way(answers: Page, server: Server) -> None:
    held: list[Route] = []
    server.answer = held.append
    answers.get_by_label("Two").check()
    answers.clock.run_for(1000)
    until_in(answers, lambda: held, what="the answer")
    answers.get_by_role("button", name="Go on").click(no_wait_after=True)
    answers.wait_for_timeout(300)
    assert server.submitted == []
    server.keep(held[0])
    until_in(answers, lambda: server.submitted, what="the submit")
    assert [one["a-version"] for one in server.submitted] == [["41"]]


def test_keys_walk_choose_and_write_but_not_while_typing(answers: Page, server: Server) -> None:
    answers.keyboard.press("j")
    answers.keyboard.press("2")
    assert answers.get_by_label("Two").is_checked()
    answers.keyboard.press("n")
    answers.keyboard.press("1")
    assert answers.get_by_label("Comment").input_value() == "1"
    assert answers.get_by_label("Two").is_checked()


def test_single_keys_can_be_turned_off(answers: Page, server: Server) -> None:
    answers.keyboard.press("?")
    answers.get_by_label("Turn single keys off in this browser").check()
    answers.get_by_role("button", name="Close").click()
    answers.reload()
    answers.keyboard.press("?")
    assert answers.locator("dialog[open]").count() == 0


def test_the_theme_sheets_load_in_one_layer_below_ours(answers: Page) -> None:
    layered = "[...document.styleSheets].flatMap(s => [...s.cssRules]).filter(r => r.layerName === 'bootstrap').length"
    assert answers.evaluate(layered) == 1
    assert answers.evaluate("getComputedStyle(document.querySelector('legend')).float") == "none"


def test_an_answer_that_is_refused_does_not_keep_others_from_being_saved(answers: Page, server: Server) -> None:
    def refuse_a(route: Route) -> None:
        if "a-version" not in parse_qs(route.request.post_data or ""):
            return server.keep(route)
        body = json.dumps({"errors": {"reason": ["Say why."]}})
        return route.fulfill(status=422, content_type="application/json", body=body)

    server.answer = refuse_a
    answers.get_by_label("Two").check()
    expect(status(answers)).to_have_text("Say why. It is saved then.")
    answers.get_by_label("First").check()
    expect(status(answers)).to_contain_text("Not saved. Say why.")
    expect(answers.locator("[name=b-version]")).to_have_value("42")
    expect(status(answers)).to_contain_text("Not saved. Say why.")
    answers.get_by_role("button", name="Show").click()
    expect(answers.get_by_label("Two")).to_be_focused()
    server.answer = server.keep
    answers.get_by_label("One").check()
    expect(status(answers)).to_have_text("Saved 14:03")
