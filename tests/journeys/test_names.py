"""Names as the world has them: long ones, ones that read from the right, and one, two or none of a thing."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext

from accounts import people, units
from accounts.models import Unit, User
from tests.api.caller import frozen
from tests.cast import NOON, a_vendor, assemble
from tests.journeys import estate
from tests.journeys.routes import address
from tests.journeys.test_pages import EYES, TOO_WIDE, WIDTHS, eyes_of, opened, pages
from tests.web.signed_in import as_
from vendors import registration, relations
from vendors.models import Server, Vendor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = "Unternehmensabsicherungsgesellschaft" * 4
ARABIC = "شركة الأمن السيبراني المحدودة"
HEBREW = "חברת אבטחה בע״מ"
ONE_OF_MANY = re.compile(r"(?<![\d.,/-])1 (?:of 1 )?(\w+s)\b", re.ASCII)
# Words that end in s behind a 1 and are no plural.
NO_PLURALS = {"is", "was", "has", "this", "s", "MiBs", "address", "process", "access", "status", "class", "pass"}
# Elements that stand within a sentence.
WITHIN = "span|strong|a|b|em|time|code"
# In a cell of a table nothing may stand over its neighbour; a word that is cut for good shows it by its title.
SPILLED = """() => [...document.querySelectorAll(".table tbody td, .table tbody th, h1, .facts dd")].filter((cell) => {
    const style = getComputedStyle(cell);
    return style.overflowX === "visible" && cell.scrollWidth > cell.clientWidth + 1 && style.display !== "inline";
}).map((cell) => `${cell.className} ${cell.textContent.trim().slice(0, 40)}`).slice(0, 3)"""


@pytest.fixture
def register(transactional_db: None) -> Iterator[estate.Estate]:
    with frozen(estate.NOW):
        yield estate.build()


def named(register: estate.Estate, name: str) -> None:
    """Give everything that people name this name."""
    keys, alice, ada = register.keys, register.people.alice, register.people.ada
    vendor, server = Vendor.objects.get(pk=keys["vendor"]), Server.objects.get(pk=keys["server"])
    relations.edit_vendor(vendor, changes={"name": name}, by=alice, now=NOON)
    registration.edit_server(server, changes={"title": name, "purpose": name}, by=alice, now=NOON)
    units.rename_unit(Unit.objects.get(pk=keys["unit"]), name=name[:120], by=ada, now=NOON)
    person = User.objects.get(pk=register.people.bob.pk)
    people.edit(person, email=person.email, name=name[:120], by=ada, now=NOON)


@pytest.mark.parametrize("name", [LONG, f"{ARABIC} {HEBREW} (Ltd.) 1/2"], ids=["long", "from-the-right"])
def test_no_name_breaks_a_page(
    register: estate.Estate, live_server: Any, new_context: Callable[..., BrowserContext], name: str
) -> None:
    named(register, name)
    eyes = eyes_of(register, live_server.url, new_context)
    wrong, seen = [], 0
    for route in pages():
        shown = opened(eyes, address(route, register.keys))
        if shown is None:
            continue
        seen += name[:20] in shown.content()
        for width_name, width in WIDTHS:
            shown.set_viewport_size({"width": width, "height": 800})
            if wide := shown.evaluate(TOO_WIDE):
                wrong.append(f"{route.name} {width_name}: wider than its window, {wide}")
            wrong += [f"{route.name} {width_name}: spills {one}" for one in shown.evaluate(SPILLED)]
    assert wrong == [], "\n".join(wrong)
    assert seen > 40


def test_the_pattern_sees_a_plural_of_one_wherever_it_stands() -> None:
    said = (
        "<p>1 of 1 vendors</p> <b>1 servers</b> wait, 1 <span>days</span>. 11 files, 2.1 rows, <a>1</a> <a>Reviews</a>"
    )

    assert list(plurals_of_one(said)) == ["1 of 1 vendors", "1 servers", "1 days"]


def test_one_is_not_many_on_any_page(register: estate.Estate) -> None:
    clients = {role: register.client(role) for role in EYES}
    wrong, seen = set(), 0
    for route in pages():
        for client in clients.values():
            answer = client.get(address(route, register.keys))
            if answer.status_code == 200:
                seen += 1
                wrong |= {f"{route.name}: {said}" for said in plurals_of_one(answer.content.decode())}
                break
    assert seen > 70
    assert wrong == set()


def test_lists_of_none_one_and_two_say_so(db: None) -> None:
    with frozen():
        cast = assemble()
        for name in ("One Ltd", "Another Ltd"):
            a_vendor(cast, name)
        for words, said in (("One", "1 of 1 vendor |"), ("Ltd", "2 of 2 vendors |"), ("none at all", "Nothing fits")):
            page = as_(cast.alice).get("/vendors/", {"search": words}).content.decode()

            assert said in _text(page), words
            assert not list(plurals_of_one(page)), words


def plurals_of_one(page: str) -> Iterator[str]:
    for found in ONE_OF_MANY.finditer(_text(page)):
        if found[1] not in NO_PLURALS:
            yield found[0]


def _text(page: str) -> str:
    """Return the words of a page; "|" stands where an element ends that is no part of a sentence."""
    page = re.sub(r"<(script|style|svg|datalist|select)\b.*?</\1>", " ", page, flags=re.DOTALL)
    # Two links beside each other are two things, such as the tiles of the dashboard.
    page = re.sub(r"</a>\s*(?=<a\b)", "|", page)
    page = re.sub(rf"</?(?:{WITHIN})\b[^>]*>", "", page)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " | ", page))
