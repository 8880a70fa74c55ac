"""Pages that follow what happens without a reload, in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from composition.inventories import taking
from feeds.models import Feed
from tests import cast
from tests.cast import NOON, Cast
from tests.composition.feeding import a_feed
from tests.composition.inventories import QS, listing
from tests.journeys.visitor import Visitor
from tests.web.signed_in import as_

pytestmark = pytest.mark.browser


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return cast.assemble()


@pytest.fixture
def visitor(people: Cast, live_server: Any, new_context: Callable[..., BrowserContext]) -> Visitor:
    return Visitor("Alice", live_server.url, new_context).take_session_of(as_(people.alice))


def look_again(page: Page) -> None:
    """Let the page ask, as it does every half a minute and when somebody comes back to it."""
    with page.expect_response(lambda answer: "x-live" in answer.request.headers):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def mark(page: Page) -> None:
    """Put a mark on the region, which is gone when the region is another one, and one on the page itself."""
    page.evaluate("document.querySelector('[data-live]').dataset.mark = '1'; window.same = true")


def test_feeds_are_shown_as_they_are_by_now(visitor: Visitor) -> None:
    feed = a_feed("osv", name="Advisories")
    page = visitor.page
    page.goto(reverse("web:feed-list"))
    mark(page)

    look_again(page)
    expect(page.locator("[data-mark]")).to_have_count(1)
    a_feed("kev", name="Exploited")
    look_again(page)

    expect(page.get_by_text("Exploited", exact=True)).to_be_visible()
    expect(page.locator("[data-mark]")).to_have_count(0)
    page.goto(reverse("web:feed-detail", args=[feed.pk]))
    mark(page)
    expect(page.locator("[data-live-beside]")).to_contain_text("Silent")
    expect(page.get_by_text("What is new there is not known here")).to_be_visible()
    Feed.objects.update(last_success_at=timezone.now())
    look_again(page)
    expect(page.locator("[data-live-beside]")).to_contain_text("Fresh")
    expect(page.get_by_text("What is new there is not known here")).to_have_count(0)
    assert page.evaluate("window.same")
    assert visitor.troubles == []


def test_inventories_are_shown_as_soon_as_they_are_there(visitor: Visitor, people: Cast) -> None:
    release = cast.a_release(people)
    page = visitor.page
    page.goto(reverse("web:inventory-list"))
    mark(page)
    expect(page.get_by_text("No inventory yet")).to_be_visible()
    taking.take(release, listing(QS), b"[1]", file_name="lock.json", by=people.alice, now=NOON)
    look_again(page)

    expect(page.get_by_text("No inventory yet")).to_have_count(0)
    expect(page.get_by_text("SB-1")).to_be_visible()
    assert page.evaluate("window.same")
    assert visitor.troubles == []
