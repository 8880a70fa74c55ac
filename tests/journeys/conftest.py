"""Who visits the pages, and of which register."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from accounts.models import User
from tests.api.caller import frozen
from tests.journeys import built, estate
from tests.journeys.visitor import Visit, Visitor
from tests.web.signed_in import as_


@pytest.fixture
def register(transactional_db: None) -> Iterator[estate.Estate]:
    """Yield the estate, at the moment at which it was told to its end."""
    found = built.lay_down()
    with frozen(estate.NOW):
        yield found


@pytest.fixture
def visit(live_server: Any, new_context: Callable[..., BrowserContext]) -> Visit:
    """Return what opens the browser of somebody who is signed in."""

    def open_browser(person: User) -> Visitor:
        return Visitor(person.name, live_server.url, new_context).take_session_of(as_(person))

    return open_browser
