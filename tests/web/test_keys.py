"""The single keys, and the frame, on pages of the register itself, in a real browser."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from assessments.models import Answer, Assessment
from tests.assessments import scenes
from tests.cast import a_vendor
from tests.journeys.visitor import Visitor
from tests.web.signed_in import as_

pytestmark = pytest.mark.browser

DIMENSION = scenes.SERVER_QUESTION.partition(".")[0]


@pytest.fixture
def scene(transactional_db: None) -> scenes.Scene:
    return scenes.set_up()


@pytest.fixture
def alice(scene: scenes.Scene, live_server: Any, new_context: Callable[..., BrowserContext]) -> Iterator[Visitor]:
    visitor = Visitor("Alice", live_server.url, new_context).take_session_of(as_(scene.people.alice))
    yield visitor
    assert visitor.troubles == []


def questions(page: Page, draft: Assessment) -> list[str]:
    page.goto(f"/assessments/{draft.pk}/dimensions/{DIMENSION}/")
    return [str(one.get_attribute("id")) for one in page.locator("[data-question]").all()]


def answer(draft: Assessment, key: str) -> Answer:
    return Answer.objects.select_related("option").get(assessment=draft, question__key=key)


def test_what_is_written_after_n_is_the_comment_and_answers_nothing(scene: scenes.Scene, alice: Visitor) -> None:
    page, draft = alice.page, scene.draft()
    first, second, *_rest = questions(page, draft)
    before = answer(draft, second).option

    for key in ("j", "j", "n"):
        page.keyboard.press(key)
    page.keyboard.type("n, 3 of 5")

    comment = page.locator(f"[name='{second}-comment']")
    expect(comment).to_be_focused()
    expect(comment).to_have_value("n, 3 of 5")
    comment.blur()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert answer(draft, second).comment == "n, 3 of 5"
    assert answer(draft, second).option == before
    assert answer(draft, first).comment == ""


def test_n_leads_to_the_comment_where_a_reason_is_asked_for_too(scene: scenes.Scene, alice: Visitor) -> None:
    page = alice.page
    [first, *_rest] = questions(page, scene.draft())
    # Leaving the choice sends it, and without its reason it is not kept yet.
    with alice.refused(422):
        page.locator(f"[id='{first}']").get_by_label("Does not apply").check()
        expect(page.locator(f"[name='{first}-reason']")).to_be_visible()

        page.keyboard.press("n")

        expect(page.locator(f"[name='{first}-comment']")).to_be_focused()
        expect(page.get_by_role("status").filter(has_text="It is saved then.")).to_be_visible()


def test_a_number_chooses_the_option_of_the_question_one_is_on(scene: scenes.Scene, alice: Visitor) -> None:
    page, draft = alice.page, scene.draft()
    [first, *_rest] = questions(page, draft)
    options = page.locator(f"[name='{first}-choice']")

    page.keyboard.press("j")
    page.keyboard.press("2")

    expect(options.nth(1)).to_be_checked()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert f"option:{answer(draft, first).option.key}" == options.nth(1).get_attribute("value")  # type: ignore[union-attr]


def test_the_longest_question_has_a_number_for_each_choice(scene: scenes.Scene, alice: Visitor) -> None:
    page, draft = alice.page, scene.draft()
    counts = {key: page.locator(f"[name='{key}-choice']").count() for key in questions(page, draft)}
    longest = max(counts, key=lambda key: counts[key])
    assert 6 < counts[longest] <= 9
    # The last choice, "does not apply", asks for its reason first.
    dont_know = counts[longest] - 1
    page.locator(f"[name='{longest}-choice']").first.focus()

    page.keyboard.press(str(dont_know))

    expect(page.locator(f"[name='{longest}-choice']").nth(dont_know - 1)).to_be_checked()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    assert answer(draft, longest).choice == "dont_know"


def test_on_an_assessment_that_cannot_be_changed_keys_change_nothing(scene: scenes.Scene, alice: Visitor) -> None:
    page, final = alice.page, scene.final()
    [first, *_rest] = questions(page, final)
    before = list(Answer.objects.filter(assessment=final).order_by("pk").values())

    for key in ("j", "n", "3", "k", "1"):
        page.keyboard.press(key)

    assert page.locator(f"[name='{first}-comment']").input_value() == ""
    assert list(Answer.objects.filter(assessment=final).order_by("pk").values()) == before


def test_j_and_k_walk_the_rows_of_a_list_and_g_leads_to_another(scene: scenes.Scene, alice: Visitor) -> None:
    page = alice.page
    for name in ("Alpha Ltd", "Beta Ltd"):
        a_vendor(scene.people, name)
    page.goto("/vendors/")
    names = page.locator(".table tbody tr a[href]")

    page.keyboard.press("j")
    expect(page.locator("tbody tr").first.locator("a[href]").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("tbody tr").nth(1).locator("a[href]").first).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("tbody tr").first.locator("a[href]").first).to_be_focused()
    assert names.count() >= 3
    page.keyboard.press("g")
    page.keyboard.press("s")

    expect(page.get_by_role("heading", level=1)).to_have_text("Servers")


def test_in_a_field_a_key_is_what_it_types(scene: scenes.Scene, alice: Visitor) -> None:
    page = alice.page
    page.goto("/vendors/register/")
    page.get_by_label("Name", exact=True).focus()

    page.keyboard.type("njk/?gs1")

    expect(page.get_by_label("Name", exact=True)).to_have_value("njk/?gs1")
    assert page.locator("dialog[open]").count() == 0


def test_the_open_section_is_in_sight_where_all_of_them_are_not(alice: Visitor) -> None:
    page = alice.page
    page.set_viewport_size({"width": 1280, "height": 560})
    sections = page.locator(".nav-sections")

    page.goto("/trail/")
    expect(sections.get_by_role("link", name="Audit trail")).to_be_in_viewport(ratio=1)
    expect(sections.get_by_role("link", name="Home")).not_to_be_in_viewport()

    page.goto("/")
    expect(sections.get_by_role("link", name="Home")).to_be_in_viewport(ratio=1)
    expect(sections.get_by_role("link", name="Audit trail")).not_to_be_in_viewport()


def test_on_a_phone_too_the_open_section_is_in_sight_once_the_menu_opens(alice: Visitor) -> None:
    page = alice.page
    page.set_viewport_size({"width": 375, "height": 560})
    page.goto("/trail/")
    page.get_by_role("button", name="Menu").click()

    expect(page.locator(".nav-sections").get_by_role("link", name="Audit trail")).to_be_in_viewport(ratio=1)


def test_on_a_phone_what_can_be_done_with_a_server_opens_within_the_page(scene: scenes.Scene, alice: Visitor) -> None:
    page = alice.page
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(f"/servers/{scene.server.pk}/")
    page.get_by_text("Actions", exact=True).click()

    for name in ("Edit", "Import a release", "Add a deployment"):
        expect(page.get_by_role("link", name=name, exact=True)).to_be_in_viewport(ratio=1)
