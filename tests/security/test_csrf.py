"""No other site changes anything in somebody's name: every route that writes, sent as another site's form would be."""

import logging
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import assemble
from tests.journeys.routes import OBJECTS, TABLE, Route, address, routes
from tests.web.signed_in import sign_in

# They take a file, so that the parser is the one of forms.
FILES = {"api:evidence-keep-copy", "api:framework-list", "api:inventory-list", "api:feed-upload"}
# The token is looked at before the row is: any key will do.
KEY = UUID("01900000-0000-7000-8000-000000000000")
KEYS: dict[str, Any] = dict.fromkeys([*OBJECTS.values(), "final", "link", "answer", "membership", "milestone"], KEY)
# Controls are numbered.
KEYS["control"] = 1
WRITES = [(route, method.lower()) for route in routes() for method in TABLE[route.name] if method != "GET"]


@pytest.fixture
def signed_in(db: None, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Return the browser of an analyst, which sends its cookies wherever a page tells it to."""
    monkeypatch.setattr(logging.getLogger("django.security.csrf"), "disabled", True)
    client = Client(enforce_csrf_checks=True)
    sign_in(client, assemble().alice)
    client.cookies["riskregister_csrf"] = "a" * 32
    return client


def sent(client: Client, route: Route, method: str) -> HttpResponse:
    """Send what another site's page can: cookies, and a token that is not the one of ours."""
    other = {"pk": 1} if "<int:pk>" in route.pattern else {}
    is_page = route.name.startswith("web:") or route.name in FILES
    kind = "application/x-www-form-urlencoded" if is_page else "application/json"
    if route.name in FILES:
        kind = "multipart/form-data; boundary=x"
    body = "{}" if not is_page else "csrfmiddlewaretoken=" + "b" * 32
    answer: HttpResponse = getattr(client, method)(address(route, KEYS, **other), data=body, content_type=kind)
    return answer


def test_nothing_is_written_without_a_token_of_our_own_page(signed_in: Client) -> None:
    assert len(WRITES) > 150
    taken = []
    for route, method in WRITES:
        with CaptureQueriesContext(connection) as asked:
            answer = sent(signed_in, route, method)
        refused = b"CSRF" in answer.content or b"This form is no longer valid" in answer.content
        written = [query for query in asked if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
        if answer.status_code != 403 or not refused or written:
            taken.append(f"{method} {route.name}: {answer.status_code} {written}")

    assert taken == [], "\n".join(taken)
