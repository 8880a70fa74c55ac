"""Somebody at a browser of their own; whatever a page does that it must not is written down."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

from accounts.models import User

# What Chromium says of each answer above 399, which the response itself tells more exactly.
ECHO = "Failed to load resource"


class Visitor:
    """A person's browser session; `troubles` holds console errors, policy violations, foreign requests and refusals."""

    def __init__(self, name: str, origin: str, open_context: Callable[..., BrowserContext], **options: Any) -> None:
        """Open a session at the origin; options are those of a browser context."""
        self.name, self.origin = name, origin
        self.troubles: list[str] = []
        self.context = open_context(base_url=origin, **options)
        self.context.on("request", self._asked)
        self.context.on("response", self._answered)
        self.context.on("console", self._log)
        self.context.on("weberror", lambda error: self._note(f"script error: {error.error}"))
        self.page: Page = self.context.new_page()
        self._refusals: list[int] = []

    def take_session_of(self, client: Client) -> "Visitor":
        """Return the visitor, signed in as whoever uses a client of the tests: nobody types a password."""
        [(name, cookie)] = [(name, one.value) for name, one in client.cookies.items() if "session" in name]
        self.context.add_cookies([{"name": name, "value": cookie, "url": self.origin}])
        return self

    @contextmanager
    def refused(self, status: int) -> Iterator[None]:
        """Expect the one refusal of what is done in the block."""
        known = len(self.troubles)
        yield
        self.page.wait_for_load_state()
        refusals = [line for line in self.troubles[known:] if line.startswith(f"{self.name}: {status} ")]
        assert len(refusals) == 1, f"{self.name} was not refused with {status}: {self.troubles[known:]}"
        self.troubles.remove(refusals[0])

    def _note(self, what: str) -> None:
        self.troubles.append(f"{self.name}: {what}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:")):
            self._note(f"asked a foreign address: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._note(f"{response.status} {response.request.method} {response.url}")

    def _log(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(ECHO):
            self._note(f"console {message.type}: {message.text}")


# Opens the browser of somebody who is signed in.
Visit = Callable[[User], Visitor]
